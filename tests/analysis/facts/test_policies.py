import json
from typing import Any
from urllib.parse import quote

import pytest
from tests.analysis.facts.events import OWN, SIBLING, STRANGER, call, policy, told

ANYONE = {"Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
AWS_ANYONE = {**ANYONE, "Principal": {"AWS": "*"}}
PUBLIC = policy(ANYONE)


def principal(account: str) -> dict[str, Any]:
    return {**ANYONE, "Principal": {"AWS": f"arn:aws:iam::{account}:root"}}


def when(operator: str, key: str, value: Any, statement: dict[str, Any] = ANYONE) -> dict[str, Any]:
    return {**statement, "Condition": {operator: {key: value}}}


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("PutBucketPolicy", {"bucketPolicy": json.loads(PUBLIC)}),
        ("PutBucketPolicy", {"policy": PUBLIC}),
        ("SetRepositoryPolicy", {"policyText": PUBLIC}),
        ("SetTopicAttributes", {"attributeName": "Policy", "attributeValue": PUBLIC}),
        ("SetQueueAttributes", {"attributes": {"Policy": PUBLIC}}),
        ("PutKeyPolicy", {"policyName": "default", "policy": PUBLIC}),
        ("PutResourcePolicy", {"secretId": "s", "resourcePolicy": PUBLIC}),
        ("PutResourcePolicy", {"policyInJson": PUBLIC}),
        ("UpdateDomainConfig", {"accessPolicies": PUBLIC}),
        ("PutAccessPointPolicy", {"PutAccessPointPolicyRequest": {"Policy": quote(PUBLIC)}}),
        ("PutBucketPolicy", {"policy": policy(AWS_ANYONE)}),
        ("PutBucketPolicy", {"policy": policy({**ANYONE, "Principal": {"AWS": ["*"]}})}),
        ("PutBucketPolicy", {"policy": policy({"NotPrincipal": {"AWS": OWN}, "Action": "*", "Resource": "*"})}),
        ("PutBucketPolicy", {"policy": policy(when("IpAddress", "aws:SourceIp", "0.0.0.0/0"))}),
        ("PutBucketPolicy", {"policy": policy(when("Bool", "aws:SecureTransport", "true"))}),
        ("PutBucketPolicy", {"policy": policy(when("StringLike", "aws:PrincipalOrgID", "*"))}),
    ],
)
def test_a_policy_for_everyone_is_public_wherever_it_stands(name: str, request_: Any) -> None:
    event = call(name, request_)
    assert told("policy_public", event) is True
    assert told("shared_publicly", event) is True
    assert told("shared_outside", event) == ("all",)


@pytest.mark.parametrize(
    "statement",
    [
        principal(OWN),
        principal(STRANGER),
        when("StringEquals", "aws:PrincipalOrgID", "o-ours12345"),
        when("StringEquals", "aws:SourceAccount", OWN),
        when("ArnLike", "aws:SourceArn", f"arn:aws:s3:*:{OWN}:b"),
        when("StringEquals", "aws:SourceVpce", "vpce-1"),
        when("IpAddress", "aws:SourceIp", ["198.51.100.0/24", "10.0.0.0/8"]),
        {**ANYONE, "Effect": "Deny"},
        {**ANYONE, "Principal": {"Service": "logs.amazonaws.com"}},
    ],
)
def test_a_policy_for_someone_is_not_public(statement: dict[str, Any]) -> None:
    event = call("PutBucketPolicy", {"bucketPolicy": json.loads(policy(statement))})
    assert told("policy_public", event) is False
    assert told("shared_publicly", event) is False


def test_a_condition_that_is_not_understood_leaves_it_open() -> None:
    event = call("PutBucketPolicy", {"policy": policy(when("StringEquals", "aws:RequestTag/team", "x"))})
    assert told("policy_public", event) is None
    assert told("shared_publicly", event) is None
    assert told("shared_outside", event) is None


@pytest.mark.parametrize(
    ("statements", "accounts"),
    [
        ([principal(STRANGER)], (STRANGER,)),
        ([{**ANYONE, "Principal": {"AWS": STRANGER}}], (STRANGER,)),
        ([principal(OWN), principal(SIBLING)], ()),
        ([when("StringEquals", "aws:PrincipalOrgID", "o-ours12345", principal(STRANGER))], ()),
        ([when("StringEquals", "aws:PrincipalOrgID", "o-others999", principal(STRANGER))], (STRANGER,)),
        ([when("StringEquals", "aws:PrincipalAccount", [OWN, STRANGER])], (STRANGER,)),
        ([when("StringEquals", "kms:CallerAccount", OWN, AWS_ANYONE)], ()),
        ([{**principal(STRANGER), "Effect": "Deny"}], ()),
        ([{**ANYONE, "Principal": {"Service": "logs.amazonaws.com"}}], ()),
        ([{**ANYONE, "Principal": {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}}], ()),
        ([{**ANYONE, "Principal": {"AWS": ["*", STRANGER]}}], (STRANGER,)),
    ],
)
def test_accounts_of_others_that_a_policy_lets_in(statements: list[dict[str, Any]], accounts: tuple[str, ...]) -> None:
    event = call("PutBucketPolicy", {"policy": policy(*statements)})
    assert told("policy_external_accounts", event) == accounts


def test_a_foreign_organization_is_outside() -> None:
    event = call("PutBucketPolicy", {"policy": policy(when("StringEquals", "aws:PrincipalOrgID", "o-others999"))})
    assert told("policy_public", event) is False
    assert told("shared_outside", event) == ("organization:o-others999",)


def test_the_account_of_a_caller_from_outside_is_not_ones_own() -> None:
    event = call("PutBucketPolicy", {"policy": policy(principal(STRANGER))}, userIdentity={"accountId": STRANGER})
    assert told("policy_external_accounts", event) == (STRANGER,)


ALL = {"Action": "*", "Resource": "*"}


@pytest.mark.parametrize(
    ("statement", "is_admin"),
    [
        (ALL, True),
        ({"Action": ["s3:Get*", "*:*"], "Resource": ["*"]}, True),
        ({"NotAction": "organizations:*", "Resource": "*"}, True),
        ({"NotAction": ["iam:*", "organizations:*"], "Resource": "*"}, False),
        ({"Action": "*", "NotResource": "arn:aws:s3:::b"}, True),
        ({"Action": "s3:*", "Resource": "*"}, False),
        ({"Action": "*", "Resource": "arn:aws:s3:::b"}, False),
        ({**ALL, "Effect": "Deny"}, False),
        ({**ALL, "Principal": {"AWS": OWN}}, False),
    ],
)
def test_a_policy_of_administrators(statement: dict[str, Any], is_admin: bool | None) -> None:
    for name in ("PutUserPolicy", "CreatePolicy", "CreatePolicyVersion", "GetFederationToken"):
        assert told("policy_admin", call(name, {"policyDocument": policy(statement)})) is is_admin


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("AssumeRole", {}),
        ("SimulateCustomPolicy", {}),
        ("ValidatePolicy", {}),
        ("CreateVpcEndpoint", {}),
        ("CreatePolicy", {"eventSource": "organizations.amazonaws.com"}),
        ("GetPolicy", {}),
    ],
)
def test_a_policy_that_grants_nothing_is_quiet(name: str, fields: dict[str, Any]) -> None:
    event = call(name, {"policyDocument": policy({**ALL, "Principal": "*"}, ALL)}, **fields)
    assert told("policy_admin", event) is False
    assert told("policy_public", event) is False
    assert told("policy_escalates", event) == ()


@pytest.mark.parametrize(
    ("statement", "actions"),
    [
        ({"Action": "iam:PassRole", "Resource": "*"}, ("iam:PassRole",)),
        ({"Action": "iam:PassRole", "Resource": f"arn:aws:iam::{OWN}:role/*"}, ("iam:PassRole",)),
        ({"Action": "iam:PassRole", "Resource": f"arn:aws:iam::{OWN}:role/deploy"}, ()),
        ({"Action": "sts:AssumeRole", "Resource": "*"}, ("sts:AssumeRole",)),
        ({"Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{STRANGER}:role/x"}, ()),
        ({"Action": "iam:Attach*Policy", "Resource": "*"}, ("iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy")),
        ({"Action": "LAMBDA:updatefunctioncode", "Resource": "x"}, ("lambda:UpdateFunctionCode",)),
        ({"Action": ["s3:*", "iam:Get*", "iam:List*"], "Resource": "*"}, ()),
        ({"Action": "iam:CreatePolicyVersion", "Resource": "*", "Effect": "Deny"}, ()),
        ({"Action": "lambda:UpdateFunctionCode", "Resource": "*", "Principal": {"AWS": OWN}}, ()),
    ],
)  # fmt: skip
def test_actions_that_lead_to_more(statement: dict[str, Any], actions: tuple[str, ...]) -> None:
    assert told("policy_escalates", call("PutRolePolicy", {"policyDocument": policy(statement)})) == actions


@pytest.mark.parametrize(
    ("statement", "is_all"),
    [
        ({**ALL, "Effect": "Deny"}, True),
        ({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}, True),
        ({"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}, True),
        (when("Bool", "aws:SecureTransport", "false", {**ALL, "Effect": "Deny", "Principal": "*"}), False),
        ({"Effect": "Deny", "Action": "s3:*", "Resource": "*"}, False),
        ({"Effect": "Deny", "Principal": {"AWS": STRANGER}, "Action": "s3:*", "Resource": "*"}, False),
        ({"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}, False),
        (ALL, False),
    ],
)
def test_a_policy_that_locks_out(statement: dict[str, Any], is_all: bool) -> None:
    assert told("policy_denies_all", call("PutBucketPolicy", {"policy": policy(statement)})) is is_all


@pytest.mark.parametrize(
    ("name", "request_", "is_admin"),
    [
        ("AttachUserPolicy", {"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}, True),
        ("AttachRolePolicy", {"policyArn": "arn:aws-cn:iam::aws:policy/IAMFullAccess"}, True),
        ("AttachGroupPolicy", {"policyArn": "arn:aws:iam::aws:policy/PowerUserAccess"}, True),
        ("AttachManagedPolicyToPermissionSet", {"managedPolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}, True),
        ("AttachUserPolicy", {"policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, False),
        ("AttachUserPolicy", {"policyArn": f"arn:aws:iam::{OWN}:policy/AdministratorAccess"}, False),
        ("DetachUserPolicy", {"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}, False),
        ("PutUserPermissionsBoundary", {"permissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"}, False),
        ("AttachUserPolicy", None, None),
    ],
)  # fmt: skip
def test_a_policy_of_administrators_is_attached(name: str, request_: Any, is_admin: bool | None) -> None:
    assert told("attached_admin", call(name, request_)) is is_admin


@pytest.mark.parametrize(
    "request_",
    [
        None,
        {"policyDocument": "HIDDEN_DUE_TO_SECURITY_REASONS"},
        {"policyDocument": '{"Statement" broken'},
        {"policyDocument": '{"Statement": [{"Effect": "Maybe"}]}'},
        {"policyDocument": '{"Statement": ' + "[" * 100_000},
        {"omitted": True, "reason": "requestParameters too large"},
    ],
)
def test_a_policy_that_cannot_be_read_is_not_known(request_: Any) -> None:
    event = call("PutUserPolicy", request_)
    assert told("policy_public", event) is None
    assert told("policy_admin", event) is None
    assert told("policy_escalates", event) is None
    assert told("shared_outside", event) is None


def test_an_event_without_a_policy_gives_none() -> None:
    event = call("PutItem", {"tableName": "t"})
    assert (told("policy_public", event), told("policy_external_accounts", event)) == (False, ())
