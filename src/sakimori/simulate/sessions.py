"""Temporary credentials that STS gave out: whose they are, since when, until when, and what narrows them.

moto registers the sessions of roles alone, and by its own clock; GetSessionToken and GetFederationToken it answers with one
example key. Here each has a key of its own, whose id bears the account.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from moto.iam.models import IAMBackend, iam_backends
from moto.sts.models import AssumedRole, sts_backends
from moto.sts.utils import random_session_token

if TYPE_CHECKING:
    # The state holds the sessions.
    from sakimori.simulate.state import AccountState


class SessionKind(StrEnum):
    """By which operation of STS a session came to be, as far as it matters to what it may."""

    ROLE = "role"
    USER = "user"
    """GetSessionToken: the user itself, for a while."""
    FEDERATED = "federated"
    """GetFederationToken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One set of temporary credentials. `holder` is the name of the role or user whose rights it has, `holder_id` AROA… or AIDA….

    `arn` is who acts; `policies` the texts of the session policies, None where none were passed.
    """

    kind: SessionKind
    access_key_id: str
    secret_access_key: str = field(repr=False)
    token: str = field(repr=False)
    arn: str
    holder: str
    holder_id: str
    issued_at: datetime
    expires_at: datetime
    policies: tuple[str, ...] | None = None
    has_mfa: bool = False
    is_console: bool = False
    """Of a sign-in at the console: CloudTrail says so of each call."""
    person: str = ""
    """The id in the identity store of whom IAM Identity Center let in."""
    provider: str = ""
    """The ARN of the provider that vouched for a web identity."""

    @property
    def name(self) -> str:
        """The role session's or the federated user's name; of GetSessionToken the user's."""
        return self.arn.rpartition("/")[2]

    @property
    def user_id(self) -> str:
        """What `aws:userid` is, and GetCallerIdentity's UserId."""
        if self.kind is SessionKind.USER:
            return self.holder_id
        owner = self.holder_id if self.kind is SessionKind.ROLE else self.arn.split(":")[4]
        return f"{owner}:{self.name}"


_HIDDEN: Final = "HIDDEN_DUE_TO_SECURITY_REASONS"
_ROLE_ARN: Final = ":role/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Who a new session is, as `Session` says it."""

    kind: SessionKind
    arn: str
    holder: str
    holder_id: str


def begin_session(state: "AccountState", whose: Whose, lasts: timedelta, **more: Any) -> Session:
    """A session from now on with a key of its own, known to the gate; `more` are further fields of it."""
    key, now = iam_of(state).create_temp_access_key(), state.clock().replace(microsecond=0)
    session = Session(
        kind=whose.kind,
        access_key_id=str(key.access_key_id),
        secret_access_key=str(key.secret_access_key),
        token=random_session_token(),
        arn=whose.arn,
        holder=whose.holder,
        holder_id=whose.holder_id,
        issued_at=now,
        expires_at=now + lasts,
        **more,
    )
    state.sessions[session.access_key_id] = session
    return session


def begin_role_session(state: "AccountState", role: Any, name: str, lasts: timedelta, **more: Any) -> Session:
    """The same of moto's role, under the session's name."""
    arn = f"arn:{state.partition}:sts::{state.account_id}:assumed-role/{role.name}/{name}"
    whose = Whose(kind=SessionKind.ROLE, arn=arn, holder=str(role.name), holder_id=str(role.id))
    return begin_session(state, whose, lasts, **more)


def told_of_role_session(session: Session) -> dict[str, Any]:
    """What CloudTrail's event of an AssumeRole answers."""
    return {
        "credentials": {
            "accessKeyId": session.access_key_id, "sessionToken": _HIDDEN,
            "expiration": f"{session.expires_at:%b %d, %Y, %-I:%M:%S %p}",
        },
        "assumedRoleUser": {"assumedRoleId": session.user_id, "arn": session.arn},
    }  # fmt: skip


def session_of(state: "AccountState", access_key_id: str) -> Session | None:
    """The session with that key, None where the account gave out none."""
    found = state.sessions.get(access_key_id)
    return found or _from_moto(state, access_key_id)


def _from_moto(state: "AccountState", access_key_id: str) -> Session | None:
    """Sessions of those whom a provider of identities vouches for: moto alone knows how they are asked for."""
    for given in reversed(sts_backends[state.account_id][state.partition].assumed_roles):
        if given.access_key_id == access_key_id:
            role = role_of(iam_of(state), str(given.role_arn))
            return None if role is None else _register(state, given, role)
    return None


def _register(state: "AccountState", given: AssumedRole, role: Any) -> Session:
    now = state.clock()
    session = Session(
        kind=SessionKind.ROLE,
        access_key_id=str(given.access_key_id),
        secret_access_key=str(given.secret_access_key),
        token=str(given.session_token),
        arn=given.arn,
        holder=str(role.name),
        holder_id=str(role.id),
        issued_at=now,
        expires_at=given.expiration.replace(tzinfo=now.tzinfo),
        policies=(given.policy,) if given.policy else None,
    )
    return state.sessions.setdefault(session.access_key_id, session)


def role_of(iam: IAMBackend, arn: str) -> Any:
    """moto's role of that ARN, None where there is none."""
    name = arn.rpartition("/")[2] if _ROLE_ARN in arn else ""
    return next((role for role in tuple(iam.roles.values()) if role.name == name and role.arn == arn), None)


def iam_of(state: "AccountState") -> IAMBackend:
    """moto's IAM of the account."""
    return iam_backends[state.account_id][state.partition]
