"""IAM is enforced, and refuses in each protocol's own shape."""

import json
from datetime import timedelta
from typing import Any

import pytest

from sakimori.simulate.clients import client_of
from sakimori.simulate.identities import Credentials
from sakimori.simulate.server import SimulatedAccount

ARN = "arn:aws:iam::123456789012:user/nobody"
CALLS: tuple[tuple[str, str, dict[str, Any], str, str, int], ...] = (
    ("ec2", "describe_instances", {}, "ec2:DescribeInstances", "UnauthorizedOperation", 403),
    ("iam", "list_users", {}, "iam:ListUsers", "AccessDenied", 403),
    ("rds", "describe_db_instances", {}, "rds:DescribeDBInstances", "AccessDenied", 403),
    ("sns", "list_topics", {}, "sns:ListTopics", "AuthorizationError", 403),
    ("s3", "list_buckets", {}, "s3:ListAllMyBuckets", "AccessDenied", 403),
    ("s3", "get_bucket_encryption", {"Bucket": "b-1"}, "s3:GetEncryptionConfiguration", "AccessDenied", 403),
    ("s3control", "get_public_access_block", {"AccountId": "123456789012"}, "s3:GetAccountPublicAccessBlock",
     "AccessDenied", 403),
    ("cloudtrail", "describe_trails", {}, "cloudtrail:DescribeTrails", "AccessDeniedException", 400),
    ("cloudwatch", "describe_alarms", {}, "cloudwatch:DescribeAlarms", "AccessDeniedException", 400),
    ("lambda", "list_functions", {}, "lambda:ListFunctions", "AccessDeniedException", 403),
    ("guardduty", "list_detectors", {}, "guardduty:ListDetectors", "AccessDeniedException", 403),
    ("support", "describe_trusted_advisor_checks", {"language": "en"}, "support:DescribeTrustedAdvisorChecks",
     "AccessDeniedException", 400),
)  # fmt: skip


@pytest.mark.parametrize("case", CALLS, ids=lambda case: f"{case[0]}:{case[1]}")
def test_who_may_nothing_is_denied_in_the_services_own_shape(
    account: SimulatedAccount, refusal_of: Any, case: tuple[str, str, dict[str, Any], str, str, int]
) -> None:
    service, method, parameters, action, code, status = case
    client = account.client(service, "nobody")
    found, message, http = refusal_of(getattr(client, method), **parameters)
    assert (found, http) == (code, status)
    assert f"User: {ARN} is not authorized to perform: {action} on resource: " in message
    assert f"because no identity-based policy allows the {action} action" in message
    assert account.calls[-1].principal == ARN
    assert account.calls[-1].error_code == code


def test_a_head_request_is_denied_without_a_body(account: SimulatedAccount, refusal_of: Any) -> None:
    assert refusal_of(account.client("s3", "nobody").head_bucket, Bucket="b-1")[::2] == ("403", 403)


def test_everyone_may_ask_who_they_are(account: SimulatedAccount) -> None:
    assert account.client("sts", "nobody").get_caller_identity()["Arn"] == ARN


def test_the_auditor_reads_and_does_not_write(account: SimulatedAccount, refusal_of: Any) -> None:
    account.client("iam").create_user(UserName="someone")
    iam = account.client("iam", "auditor")
    assert len(iam.list_users()["Users"]) == 4
    assert refusal_of(iam.create_user, UserName="other")[0] == "AccessDenied"


def test_the_auditors_policy_can_be_handed_in(refusal_of: Any) -> None:
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:List*", "Resource": "*"}}
    with SimulatedAccount(auditor_policy=policy) as account:
        assert account.client("iam", "auditor").list_users()["Users"]
        assert refusal_of(account.client("iam", "auditor").get_account_summary)[0] == "AccessDenied"


def _user(account: SimulatedAccount, name: str) -> None:
    account.client("iam").create_user(UserName=name)
    account.client("iam").create_access_key(UserName=name)


def _policy(effect: str, action: str, resource: str = "*") -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": resource}]}
    )


def test_policies_of_groups_count(account: SimulatedAccount, refusal_of: Any) -> None:
    _user(account, "u")
    iam = account.client("iam")
    iam.create_group(GroupName="g")
    arn = iam.create_policy(PolicyName="p", PolicyDocument=_policy("Allow", "sns:*"))["Policy"]["Arn"]
    iam.attach_group_policy(GroupName="g", PolicyArn=arn)
    assert refusal_of(account.client("sns", "u").list_topics)[0] == "AuthorizationError"
    iam.add_user_to_group(GroupName="g", UserName="u")
    assert account.client("sns", "u").list_topics()["Topics"] == []


def test_the_default_version_of_a_policy_counts(account: SimulatedAccount, refusal_of: Any) -> None:
    _user(account, "u")
    iam = account.client("iam")
    arn = iam.create_policy(PolicyName="p", PolicyDocument=_policy("Allow", "sns:*"))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="u", PolicyArn=arn)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=_policy("Allow", "sqs:*"), SetAsDefault=True)
    assert refusal_of(account.client("sns", "u").list_topics)[0] == "AuthorizationError"


def test_an_explicit_deny_says_so(account: SimulatedAccount, refusal_of: Any) -> None:
    iam = account.client("iam")
    iam.put_user_policy(UserName="auditor", PolicyName="no", PolicyDocument=_policy("Deny", "ec2:*"))
    code, message, _ = refusal_of(account.client("ec2", "auditor").describe_vpcs)
    assert code == "UnauthorizedOperation"
    assert "with an explicit deny in an identity-based policy" in message


@pytest.mark.slow
def test_s3_policies_count_by_bucket(account: SimulatedAccount, refusal_of: Any) -> None:
    _user(account, "u")
    for bucket in ("mine-1", "other-1"):
        account.client("s3").create_bucket(Bucket=bucket)
    document = _policy("Allow", "s3:PutObject", "arn:aws:s3:::mine-1/*")
    account.client("iam").put_user_policy(UserName="u", PolicyName="p", PolicyDocument=document)
    s3 = account.client("s3", "u")
    s3.put_object(Bucket="mine-1", Key="a/b c", Body=b"x")
    assert refusal_of(s3.put_object, Bucket="other-1", Key="a", Body=b"x")[0] == "AccessDenied"
    assert account.client("s3").get_object(Bucket="mine-1", Key="a/b c")["Body"].read() == b"x"


@pytest.mark.parametrize(
    ("service", "method", "code"),
    [
        ("ec2", "describe_vpcs", "AuthFailure"),
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("s3", "list_buckets", "InvalidAccessKeyId"),
        ("cloudtrail", "describe_trails", "UnrecognizedClientException"),
        ("lambda", "list_functions", "UnrecognizedClientException"),
    ],
)
def test_an_unknown_key_is_refused(
    account: SimulatedAccount, service: str, method: str, code: str, refusal_of: Any
) -> None:
    stranger = Credentials(access_key_id="AKIA" + "Z" * 16, secret_access_key="z" * 40)
    client = client_of(service, "us-east-1", account.endpoint_url, stranger)
    assert refusal_of(getattr(client, method))[0] == code
    assert account.calls[-1].principal == ""


def test_an_inactive_or_deleted_key_is_unknown(account: SimulatedAccount, refusal_of: Any) -> None:
    iam = account.client("iam")
    sts = account.client("sts", "nobody")
    key = account.credentials("nobody").access_key_id
    iam.update_access_key(UserName="nobody", AccessKeyId=key, Status="Inactive")
    assert refusal_of(sts.get_caller_identity)[0] == "InvalidClientTokenId"
    iam.update_access_key(UserName="nobody", AccessKeyId=key, Status="Active")
    assert sts.get_caller_identity()
    iam.delete_access_key(UserName="nobody", AccessKeyId=key)
    assert refusal_of(sts.get_caller_identity)[0] == "InvalidClientTokenId"


def test_a_region_that_is_not_enabled_knows_no_key(account: SimulatedAccount, refusal_of: Any) -> None:
    assert refusal_of(account.client("ec2", region="af-south-1").describe_vpcs)[0] == "AuthFailure"
    account.state.enabled_regions.add("af-south-1")
    assert account.client("ec2", region="af-south-1").describe_vpcs()["Vpcs"]


def _role(account: SimulatedAccount, principal: str, condition: dict[str, Any] | None = None) -> str:
    trust: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    if condition:
        trust["Condition"] = condition
    iam = account.client("iam")
    role = iam.create_role(
        RoleName="r", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )["Role"]
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=_policy("Allow", "sns:*"))
    return role["Arn"]


def _session(account: SimulatedAccount, arn: str, **more: str) -> Credentials:
    made = account.client("sts").assume_role(RoleArn=arn, RoleSessionName="session", **more)["Credentials"]
    return Credentials(
        access_key_id=made["AccessKeyId"],
        secret_access_key=made["SecretAccessKey"],
        session_token=made["SessionToken"],
    )


def test_a_roles_session_may_what_the_role_may(account: SimulatedAccount, refusal_of: Any) -> None:
    session = _session(account, _role(account, "arn:aws:iam::123456789012:root"))
    assert client_of("sns", "us-east-1", account.endpoint_url, session).list_topics()["Topics"] == []
    assert account.calls[-1].principal == "arn:aws:sts::123456789012:assumed-role/r/session"
    assert refusal_of(client_of("iam", "us-east-1", account.endpoint_url, session).list_users)[0] == "AccessDenied"


def test_a_session_that_is_over_is_refused(account: SimulatedAccount, refusal_of: Any) -> None:
    session = _session(account, _role(account, "arn:aws:iam::123456789012:root"))
    later = account.state.clock() + timedelta(hours=2)
    account.state.clock = lambda: later
    sns = client_of("sns", "us-east-1", account.endpoint_url, session)
    assert refusal_of(sns.list_topics)[0] == "ExpiredToken"


def test_a_role_that_is_not_there_or_trusts_others_is_not_assumable(account: SimulatedAccount, refusal_of: Any) -> None:
    sts = account.client("sts")
    nowhere = {"RoleArn": "arn:aws:iam::123456789012:role/none", "RoleSessionName": "session"}
    assert refusal_of(sts.assume_role, **nowhere)[0] == "AccessDenied"
    others = _role(account, "arn:aws:iam::222222222222:root")
    assert refusal_of(sts.assume_role, RoleArn=others, RoleSessionName="session")[0] == "AccessDenied"


def test_the_external_id_must_fit(account: SimulatedAccount, refusal_of: Any) -> None:
    condition = {"StringEquals": {"sts:ExternalId": "right"}}
    arn = _role(account, "arn:aws:iam::123456789012:root", condition)
    sts = account.client("sts")
    assert refusal_of(sts.assume_role, RoleArn=arn, RoleSessionName="session", ExternalId="wrong")[0] == "AccessDenied"
    assert _session(account, arn, ExternalId="right").session_token


def test_without_enforcement_anyone_may_all() -> None:
    with SimulatedAccount(enforce_iam=False) as account:
        assert account.client("iam", "nobody").list_users()["Users"]
