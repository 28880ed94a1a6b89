"""What a machine of the simulated account gives to whoever sits on it: the credentials of its role, as long as it gets out.

EC2 assumes the role for the machine, and CloudTrail tells of that. Sources: Amazon EC2 User Guide, "IAM roles for Amazon
EC2" (credentials are renewed before they expire; six hours is what they live for); CloudTrail User Guide, "CloudTrail
userIdentity element" (AWSService).
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from moto.ec2.models import ec2_backends
from moto.moto_api._internal import mock_random

from sakimori.simulate.identities import Credentials, credentials_of_session
from sakimori.simulate.sessions import Session, begin_role_session, told_of_role_session
from sakimori.simulate.state import AccountState

_LASTS: Final = timedelta(hours=6)


class MachineCutOff(Exception):  # noqa: N818 - what it is
    """It is stopped or gone, nothing of it gets out, or it has no role."""


def role_credentials(state: AccountState, region: str, instance: str) -> Credentials:
    """New credentials of the machine's role; MachineCutOff."""
    machine: Any = ec2_backends[state.account_id][region].get_instance(instance)
    role = _role_of(state, machine)
    if role is None or not gets_out(state, instance):
        raise MachineCutOff(instance)
    session = begin_role_session(state, role, instance, _LASTS)
    state.history.tell(_event(state, region, session, str(role.arn)))
    return credentials_of_session(session)


def gets_out(state: AccountState, instance: str) -> bool:
    """Whether it runs, with any rule in any of its groups: who is on it already needs no more."""
    machine = next((each for each in _machines(state) if each.id == instance), None)
    if machine is None or machine.state != "running":
        return False
    groups = [group for nic in machine.nics.values() for group in nic.group_set]
    return any(group.ingress_rules or group.egress_rules for group in groups)


def _machines(state: AccountState) -> Iterator[Any]:
    for region in sorted(state.enabled_regions):
        yield from ec2_backends[state.account_id][region].all_instances()


def _role_of(state: AccountState, machine: Any) -> Any:
    backend = ec2_backends[state.account_id][machine.region_name]
    found = backend.iam_instance_profile_associations.get(machine.id)
    roles = found.iam_instance_profile.roles if found else ()
    return next(iter(roles), None)


def _event(state: AccountState, region: str, session: Session, role: str) -> Mapping[str, Any]:
    return {
        "eventVersion": "1.11",
        "userIdentity": {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"},
        "eventTime": f"{session.issued_at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "sts.amazonaws.com",
        "eventName": "AssumeRole",
        "awsRegion": region,
        "sourceIPAddress": "ec2.amazonaws.com",
        "userAgent": "ec2.amazonaws.com",
        "requestParameters": {"roleArn": role, "roleSessionName": session.name},
        "responseElements": told_of_role_session(session),
        "resources": [{"accountId": state.account_id, "type": "AWS::IAM::Role", "ARN": role}],
        "eventID": str(mock_random.uuid4()),
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": state.account_id,
        "eventCategory": "Management",
    }
