"""What a call of the thief opens for him beside the credentials that it answers with: users, passwords, roles, machines.

Each of these lets somebody act whose first event is not signed with a key that is known already.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sakimori.analysis.incident.events import user_key
from sakimori.analysis.incident.form import Event
from sakimori.analysis.incident.issued import partition_of, user_arn
from sakimori.analysis.incident.json_paths import LARGEST, all_at, parsed_any, text_at, texts_at

_MOST_ACCOUNTS: Final = 100


class GiftKind(StrEnum):
    """What was opened."""

    USER = "user"
    """A new user: all that it does is the thief's."""
    PASSWORD = "password"  # noqa: S105 - the name of a kind
    """A password of a user, known to the thief alone: sign-ins after it are his."""
    ROLE = "role"
    """A new role: who assumes it, it is the thief's."""
    TRUST = "trust"
    """A role that trusts other accounts now: who comes out of these, is the thief."""
    MACHINE = "machine"
    """Something that runs with a role, in a session of its own name."""
    PORTAL = "portal"
    """A sign-in at the console with the credentials that made the call."""
    PERSON = "person"
    """A user of IAM Identity Center, by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """`what` is an ARN, or the name of a session (MACHINE), or an id (PERSON). `accounts` are those of a TRUST."""

    kind: GiftKind
    what: str
    event: Event
    accounts: frozenset[str] = frozenset()
    name: str = ""


GIVING: Final = frozenset(
    {
        "CreateUser", "CreateLoginProfile", "UpdateLoginProfile", "ChangePassword", "CreateRole", "UpdateAssumeRolePolicy",
        "RunInstances", "CreateFunction20150331", "CreateFunction", "GetSigninToken",
    }
)  # fmt: skip
"""Operations whose events open something."""
_HIDDEN: Final = "HIDDEN"


def gifts(event: Event) -> Iterator[Gift]:
    """What this event opened; nothing where AWS refused."""
    if event.error:
        return
    service = event.source.partition(".")[0]
    if service == "iam":
        yield from _of_iam(event)
    elif service in {"identitystore", "sso-directory"}:
        yield from _of_people(event)
    elif service == "signin" and event.name == "GetSigninToken":
        yield Gift(kind=GiftKind.PORTAL, what=event.principal, event=event)
    elif service in {"ec2", "lambda"}:
        yield from _of_machines(event)


def _of_people(event: Event) -> Iterator[Gift]:
    person = text_at(event.response, "userId", "user.userId")
    if event.name == "CreateUser" and person:
        name = text_at(event.request, "userName")
        yield Gift(kind=GiftKind.PERSON, what=person, event=event, name="" if name.startswith(_HIDDEN) else name)


def _of_machines(event: Event) -> Iterator[Gift]:
    # Only a machine that was given a role has credentials.
    if event.name == "RunInstances" and all_at(event.request, "iamInstanceProfile"):
        for machine in texts_at(event.response, "instancesSet[].instanceId"):
            yield Gift(kind=GiftKind.MACHINE, what=machine, event=event)
    elif event.name.startswith("CreateFunction"):
        name = text_at(event.response, "functionName") or text_at(event.request, "functionName")
        if name:
            role = text_at(event.request, "role") or text_at(event.response, "role")
            yield Gift(kind=GiftKind.MACHINE, what=name.rpartition(":")[2], event=event, name=role)


def _of_iam(event: Event) -> Iterator[Gift]:
    name = text_at(event.request, "userName")
    if event.name == "CreateUser":
        made = text_at(event.response, "user.userName") or name
        if made:
            yield Gift(
                kind=GiftKind.USER, what=text_at(event.response, "user.arn") or user_arn(event, made), event=event
            )
    elif event.name in {"CreateLoginProfile", "UpdateLoginProfile", "ChangePassword"}:
        told = text_at(event.response, "loginProfile.userName") or name
        is_own = not told or user_key(event.principal) == (event.account, told)
        who = event.principal if is_own else user_arn(event, told)
        # Setting only whether it must be changed gives nobody a password; that of root needs root.
        if ":user/" in who:
            yield Gift(kind=GiftKind.PASSWORD, what=who, event=event)
    elif event.name == "CreateRole":
        role = text_at(event.response, "role.arn") or _role_arn(event)
        if role:
            yield Gift(kind=GiftKind.ROLE, what=role, event=event)
    elif event.name == "UpdateAssumeRolePolicy":
        accounts = trusted_accounts(text_at(event.request, "policyDocument")) - {event.account}
        role = _role_arn(event)
        if accounts and role:
            yield Gift(kind=GiftKind.TRUST, what=role, event=event, accounts=accounts)


def _role_arn(event: Event) -> str:
    name = text_at(event.request, "roleName")
    return f"arn:{partition_of(event)}:iam::{event.account}:role/{name}" if name else ""


def trusted_accounts(document: str) -> frozenset[str]:
    """The accounts that the Allow statements of a trust policy name; `*` where it is everybody."""
    told = parsed_any(document) if len(document) <= LARGEST else None
    found = set[str]()
    statements = all_at({"s": told}, "s.Statement[]")
    for statement in statements[:_MOST_ACCOUNTS]:
        if text_at(statement, "Effect") != "Allow":
            continue
        for who in (*texts_at(statement, "Principal"), *texts_at(statement, "Principal.AWS[]")):
            parts = who.split(":")
            found.add(who if who == "*" or who.isdigit() else parts[4] if len(parts) > 5 else "")  # noqa: PLR2004
    return frozenset(list(found - {""})[:_MOST_ACCOUNTS])
