"""P1 and P5: whoever responds must not be the suspect, nor work with what AWS has already shut in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sakimori.analysis.iam import quarantine
from sakimori.app.respond.case import Suspect
from sakimori.aws.door import Door
from sakimori.aws.local_keys import LocalKeys
from sakimori.aws.refusal import Refusal
from sakimori.model.arn import Arn
from sakimori.model.errors import UsageError
from sakimori.model.words import GLOBAL

_CALLER: Final = "sts:GetCallerIdentity"
_POLICIES: Final = "iam:ListAttachedUserPolicies"
OPERATIONS: Final = (_CALLER, _POLICIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """Who responds, and what is to be known of it. `leaked_in` are profiles of this machine that hold the suspect's key."""

    caller: str
    leaked_in: tuple[str, ...] = ()
    is_quarantine_known: bool = True


def check_before_start(key_id: str, keys: Callable[[], frozenset[str]]) -> None:
    """UsageError where the credentials of this run are the leaked ones, before anything is asked of AWS with them."""
    if key_id and key_id in keys():
        raise UsageError("respond.same_key", key=f"{key_id[:4]}…{key_id[-4:]}")


def preflight(door: Door, suspect: Suspect, here: LocalKeys) -> Preflight:
    """UsageError where the responder is the suspect or is quarantined; what could not be asked is said."""
    try:
        caller = str(door.call(_CALLER, GLOBAL, {}).get("Arn", ""))
    except Refusal:
        caller = ""
    _refuse_suspect(caller, suspect)
    is_known = _refuse_quarantined(door, caller)
    leaked_in = here.profiles_with(suspect.key_id) if suspect.key_id else ()
    return Preflight(caller=caller, leaked_in=leaked_in, is_quarantine_known=is_known)


def _refuse_suspect(caller: str, suspect: Suspect) -> None:
    name, kind = _name_of(caller)
    names: Mapping[str, str] = {"user": suspect.user_name, "role": suspect.role.rpartition("/")[2]}
    same_account = not suspect.account or suspect.account in caller
    if name and same_account and names.get(kind) == name:
        raise UsageError("respond.same_principal", name=name)
    if kind == "root" and suspect.kind == "root":
        raise UsageError("respond.same_principal", name="root")


def _refuse_quarantined(door: Door, caller: str) -> bool:
    """Whether it could be asked. AWS's quarantine denies the very calls that a responder needs."""
    name, kind = _name_of(caller)
    if kind != "user":
        return bool(kind)
    try:
        pages = door.pages(_POLICIES, GLOBAL, {"UserName": name})
        attached = [str(each["PolicyName"]) for page in pages for each in page.get("AttachedPolicies") or ()]
    except Refusal:
        return False
    found = [each for each in attached if each.startswith(quarantine.PREFIX)]
    if found:
        raise UsageError("respond.quarantined", name=name, policy=found[0])
    return True


def _name_of(caller: str) -> tuple[str, str]:
    """The name of the user or role of a caller's ARN, and which it is; "" where it is neither."""
    try:
        resource = Arn.parse(caller).resource
    except ValueError:
        return "", ""
    kind, _, rest = resource.partition("/")
    if kind == "assumed-role":
        return rest.partition("/")[0], "role"
    if kind == "user":
        return rest.rpartition("/")[2], "user"
    return ("root", "root") if kind == "root" else ("", "")
