"""What a mail names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.effort import is_done_within
from tests.findings.mail import samples

from sakimori.findings.mail.extraction import MAX_NAMED, defanged, named_in
from sakimori.findings.mail.message import Mail


def named(body: str, subject: str = "x"):  # noqa: ANN201
    return named_in(Mail(subject=subject, body=body))


def test_a_notice_gives_key_user_account_case_links_addresses_events_and_regions() -> None:
    found = named(samples.KEY_EXPOSED)
    assert found.key_ids == (samples.KEY,)
    assert found.users == ("s3-manager",)
    assert found.accounts == (samples.ACCOUNT,)
    assert found.cases == ("176400000001",)
    assert found.urls == (
        "https://github.com/example/app/blob/main/config.py",
        "https://console.aws.amazon.com/support/home",
    )
    assert found.addresses == ("203.0.113.42",)
    assert found.events == ("CreateUser", "RunInstances")
    assert found.event_times == ("2026-11-23T02:14:00Z",)
    assert found.regions == ("us-east-1",)


def test_the_same_in_japanese() -> None:
    found = named(samples.KEY_EXPOSED_JA)
    assert (found.key_ids, found.users, found.accounts, found.cases) == (
        (samples.KEY,),
        ("s3-manager",),
        (samples.ACCOUNT,),
        ("176400000001",),
    )


def test_defanged_links_and_addresses_are_read_as_they_are_meant() -> None:
    found = named(samples.ABUSE)
    assert found.urls == ("http://evil.example/c2",)
    assert found.addresses == ("203.0.113.9", "198.51.100.7")
    assert found.instances == ("i-0123456789abcdef0",)


def test_shapes_are_exact() -> None:
    found = named(
        f"X{samples.KEY} {samples.KEY}Y {samples.KEY[:-1]} AKIA1111111111111111 999.1.2.3 1.2.3.4.5 i-123 2001:db8::1 ::: 12:30:45"
    )
    assert (found.key_ids, found.addresses, found.instances) == ((), ("2001:db8::1",), ())


def test_users_of_arns_are_read_without_their_path() -> None:
    assert named("arn:aws:iam::123456789012:user/team/deploy did").users == ("deploy",)


def test_lists_are_bounded() -> None:
    many = " ".join(f"203.0.113.{n % 256} https://h{n}.example/ arn:aws:s3:::b{n}" for n in range(500))
    found = named(many)
    assert max(len(found.urls), len(found.addresses), len(found.arns)) <= MAX_NAMED


@pytest.mark.parametrize(
    "piece",
    ["user ", "account ", "a:", "1.", "http://", "\n", " ", "ユーザー", "user:\n", "case ", "arn:aws:", "[", "A" * 16],
)
def test_hostile_text_takes_no_time(piece: str) -> None:
    assert is_done_within(5, lambda: named(piece * (200_000 // len(piece))))


@given(st.text(max_size=300))
def test_any_text_can_be_looked_at(text: str) -> None:
    named(text)


@pytest.mark.slow
@given(st.text(max_size=100))
def test_what_is_defanged_is_no_link(url: str) -> None:
    assert "https://" not in defanged(f"https://{url.replace('://', '')}")


def test_account_of_an_abuse_report_is_read() -> None:
    assert named("AWS ID: 123456789012    Region: ap-northeast-1").accounts == ("123456789012",)
