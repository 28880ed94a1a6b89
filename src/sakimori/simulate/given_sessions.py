"""Sessions that somebody other than a caller of STS is given: by IAM Identity Center, a provider of identities, a service.

CloudTrail tells of each, in the account of the role. Sources: CloudTrail User Guide, "CloudTrail userIdentity element" (SAMLUser,
WebIdentityUser, AWSService, webIdFederationData); IAM User Guide, "Logging IAM and AWS STS API calls with AWS CloudTrail" (the
examples of AssumeRoleWithSAML and AssumeRoleWithWebIdentity).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sakimori.simulate.sessions import Session, begin_role_session, told_of_role_session
from sakimori.simulate.state import AccountState


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
    session = begin_role_session(
        state, role, giving.name, timedelta(seconds=giving.seconds),
        policies=giving.policies, person=giving.person, provider=giving.provider,
    )  # fmt: skip
    tell_asked(state, str(role.arn), giving, {**told_of_role_session(session), **giving.answered})
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
