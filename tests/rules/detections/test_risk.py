"""Weak signals added up: what passes the threshold, what fades, and what noise cannot hide."""

from datetime import UTC, datetime, timedelta

from sakimori.model.detection import Detection
from sakimori.model.verdict import Text
from sakimori.model.words import Confidence, Severity
from sakimori.rules.detections.risk import NAME, accumulated

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TACTICS = ("discovery", "persistence", "exfiltration", "impact")


def signal(number: int, at: datetime, who: str = "alice", severity: Severity = Severity.MEDIUM) -> Detection:
    return Detection(
        rule=f"rule-{number}", title=Text(en="t", ja="t"), severity=severity, confidence=Confidence.HIGH,
        tactics=(TACTICS[number % 4],), first_at=at, last_at=at, count=1, principal=who, account="123456789012",
        region="us-east-1", message=Text(en="m", ja="m"), event_ids=(f"e{number}",),
    )  # fmt: skip


def test_small_things_of_different_kinds_are_one_large_thing() -> None:
    (found,) = accumulated(signal(number, NOON + number * HOUR) for number in range(4))
    assert (found.rule, found.principal, found.count, found.severity) == (NAME, "alice", 4, Severity.HIGH)
    assert set(found.tactics) == set(TACTICS)
    assert found.event_ids == ("e0", "e1", "e2", "e3")


def test_of_different_principals_nothing_is_added() -> None:
    assert list(accumulated(signal(number, NOON, who=f"p{number}") for number in range(8))) == []


def test_one_tactic_alone_is_not_enough() -> None:
    assert list(accumulated(signal(number * 4, NOON) for number in range(12))) == []


def test_signals_fade() -> None:
    assert list(accumulated(signal(number, NOON + 2 * number * timedelta(days=1)) for number in range(4))) == []


def test_noise_of_a_rule_that_counted_already_hides_nothing() -> None:
    signals = [signal(number, NOON + number * HOUR) for number in range(4)]
    noise = [signal(0, NOON + timedelta(minutes=minute)) for minute in range(1, 180)]
    (found,) = accumulated([*signals, *noise])
    assert found.rule == NAME


def test_the_order_in_which_signals_come_changes_nothing() -> None:
    signals = [signal(number, NOON + number * HOUR) for number in range(6)]
    assert list(accumulated(signals)) == list(accumulated(reversed(signals)))
