"""The root user's credentials."""

from collections.abc import Callable
from typing import Any

import pytest

SUMMARY = {"SummaryMap": {"AccountMFAEnabled": 1, "AccountAccessKeysPresent": 0, "Users": 2}}


@pytest.mark.parametrize(
    ("devices", "is_truncated", "expected"),
    [
        ([], False, False),
        ([{"SerialNumber": "arn:aws:iam::123456789012:mfa/root-account-mfa-device"}], False, True),
        (
            [
                {
                    "SerialNumber": "arn:aws:iam::123456789012:mfa/phone",
                    "User": {"Arn": "arn:aws:iam::123456789012:root"},
                }
            ],
            False,
            True,
        ),
        ([{"SerialNumber": "arn:aws:iam::123456789012:mfa/ann"}], False, False),
        ([{"SerialNumber": "arn:aws:iam::123456789012:mfa/ann"}], True, None),
    ],
)
def test_a_virtual_device_of_root_is_found_or_unknown_where_the_list_is_cut(
    fake_door: Callable[..., Any],
    read: Callable[..., Any],
    devices: list[Any],
    is_truncated: bool,
    expected: bool | None,
) -> None:
    answer = {"VirtualMFADevices": devices, "IsTruncated": is_truncated}
    row = read("aws_iam_account", fake_door(iam__GetAccountSummary=SUMMARY, iam__ListVirtualMFADevices=answer)).only
    assert row["root_has_virtual_mfa"] is expected
    assert row["root_mfa_is_enabled"] is True
    assert row["root_has_password"] is None


def test_a_refused_summary_leaves_its_columns_alone_unknown(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Any]
) -> None:
    door = fake_door(iam__GetAccountSummary=refusal(), iam__ListVirtualMFADevices={"VirtualMFADevices": []})
    row = read("aws_iam_account", door).only
    assert (row["root_mfa_is_enabled"], row["root_access_key_count"]) == (None, None)
    assert row["root_has_virtual_mfa"] is False
