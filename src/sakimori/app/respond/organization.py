"""R15: stopping from above, for a thief who can undo all that is done within the account."""

from dataclasses import dataclass
from typing import Final

from sakimori.app.respond.case import StepState
from sakimori.app.respond.hands import Hands, Measure
from sakimori.aws.refusal import Refusal
from sakimori.collect.policy_reach import account_in
from sakimori.model.words import GLOBAL

_DESCRIBE: Final = "organizations:DescribeOrganization"
_PRINCIPAL: Final = "principal-denied-by-scp"
_ACCOUNT: Final = "account-denied"
OPERATIONS: Final = (_DESCRIBE,)


@dataclass(frozen=True, slots=True, kw_only=True)
class FromAbove:
    """Denies the suspect, or (`is_whole`) the whole account, by an SCP of the management account."""

    hands: Hands
    is_whole: bool = False

    def stop(self) -> bool:
        """Whether it is stopped. No SCP reaches a management account, nor an account of no organisation."""
        case = self.hands.log.case
        account = case.suspect.account
        try:
            answer = self.hands.doors[account].call(_DESCRIBE, GLOBAL, {})
        except Refusal as refusal:
            self.hands.tell("R15", StepState.FAILED, "respond.no_organization", code=refusal.code)
            return False
        management = str((answer.get("Organization") or {}).get("MasterAccountId") or "")
        if management == account or not management:
            self.hands.tell("R15", StepState.FAILED, "respond.management_cannot", account=account)
            return False
        wanted = [Measure(account=management, step=step, resource=resource) for step, resource in self._wanted()]
        return self.hands.tell_outcome("R15", self.hands.carry_out("R15", wanted), len(wanted))

    def _wanted(self) -> list[tuple[str, str]]:
        case = self.hands.log.case
        if self.is_whole:
            return [(_ACCOUNT, case.suspect.account)]
        told = [
            case.suspect.user or case.suspect.root,
            case.suspect.role,
            *case.closure.get("users", ()),
            *case.closure.get("made_roles", ()),
        ]
        return [(_PRINCIPAL, each) for each in dict.fromkeys(told) if each and account_in(each) == case.suspect.account]
