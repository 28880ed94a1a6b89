"""How a failing resource is mended by hand."""

import re
from dataclasses import dataclass
from typing import Final

from sakimori.model.verdict import Text

_STEP: Final = re.compile(r"\s*[0-9]+\. ")
_MINUTES_PER_STEP: Final = 3
"""An assumption, not a measurement: outputs say \"about\"."""


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
    """How long it takes for one resource, where counting the steps would mislead (waiting, rewriting)."""

    @property
    def estimated_minutes(self) -> int | None:
        """For one resource, by somebody who does it for the first time: `minutes`, or else three for each console step."""
        if self.minutes is not None or self.console is None:
            return self.minutes
        steps = sum(bool(_STEP.match(line)) for line in self.console.en.splitlines())
        return steps * _MINUTES_PER_STEP or None
