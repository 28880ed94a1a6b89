"""Whose key it is, and whether that user is still denied everything."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sakimori.analysis.iam import quarantine
from sakimori.app.respond.case import Case
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.model.errors import ActionError, UsageError
from sakimori.model.words import GLOBAL

_USED: Final = "iam:GetAccessKeyLastUsed"
_DENIALS: Final = ("SakimoriQuarantine-",)
_DENY_ALL: Final = "AWSDenyAll"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOwner:
    """The user (an ARN) whose key it is, and the way into its account."""

    user: str
    door: Door

    @property
    def name(self) -> str:
        """Without the path."""
        return self.user.rpartition("/")[2]


def owner_of(key_id: str, case: Case, doors: Sequence[Door]) -> KeyOwner:
    """The owner by the case or by IAM; UsageError where no account that was entered knows the key."""
    suspect = case.suspect
    if key_id == suspect.key_id and suspect.user:
        found = next((each for each in doors if each.account.id == suspect.account), None)
        if found is not None:
            return KeyOwner(user=suspect.user, door=found)
    for door in doors:
        try:
            name = str(door.call(_USED, GLOBAL, {"AccessKeyId": key_id}).get("UserName") or "")
            if name:
                arn = str(door.call("iam:GetUser", GLOBAL, {"UserName": name})["User"]["Arn"])
                return KeyOwner(user=arn, door=door)
        except Refusal:
            # The key of another account is refused by the words of one that may not be asked.
            continue
    raise UsageError("respond_rotate.whose", key=key_id, accounts=[each.account.id for each in doors])


def is_denied(door: Door, user: str) -> bool:
    """Whether a denial of everything, or AWS's quarantine, is on the user. ActionError where that cannot be read."""
    try:
        written = [str(each) for page in door.pages("iam:ListUserPolicies", GLOBAL, {"UserName": user}) for each in page.get("PolicyNames") or ()]  # fmt: skip
        attached = [
            str(each["PolicyName"])
            for page in door.pages("iam:ListAttachedUserPolicies", GLOBAL, {"UserName": user})
            for each in page.get("AttachedPolicies") or ()
        ]
    except Refusal as refusal:
        raise ActionError("respond_rotate.unread", call=refusal.call, code=refusal.code) from refusal
    return any(each.startswith(_DENIALS) for each in written) or any(
        each == _DENY_ALL or each.startswith(quarantine.PREFIX) for each in attached
    )
