"""A door to an account of one switch a Region, that can stop, refuse and forget as a test wants it."""

from collections.abc import Iterator, Mapping
from typing import Any

from sakimori.aws.refusal import Refusal
from sakimori.model.account import Account
from sakimori.model.words import GapKind


class PretendedDoor:
    """Encryption by default, Region by Region."""

    refusals = ()

    def __init__(
        self,
        regions: tuple[str, ...],
        encrypted: Mapping[str, bool] | None = None,
        refused: tuple[str, ...] = (),
        unreadable: tuple[str, ...] = (),
    ) -> None:
        self.account = Account(id="111122223333", partition="aws", regions=regions, selected=regions)
        self.encrypted = dict(encrypted or {})
        self.written = 0
        self._refused = refused
        self._unreadable = unreadable
        self._stop = 0
        self._is_made = False
        self.lag = 0
        """So many readings after a change still show what was there before it."""
        self.not_ready = 0
        """So many writing calls are refused because AWS does not see yet what they need."""
        self._late: list[dict[str, bool]] = []

    def stop_at(self, number: int, *, is_made: bool = False) -> None:
        """The writing call of that number ends as at a kill, after or before it had its effect; 0 for never."""
        self._stop, self._is_made = number, is_made

    def call(self, operation: str, region: str, _parameters: Mapping[str, object]) -> Mapping[str, Any]:
        if operation == "ec2:GetEbsEncryptionByDefault":
            if region in self._unreadable:
                raise Refusal(call=operation, kind=GapKind.DENIED, code="AccessDenied", message="no")
            shown = self._late.pop(0) if self._late else self.encrypted
            return {"EbsEncryptionByDefault": region in shown}
        if operation.split(":")[1].startswith(("Get", "Describe", "List")):
            return {}
        if region in self._refused:
            raise Refusal(call=operation, kind=GapKind.DENIED, code="AccessDenied", message="no")
        if self.not_ready:
            self.not_ready -= 1
            raise Refusal(call=operation, kind=GapKind.DENIED, code="NotReady", message="not yet")
        self.written += 1
        self._late = self._late or [dict(self.encrypted)] * self.lag
        is_stopped = self.written == self._stop
        if not is_stopped or self._is_made:
            if operation == "ec2:EnableEbsEncryptionByDefault":
                self.encrypted[region] = True
            else:
                self.encrypted.pop(region, None)
        if is_stopped:
            raise KeyboardInterrupt
        return {}

    def pages(self, operation: str, region: str, parameters: Mapping[str, object]) -> Iterator[Mapping[str, Any]]:
        yield self.call(operation, region, parameters)
