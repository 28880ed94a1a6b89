"""Who signed a call: a user by its own key or for a session, a role's session, a federated user."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from moto.iam.models import AccessKeyLastUsed

from sakimori.analysis.iam.principal import Principal, principal_of
from sakimori.simulate.call import Call
from sakimori.simulate.refusals import expired_credentials, unknown_credentials
from sakimori.simulate.sessions import Session, SessionKind, iam_of, session_of
from sakimori.simulate.state import AccountState

_SERVICE_LINKED = "/aws-service-role/"


@dataclass(frozen=True, kw_only=True)
class Caller:
    """`arn` is who acts; `documents` the texts of the identity policies, `boundary` of the permissions boundary (None: none).

    `holder_id` is AIDA… or AROA…, `session` None for a user's own key.
    """

    arn: str
    holder_id: str
    documents: tuple[str, ...]
    boundary: tuple[str, ...] | None = None
    session: Session | None = None
    is_service_linked: bool = False

    @cached_property
    def principal(self) -> Principal:
        """As policies see it."""
        is_federated = self.session is not None and self.session.kind is SessionKind.FEDERATED
        return _principal(self.arn, "" if is_federated else self.holder_id)

    @property
    def user_id(self) -> str:
        """GetCallerIdentity's UserId."""
        return self.session.user_id if self.session else self.holder_id

    @property
    def account_id(self) -> str:
        """The account whose credentials it has."""
        return self.arn.split(":")[4]


@lru_cache(maxsize=4096)
def _principal(arn: str, unique_id: str) -> Principal:
    return principal_of(arn, unique_id)


def caller_of(state: AccountState, call: Call) -> Caller | None:
    """None for an unsigned call. ServiceError for a key that is not, or no longer, valid.

    A session lives on when the key that asked for it is made inactive, and ends when its user or role is deleted.
    Source: IAM User Guide, "Disable permissions for temporary security credentials".
    """
    if not call.access_key_id:
        return None
    key = iam_of(state).access_keys.get(call.access_key_id)
    if key is not None and key.user_name:
        user = iam_of(state).users.get(key.user_name)
        if user is None or key.status != "Active" or all(key is not each for each in user.access_keys):
            raise unknown_credentials(call)
        key.last_used = AccessKeyLastUsed(state.clock().replace(tzinfo=None), call.service, call.region)
        return _user(state, user)
    session = session_of(state, call.access_key_id)
    if session is None or session.token != call.session_token:
        raise unknown_credentials(call)
    if session.expires_at <= state.clock():
        raise expired_credentials(call)
    holders: Iterable[Any] = (iam_of(state).roles if session.kind is SessionKind.ROLE else iam_of(state).users).values()
    holder = next((each for each in tuple(holders) if each.id == session.holder_id), None)
    if holder is None:
        raise unknown_credentials(call)
    return _role(state, holder, session) if session.kind is SessionKind.ROLE else _user(state, holder, session)


def _user(state: AccountState, user: Any, session: Session | None = None) -> Caller:
    documents = [*user.policies.values(), *_managed(user)]
    for group in iam_of(state).get_groups_for_user(user.name):
        documents += [*group.policies.values(), *_managed(group)]
    boundary = getattr(user, "permissions_boundary", None) or {}
    return Caller(
        arn=session.arn if session else user.arn,
        holder_id=str(user.id),
        documents=tuple(map(_text, documents)),
        boundary=_boundary(state, str(boundary.get("PermissionsBoundaryArn", ""))),
        session=session,
    )


def _role(state: AccountState, role: Any, session: Session) -> Caller:
    """Its policies are the role's as they are now, as on AWS."""
    return Caller(
        arn=session.arn,
        holder_id=str(role.id),
        documents=tuple(map(_text, (*role.policies.values(), *_managed(role)))),
        boundary=_boundary(state, str(role.permissions_boundary_arn or "")),
        session=session,
        is_service_linked=str(role.path).startswith(_SERVICE_LINKED),
    )


def _boundary(state: AccountState, arn: str) -> tuple[str, ...] | None:
    """A boundary whose policy is gone allows nothing."""
    if not arn:
        return None
    policy = iam_of(state).managed_policies.get(arn)
    return (default_version(policy),) if policy is not None else ()


def default_version(policy: Any) -> str:
    """The text of a managed policy of moto's that holds."""
    return next(
        (_text(each.document) for each in policy.versions if each.version_id == policy.default_version_id), "{}"
    )


def _managed(holder: Any) -> list[str]:
    return [default_version(policy) for policy in tuple(holder.managed_policies.values())]


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)
