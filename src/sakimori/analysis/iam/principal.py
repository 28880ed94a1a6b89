"""Who makes a request, and whether a policy's principals speak of them.

Source: IAM User Guide, "AWS JSON policy elements: Principal" and "… NotPrincipal".
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sakimori.analysis.iam.kept import Kept
from sakimori.collect.kleene import some
from sakimori.collect.policy_document import Principals

_ACCOUNT: Final = re.compile(r"[0-9]{12}\Z")
_ARN: Final = re.compile(r"arn:(?P<partition>[\w-]+):(?P<service>iam|sts)::(?P<account>[0-9]{12}):(?P<rest>.+)\Z", re.DOTALL)  # fmt: skip
_SERVICE: Final = re.compile(r"[\w.-]+\.(?:amazonaws\.com(?:\.cn)?|aws\.internal)\Z")


class PrincipalKind(StrEnum):
    """What signs a request."""

    USER = "user"
    ROLE = "role"
    """Some session of a role: which, is not known."""
    SESSION = "session"
    """One named session of a role."""
    FEDERATED_USER = "federated-user"
    ROOT = "root"
    SERVICE = "service"
    WEB = "web"
    """Somebody whom a provider of identities vouches for, before a role is assumed."""
    ANONYMOUS = "anonymous"
    UNNAMED = "unnamed"
    """Some user or role of an account: which, nobody told."""


class Grant(StrEnum):
    """How closely a statement of a resource's policy names the principal, the closest first."""

    DIRECT = "direct"
    """Itself: a user, a session, a federated user, a service, or everyone."""
    ROLE = "role"
    """Its role, which boundaries and session policies still limit."""
    ACCOUNT = "account"
    """Its account, which may pass the right on to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """`arn` as it was given; `account` "" for services and the anonymous; `name` without path."""

    kind: PrincipalKind
    arn: str
    partition: str = "aws"
    account: str = ""
    name: str = ""
    session: str = ""
    unique_id: str = ""
    """AIDA… or AROA…, where it is known."""

    @property
    def is_of_known_account(self) -> bool:
        """Its account is one that was told."""
        return self.account not in {"", UNTOLD_ACCOUNT}

    @property
    def identity_arn(self) -> str:
        """The user's ARN, or of a session the role's (without a path, which a session's ARN does not tell)."""
        if self.kind is PrincipalKind.SESSION:
            return f"arn:{self.partition}:iam::{self.account}:role/{self.name}"
        return self.arn

    @property
    def is_service_linked(self) -> bool:
        """Its role is one that an AWS service made for itself: by its path, which a session's ARN does not tell, or its name.

        Source: IAM User Guide, "Create a service-linked role": their names begin with AWSServiceRoleFor, which no other's may.
        """
        if self.kind is PrincipalKind.SESSION:
            return self.name.startswith("AWSServiceRoleFor")
        return self.kind is PrincipalKind.ROLE and ":role/aws-service-role/" in self.arn

    @property
    def has_role(self) -> bool:
        """It acts with the rights of a role."""
        return self.kind in {PrincipalKind.ROLE, PrincipalKind.SESSION}


ANONYMOUS: Final = Principal(kind=PrincipalKind.ANONYMOUS, arn="*")
UNTOLD_ACCOUNT: Final = "?"
"""In place of the account of somebody who belongs to one, and nobody told to which."""


def unnamed(account: str) -> Principal:
    """Some user or role of the account ("": of one that nobody told)."""
    return Principal(kind=PrincipalKind.UNNAMED, arn="", account=account or UNTOLD_ACCOUNT)


_KINDS: Final = {
    ("iam", "root"): PrincipalKind.ROOT,
    ("iam", "user"): PrincipalKind.USER,
    ("iam", "role"): PrincipalKind.ROLE,
    ("sts", "assumed-role"): PrincipalKind.SESSION,
    ("sts", "federated-user"): PrincipalKind.FEDERATED_USER,
    ("iam", "oidc-provider"): PrincipalKind.WEB,
    ("iam", "saml-provider"): PrincipalKind.WEB,
}


def principal_of(text: str, unique_id: str = "") -> Principal:
    """A principal as policies and logs write it: an ARN, an account, a service, * for nobody known.

    Raises ValueError for what is none.
    """
    return _principals((text, unique_id))


def _principal(told: tuple[str, str]) -> Principal:
    text, unique_id = told
    if text == "*":
        return ANONYMOUS
    if _ACCOUNT.match(text):
        return Principal(kind=PrincipalKind.ROOT, arn=f"arn:aws:iam::{text}:root", account=text)
    match = _ARN.match(text)
    if match is None:
        if _SERVICE.match(text) and not text.startswith("cognito-identity."):
            return Principal(kind=PrincipalKind.SERVICE, arn=text)
        if re.fullmatch(r"[\w.-]+\.[\w./-]+", text):
            return Principal(kind=PrincipalKind.WEB, arn=text)
        raise ValueError(text)
    kind, _, name = match["rest"].partition("/")
    found = _KINDS.get((match["service"], kind))
    session = ""
    if found is PrincipalKind.SESSION:
        name, _, session = name.partition("/")
    if (
        found is None
        or (found is not PrincipalKind.ROOT and not name)
        or (found is PrincipalKind.SESSION and not session)
    ):
        raise ValueError(text)
    return Principal(
        kind=found, arn=text, partition=match["partition"], account=match["account"], name=name.rpartition("/")[2],
        session=session, unique_id=unique_id,
    )  # fmt: skip


_principals: Final = Kept(_principal, weigh=lambda told: len(told[0]) + 100, most=1_000_000)


def grant_of(principals: Principals, who: Principal) -> tuple[bool | None, Grant]:
    """Whether a statement of a resource's policy speaks of the principal, and how closely."""
    if principals.is_negated:
        return _is_left_out(principals, who), Grant.DIRECT
    if principals.is_everyone:
        return True, Grant.DIRECT
    if who.kind in _OUTSIDE_ACCOUNTS:
        return _is_named_outside(principals, who), Grant.DIRECT
    named = [(match, grant) for member in principals.aws for match, grant in [_names(member, who)]]
    for grant in Grant:
        if any(match and each is grant for match, each in named):
            return True, grant
    # An account's canonical id is known to S3 alone.
    unsure = [None] if principals.canonical else []
    answer = some([*(match for match, _ in named), *unsure])
    closest = next((grant for match, grant in named if match is None), Grant.ACCOUNT)
    return answer, closest


_OUTSIDE_ACCOUNTS: Final = frozenset({PrincipalKind.ANONYMOUS, PrincipalKind.SERVICE, PrincipalKind.WEB})


def _is_named_outside(principals: Principals, who: Principal) -> bool:
    named = {PrincipalKind.SERVICE: principals.services, PrincipalKind.WEB: principals.federated}
    return who.arn in named.get(who.kind, ())


def _names(member: str, who: Principal) -> tuple[bool | None, Grant]:
    """Whether one member of Principal.AWS is the principal, or something that it belongs to."""
    if who.kind is PrincipalKind.UNNAMED:
        return _may_name(member, who)
    if member in (who.account, f"arn:{who.partition}:iam::{who.account}:root"):
        return True, Grant.DIRECT if who.kind is PrincipalKind.ROOT else Grant.ACCOUNT
    if member == who.arn or (who.unique_id and member == who.unique_id):
        return True, Grant.ROLE if who.kind is PrincipalKind.ROLE or member == who.unique_id else Grant.DIRECT
    if who.kind is PrincipalKind.FEDERATED_USER:
        # Its name is the caller's choice: behind it may be any user of the account.
        return (None if member.startswith(f"arn:{who.partition}:iam::{who.account}:user/") else False), Grant.ROLE
    return _names_role(member, who) if who.has_role else (False, Grant.DIRECT)


def _may_name(member: str, who: Principal) -> tuple[bool | None, Grant]:
    """The same for somebody of whom the account alone is known, if that: who is named there may be meant."""
    try:
        other = principal_of(member)
    except ValueError:
        # The unique id of a user or role, which tells no account.
        return None, Grant.DIRECT
    if who.is_of_known_account and other.account != who.account:
        return False, Grant.DIRECT
    if other.kind is PrincipalKind.ROOT:
        return True if who.is_of_known_account else None, Grant.ACCOUNT
    return None, Grant.DIRECT


def _names_role(member: str, who: Principal) -> tuple[bool | None, Grant]:
    """Whether the member is the role of a session, or a session of the role."""
    try:
        other = principal_of(member)
    except ValueError:
        return False, Grant.DIRECT
    if (other.account, other.name, other.has_role) != (who.account, who.name, True):
        return False, Grant.DIRECT
    if other.kind is PrincipalKind.ROLE:
        return True, Grant.ROLE
    return (None if who.kind is PrincipalKind.ROLE else False), Grant.DIRECT


def _is_left_out(principals: Principals, who: Principal) -> bool | None:
    """Whether NotPrincipal leaves the principal under the statement: all that it belongs to must be named, or it may be."""
    if principals.is_everyone:
        return False
    if who.kind in _OUTSIDE_ACCOUNTS:
        return not _is_named_outside(principals, who)
    answers = [_names(member, who) for member in principals.aws]
    if who.kind is PrincipalKind.UNNAMED:
        return None if principals.canonical or any(match is not False for match, _ in answers) else True
    grants = {grant for match, grant in answers if match}
    if not grants - {Grant.ACCOUNT}:
        return None if principals.canonical else True
    needed = {Grant.ACCOUNT} if who.kind is not PrincipalKind.ROOT else set[Grant]()
    if who.kind is PrincipalKind.SESSION:
        needed |= {Grant.ROLE, Grant.DIRECT}
    return False if needed <= grants else None
