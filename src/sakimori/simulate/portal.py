"""The AWS access portal: a person of IAM Identity Center goes into an account by a permission set.

Two accounts tell of it: that of Identity Center whom it let in (`onBehalfOf`), and the one that is entered AssumeRoleWithSAML.
What the session does then bears the role and the user name as the session's name, and no `onBehalfOf`: that is of
identity-enhanced sessions alone. Sources: IAM Identity Center User Guide, "CloudTrail use cases for IAM Identity Center"
(onBehalfOf, userId, identityStoreArn) and "Identity-enhanced IAM role sessions"; IAM User Guide, "Logging IAM and AWS STS API calls
with AWS CloudTrail" (AssumeRoleWithSAML).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from sakimori.simulate.given_sessions import Giving, give_session
from sakimori.simulate.identities import Credentials, credentials_of_session
from sakimori.simulate.identity_center import IdentityCenter, PermissionSet
from sakimori.simulate.sessions import iam_of
from sakimori.simulate.state import AccountState

_OWN_ADDRESS: Final = "198.51.100.250"
"""The request to STS comes from Identity Center's machines, not from the person."""
_OWN_AGENT: Final = "aws-internal/3 aws-sdk-java/1.12.770 Linux/5.10 OpenJDK_64-Bit_Server_VM/17"
_AUDIENCE: Final = "https://signin.aws.amazon.com/saml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who signs in at the portal, by the user name, and from where."""

    name: str
    address: str
    agent: str


class NotAssignedError(Exception):
    """The person has no such permission set in the account."""


def enter(center: IdentityCenter, state: AccountState, visitor: Visitor, permission_set: str) -> Credentials:
    """The credentials that the portal gives to a person for an account; NotAssignedError."""
    person = center.person(visitor.name)
    held = next((each for each in center.sets.values() if each.name == permission_set), None)
    if held is None or (state.account_id, person) not in held.assigned:
        raise NotAssignedError(visitor.name, permission_set)
    role = next(each for each in iam_of(state).roles.values() if each.name == held.accounts[state.account_id].role)
    owner = state.accounts[center.owner]
    details = {"role_name": held.name, "account_id": state.account_id}
    owner.history.tell(_let_in(owner, center, person, visitor, details))
    return credentials_of_session(give_session(state, role, _giving(center, state, held, person)))


def _giving(center: IdentityCenter, state: AccountState, held: PermissionSet, person: str) -> Giving:
    name, qualifier = center.people[person], center.id[-16:]
    provider = f"arn:{state.partition}:iam::{state.account_id}:saml-provider/{center.portal}"
    identity = {
        "type": "SAMLUser", "principalId": f"{qualifier}:{name}", "userName": name, "identityProvider": qualifier,
    }  # fmt: skip
    return Giving(
        operation="AssumeRoleWithSAML", name=name, identity=identity, region=center.region, address=_OWN_ADDRESS, agent=_OWN_AGENT,
        seconds=held.session_seconds, asked={"sAMLAssertionID": f"_{uuid4()}", "principalArn": provider},
        answered={"subject": name, "subjectType": "persistent", "audience": _AUDIENCE, "nameQualifier": qualifier},
        person=person,
    )  # fmt: skip


def _let_in(
    owner: AccountState, center: IdentityCenter, person: str, visitor: Visitor, details: Mapping[str, str]
) -> Mapping[str, Any]:
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IdentityCenterUser", "accountId": owner.account_id,
            "onBehalfOf": {"userId": person, "identityStoreArn": center.store_arn}, "credentialId": str(uuid4()),
        },
        "eventTime": f"{owner.clock():%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "sso.amazonaws.com",
        "eventName": "GetRoleCredentials",
        "awsRegion": center.region,
        "sourceIPAddress": visitor.address,
        "userAgent": visitor.agent,
        "requestParameters": None,
        "responseElements": None,
        "requestID": str(uuid4()),
        "eventID": str(uuid4()),
        "readOnly": True,
        "eventType": "AwsServiceEvent",
        "managementEvent": True,
        "recipientAccountId": owner.account_id,
        "serviceEventDetails": dict(details),
        "eventCategory": "Management",
    }  # fmt: skip
