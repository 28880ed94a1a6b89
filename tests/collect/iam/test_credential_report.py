"""The credential report: cells to values, and nothing made up where a cell says nothing."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.aws.refusal import Refusal
from sakimori.collect.iam.credential_report import GENERATE, GET, credentials_of, read_credentials, rows_of
from sakimori.model.words import GapKind

HEADER = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,"
    "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,"
    "access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,"
    "cert_2_last_rotated"
)
ANN = (
    "ann,arn:aws:iam::123456789012:user/ann,2025-01-01T00:00:00+00:00,true,2026-11-01T09:00:00+09:00,"
    "2025-02-01T00:00:00+00:00,N/A,false,true,2025-03-01T00:00:00+00:00,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,"
    "false,N/A,false,N/A"
)
ROOT = (
    "<root_account>,arn:aws:iam::123456789012:root,2024-01-01T00:00:00+00:00,not_supported,no_information,not_supported,"
    "not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
)


def report(*lines: str) -> bytes:
    return "\n".join((HEADER, *lines)).encode()


def by_kind(line: str) -> dict[str, dict[str, Any]]:
    (user,) = rows_of(report(line))
    return {each["kind"]: each for each in credentials_of(user)}


def test_every_user_has_three_rows_whether_the_credentials_exist_or_not() -> None:
    found = by_kind(ANN)
    assert {kind: each["is_active"] for kind, each in found.items()} == {
        "password": True,
        "access_key_1": True,
        "access_key_2": False,
    }


def test_times_are_utc() -> None:
    assert by_kind(ANN)["password"]["last_used_at"] == datetime(2026, 11, 1, tzinfo=UTC)


def test_a_key_never_used_is_idle_since_it_was_made() -> None:
    key = by_kind(ANN)["access_key_1"]
    assert key["was_used"] is False
    assert key["last_used_at"] is None
    assert key["idle_since_at"] == key["rotated_at"] == datetime(2025, 3, 1, tzinfo=UTC)


def test_a_key_that_does_not_exist_is_idle_since_the_user_was_made() -> None:
    key = by_kind(ANN)["access_key_2"]
    assert key["rotated_at"] is None
    assert key["idle_since_at"] == key["created_at"] == datetime(2025, 1, 1, tzinfo=UTC)


def test_whether_root_has_a_password_is_unknown_where_aws_does_not_say() -> None:
    password = by_kind(ROOT)["password"]
    assert password["is_root"] is True
    assert password["is_active"] is None
    assert password["has_mfa"] is True
    assert password["was_used"] is False


def test_a_cell_that_is_no_time_leaves_use_and_idleness_unknown() -> None:
    password = by_kind(ANN.replace("2026-11-01T09:00:00+09:00", "yesterday"))["password"]
    assert password["was_used"] is None
    assert password["last_used_at"] is None
    assert password["idle_since_at"] is None
    key = by_kind(ANN.replace("2025-03-01T00:00:00+00:00", "soon"))["access_key_1"]
    assert key["was_used"] is False
    assert key["idle_since_at"] is None


def test_a_line_of_another_length_is_a_row_without_a_key() -> None:
    rows = list(rows_of(report(ANN, "a,b" + ANN[3:], "short,line")))
    assert [bool(row) for row in rows] == [True, False, False]


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"name,value\nx,y\n", b'user,arn\n"x'])
def test_what_is_no_report_is_malformed_and_not_empty(content: object) -> None:
    with pytest.raises(Refusal) as caught:
        list(rows_of(content))
    assert caught.value.kind is GapKind.MALFORMED


@pytest.mark.slow
@given(st.binary(max_size=200) | st.text(max_size=200).map(report))
def test_any_bytes_give_rows_or_a_refusal(content: bytes) -> None:
    kinds: set[GapKind] = set()
    try:
        assert all(len(list(credentials_of(row))) == 3 for row in rows_of(content))
    except Refusal as refusal:
        kinds.add(refusal.kind)
    assert kinds <= {GapKind.MALFORMED}


def test_the_report_is_waited_for(fake_door: Callable[..., Any]) -> None:
    states = iter(["STARTED", "INPROGRESS", "COMPLETE"])
    door = fake_door(
        iam__GenerateCredentialReport=lambda _: {"State": next(states)},
        iam__GetCredentialReport={"Content": report(ANN)},
    )
    waits: list[float] = []
    assert len(list(read_credentials(door, "global", wait=waits.append))) == 3
    assert len(waits) == 2


def test_a_report_that_never_comes_is_a_refusal_after_half_a_minute(fake_door: Callable[..., Any]) -> None:
    door = fake_door(iam__GenerateCredentialReport={"State": "STARTED"})
    waits: list[float] = []
    with pytest.raises(Refusal) as caught:
        list(read_credentials(door, "global", wait=waits.append))
    assert caught.value.call == GENERATE
    assert caught.value.kind is GapKind.UNREACHABLE
    assert 20 <= sum(waits) <= 30
    assert door.count(GET) == 0


def test_a_malformed_report_leaves_the_unit_unread(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    door = fake_door(
        iam__GenerateCredentialReport={"State": "COMPLETE"},
        iam__GetCredentialReport={"Content": report(ANN, "short,line")},
    )
    assert not read("aws_iam_credential", door).unit.is_read


def test_each_credential_knows_the_users_password_and_active_keys() -> None:
    found = by_kind(ANN)
    assert {(each["user_has_password"], each["user_active_key_count"]) for each in found.values()} == {(True, 1)}
    both = by_kind(ANN.replace("N/A,false,N/A,N/A,N/A,N/A,false,N/A,false", "N/A,true,N/A,N/A,N/A,N/A,false,N/A,false"))
    assert both["access_key_2"]["user_active_key_count"] == 2
    root = by_kind(ROOT)
    assert (root["password"]["user_has_password"], root["password"]["user_active_key_count"]) == (None, 0)
    strange = by_kind(ANN.replace("false,true,2025-03-01", "false,perhaps,2025-03-01"))
    assert strange["access_key_2"]["user_active_key_count"] is None


def test_a_credential_tells_how_long_after_the_user_it_was_made() -> None:
    found = by_kind(ANN.replace("2025-03-01T00:00:00+00:00", "2025-01-01T00:09:59+00:00"))
    assert found["access_key_1"]["made_after_minutes"] == 9
    assert found["access_key_2"]["made_after_minutes"] is None
    assert found["password"]["made_after_minutes"] == 31 * 24 * 60
