"""Statements of IAM policies, all from one call."""

from collections.abc import Callable
from typing import Any

import pytest

from sakimori.collect.declaration import Context
from sakimori.collect.iam.policy_statement import (
    allows_decryption_with_every_key,
    allows_everything,
    allows_whole_service,
)
from sakimori.collect.policy_document import statements_of
from sakimori.model.words import GapKind

CALL = "iam:GetAccountAuthorizationDetails"
FULL = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
PAGE = {
    "UserDetailList": [
        {"Arn": "arn:aws:iam::123456789012:user/ann", "UserName": "ann", "UserPolicyList": [
            {"PolicyName": "full", "PolicyDocument": FULL}, {"PolicyName": "broken", "PolicyDocument": "%7Bnot json"}]}],
    "GroupDetailList": [{"Arn": "arn:aws:iam::123456789012:group/g", "GroupName": "g", "GroupPolicyList": []}],
    "RoleDetailList": [{"Arn": "arn:aws:iam::123456789012:role/r", "RoleName": "r", "RolePolicyList": [
        {"PolicyName": "none", "PolicyDocument": {"Statement": []}}]}],
    "Policies": [{"Arn": "arn:aws:iam::123456789012:policy/x/p", "PolicyName": "p", "PolicyVersionList": [
        {"VersionId": "v1", "IsDefaultVersion": False, "Document": FULL},
        {"VersionId": "v2", "IsDefaultVersion": True,
         "Document": {"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}}]}],
}  # fmt: skip


def allow(**members: Any) -> Any:
    (statement,) = statements_of({"Statement": {"Effect": "Allow", **members}})
    return statement


def test_statements_come_from_inline_policies_and_from_the_version_in_force(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    found = read("aws_iam_policy_statement", fake_door(iam__GetAccountAuthorizationDetails=PAGE))
    assert {row["policy_key"]: row["actions"] for row in found.rows.values()} == {
        "arn:aws:iam::123456789012:user/ann/full": "*",
        "arn:aws:iam::123456789012:policy/x/p": "s3:*",
    }


def test_a_document_that_does_not_parse_is_a_gap_of_its_policy_alone(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    unit = read("aws_iam_policy_statement", fake_door(iam__GetAccountAuthorizationDetails=PAGE)).unit
    (gap,) = unit.gaps
    assert gap.parent == "arn:aws:iam::123456789012:user/ann/broken"
    assert (gap.kind, gap.call) == (GapKind.MALFORMED, CALL)
    assert unit.is_read


def test_a_managed_policy_without_a_version_in_force_is_a_gap(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    page = {"Policies": [{"Arn": "arn:aws:iam::123456789012:policy/p", "PolicyVersionList": []}]}
    found = read("aws_iam_policy_statement", fake_door(iam__GetAccountAuthorizationDetails=page))
    assert found.rows == {}
    assert [gap.parent for gap in found.unit.gaps] == ["arn:aws:iam::123456789012:policy/p"]


def test_inline_policies_have_the_keys_of_their_statements(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    found = read("aws_iam_inline_policy", fake_door(iam__GetAccountAuthorizationDetails=PAGE))
    assert {key: row["owner_kind"] for key, row in found.rows.items()} == {
        "arn:aws:iam::123456789012:user/ann/full": "user",
        "arn:aws:iam::123456789012:user/ann/broken": "user",
        "arn:aws:iam::123456789012:role/r/none": "role",
    }


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"Action": "*", "Resource": "*"}, True),
        ({"Action": ["s3:Get*", "*:*"], "Resource": ["arn:aws:s3:::x", "*"]}, True),
        ({"Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}, True),
        ({"Action": "*", "Resource": "arn:aws:s3:::x"}, False),
        ({"Action": "s3:*", "Resource": "*"}, False),
        ({"NotAction": "*", "Resource": "*"}, False),
        ({"Action": "*", "NotResource": "*"}, False),
        ({"Effect": "Deny", "Action": "*", "Resource": "*"}, False),
    ],
)
def test_full_administration_is_every_action_on_every_resource(members: dict[str, Any], expected: bool) -> None:
    assert allows_everything(allow(**members)) is expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"Action": "s3:*"}, True),
        ({"Action": ["ec2:Describe*", "IAM:*"]}, True),
        ({"NotAction": "iam:*"}, True),
        ({"Action": "s3:Get*"}, False),
        ({"Action": "*"}, False),
        ({"Effect": "Deny", "Action": "s3:*"}, False),
    ],
)
def test_a_whole_service_is_its_prefix_and_a_star(members: dict[str, Any], expected: bool) -> None:
    assert allows_whole_service(allow(Resource="*", **members)) is expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"Action": "kms:Decrypt", "Resource": "*"}, True),
        ({"Action": "*", "Resource": "*"}, True),
        ({"Action": "KMS:Re*", "Resource": ["arn:aws:s3:::b", "arn:aws:kms:*:*:key/*"]}, True),
        ({"Action": "kms:ReEncryptFrom", "Resource": "arn:aws:kms:*:123456789012:key/*"}, True),
        ({"Action": "kms:*", "Resource": "arn:aws:kms:*"}, True),
        ({"NotAction": "iam:*", "Resource": "*"}, True),
        ({"Action": "kms:Decrypt", "NotResource": "arn:aws:kms:us-east-1:123456789012:key/k"}, True),
        ({"Action": "kms:Decrypt", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, True),
        ({"Action": "kms:Decrypt", "Resource": "arn:aws:kms:us-east-1:123456789012:key/k"}, False),
        ({"Action": "kms:Decrypt", "Resource": "arn:aws:kms:us-east-1:123456789012:key/*"}, False),
        ({"Action": "kms:Decrypt", "Resource": "arn:aws:kms:*:111122223333:key/*"}, False),
        ({"Action": "kms:Decrypt", "Resource": "arn:aws:s3:::*"}, False),
        ({"Action": "kms:Decrypt", "NotResource": "arn:aws:kms:*"}, False),
        ({"Action": ["kms:Encrypt", "kms:ReEncryptTo"], "Resource": "*"}, False),
        ({"NotAction": "kms:*", "Resource": "*"}, False),
    ],
)
def test_decryption_with_every_key(members: dict[str, Any], expected: bool, context: Context) -> None:
    assert allows_decryption_with_every_key(allow(**members), context) is expected
    (denied,) = statements_of({"Statement": {"Effect": "Deny", **members}})
    assert not allows_decryption_with_every_key(denied, context)
