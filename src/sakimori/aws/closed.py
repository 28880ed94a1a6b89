"""A door that does not open: an account that should be read and cannot be, so that it is shown as unknown, not missing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sakimori.aws.door import Answer
from sakimori.aws.refusal import Refusal
from sakimori.model.account import Account
from sakimori.model.words import GapKind


@dataclass(slots=True, kw_only=True)
class ClosedDoor:
    """Refuses every call with the reason for which the account could not be entered."""

    account: Account
    code: str
    message: str
    kind: GapKind = GapKind.CREDENTIALS
    entry_call: str = "sts:AssumeRole"

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """What was refused at the door: its list of Regions is not AWS's own word either."""
        return (self._refusal(),)

    def call(self, operation: str, region: str, parameters: Mapping[str, object]) -> Answer:  # noqa: ARG002 - the Door's form
        """Raise the refusal."""
        raise self._refusal()

    def pages(self, operation: str, region: str, parameters: Mapping[str, object]) -> Iterator[Answer]:
        """Raise the refusal."""
        yield self.call(operation, region, parameters)

    def _refusal(self) -> Refusal:
        return Refusal(call=self.entry_call, kind=self.kind, code=self.code, message=self.message)
