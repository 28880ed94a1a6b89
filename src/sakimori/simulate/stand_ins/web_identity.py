"""AssumeRoleWithWebIdentity: a token of a provider of identities becomes a session, where the role trusts whom it speaks of.

Nobody checks the token's signature here: what it says is believed. The call is signed by nobody, and so tells no Region: it
counts as that of the global endpoint. Sources: AWS STS API reference, AssumeRoleWithWebIdentity; IAM User Guide, "Logging IAM and
AWS STS API calls with AWS CloudTrail" (the event) and "IAM and AWS STS condition context keys" (`provider:sub`, `provider:aud`).
"""

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

from sakimori.analysis.iam.ask import Policies
from sakimori.analysis.iam.context import Context
from sakimori.analysis.iam.principal import principal_of
from sakimori.analysis.iam.request import Request
from sakimori.simulate.call import ServiceError
from sakimori.simulate.circumstances import address_of
from sakimori.simulate.given_sessions import Giving, give_session, tell_asked
from sakimori.simulate.judgement import judge, policies_of
from sakimori.simulate.sessions import iam_of, role_of
from sakimori.simulate.stand_ins.form import Desk, StandIn

_ACTION: Final = "sts:AssumeRoleWithWebIdentity"
_REFUSED: Final = f"Not authorized to perform {_ACTION}"
_HOUR: Final = 3600
_REGION: Final = "us-east-1"


def assume_role(desk: Desk) -> Mapping[str, Any]:
    """A session of the role for whom the token speaks of."""
    asked, state = desk.parameters(), desk.state
    claims = _claims(str(asked.get("WebIdentityToken") or ""))
    issuer, subject, audience = (str(claims.get(name) or "") for name in ("iss", "sub", "aud"))
    url = issuer.removeprefix("https://")
    provider = f"arn:{state.partition}:iam::{state.account_id}:oidc-provider/{url}"
    arn = str(asked.get("RoleArn") or "")
    giving = Giving(
        operation="AssumeRoleWithWebIdentity", name=str(asked.get("RoleSessionName") or ""), region=_REGION, address=address_of(desk.call), provider=provider,
        identity={
            "type": "WebIdentityUser", "principalId": f"{provider}:{audience}:{subject}", "userName": subject,
            "identityProvider": provider,
        },
        agent=str(desk.call.environ.get("HTTP_USER_AGENT", "")), seconds=int(asked.get("DurationSeconds") or _HOUR),
        answered={"subjectFromWebIdentityToken": subject, "provider": provider, "audience": audience},
        policies=(str(asked["Policy"]),) if asked.get("Policy") else None,
    )  # fmt: skip
    role = role_of(iam_of(state), arn)
    told = {f"{url}:sub".lower(): (subject,), f"{url}:aud".lower(): (audience,)}
    if role is None or provider not in iam_of(state).open_id_providers or not _trusts(role, provider, told):
        tell_asked(state, arn, giving, None, refused=_REFUSED)
        raise ServiceError("AccessDenied", _REFUSED, 403)
    session = give_session(state, role, giving)
    return {
        "Credentials": {
            "AccessKeyId": session.access_key_id, "SecretAccessKey": session.secret_access_key,
            "SessionToken": session.token, "Expiration": session.expires_at,
        },
        "AssumedRoleUser": {"AssumedRoleId": session.user_id, "Arn": session.arn},
        "SubjectFromWebIdentityToken": subject, "Provider": provider, "Audience": audience,
    }  # fmt: skip


STAND_INS: Final[Mapping[str, StandIn]] = {_ACTION: assume_role}


def token_of(issuer: str, subject: str, audience: str = "sts.amazonaws.com") -> str:
    """A token that says so: no provider has signed it."""
    pieces = ({"alg": "none"}, {"iss": issuer, "sub": subject, "aud": audience}, {})
    return ".".join(base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in pieces)


def _claims(token: str) -> Mapping[str, Any]:
    try:
        piece = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4)))
    except (IndexError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise ServiceError("InvalidIdentityToken", "The ID Token provided is not a valid JWT.", 400)
    return found


def _trusts(role: Any, provider: str, told: Mapping[str, tuple[str, ...]]) -> bool:
    trust = policies_of((str(role.assume_role_policy_document or "{}"),), resource=role.arn)
    request = Request(
        principal=principal_of(provider), action=_ACTION, resource=str(role.arn), context=Context(told),
        resource_account=str(role.arn).split(":")[4],
    )  # fmt: skip
    return bool(trust) and judge(request, Policies(identity=(), resource=trust[0])) is None
