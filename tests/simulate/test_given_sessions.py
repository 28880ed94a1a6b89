"""Sessions that a provider of identities or a service gives, as CloudTrail tells of them."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sakimori.simulate.clients import client_of
from sakimori.simulate.identities import Credentials
from sakimori.simulate.server import SimulatedAccount
from sakimori.simulate.stand_ins.web_identity import token_of
from sakimori.simulate.workloads import TASKS, Pod, Workload, given_by_service, given_to_pod

ISSUER = "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
SUBJECT = "system:serviceaccount:shop:checkout"


def told(account: SimulatedAccount, name: str) -> dict[str, Any]:
    asked = {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": name}]}
    found = account.client("cloudtrail").lookup_events(**asked)["Events"]
    return json.loads(found[0]["CloudTrailEvent"])


def role(account: SimulatedAccount, name: str, trust: dict[str, Any]) -> str:
    iam = account.client("iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **trust}]})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    return arn


def irsa(account: SimulatedAccount) -> str:
    made = account.client("iam").create_open_id_connect_provider(Url=f"https://{ISSUER}", ThumbprintList=["0" * 40])
    condition = {"StringEquals": {f"{ISSUER}:sub": SUBJECT, f"{ISSUER}:aud": "sts.amazonaws.com"}}
    principal = {"Federated": made["OpenIDConnectProviderArn"]}
    return role(account, "checkout", {"Principal": principal, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition})  # fmt: skip


def with_token(account: SimulatedAccount, arn: str, subject: str = SUBJECT) -> Any:
    nobody = Credentials(access_key_id="-", secret_access_key="-")  # noqa: S106 - this call is not signed
    sts = client_of("sts", "us-east-1", account.endpoint_url, nobody)
    token = token_of(f"https://{ISSUER}", subject)
    return sts.assume_role_with_web_identity(RoleArn=arn, RoleSessionName="pod", WebIdentityToken=token)


@pytest.mark.slow
def test_a_token_becomes_a_session_that_cloudtrail_tells_of(account: SimulatedAccount) -> None:
    arn = irsa(account)
    given = with_token(account, arn)["Credentials"]
    session = Credentials(access_key_id=given["AccessKeyId"], secret_access_key=given["SecretAccessKey"], session_token=given["SessionToken"])  # fmt: skip
    client_of("ec2", "us-east-1", account.endpoint_url, session).describe_vpcs()
    event, provider = told(account, "AssumeRoleWithWebIdentity"), f"arn:aws:iam::{account.account_id}:oidc-provider/{ISSUER}"  # fmt: skip
    who = event["userIdentity"]
    assert (who["type"], who["userName"], who["identityProvider"]) == ("WebIdentityUser", SUBJECT, provider)
    assert event["responseElements"]["credentials"]["accessKeyId"] == given["AccessKeyId"]
    used = told(account, "DescribeVpcs")["userIdentity"]
    assert used["sessionContext"]["webIdFederationData"]["federatedProvider"] == provider


@pytest.mark.slow
@pytest.mark.parametrize("subject", ["system:serviceaccount:default:other", ""])
def test_a_token_that_the_role_does_not_trust_is_refused_and_told(
    account: SimulatedAccount, refusal_of: Callable[..., Any], subject: str
) -> None:
    arn = irsa(account)
    code, words, status = refusal_of(lambda: with_token(account, arn, subject))
    assert (code, status, "AssumeRoleWithWebIdentity" in words) == ("AccessDenied", 403, True)
    event = told(account, "AssumeRoleWithWebIdentity")
    assert (event["errorCode"], event["responseElements"]) == ("AccessDenied", None)


@pytest.mark.slow
def test_a_pod_and_a_task_are_given_sessions_by_their_services(account: SimulatedAccount) -> None:
    role(account, "queue", {"Principal": {"Service": TASKS}, "Action": "sts:AssumeRole"})
    node = {"type": "AssumedRole", "arn": f"arn:aws:sts::{account.account_id}:assumed-role/node/i-0123456789abcdef0"}
    pod = given_to_pod(account.state, "us-east-1", "queue", Pod(cluster="shop", account="default/worker", node=node))
    event = told(account, "AssumeRole")
    assert event["userIdentity"] == {"type": "AWSService", "invokedBy": "pods.eks.amazonaws.com"}
    assert event["responseElements"]["credentials"]["accessKeyId"] == pod.access_key_id
    assert {each["key"] for each in event["requestParameters"]["tags"]} >= {"kubernetes-namespace", "eks-cluster-name"}
    asked = told(account, "AssumeRoleForPodIdentity")
    assert (asked["eventSource"], asked["userIdentity"]["arn"]) == ("eks-auth.amazonaws.com", node["arn"])
    task = given_by_service(account.state, Workload(service=TASKS, region="us-east-1", role="queue", name="0123"))
    client_of("ec2", "us-east-1", account.endpoint_url, task).describe_vpcs()
