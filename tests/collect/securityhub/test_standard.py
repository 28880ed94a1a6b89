from collections.abc import Callable
from typing import Any

import pytest

from sakimori.aws.refusal import Refusal


@pytest.mark.parametrize(
    ("arn", "name", "version"),
    [
        (
            "arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0",
            "aws-foundational-security-best-practices",
            "1.0.0",
        ),
        (
            "arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0",
            "cis-aws-foundations-benchmark",
            "1.2.0",
        ),
        ("arn:aws:securityhub:us-east-1::something", None, None),
    ],
)
def test_the_name_of_a_standard_stands_in_its_arn(
    fake_door: Callable[..., Any], read: Callable[..., Any], arn: str, name: str | None, version: str | None
) -> None:
    standard = {"StandardsSubscriptionArn": "s", "StandardsArn": arn, "StandardsStatus": "READY"}
    row = read(
        "aws_securityhub_standard", fake_door(securityhub__GetEnabledStandards={"StandardsSubscriptions": [standard]})
    ).only
    assert (row["name"], row["version"]) == (name, version)


@pytest.mark.parametrize(
    ("status", "is_working"),
    [("READY", True), ("INCOMPLETE", False), ("DELETING", False), ("PENDING", None), ("FAILED", None), ("NEW", None)],
)
def test_a_standard_works_only_when_it_is_ready(
    fake_door: Callable[..., Any], read: Callable[..., Any], status: str, is_working: bool | None
) -> None:
    standard = {"StandardsSubscriptionArn": "s", "StandardsArn": "a", "StandardsStatus": status}
    door = fake_door(securityhub__GetEnabledStandards={"StandardsSubscriptions": [standard]})
    assert read("aws_securityhub_standard", door).only["is_working"] is is_working


@pytest.mark.parametrize(
    "table", ["aws_securityhub_hub", "aws_securityhub_standard", "aws_securityhub_finding_aggregator"]
)
def test_off_is_known_by_its_words_and_a_denial_under_the_same_code_is_a_gap(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Refusal], table: str
) -> None:
    def answered(words: str) -> Any:
        no = refusal(code="InvalidAccessException", message=words)
        names = ("DescribeHub", "GetEnabledStandards", "ListFindingAggregators")
        return read(table, fake_door(**{f"securityhub__{name}": no for name in names}))

    off = answered("Account 123456789012 is not subscribed to AWS Security Hub")
    assert (off.rows, off.unit.gaps) == ({}, ())
    assert answered("You do not have permission to perform this action").unit.gaps
