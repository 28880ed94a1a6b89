"""From where a key is used."""

from datetime import UTC, datetime, timedelta

from sakimori.analysis.incident.form import Event
from sakimori.analysis.incident.uses import uses_of

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)


def event(ip: str, days: float, agent: str = "aws-cli/2.17 md/x", **more: object) -> Event:
    told: dict[str, object] = {
        "at": NOW - timedelta(days=days), "account": "111122223333", "region": "us-east-1", "source": "s3.amazonaws.com",
        "name": "ListBuckets", "key_id": "AKIAIOSFODNN7EXAMPLE", "principal": "", "ip": ip, "agent": agent, "event_id": f"{ip}{days}",
    }  # fmt: skip
    return Event(**{**told, **more})  # type: ignore[arg-type]


def test_a_place_that_is_used_on_three_days_of_two_weeks_is_the_owners() -> None:
    found = uses_of(
        [event("203.0.113.20", days) for days in (1, 5, 9)] + [event("192.0.2.5", 0.1), event("192.0.2.5", 0.2)]
    )
    assert [each.ip for each in found.established] == ["203.0.113.20"]
    assert [(each.ip, each.count) for each in found.strange] == [("192.0.2.5", 2)]
    assert found.strange_at == NOW - timedelta(days=0.2)


def test_another_program_from_the_same_place_is_another_place() -> None:
    found = uses_of(
        [*(event("203.0.113.20", days) for days in (1, 5, 9)), event("203.0.113.20", 0.1, agent="Boto3/1.40")]
    )
    assert [each.agent for each in found.strange] == ["Boto3"]


def test_what_a_service_did_in_the_keys_name_is_from_no_place() -> None:
    assert uses_of([event("cloudformation.amazonaws.com", 1, invoked_by="cloudformation.amazonaws.com")]).places == ()


def test_without_use_nothing_is_said_of_a_beginning() -> None:
    assert uses_of([]).strange_at is None


def test_a_flood_of_addresses_is_bounded_and_says_so() -> None:
    found = uses_of(event(f"192.0.2.{number % 250}", number / 1000, agent=f"tool{number}/1") for number in range(1000))
    assert len(found.places) <= 200
    assert found.is_cut


def test_whatever_program_comes_from_the_owners_address_it_is_the_owners() -> None:
    found = uses_of([*(event("203.0.113.20", days) for days in (1, 5, 9)), event("192.0.2.5", 0.1)])
    assert found.is_established(event("203.0.113.20", 0, agent="Terraform/1.12"))
    assert not found.is_established(event("192.0.2.5", 0))


def test_a_thief_who_comes_back_on_three_days_is_not_the_owner() -> None:
    usual = [event("203.0.113.20", days) for days in (1, 5, 9)]
    found = uses_of([*usual, *(event("192.0.2.5", days) for days in (0.5, 1.5, 2.5))])
    assert [each.ip for each in found.established] == ["203.0.113.20"]
    assert [each.ip for each in found.recent] == ["192.0.2.5"]
    assert found.strange_at == NOW - timedelta(days=2.5)


def test_what_is_used_after_the_key_was_out_makes_no_place_the_owners() -> None:
    events = [event("192.0.2.5", days) for days in (1, 5, 9)]
    assert uses_of(events, NOW - timedelta(days=8)).established == ()
