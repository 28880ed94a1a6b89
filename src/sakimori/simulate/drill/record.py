"""What the attacker did, as data: what a responder must find, and what came of each new try."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from sakimori.simulate.identities import Credentials

_HARMLESS: Final = frozenset({"sts:GetCallerIdentity", "signin:ConsoleLogin"})


class Trick(StrEnum):
    """What makes an attack harder to end."""

    MFA = "mfa"
    """A second factor of the attacker's own on the new user, and a session of that user with it."""
    OPEN_ROLE = "open-role"
    """A new role that trusts everyone, and the changed role too: both assumed from an account of the attacker's own."""
    NEW_KEYS = "new-keys"
    """While the responder works, keys are made for the victim and for the new user, with whatever still works."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Something made (`is_created`) or changed: `kind` is CloudFormation's type name, `by` a key's id, `change` the API operation."""

    kind: str
    id: str
    arn: str
    account: str
    region: str
    is_created: bool
    by: str
    change: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A credential in the attacker's hands. `kind` is user_key, role_session, session_token, federation or console.

    `arn` is who acts by it, `issued_by` the id of the key that asked for it ("" for the leaked one), `from_outside` whether
    that key is of the attacker's own account.
    """

    id: str
    kind: str
    account: str
    arn: str
    issued_by: str
    credentials: Credentials = field(repr=False)
    user: str = ""
    role: str = ""
    """The role's ARN."""
    expires_at: datetime | None = None
    from_outside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One call of the attacker's after the attack; `error` is AWS's code, "" where it succeeded; `target` what it was about."""

    at: datetime
    call: str
    by: str
    target: str
    error: str = ""

    @property
    def succeeded(self) -> bool:
        """AWS did it."""
        return not self.error

    @property
    def is_harmful(self) -> bool:
        """It succeeded, and is more than to ask who one is, which nothing forbids, or to sign in, which gives nothing by itself."""
        return self.succeeded and self.call not in _HARMLESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """The truth about an attack, in the order of time."""

    began_at: datetime
    planted: tuple[Planted, ...]
    held: tuple[Held, ...]
    roles: tuple[str, ...]
    """ARNs of the roles that were assumed."""
    empty_calls: int
    """Calls that succeeded, and whose answer held nothing."""
