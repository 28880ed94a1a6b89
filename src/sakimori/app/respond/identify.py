"""R01 and R02: whose the credential is, offline from its id and then by what IAM says, and all that hangs on its owner."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sakimori.analysis.iam import quarantine
from sakimori.app.respond.case import Suspect
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.model.errors import UsageError
from sakimori.model.words import GLOBAL

_LAST_USED: Final = "iam:GetAccessKeyLastUsed"
_SUMMARY: Final = "iam:GetAccountSummary"
_GONE: Final = "NoSuchEntity"
_OF_USER: Final[Mapping[str, tuple[str, str]]] = {
    "user": ("iam:GetUser", "User"),
    "access_keys": ("iam:ListAccessKeys", "AccessKeyMetadata"),
    "groups": ("iam:ListGroupsForUser", "Groups"),
    "attached_policies": ("iam:ListAttachedUserPolicies", "AttachedPolicies"),
    "inline_policies": ("iam:ListUserPolicies", "PolicyNames"),
    "login_profile": ("iam:GetLoginProfile", "LoginProfile"),
    "mfa_devices": ("iam:ListMFADevices", "MFADevices"),
    "service_credentials": ("iam:ListServiceSpecificCredentials", "ServiceSpecificCredentials"),
    "ssh_keys": ("iam:ListSSHPublicKeys", "SSHPublicKeys"),
    "signing_certificates": ("iam:ListSigningCertificates", "Certificates"),
}
"""What is asked of a user: the fact, the call, and where its answer stands."""
_EXISTING: Final = (
    ("user", "iam:GetUser", "UserName", "respond.no_such_user"),
    ("role", "iam:GetRole", "RoleName", "respond.no_such_role"),
)
_SINGLE: Final = frozenset({"user", "login_profile"})
OPERATIONS: Final = (_LAST_USED, *(call for call, _ in _OF_USER.values()), "iam:GetRole", _SUMMARY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """Whose it is. `facts` by name; None where there is no such thing; what could not be read is in `unread` instead."""

    suspect: Suspect
    door: Door
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    unread: Mapping[str, Refusal] = field(default_factory=dict[str, Refusal])

    @property
    def quarantines(self) -> tuple[str, ...]:
        """AWS's own quarantine policies on the user."""
        attached: Sequence[Mapping[str, Any]] = self.facts.get("attached_policies") or ()
        return tuple(
            str(each["PolicyName"]) for each in attached if str(each["PolicyName"]).startswith(quarantine.PREFIX)
        )

    @property
    def access_keys(self) -> tuple[Mapping[str, Any], ...]:
        """All keys of the user."""
        return tuple(self.facts.get("access_keys") or ())

    @property
    def mfa_devices(self) -> tuple[Mapping[str, Any], ...]:
        """All second factors of the user."""
        return tuple(self.facts.get("mfa_devices") or ())

    @property
    def has_password(self) -> bool | None:
        """Whether the user can sign in to the console; None where that could not be read."""
        return None if "login_profile" in self.unread else self.facts.get("login_profile") is not None


def door_for(suspect: Suspect, doors: Sequence[Door]) -> Door:
    """The account that the suspect is of; UsageError with what to do where it is none of those that were entered."""
    if suspect.account:
        found = next((each for each in doors if each.account.id == suspect.account), None)
        if found is None:
            entered = [each.account.id for each in doors]
            raise UsageError("respond.other_account", account=suspect.account, entered=entered)
        return found
    if suspect.key_id.startswith("AKIA"):
        # An old id does not say its account: each is asked.
        found = next((each for each in doors if _owner(each, suspect.key_id)), None)
        if found is not None:
            return found
    if len(doors) == 1:
        return doors[0]
    if suspect.user or suspect.role:
        return _door_of_name(suspect, doors)
    raise UsageError("respond.which_account", entered=[each.account.id for each in doors])


def _door_of_name(suspect: Suspect, doors: Sequence[Door]) -> Door:
    """The one account that has a user or role of this name; UsageError that says which have, and which could not be asked."""
    kind, name = ("user", suspect.user) if suspect.user else ("role", suspect.role)
    _, call, parameter, _ = next(each for each in _EXISTING if each[0] == kind)
    has: list[Door] = []
    unread: list[str] = []
    for door in doors:
        try:
            door.call(call, GLOBAL, {parameter: name.rpartition("/")[2]})
        except Refusal as refusal:
            unread += [door.account.id] if refusal.code != _GONE else []
        else:
            has.append(door)
    if len(has) == 1 and not unread:
        return has[0]
    text = f"respond.{kind}_in_several" if has else f"respond.{kind}_nowhere"
    values = {"asked": [each.account.id for each in doors], "has": [each.account.id for each in has], "unread": unread or ["—"]}  # fmt: skip
    raise UsageError(text, name=name, **values)


def identify(suspect: Suspect, door: Door, used_by: Callable[[str], Suspect | None]) -> Identified:
    """Ask IAM. `used_by` tells from events who signs with a temporary key, or with the root user's, which IAM does not say."""
    found = replace(suspect, account=door.account.id)
    if found.key_id.startswith("AKIA") and not found.user:
        name = _owner(door, found.key_id)
        found = replace(found, user=name) if name else _told(found, used_by(found.key_id))
    elif found.key_id and not (found.user or found.role):
        found = _told(found, used_by(found.key_id))
    if found.user:
        return _user(found, door)
    if found.kind == "root":
        return _root(found, door)
    return _role(found, door) if found.role else Identified(suspect=found, door=door)


def owned(suspect: Suspect, door: Door) -> Suspect:
    """The suspect with its owner, where IAM names it; UsageError for a user or role that the account does not have."""
    if suspect.key_id.startswith("AKIA") and not suspect.user:
        return replace(suspect, user=_owner(door, suspect.key_id))
    for name, call, parameter, text in _EXISTING:
        told = getattr(suspect, name).rpartition("/")[2]
        try:
            if told:
                door.call(call, GLOBAL, {parameter: told})
        except Refusal as refusal:
            if refusal.code == _GONE:
                raise UsageError(text, account=door.account.id, **{name: told}) from None
    return suspect


def _told(suspect: Suspect, other: Suspect | None) -> Suspect:
    if other is None:
        return suspect
    kind = "root" if other.kind == "root" else suspect.kind
    return replace(suspect, kind=kind, user=other.user, role=other.role)


def _owner(door: Door, key_id: str) -> str:
    """The name of the user whose key it is, "" where IAM does not say."""
    try:
        return str(door.call(_LAST_USED, GLOBAL, {"AccessKeyId": key_id}).get("UserName") or "")
    except Refusal:
        return ""


def _user(suspect: Suspect, door: Door) -> Identified:
    name = suspect.user_name
    facts, unread = dict[str, Any](), dict[str, Refusal]()

    def ask(fact: str) -> tuple[str, Any]:
        call, place = _OF_USER[fact]
        try:
            if fact in _SINGLE:
                return fact, door.call(call, GLOBAL, {"UserName": name}).get(place)
            pages = door.pages(call, GLOBAL, {"UserName": name})
            return fact, [each for page in pages for each in page.get(place) or ()]
        except Refusal as refusal:
            return fact, refusal

    with ThreadPoolExecutor(len(_OF_USER)) as pool:
        for fact, answer in pool.map(ask, _OF_USER):
            if not isinstance(answer, Refusal):
                facts[fact] = answer
            elif answer.code == _GONE:
                facts[fact] = None
            else:
                unread[fact] = answer
    user = facts.get("user")
    if user is None and "user" not in unread:
        raise UsageError("respond.no_such_user", user=name, account=door.account.id)
    arn = str(user["Arn"]) if user else f"arn:{door.account.partition}:iam::{door.account.id}:user/{name}"
    return Identified(suspect=replace(suspect, user=arn), door=door, facts=facts, unread=unread)


def _root(suspect: Suspect, door: Door) -> Identified:
    """What IAM tells of the root user: whether it has keys, never which. Source: IAM API reference, GetAccountSummary."""
    try:
        summary = door.call(_SUMMARY, GLOBAL, {}).get("SummaryMap") or {}
    except Refusal as refusal:
        return Identified(suspect=suspect, door=door, unread={"account_summary": refusal})
    return Identified(suspect=suspect, door=door, facts={"account_summary": summary})


def _role(suspect: Suspect, door: Door) -> Identified:
    name = suspect.role.rpartition("/")[2]
    try:
        role = door.call("iam:GetRole", GLOBAL, {"RoleName": name})["Role"]
    except Refusal as refusal:
        if refusal.code == _GONE:
            raise UsageError("respond.no_such_role", role=name, account=door.account.id) from None
        return Identified(suspect=suspect, door=door, unread={"role": refusal})
    return Identified(suspect=replace(suspect, role=str(role["Arn"])), door=door, facts={"role": role})
