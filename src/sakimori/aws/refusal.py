"""A call that AWS did not answer as asked: what a gap is made of."""

from typing import Final

from sakimori.model.words import GapKind

NOT_OFFERED: Final = "NotOfferedInRegion"
"""Our own code for a service that a Region does not have. A listing may take it for *there is none*; a rule that asks
whether a service is switched on may not."""


class Refusal(Exception):  # noqa: N818 - a refusal is data for a gap, not a failure of the program
    """One call that was refused, after all retries.

    `call` is `service:Operation`, `code` AWS's error code (or the name of the transport's
    error), `message` its words, bounded and without credentials.
    """

    def __init__(self, *, call: str, kind: GapKind, code: str, message: str) -> None:
        super().__init__(f"{call}: {code}: {message}")
        self.call = call
        self.kind = kind
        self.code = code
        self.message = message
