"""R15: stopping from above, for a thief who can undo all that is done within the account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sakimori.app.respond.case import Case, StepState
from sakimori.app.respond.hands import Hands, Measure
from sakimori.aws.refusal import Refusal
from sakimori.collect.policy_reach import account_in
from sakimori.model.words import GLOBAL

_DESCRIBE: Final = "organizations:DescribeOrganization"
_PRINCIPAL: Final = "principal-denied-by-scp"
_ACCOUNT: Final = "account-denied"
OPERATIONS: Final = (_DESCRIBE,)
_SHOWN: Final = 20


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
        if not self.is_whole:
            self._say_why([resource for _, resource in self._wanted()])
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

    def _say_why(self, wanted: Sequence[str]) -> None:
        """For what reason each user and role is denied, before anybody agrees to it; and which of those that were made are not."""
        case = self.hands.log.case
        spared = [str(each) for each in case.closure.get("spared", ()) if str(each).startswith("arn:")]
        values: dict[str, Any] = {
            "why": [_why(case, each) for each in wanted[:_SHOWN]],
            "rest": max(0, len(wanted) - _SHOWN),
        }
        if spared:
            values |= {"spared": spared[:_SHOWN], "count": len(spared)}
        self.hands.tell("R15", StepState.OPEN, "respond.r15_why_spared" if spared else "respond.r15_why", **values)


def _why(case: Case, arn: str) -> Mapping[str, Any]:
    who = arn.partition(":iam::")[2].partition(":")[2] or arn
    if arn in {case.suspect.user, case.suspect.root, case.suspect.role}:
        return {"text": "respond.why_suspect", "values": {"who": who}}
    made = sorted((each for each in case.made if each.get("arn") == arn), key=lambda each: str(each["at"]))
    first = next((each for each in made if not each.get("is_from_known_origin")), None) or next(iter(made), None)
    if first is None:
        return {"text": "respond.why_followed", "values": {"who": who}}
    values = {
        "who": who, "change": first["change"], "at": str(first["at"]), "by": str(first["by"])[-4:],
        "address": str(first.get("address") or "?"),
    }  # fmt: skip
    # One that was made at home stands here because it was used from elsewhere: else the closure had spared it.
    return {
        "text": "respond.why_made_at_home" if first.get("is_from_known_origin") else "respond.why_made",
        "values": values,
    }
