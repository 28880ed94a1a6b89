"""How a failing resource is mended by hand."""

from dataclasses import dataclass

from sakimori.model.verdict import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """How to mend it by hand, and what that costs. "" and None: not told.

    `cli` is a template: `{column}` stands for a column of the query, `{{` and `}}` for braces; a filled value is
    quoted for a POSIX shell. `terraform` is text as it stands.
    """

    console: Text | None = None
    cli: str = ""
    terraform: str = ""
    breaks: Text | None = None
    """What may stop working."""
    undo: Text | None = None
    minutes: int | None = None
    """How long it takes somebody who does it for the first time."""
