"""What could not be read, and why."""

from dataclasses import dataclass

from sakimori.model.words import GapKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One refusal: the unit it leaves incomplete and the call that AWS refused.

    `parent` is "" where the whole unit could not be listed, or else the key of the one
    parent (a bucket's ARN) whose detail is missing. `call` is `service:Operation`, `code`
    AWS's error code, `message` its own words, bounded and without secrets.
    """

    table: str
    account: str
    region: str
    parent: str = ""
    call: str = ""
    kind: GapKind
    code: str = ""
    message: str = ""
