"""The gate before a simulated account: whether who calls may.

moto's own enforcement (`moto.iam.access_control`) ignores Resource and Condition, derives IAM's action from the operation's
name (`s3:ListBuckets` instead of `s3:ListAllMyBuckets`), counts requests in the process, and answers most services in the
shape of IAM. This gate reads moto's users, groups, roles and policies and has them judged by `judgement`.
"""

from collections.abc import Mapping
from typing import Any, Final

from moto.s3.models import s3_backends

from sakimori.analysis.iam.ask import Policies
from sakimori.analysis.iam.context import Context
from sakimori.analysis.iam.request import Request
from sakimori.aws.actions import action_of
from sakimori.collect.policy_reach import account_in
from sakimori.simulate.answers import parameters_of
from sakimori.simulate.call import Call, ServiceError
from sakimori.simulate.callers import Caller, caller_of
from sakimori.simulate.circumstances import circumstances
from sakimori.simulate.identify import request_of
from sakimori.simulate.judgement import UNKNOWN_RESOURCE, judge, policies_of
from sakimori.simulate.organization import scps_of
from sakimori.simulate.refusals import Reason, access_denied, internal_failure, unknown_credentials
from sakimori.simulate.sessions import SessionKind, iam_of, role_of
from sakimori.simulate.state import AccountState

_ASSUME_ROLE: Final = "sts:AssumeRole"
_WHO: Final = "sts:GetCallerIdentity"
_NEEDS_NO_PERMISSION: Final = frozenset({_WHO, "sts:GetSessionToken"})
_NEEDS_NO_SIGNATURE: Final = frozenset({"sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"})
_ACCOUNT_HAS_NO_PART: Final = frozenset({"", "aws-global", "*"})
# Source: IAM User Guide, "Compare AWS STS credentials", restrictions on resulting temporary credentials.
_OF_STS: Final = {
    SessionKind.USER: frozenset({_WHO, _ASSUME_ROLE}),
    SessionKind.FEDERATED: frozenset({_WHO}),
}
_NOT_FOR_SESSIONS: Final = frozenset({"sts:GetSessionToken", "sts:GetFederationToken"})


class Gate:
    """Admits calls by the policies of one account, and of those whose roles and buckets they reach for."""

    def __init__(self, state: AccountState) -> None:
        self._state = state

    def principal_of(self, call: Call) -> Caller | None:
        """Who signed `call`; None for an unsigned call. ServiceError for a key that is not (or no longer) valid."""
        return caller_of(self._state, call)

    def admit(self, call: Call, principal: Caller | None) -> None:
        """Return if `principal` may make `call`; ServiceError as AWS would refuse it."""
        if call.name in _NEEDS_NO_SIGNATURE:
            return
        if principal is None:
            raise _denied(call, "anonymous", _resource_of(call), Reason.IDENTITY_IMPLICIT)
        if call.region not in self._state.enabled_regions and call.region not in _ACCOUNT_HAS_NO_PART:
            raise unknown_credentials(call)
        if principal.session:
            _require_session_may(call, principal)
        if call.name in _NEEDS_NO_PERMISSION:
            return
        if not call.operation:
            raise internal_failure(call)
        self._judge(call, principal)

    def _judge(self, call: Call, caller: Caller) -> None:
        told = circumstances(self._state, call, caller)
        resource, owner, document = _resource_of(call), "", ""
        if call.name == _ASSUME_ROLE:
            asked = parameters_of(call)
            resource = str(asked.get("RoleArn", ""))
            document = self._trust(resource)
            told |= _of_assuming(asked)
            if not document:
                raise _denied(call, caller.arn, resource, Reason.IDENTITY_IMPLICIT)
        elif call.service == "s3" and resource != UNKNOWN_RESOURCE:
            owner, document = self._bucket(resource)
        request = Request(
            principal=caller.principal,
            action=action_of(call.name),
            resource=resource,
            context=Context(told, is_open=True),
            resource_account=owner,
            is_management_account=False,
            is_service_linked=caller.is_service_linked,
        )
        reason = judge(request, self._policies(caller, resource, document))
        if reason is not None:
            raise _denied(call, caller.arn, resource, reason)

    def _policies(self, caller: Caller, resource: str, document: str) -> Policies:
        session, scps = caller.session, scps_of(self._state)
        passed = session.policies if session else None
        return Policies(
            identity=policies_of(caller.documents, resource=resource),
            resource=next(iter(policies_of((document,), resource=resource)), None) if document else None,
            boundary=None if caller.boundary is None else policies_of(caller.boundary, resource=resource),
            session=None if passed is None else policies_of(passed, resource=resource),
            scp=None if scps is None else tuple(policies_of(level, resource=resource) for level in scps),
        )

    def _trust(self, arn: str) -> str:
        """The trust policy of a role of any account behind the endpoint, "" where there is no such role."""
        owner = self._state.accounts.get(account_in(arn))
        role = role_of(iam_of(owner), arn) if owner else None
        return str(role.assume_role_policy_document or "{}") if role else ""

    def _bucket(self, arn: str) -> tuple[str, str]:
        """Whose the bucket is, and its policy; "" where there is none."""
        name = arn.removeprefix("arn:aws:s3:::").partition("/")[0]
        partition, owner = s3_backends.bucket_accounts.get(name, (self._state.partition, ""))
        bucket = s3_backends[owner][partition].buckets.get(name) if owner else None
        return owner, bucket.policy.decode() if bucket is not None and bucket.policy else ""


def _require_session_may(call: Call, caller: Caller) -> None:
    """What no policy gives to temporary credentials."""
    session = caller.session
    if session is None:
        return
    is_bare = session.kind is SessionKind.FEDERATED or (
        session.kind is SessionKind.USER and not (session.has_mfa or session.is_console)
    )
    if call.service == "iam" and is_bare:
        raise unknown_credentials(call)
    known = _OF_STS.get(session.kind)
    if call.name in _NOT_FOR_SESSIONS or (call.service == "sts" and known is not None and call.name not in known):
        raise ServiceError("AccessDenied", f"Cannot call {call.operation} with session credentials", 403)


def _of_assuming(asked: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The keys that a request to assume a role bears. Source: IAM User Guide, "IAM and AWS STS condition context keys"."""
    told = {
        "sts:externalid": tuple(str(asked[name]) for name in ("ExternalId",) if name in asked),
        "sts:rolesessionname": (str(asked.get("RoleSessionName", "")),),
        "sts:sourceidentity": tuple(str(asked[name]) for name in ("SourceIdentity",) if name in asked),
    }
    return {**told, "aws:multifactorauthpresent": ("true",)} if asked.get("TokenCode") else told


def _denied(call: Call, arn: str, resource: str, reason: Reason) -> ServiceError:
    action = action_of(call.name) if call.operation else call.name
    return access_denied(call, arn=arn, action=action, resource=resource, reason=reason)


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
