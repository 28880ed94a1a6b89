"""Facts of who calls: an AWS service or a person, root, with MFA, in the console or not.

Source: CloudTrail User Guide, "CloudTrail userIdentity element" and "CloudTrail record contents".
"""

import re
from collections.abc import Callable, Hashable, Mapping
from typing import Final

from sakimori.analysis.facts.event_parts import is_true, part, text_at, text_in
from sakimori.analysis.facts.fact import Event, Fact, FactType, Surroundings
from sakimori.analysis.facts.user_agents import kind_of_agent
from sakimori.model.verdict import Text

_LINKED: Final = ":role/aws-service-role/"
_SSO: Final = "AWSReservedSSO_"
_INTERNAL: Final = "AWS Internal"
_INSTANCE: Final = re.compile(r":i-(?:[0-9a-f]{17}|[0-9a-f]{8})\Z")
# A sign-in of a person, and what a person does in the console that is no API call.
_CONSOLE_TYPES: Final = frozenset({"AwsConsoleSignIn", "AwsConsoleAction"})
_PERSONS_AGENTS: Final = frozenset({"console", "browser", "cloudshell"})
_SECOND_FACTORS: Final = frozenset({"TOTP", "WEBAUTHN", "RADIUS", "EMAIL_OTP"})


def is_service_name(value: object) -> bool:
    """Whether a caller or source is an AWS service: its DNS name, or `AWS Internal` with or without a number."""
    return isinstance(value, str) and (
        value.endswith((".amazonaws.com", ".amazonaws.com.cn")) or value.startswith(_INTERNAL)
    )


def is_service_linked(event: Event) -> bool:
    """Whether the session is of a role that only its AWS service can assume."""
    return _is_linked_role(part(event, "userIdentity", "sessionContext", "sessionIssuer", "arn"))


def _is_linked_role(arn: object) -> bool:
    return _LINKED in text_in(arn)


def acts_by_itself(event: Event) -> bool:
    """Whether an AWS service acts of its own accord: nobody's credentials are behind the call.

    The user agent is not asked: the caller writes it.
    """
    if text_at(event, "userIdentity", "type") == "AWSService" or event.get("eventType") == "AwsServiceEvent":
        return True
    return is_service_linked(event) or (_is_forwarded(event) and not _has_principal(event))


def _is_forwarded(event: Event) -> bool:
    return is_service_name(part(event, "userIdentity", "invokedBy")) or is_service_name(event.get("sourceIPAddress"))


def _has_principal(event: Event) -> bool:
    return _is_said(part(event, "userIdentity", "arn")) or _is_said(part(event, "userIdentity", "principalId"))


def _is_said(value: object) -> bool:
    return bool(text_in(value))


def is_root(event: Event) -> bool:
    """Whether the account's root user calls."""
    return text_at(event, "userIdentity", "type") == "Root"


def _by_service(event: Event, _: Surroundings) -> bool:
    return acts_by_itself(event)


def _through_service(event: Event, _: Surroundings) -> bool:
    return _is_forwarded(event) and not acts_by_itself(event)


def _is_linked(event: Event, _: Surroundings) -> bool:
    return is_service_linked(event)


def _root(event: Event, _: Surroundings) -> bool:
    return is_root(event)


def _is_outside(event: Event, surroundings: Surroundings) -> bool | None:
    account = text_at(event, "userIdentity", "accountId")
    if not account.isdigit():
        return None
    return account not in {*surroundings.own_accounts, text_in(event.get("recipientAccountId"))}


def _is_instance(event: Event, _: Surroundings) -> bool:
    """EC2 names the session after the instance."""
    return _INSTANCE.search(text_at(event, "userIdentity", "principalId")) is not None


def _is_sso(event: Event) -> bool:
    issuer = part(event, "userIdentity", "sessionContext", "sessionIssuer", "userName")
    return text_at(event, "userIdentity", "type") == "IdentityCenterUser" or _is_sso_role(issuer)


def _is_sso_role(name: object) -> bool:
    return text_in(name).startswith(_SSO)


def _interactive(event: Event, _: Surroundings) -> bool:
    if acts_by_itself(event):
        return False
    if text_in(event.get("eventType")) in _CONSOLE_TYPES or is_true(event.get("sessionCredentialFromConsole")):
        return True
    return _is_sso(event) or _is_persons_agent(event.get("userAgent"))


def _is_persons_agent(agent: object) -> bool:
    return kind_of_agent(text_in(agent)) in _PERSONS_AGENTS


def _mfa(event: Event, _: Surroundings) -> bool | None:
    if event.get("eventType") == "AwsConsoleSignIn" or part(event, "additionalEventData", "MFAUsed") is not None:
        return _mfa_at_sign_in(event)
    kind = text_at(event, "userIdentity", "type")
    factor = text_at(event, "additionalEventData", "CredentialType")
    if factor:
        return True if factor in _SECOND_FACTORS else None
    said = part(event, "userIdentity", "sessionContext", "attributes", "mfaAuthenticated")
    if is_true(said):
        return True
    # Behind a role stands a session that may have used MFA where it began, and behind Identity Center a provider of
    # identities: neither is told here. The long-term keys of a user, without a session, know no MFA.
    return False if kind in {"IAMUser", "Root"} and not acts_by_itself(event) else None


def _mfa_at_sign_in(event: Event) -> bool | None:
    used = part(event, "additionalEventData", "MFAUsed")
    if is_true(used):
        return True
    # A federated sign-in says No whatever the provider of identities asked for.
    return False if used == "No" and text_at(event, "userIdentity", "type") in {"IAMUser", "Root"} else None


_ISSUER: Final = "userIdentity.sessionContext.sessionIssuer"
_IDENTITY: Final = (
    "userIdentity.type", "userIdentity.invokedBy", f"{_ISSUER}.arn", "userIdentity.arn", "userIdentity.principalId",
    "eventType", "sourceIPAddress",
)  # fmt: skip
_SEEN: Final[Mapping[str, Callable[[object], Hashable]]] = {
    "userIdentity.invokedBy": is_service_name,
    f"{_ISSUER}.arn": _is_linked_role,
    "userIdentity.arn": _is_said,
    "userIdentity.principalId": _is_said,
    "sourceIPAddress": is_service_name,
}

FACTS: Final = (
    Fact(
        name="fact.by_aws_service",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="An AWS service acts of its own accord, with its own identity or a service-linked role.",
            ja="AWS のサービスが、サービス自身の ID またはサービスにリンクされたロールで実行しました。",
        ),
        reads=_IDENTITY,
        of=_by_service,
        sees=_SEEN,
    ),
    Fact(
        name="fact.through_service",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="An AWS service such as CloudFormation made the call with the permissions of a user or role.",
            ja="CloudFormation などの AWS のサービスが、ユーザーまたはロールの権限で呼び出しました。",
        ),
        reads=_IDENTITY,
        of=_through_service,
        sees=_SEEN,
    ),
    Fact(
        name="fact.service_linked_role",
        type=FactType.BOOLEAN,
        sentence=Text(en="The caller is a service-linked role.", ja="呼び出し元はサービスにリンクされたロールです。"),
        reads=(f"{_ISSUER}.arn",),
        of=_is_linked,
    ),
    Fact(
        name="fact.root",
        type=FactType.BOOLEAN,
        sentence=Text(en="The caller is the account's root user.", ja="呼び出し元はルートユーザーです。"),
        reads=("userIdentity.type",),
        of=_root,
    ),
    Fact(
        name="fact.caller_outside",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="The caller belongs to an account that is none of yours; unknown where the event names no account.",
            ja="呼び出し元が自分のものではないアカウントに属しています。イベントにアカウントの記載がない場合は不明です。",
        ),
        reads=("userIdentity.accountId", "recipientAccountId"),
        of=_is_outside,
    ),
    Fact(
        name="fact.instance_session",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="The caller uses the credentials of an EC2 instance's role.",
            ja="EC2 インスタンスのロールの認証情報による呼び出しです。",
        ),
        reads=("userIdentity.principalId",),
        of=_is_instance,
    ),
    Fact(
        name="fact.interactive",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="A person is at work: in the console, in CloudShell, or in a session of IAM Identity Center.",
            ja="人による操作です（コンソール、CloudShell、または IAM Identity Center のセッション）。",
        ),
        reads=(*_IDENTITY, f"{_ISSUER}.userName", "sessionCredentialFromConsole", "userAgent"),
        of=_interactive,
        sees={**_SEEN, f"{_ISSUER}.userName": _is_sso_role, "userAgent": _is_persons_agent},
    ),
    Fact(
        name="fact.mfa",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="MFA was used; unknown where a role or an identity provider stands between.",
            ja="MFA が使われました。ロールや ID プロバイダーを経由した場合は不明です。",
        ),
        reads=(*_IDENTITY, "userIdentity.sessionContext.attributes.mfaAuthenticated", "additionalEventData"),
        of=_mfa,
    ),
)
