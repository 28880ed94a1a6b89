"""Several accounts behind one endpoint: the key decides whose call it is, and each has its own IAM, trail and history."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sakimori.simulate.clients import client_of
from sakimori.simulate.identities import Credentials
from sakimori.simulate.organization import make_organization
from sakimori.simulate.server import SimulatedAccount

ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def pair() -> Iterator[SimulatedAccount]:
    with SimulatedAccount(accounts=2) as simulated:
        yield simulated


def role_in(pair: SimulatedAccount, account: int, principal: str) -> str:
    iam = pair.client("iam", account=account)
    trust = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    arn = iam.create_role(RoleName="guest", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="guest", PolicyName="all", PolicyDocument=document(ALLOW_ALL))
    return arn


def assume(sts: Any, arn: str) -> Credentials:
    given = sts.assume_role(RoleArn=arn, RoleSessionName="night")["Credentials"]
    return Credentials(
        access_key_id=given["AccessKeyId"],
        secret_access_key=given["SecretAccessKey"],
        session_token=given["SessionToken"],
    )


def told(pair: SimulatedAccount, account: int, name: str) -> list[dict[str, Any]]:
    found = pair.client("cloudtrail", account=account).lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}]
    )
    return [json.loads(each["CloudTrailEvent"]) for each in found["Events"]]


def account_in_key(key: str) -> str:
    """As the number of an account stands in the id of a key."""
    number = int.from_bytes(base64.b32decode(key[4:])[:6], "big")
    return f"{(number & 0x7FFFFFFFFF80) >> 7:012d}"


@pytest.mark.slow
def test_the_key_decides_whose_call_it_is(pair: SimulatedAccount) -> None:
    numbers = [state.account_id for state in pair.states]
    assert len(set(numbers)) == 2
    for account, number in enumerate(numbers):
        assert pair.client("sts", account=account).get_caller_identity()["Account"] == number
        assert account_in_key(pair.credentials(account=account).access_key_id) == number
    pair.client("iam", account=1).create_user(UserName="over-there")
    assert "over-there" not in [each["UserName"] for each in pair.client("iam").list_users()["Users"]]
    assert told(pair, 0, "CreateUser") == []
    assert len(told(pair, 1, "CreateUser")) == 1


@pytest.mark.slow
def test_a_role_of_another_account_needs_both_sides(pair: SimulatedAccount) -> None:
    here, there = (state.account_id for state in pair.states)
    arn = role_in(pair, 1, f"arn:aws:iam::{here}:root")
    session = assume(pair.client("sts"), arn)
    assert account_in_key(session.access_key_id) == there
    who = client_of("sts", "us-east-1", pair.endpoint_url, session).get_caller_identity()
    assert (who["Account"], who["Arn"]) == (there, f"arn:aws:sts::{there}:assumed-role/guest/night")
    client_of("iam", "us-east-1", pair.endpoint_url, session).create_user(UserName="made-from-afar")
    assert [each["userIdentity"]["type"] for each in told(pair, 1, "CreateUser")] == ["AssumedRole"]
    with pytest.raises(ClientError, match="AccessDenied"):
        assume(pair.client("sts", "nobody"), arn)
    own = role_in(pair, 0, f"arn:aws:iam::{here}:root")
    with pytest.raises(ClientError, match="AccessDenied"):
        assume(pair.client("sts", account=1), own)


def test_both_accounts_tell_of_an_assumed_role_under_one_shared_id(pair: SimulatedAccount) -> None:
    here, there = (state.account_id for state in pair.states)
    session = assume(pair.client("sts"), role_in(pair, 1, f"arn:aws:iam::{here}:root"))
    [out], [into] = told(pair, 0, "AssumeRole"), told(pair, 1, "AssumeRole")
    assert out["sharedEventID"] == into["sharedEventID"]
    assert out["eventID"] != into["eventID"]
    assert out["userIdentity"]["accessKeyId"] == pair.credentials().access_key_id
    assert into["userIdentity"] == {
        "type": "AWSAccount",
        "principalId": out["userIdentity"]["principalId"],
        "accountId": here,
    }
    assert (out["recipientAccountId"], into["recipientAccountId"]) == (here, there)
    for event in (out, into):
        assert event["responseElements"]["credentials"]["accessKeyId"] == session.access_key_id
        assert event["resources"][0]["accountId"] == there


def test_the_event_history_finds_an_assumed_role_by_the_role_and_by_the_key_given_out(pair: SimulatedAccount) -> None:
    arn = role_in(pair, 1, f"arn:aws:iam::{pair.states[0].account_id}:root")
    key = assume(pair.client("sts"), arn).access_key_id
    for account in (0, 1):
        for name in (arn, key):
            found = pair.client("cloudtrail", account=account).lookup_events(
                LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": name}]
            )
            assert [each["EventName"] for each in found["Events"]] == ["AssumeRole"]


@pytest.mark.slow
def test_an_scp_stops_a_member_and_not_the_management_account(pair: SimulatedAccount) -> None:
    member, management = pair.states
    make_organization(management, [(member, "production")])
    organizations = pair.client("organizations", account=1)
    assert {each["Id"] for each in organizations.list_accounts()["Accounts"]} == {s.account_id for s in pair.states}
    content = document({"Effect": "Deny", "Action": "*", "Resource": "*"})
    policy = organizations.create_policy(
        Name="quarantine", Description="", Content=content, Type="SERVICE_CONTROL_POLICY"
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=policy, TargetId=member.account_id)
    organizations.attach_policy(PolicyId=policy, TargetId=management.account_id)
    with pytest.raises(ClientError, match="explicit deny in a service control policy"):
        pair.client("ec2").describe_vpcs()
    assert pair.client("ec2", account=1).describe_vpcs()["Vpcs"]
    organizations.detach_policy(PolicyId=policy, TargetId=member.account_id)
    assert pair.client("ec2").describe_vpcs()["Vpcs"]


def test_a_bucket_of_another_account_opens_by_its_policy_alone(pair: SimulatedAccount) -> None:
    s3 = pair.client("s3", account=1)
    s3.create_bucket(Bucket="tonari-1")
    s3.put_object(Bucket="tonari-1", Key="k", Body=b"x")
    with pytest.raises(ClientError, match="AccessDenied"):
        pair.client("s3").get_object(Bucket="tonari-1", Key="k")
    allow = {
        "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{pair.states[0].account_id}:root"}, "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::tonari-1/*",
    }  # fmt: skip
    s3.put_bucket_policy(Bucket="tonari-1", Policy=document(allow))
    assert pair.client("s3").get_object(Bucket="tonari-1", Key="k")["Body"].read() == b"x"
