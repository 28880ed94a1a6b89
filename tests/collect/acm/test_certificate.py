"""ACM lists certificates of every kind of key only for whoever asks for every kind."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

ARN = "arn:aws:acm:us-east-1:123456789012:certificate/c"
END = datetime(2026, 12, 31, tzinfo=UTC)


def test_all_kinds_of_key_are_asked_for_and_the_renewal_is_due_thirty_days_before_the_end(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    listed = {
        "CertificateArn": ARN,
        "DomainName": "shop.example",
        "Status": "ISSUED",
        "Type": "IMPORTED",
        "NotAfter": END,
    }
    door = fake_door(acm__ListCertificates=[{"CertificateSummaryList": [listed]}, {"CertificateSummaryList": []}])
    row = read("aws_acm_certificate", door).only
    assert (row["is_imported"], row["expires_at"][:10], row["renewal_due_at"][:10]) == (
        True,
        "2026-12-31",
        "2026-12-01",
    )
    ((_, region, asked),) = door.asked
    assert region == "us-east-1"
    assert {"RSA_2048", "RSA_4096", "EC_prime256v1", "EC_secp384r1"} <= set(asked["Includes"]["keyTypes"])


def test_an_answer_without_the_list_is_a_gap(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    found = read("aws_acm_certificate", fake_door(acm__ListCertificates=[{"CertificateSummaryList": []}, {}]))
    assert found.rows == {}
    assert [gap.code for gap in found.unit.gaps] == ["KeyError"]


def test_a_certificate_that_waits_for_validation_has_no_end(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    listed = {"CertificateArn": ARN, "Status": "PENDING_VALIDATION"}
    row = read("aws_acm_certificate", fake_door(acm__ListCertificates={"CertificateSummaryList": [listed]})).only
    assert (row["expires_at"], row["renewal_due_at"], row["is_imported"]) == (None, None, None)


def test_an_end_before_which_there_is_no_time_has_no_day_of_renewal(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    listed = {"CertificateArn": ARN, "Status": "ISSUED", "NotAfter": datetime(1, 1, 2, tzinfo=UTC)}
    row = read("aws_acm_certificate", fake_door(acm__ListCertificates={"CertificateSummaryList": [listed]})).only
    assert (row["expires_at"][:10], row["renewal_due_at"]) == ("0001-01-02", None)


@pytest.mark.parametrize(
    "end", [datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=9))), datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=9)))]
)  # fmt: skip
def test_a_time_that_utc_does_not_have_is_not_known(
    fake_door: Callable[..., Any], read: Callable[..., Any], end: datetime
) -> None:
    listed = {"CertificateArn": ARN, "Status": "ISSUED", "NotAfter": end}
    row = read("aws_acm_certificate", fake_door(acm__ListCertificates={"CertificateSummaryList": [listed]})).only
    assert row["expires_at"] is None
