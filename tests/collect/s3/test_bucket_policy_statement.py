"""Statements of bucket policies, and what is said where there is no policy to read."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sakimori.model.words import GapKind

OTHER = "111122223333"
BUCKET = "arn:aws:s3:::photos"


def policy(**members: Any) -> dict[str, str]:
    statement = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "s3:PutBucketPolicy", "Resource": BUCKET}
    return {"Policy": json.dumps({"Statement": [{**statement, **members}]})}


@pytest.fixture
def door(fake_door: Callable[..., Any]) -> Any:
    buckets = {"Buckets": [{"Name": "photos", "BucketRegion": "ap-northeast-1"}]}
    return fake_door(s3__ListBuckets=buckets, s3__GetBucketPolicy=policy())


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, True),
        ({"Action": "s3:*"}, True),
        ({"Action": ["s3:GetObject", "s3:PutObjectA*"]}, True),
        ({"Principal": "*"}, True),
        ({"Action": "s3:GetObject"}, False),
        ({"Effect": "Deny"}, False),
        ({"Principal": {"AWS": "123456789012"}}, False),
        ({"Principal": {"CanonicalUser": "0" * 64}}, None),
        ({"Principal": {"CanonicalUser": "0" * 64}, "Action": "s3:GetObject"}, False),
    ],
)
def test_risky_actions_of_other_accounts_are_found(
    door: Any, read: Callable[..., Any], members: dict[str, Any], expected: bool | None
) -> None:
    door.answers["s3:GetBucketPolicy"] = policy(**members)
    row = read("aws_s3_bucket_policy_statement", door).only
    assert row["grants_risky_actions_to_other_account"] is expected
    assert row["bucket_arn"] == BUCKET
    assert row["region"] == "ap-northeast-1"


def test_a_bucket_without_policy_has_no_statement_and_no_gap(
    door: Any, read: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    door.answers["s3:GetBucketPolicy"] = refusal("NoSuchBucketPolicy")
    found = read("aws_s3_bucket_policy_statement", door)
    assert (found.rows, found.unit.gaps) == ({}, ())


def test_a_policy_that_is_refused_or_no_json_is_a_gap_of_its_bucket(
    door: Any, read: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    for answer, kind in ((refusal(), GapKind.DENIED), ({"Policy": "{"}, GapKind.MALFORMED)):
        door.answers["s3:GetBucketPolicy"] = answer
        found = read("aws_s3_bucket_policy_statement", door)
        assert found.rows == {}
        (gap,) = found.unit.gaps
        assert (gap.parent, gap.kind, gap.call) == (BUCKET, kind, "s3:GetBucketPolicy")
