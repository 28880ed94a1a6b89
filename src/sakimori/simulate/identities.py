"""Who may knock at the simulated account's door: the identities that are made before anything else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from moto.iam.models import IAMBackend, iam_backends

from sakimori.model.errors import UsageError
from sakimori.simulate.sessions import Session
from sakimori.simulate.stand_ins.iam import know_managed_policy
from sakimori.simulate.state import AccountState

OWNER: Final = "owner"
AUDITOR: Final = "auditor"
NOBODY: Final = "nobody"
AUDITOR_POLICY: Final = "audit"

_ADMINISTRATOR: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
_SECURITY_AUDIT: Final = "arn:aws:iam::aws:policy/SecurityAudit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """An access key; `session_token` is "" for a user's own."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)


def credentials_of_session(session: Session) -> Credentials:
    """With what its holder signs."""
    return Credentials(
        access_key_id=session.access_key_id, secret_access_key=session.secret_access_key, session_token=session.token
    )


def make_identities(state: AccountState, auditor_policy: Mapping[str, Any] | None) -> None:
    """The users `owner` (AdministratorAccess), `auditor` and `nobody`, each with one new key.

    The auditor has `auditor_policy` as an inline policy, or AWS's SecurityAudit if None.
    """
    iam = _iam(state)
    for name in (OWNER, AUDITOR, NOBODY):
        iam.create_user(state.partition, name, "/")
        iam.create_access_key(name, "AKIA")
    _attach(state, OWNER, _ADMINISTRATOR)
    if auditor_policy is None:
        _attach(state, AUDITOR, _SECURITY_AUDIT)
    else:
        iam.put_user_policy(AUDITOR, AUDITOR_POLICY, json.dumps(auditor_policy))


def credentials_of(state: AccountState, name: str) -> Credentials:
    """The first active key of the user `name`; UsageError if there is none."""
    user = _iam(state).users.get(name)
    keys = [key for key in user.access_keys if key.status == "Active"] if user else []
    if not keys:
        raise UsageError("simulate.no_such_identity", name=name)
    return Credentials(access_key_id=keys[0].access_key_id, secret_access_key=keys[0].secret_access_key)


def _attach(state: AccountState, user: str, arn: str) -> None:
    know_managed_policy(state, arn)
    _iam(state).attach_user_policy(arn, user)


def _iam(state: AccountState) -> IAMBackend:
    return iam_backends[state.account_id][state.partition]
