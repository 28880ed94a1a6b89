"""Which names are one person: two must agree to a change, and one who types two names is not two.

What can be told apart is who holds which account of a machine, and which credentials of AWS. Two people who share both cannot be
told from one; a name alone proves nothing, and is taken on trust where nothing speaks against it.
"""

import getpass
import platform
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from sakimori.app.respond.case import Approved
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.model.arn import Arn
from sakimori.model.words import GLOBAL

_CALLER: Final = "sts:GetCallerIdentity"
_SSO: Final = "AWSReservedSSO_"
_LONGEST: Final = 200


def people_in(approvals: Iterable[Approved]) -> tuple[Approved, ...]:
    """One approval of each person; whoever cannot be told from one before is not another.

    Who agreed without an identity in AWS and showed it later is judged by it: else a first try would shut out for good.
    """
    told = tuple(approvals)
    seen: list[Approved] = []
    found: list[Approved] = []
    for each in (one for one in told if not any(is_told_better(one, other) for other in told)):
        if not any(is_same_person(each, other) for other in seen):
            found.append(each)
        seen.append(each)
    return tuple(found)


def is_same_person(one: Approved, other: Approved) -> bool:
    """By the name, however it is spelled; by the identity in AWS where both are known, else by the login of the machine."""
    if _folded(one.by) == _folded(other.by):
        return True
    if one.caller and other.caller:
        return principal_of(one.caller) == principal_of(other.caller)
    return bool(one.login) and one.login == other.login


def is_told_better(one: Approved, other: Approved) -> bool:
    """Whether the other approval is of the same name at the same login, and shows an identity in AWS that the one does not."""
    return bool(other.caller) and not one.caller and (one.by, one.login) == (other.by, other.login)


def login_here() -> str:
    """Who is logged in on this machine, "" where it does not say."""
    try:
        return f"{getpass.getuser()}@{platform.node()}"[:_LONGEST]
    except (OSError, KeyError):
        return ""


def caller_of(doors: Mapping[str, Door]) -> str:
    """The ARN with which somebody works, "" where AWS does not say."""
    for door in doors.values():
        try:
            return str(door.call(_CALLER, GLOBAL, {}).get("Arn", ""))[:_LONGEST]
        except Refusal:
            continue
    return ""


def principal_of(caller: str) -> str:
    """Whose credentials these are: sessions of one role are one, for their names are chosen by whoever takes it.

    IAM Identity Center alone names a session by the person (IAM Identity Center User Guide, "Referencing permission sets in
    resource policies"; the role is AWSReservedSSO_…).
    """
    try:
        arn = Arn.parse(caller)
    except ValueError:
        return caller
    kind, _, rest = arn.resource.partition("/")
    role, _, session = rest.partition("/")
    if kind != "assumed-role":
        return caller
    return f"{arn.account_id}/person/{session}" if role.startswith(_SSO) else f"{arn.account_id}/role/{role}"


def _folded(name: str) -> str:
    """`Taro.Tanaka@example.com`, `taro tanaka` and `ＴＡＲＯ＿ＴＡＮＡＫＡ` are one."""
    plain = unicodedata.normalize("NFKC", name).casefold().partition("@")[0]
    return "".join(each for each in plain if each.isalnum()) or plain
