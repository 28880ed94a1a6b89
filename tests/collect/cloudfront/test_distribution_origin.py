"""Origins: which of them are buckets, and whether those are still there."""

from collections.abc import Callable
from typing import Any

import pytest

from sakimori.collect.cloudfront.distribution_origin import bucket_in
from sakimori.model.words import GapKind

ARN = "arn:aws:cloudfront::123456789012:distribution/E1"


@pytest.mark.parametrize(
    ("domain_name", "bucket"),
    [
        ("site.s3.amazonaws.com", "site"),
        ("site.s3.ap-northeast-1.amazonaws.com", "site"),
        ("Site.S3.AP-NORTHEAST-1.amazonaws.com", "site"),
        ("site.s3-ap-northeast-1.amazonaws.com", "site"),
        ("site.s3.dualstack.eu-west-1.amazonaws.com", "site"),
        ("site.s3-website-us-east-1.amazonaws.com", "site"),
        ("www.example.jp.s3-website.eu-central-1.amazonaws.com", "www.example.jp"),
        ("a.s3.b.s3.eu-west-1.amazonaws.com", "a.s3.b"),
        ("site.s3.cn-north-1.amazonaws.com.cn", "site"),
        ("point-abc123-s3alias.s3.eu-west-1.amazonaws.com", ""),
        ("awase-1.eu-west-1.elb.amazonaws.com", ""),
        ("site.s3.amazonaws.com.example.jp", ""),
        ("s3.amazonaws.com", ""),
        ("www.example.jp", ""),
    ],
)
def test_a_bucket_is_known_by_each_of_its_addresses_and_by_nothing_else(domain_name: str, bucket: str) -> None:
    assert bucket_in(domain_name) == bucket


def listed(*origins: dict[str, Any]) -> dict[str, Any]:
    return {"DistributionList": {"Items": [{"ARN": ARN, "Id": "E1", "Origins": {"Items": list(origins)}}]}}


BUCKET = {"Id": "o", "DomainName": "site.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}


def test_a_bucket_that_s3_knows_exists_and_one_that_it_does_not_is_gone(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    door = fake_door(cloudfront__ListDistributions=listed(BUCKET), s3__GetBucketLocation={"LocationConstraint": None})
    assert read("aws_cloudfront_distribution_origin", door).only["bucket_exists"] is True
    gone = refusal(code="NoSuchBucket", kind=GapKind.REFUSED)
    door = fake_door(cloudfront__ListDistributions=listed(BUCKET), s3__GetBucketLocation=gone)
    found = read("aws_cloudfront_distribution_origin", door)
    assert (found.only["bucket_exists"], found.unit.gaps) == (False, ())


def test_a_bucket_of_someone_else_is_not_known_and_leaves_a_gap_at_its_distribution(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    door = fake_door(cloudfront__ListDistributions=listed(BUCKET), s3__GetBucketLocation=refusal())
    found = read("aws_cloudfront_distribution_origin", door)
    assert found.only["bucket_exists"] is None
    assert [gap.parent for gap in found.unit.gaps] == [ARN]


def test_an_origin_of_no_known_kind_is_neither_a_bucket_nor_none(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    strange = {"Id": "o", "DomainName": "x.example.jp", "QuantumOriginConfig": {}}
    row = read("aws_cloudfront_distribution_origin", fake_door(cloudfront__ListDistributions=listed(strange))).only
    assert (row["kind"], row["is_s3"], row["is_bucket"], row["bucket_exists"]) == (None, None, False, None)
