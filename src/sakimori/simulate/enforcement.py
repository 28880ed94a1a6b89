"""The gate before the simulated account: who calls, and whether they may.

moto's own enforcement (`moto.iam.access_control`) ignores Resource and Condition, derives
IAM's action from the operation's name (`s3:ListBuckets` instead of `s3:ListAllMyBuckets`),
counts requests in the process, and answers most services in the shape of IAM. This gate
reads moto's users, groups, roles and policies and judges by `policies`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from moto.iam.models import IAMBackend, iam_backends
from moto.sts.models import sts_backends

from sakimori.aws.actions import action_of
from sakimori.simulate.call import Call, ServiceError
from sakimori.simulate.identify import request_of
from sakimori.simulate.policies import UNKNOWN_RESOURCE, Asked, Decision, decide
from sakimori.simulate.refusals import (
    Reason,
    access_denied,
    expired_credentials,
    internal_failure,
    unknown_credentials,
)
from sakimori.simulate.state import AccountState

_NEEDS_NO_PERMISSION: Final = frozenset({"sts:GetCallerIdentity", "sts:GetSessionToken"})
_NEEDS_NO_SIGNATURE: Final = frozenset({"sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"})
_ACCOUNT_HAS_NO_PART: Final = frozenset({"", "aws-global", "*"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who signed a call; `documents` are the JSON texts of all identity policies."""

    arn: str
    documents: tuple[str, ...]


class Gate:
    """Admits calls to one account by its IAM policies."""

    def __init__(self, state: AccountState) -> None:
        self._state = state

    def principal_of(self, call: Call) -> Principal | None:
        """Who signed `call`; None for an unsigned call. ServiceError for a key that is not (or no longer) valid."""
        if not call.access_key_id:
            return None
        iam = self._iam
        key = iam.access_keys.get(call.access_key_id)
        if key is not None and key.user_name:
            if key.status != "Active" or call.access_key_id not in self._keys_of(key.user_name):
                raise unknown_credentials(call)
            return self._user(key.user_name)
        return self._session(call)

    def admit(self, call: Call, principal: Principal | None) -> None:
        """Return if `principal` may make `call`; ServiceError as AWS would refuse it."""
        if call.name in _NEEDS_NO_SIGNATURE:
            return
        if principal is None:
            raise self._denied(call, "anonymous", Reason.IDENTITY_IMPLICIT)
        if call.region not in self._state.enabled_regions and call.region not in _ACCOUNT_HAS_NO_PART:
            raise unknown_credentials(call)
        if call.name in _NEEDS_NO_PERMISSION:
            return
        if not call.operation:
            raise internal_failure(call)
        asked = Asked(action=action_of(call.name), resource=_resource_of(call), region=call.region)
        decision = decide(principal.documents, asked)
        if decision is Decision.ALLOWED:
            return
        reason = Reason.IDENTITY if decision is Decision.DENIED else Reason.IDENTITY_IMPLICIT
        raise self._denied(call, principal.arn, reason)

    @property
    def _iam(self) -> IAMBackend:
        return iam_backends[self._state.account_id][self._state.partition]

    def _keys_of(self, user_name: str) -> frozenset[str]:
        user = self._iam.users.get(user_name)
        return frozenset(key.access_key_id for key in user.access_keys) if user else frozenset()

    def _user(self, name: str) -> Principal:
        iam = self._iam
        user = iam.users[name]
        documents = [*user.policies.values(), *_managed(user)]
        for group in iam.get_groups_for_user(name):
            documents += [*group.policies.values(), *_managed(group)]
        return Principal(arn=user.arn, documents=tuple(map(_text, documents)))

    def _session(self, call: Call) -> Principal:
        """A role's session; its policies are the role's as they are now, as on AWS."""
        sessions = sts_backends[self._state.account_id][self._state.partition].assumed_roles
        for session in reversed(sessions):
            if session.access_key_id != call.access_key_id:
                continue
            if session.session_token != call.session_token:
                raise unknown_credentials(call)
            if session.expiration.replace(tzinfo=self._state.clock().tzinfo) < self._state.clock():
                raise expired_credentials(call)
            roles = [role for role in self._iam.roles.values() if role.arn == session.role_arn]
            documents = [text for role in roles for text in (*role.policies.values(), *_managed(role))]
            return Principal(arn=session.arn, documents=tuple(map(_text, documents)))
        raise unknown_credentials(call)

    def _denied(self, call: Call, arn: str, reason: Reason) -> ServiceError:
        action = action_of(call.name) if call.operation else call.name
        return access_denied(call, arn=arn, action=action, resource=_resource_of(call), reason=reason)


def _managed(holder: Any) -> list[str]:
    """The default versions of the managed policies of a user, group or role of moto's."""
    texts: list[str] = []
    for policy in holder.managed_policies.values():
        texts += [version.document for version in policy.versions if version.version_id == policy.default_version_id]
    return texts


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def _resource_of(call: Call) -> str:
    """The ARN of an S3 bucket or object, or of what API Gateway is asked for; "*" for all else."""
    if call.service in {"apigateway", "apigatewayv2"}:
        # Version 2 says its own version in the path, the ARN does not.
        path = request_of(call.environ, call.body).path.removeprefix("/v2")
        return f"arn:aws:apigateway:{call.region}::{path}"
    if call.service != "s3" or call.operation in ("", "ListBuckets"):
        return UNKNOWN_RESOURCE
    label = _s3_path(call.environ, call.body)
    return f"arn:aws:s3:::{label}" if label else UNKNOWN_RESOURCE


def _s3_path(environ: Mapping[str, Any], body: bytes) -> str:
    request = request_of(environ, body)
    return request.path.strip("/")
