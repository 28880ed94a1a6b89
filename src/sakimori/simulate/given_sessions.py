"""Sessions that somebody other than a caller of STS is given: by IAM Identity Center, a provider of identities, a service.

CloudTrail tells of each, in the account of the role. Sources: CloudTrail User Guide, "CloudTrail userIdentity element" (SAMLUser,
WebIdentityUser, AWSService, webIdFederationData); IAM User Guide, "Logging IAM and AWS STS API calls with AWS CloudTrail" (the
examples of AssumeRoleWithSAML and AssumeRoleWithWebIdentity).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from moto.sts.utils import random_session_token

from sakimori.simulate.identities import Credentials
from sakimori.simulate.sessions import Session, SessionKind, iam_of
from sakimori.simulate.state import AccountState

_HIDDEN: Final = "HIDDEN_DUE_TO_SECURITY_REASONS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Giving:
    """How a session came to be, as its event says it. `identity` is who asked, `asked` and `answered` what STS was asked and said besides."""

    operation: str
    name: str
    """The session's."""
    identity: Mapping[str, Any]
    region: str
    address: str
    agent: str
    seconds: int
    asked: Mapping[str, Any] = field(default_factory=dict[str, Any])
    answered: Mapping[str, Any] = field(default_factory=dict[str, Any])
    person: str = ""
    """The id in the identity store, of whom IAM Identity Center lets in."""
    provider: str = ""
    """The ARN of the provider, of a web identity."""
    policies: tuple[str, ...] | None = None


def give_session(state: AccountState, role: Any, giving: Giving) -> Session:
    """A new session of moto's role, known to the gate, and the event that tells of it."""
    key, now = iam_of(state).create_temp_access_key(), state.clock().replace(microsecond=0)
    session = Session(
        kind=SessionKind.ROLE,
        access_key_id=str(key.access_key_id),
        secret_access_key=str(key.secret_access_key),
        token=random_session_token(),
        arn=f"arn:{state.partition}:sts::{state.account_id}:assumed-role/{role.name}/{giving.name}",
        holder=str(role.name),
        holder_id=str(role.id),
        issued_at=now,
        expires_at=now + timedelta(seconds=giving.seconds),
        policies=giving.policies,
        person=giving.person,
        provider=giving.provider,
    )
    state.sessions[session.access_key_id] = session
    given = {
        "credentials": {
            "accessKeyId": session.access_key_id, "sessionToken": _HIDDEN,
            "expiration": f"{session.expires_at:%b %d, %Y, %-I:%M:%S %p}",
        },
        "assumedRoleUser": {"assumedRoleId": session.user_id, "arn": session.arn},
    }  # fmt: skip
    tell_asked(state, str(role.arn), giving, {**given, **giving.answered})
    return session


def tell_asked(
    state: AccountState, role: str, giving: Giving, given: Mapping[str, Any] | None, refused: str = ""
) -> None:
    """The event of a request for a session; `given` None and the sentence where it was refused."""
    asked = {"roleArn": role, "roleSessionName": giving.name, "durationSeconds": giving.seconds, **giving.asked}
    event = sts_event(state, giving, asked) | {"responseElements": given}
    if refused:
        event |= {"errorCode": "AccessDenied", "errorMessage": refused}
    event["resources"] = [{"accountId": state.account_id, "type": "AWS::IAM::Role", "ARN": role}]
    if giving.identity.get("type") == "AWSService":
        event["sharedEventID"] = str(uuid4())
    state.history.tell(event)


def sts_event(state: AccountState, giving: Giving, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The form of such an event."""
    return {
        "eventVersion": "1.11",
        "userIdentity": dict(giving.identity),
        "eventTime": f"{state.clock():%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "sts.amazonaws.com",
        "eventName": giving.operation,
        "awsRegion": giving.region,
        "sourceIPAddress": giving.address,
        "userAgent": giving.agent,
        "requestParameters": dict(asked),
        "responseElements": None,
        "requestID": str(uuid4()),
        "eventID": str(uuid4()),
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": state.account_id,
        "eventCategory": "Management",
    }


def credentials_of_session(session: Session) -> Credentials:
    """With what its holder signs."""
    return Credentials(
        access_key_id=session.access_key_id, secret_access_key=session.secret_access_key, session_token=session.token
    )
