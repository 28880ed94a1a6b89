"""A KMS key is asked for its rotation only where KMS can answer, and its policy only where it can be changed."""

import json
from collections.abc import Callable
from typing import Any

import pytest

ARN = "arn:aws:kms:us-east-1:123456789012:key/k"
LIST = {"Keys": [{"KeyId": "k", "KeyArn": ARN}]}
OURS = {
    "KeyId": "k",
    "KeyManager": "CUSTOMER",
    "KeyState": "Enabled",
    "KeySpec": "SYMMETRIC_DEFAULT",
    "KeyUsage": "ENCRYPT_DECRYPT",
    "Origin": "AWS_KMS",
}


@pytest.fixture
def key(fake_door: Callable[..., Any], read: Callable[..., Any]) -> Callable[..., Any]:
    def row(metadata: object, rotation: object = None) -> dict[str, Any]:
        door = fake_door(
            kms__ListKeys=LIST, kms__DescribeKey={"KeyMetadata": metadata}, kms__GetKeyRotationStatus=rotation
        )
        return read("aws_kms_key", door).only

    return row


@pytest.mark.parametrize("state", ["Enabled", "Disabled"])
def test_a_symmetric_key_of_ones_own_tells_its_rotation(key: Callable[..., Any], state: str) -> None:
    row = key({**OURS, "KeyState": state}, {"KeyRotationEnabled": False})
    assert (row["can_rotate"], row["rotation_is_enabled"], row["is_pending_deletion"]) == (True, False, False)


@pytest.mark.parametrize(
    ("metadata", "can_rotate"),
    [
        ({**OURS, "KeyManager": "AWS"}, False),
        ({**OURS, "KeySpec": "RSA_2048"}, False),
        ({**OURS, "KeyUsage": "GENERATE_VERIFY_MAC"}, False),
        ({**OURS, "Origin": "EXTERNAL"}, False),
        ({**OURS, "KeyState": "PendingDeletion"}, True),
        ({**OURS, "KeySpec": None}, None),
    ],
)
def test_another_key_is_not_asked(key: Callable[..., Any], metadata: object, can_rotate: bool | None) -> None:
    row = key(metadata)
    assert (row["can_rotate"], row["rotation_is_enabled"]) == (can_rotate, None)


def test_a_key_that_may_not_be_described_is_known_by_name_alone(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    found = read("aws_kms_key", fake_door(kms__ListKeys=LIST, kms__DescribeKey=refusal()))
    assert (found.only["is_customer_managed"], found.only["is_pending_deletion"]) == (None, None)
    assert [gap.parent for gap in found.unit.gaps] == [ARN]


def _statements(door: Any, read: Callable[..., Any]) -> Any:
    return read("aws_kms_key_policy_statement", door)


def test_the_policy_of_a_key_of_awss_own_is_not_read(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    found = _statements(
        fake_door(kms__ListKeys=LIST, kms__DescribeKey={"KeyMetadata": {**OURS, "KeyManager": "AWS"}}), read
    )
    assert (found.rows, found.unit.gaps) == ({}, ())


@pytest.mark.parametrize("answer", [{}, {"Policy": "{}"}, {"Policy": "no JSON"}])
def test_a_key_of_ones_own_without_an_understood_policy_is_a_gap(
    fake_door: Callable[..., Any], read: Callable[..., Any], answer: object
) -> None:
    door = fake_door(kms__ListKeys=LIST, kms__DescribeKey={"KeyMetadata": OURS}, kms__GetKeyPolicy=answer)
    found = _statements(door, read)
    assert found.rows == {}
    assert [gap.parent for gap in found.unit.gaps] == [ARN]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({}, True),
        ({"StringEquals": {"kms:CallerAccount": "123456789012"}}, False),
        (
            {"StringEquals": {"kms:CallerAccount": "123456789012", "kms:ViaService": "ebs.us-east-1.amazonaws.com"}},
            False,
        ),
        ({"StringEquals": {"kms:ViaService": "ebs.us-east-1.amazonaws.com"}}, None),
    ],
)
def test_everyone_is_everyone_unless_the_callers_account_is_named(
    fake_door: Callable[..., Any], read: Callable[..., Any], condition: dict[str, Any], expected: bool | None
) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "kms:*",
        "Resource": "*",
        "Condition": condition,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    door = fake_door(kms__ListKeys=LIST, kms__DescribeKey={"KeyMetadata": OURS}, kms__GetKeyPolicy={"Policy": policy})
    assert _statements(door, read).only["is_public"] is expected
