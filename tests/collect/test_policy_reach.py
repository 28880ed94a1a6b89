"""How far a statement of a resource's policy reaches: three values, and no guess."""

from typing import Any

import pytest

from sakimori.collect.policy_document import Statement, statements_of
from sakimori.collect.policy_reach import covers, external_accounts, is_public, reaches_other_account

OWN = "123456789012"
OTHER = "111122223333"


def statement(principal: Any = "*", condition: Any = None, **members: Any) -> Statement:
    raw = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Principal": principal, **members}
    (found,) = statements_of({"Statement": {**raw, **({"Condition": condition} if condition else {})}})
    return found


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"StringEquals": {"aws:SourceAccount": OWN}}, False),
        ({"StringEquals": {"AWS:SourceAccount": OWN}}, False),
        ({"StringLike": {"aws:SourceAccount": "*"}}, True),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-example"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::photos"}}, False),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{OWN}:*"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::photos-*"}}, None),
        ({"StringEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]}}, False),
        ({"StringEquals": {"aws:SourceVpce": ["vpce-1", "*"]}}, True),
        ({"StringEqualsIfExists": {"aws:SourceAccount": OWN}}, None),
        ({"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-example"}}, None),
        ({"StringNotEquals": {"aws:SourceAccount": OWN}}, None),
        ({"StringEquals": {"some:OtherKey": "x"}}, None),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
        ({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0"]}}, True),
        ({"IpAddress": {"aws:SourceIp": "nowhere"}}, None),
        ({"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}, True),
        ({"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}, True),
        ({"StringEquals": {"some:OtherKey": "x", "aws:SourceAccount": OWN}}, False),
    ],
)
def test_everyone_is_public_unless_a_condition_names_someone(condition: Any, expected: bool | None) -> None:
    assert is_public(statement("*", condition)) is expected


def test_named_principals_and_denials_are_not_public() -> None:
    assert is_public(statement({"AWS": OTHER})) is False
    assert is_public(statement({"Service": "s3.amazonaws.com"})) is False
    assert is_public(statement("*", Effect="Deny")) is False


def test_everyone_but_a_few_is_public() -> None:
    (found,) = statements_of({"Statement": {"Effect": "Allow", "Action": "*", "NotPrincipal": {"AWS": OTHER}}})
    assert is_public(found) is True


@pytest.mark.parametrize(
    ("principal", "condition", "expected"),
    [
        ({"AWS": OTHER}, None, True),
        ({"AWS": f"arn:aws:iam::{OTHER}:role/deploy"}, None, True),
        ({"AWS": f"arn:aws-cn:iam::{OTHER}:root"}, None, True),
        ({"AWS": OWN}, None, False),
        ({"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}, None, False),
        ({"AWS": "AIDAEXAMPLE"}, None, False),
        ({"Service": "logging.s3.amazonaws.com"}, None, False),
        ({"CanonicalUser": "0" * 64}, None, None),
        ("*", None, True),
        ("*", {"StringEquals": {"aws:PrincipalAccount": OWN}}, False),
        ("*", {"StringEquals": {"aws:PrincipalAccount": [OWN, OTHER]}}, True),
        ("*", {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/app"}}, False),
        ("*", {"StringEquals": {"aws:PrincipalOrgID": "o-example"}}, None),
        ("*", {"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"AWS": OTHER}, {"Bool": {"aws:SecureTransport": "true"}}, True),
    ],
)
def test_another_account_is_reached_by_name_or_among_everyone(
    principal: Any, condition: Any, expected: bool | None
) -> None:
    assert reaches_other_account(statement(principal, condition), OWN) is expected


def test_each_other_account_is_named_once() -> None:
    found = statement({"AWS": [OTHER, f"arn:aws:iam::{OTHER}:root", OWN, "AROAEXAMPLE", "444455556666"]})
    assert external_accounts(found.principals, OWN) == (OTHER, "444455556666")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*", True),
        ("s3:*", True),
        ("S3:PUTBUCKETPOLICY", True),
        ("s3:Put*", True),
        ("s3:PutBucketPolic?", True),
        ("s3:PutBucket", False),
        ("s3:Get*", False),
        ("s3:[P]utBucketPolicy", False),
    ],
)
def test_wildcards_of_actions_are_understood_and_brackets_are_none(pattern: str, expected: bool) -> None:
    assert covers(statement(Action=pattern), "s3:PutBucketPolicy") is expected


def test_everything_but_an_action_covers_the_others() -> None:
    (found,) = statements_of({"Statement": {"Effect": "Allow", "NotAction": "s3:Put*", "Principal": "*"}})
    assert covers(found, "s3:DeleteBucketPolicy")
    assert not covers(found, "s3:PutBucketPolicy")


def test_a_hostile_pattern_does_not_take_long() -> None:
    assert not covers(statement(Action="*?" * 500 + "z"), "s3:PutEncryptionConfiguration")
    assert not covers(statement(Action="*a" * 500), "s3:PutEncryptionConfiguration")
