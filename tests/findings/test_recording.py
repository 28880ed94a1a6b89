"""Recording what runs found: looked at in pieces or at once, the store holds the same."""

from datetime import UTC, datetime, timedelta

import pytest

from sakimori.findings.detections import find_detections
from sakimori.findings.recording import record_found
from sakimori.model.detection import Detection
from sakimori.model.verdict import Text
from sakimori.model.words import Confidence, Severity
from sakimori.rules.detections.risk import NAME, accumulated
from sakimori.state.store import Store

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TACTICS = ("discovery", "persistence", "exfiltration", "impact")


def signal(number: int, at: datetime, count: int = 1, last: datetime | None = None) -> Detection:
    return Detection(
        rule=f"rule-{number}", title=Text(en="t", ja="t"), severity=Severity.MEDIUM, confidence=Confidence.HIGH,
        tactics=(TACTICS[number % 4],), first_at=at, last_at=last or at, count=count, principal="alice",
        account="123456789012", region="us-east-1", message=Text(en="m", ja="m"), event_ids=(f"e{number}",),
    )  # fmt: skip


def recorded(store: Store, *found: Detection) -> list[str]:
    with store.begin() as connection:
        return [each.rule for each in record_found(connection, found, NOON).new]


def test_the_middle_of_what_is_known_is_no_other_detection(store: Store) -> None:
    assert recorded(store, signal(1, NOON, 3, NOON + HOUR)) == ["rule-1"]
    assert recorded(store, signal(1, NOON + HOUR, 5, NOON + 2 * HOUR)) == []
    (found,) = find_detections(store)
    assert (found.detection.first_at, found.detection.last_at) == (NOON, NOON + 2 * HOUR)


def test_risk_adds_up_over_what_earlier_looks_found(store: Store) -> None:
    signals = [signal(number, NOON + number * HOUR * 3) for number in range(5)]
    told = [rule for each in signals for rule in recorded(store, each)]
    assert told.count(NAME) == 1
    (risk,) = [each.detection for each in find_detections(store) if each.detection.rule == NAME]
    (at_once,) = accumulated(signals)
    assert (risk.first_at, risk.id) == (at_once.first_at, at_once.id)


@pytest.mark.slow
def test_looking_again_records_nothing(store: Store) -> None:
    signals = [signal(number, NOON + number * HOUR) for number in range(6)]
    assert NAME in recorded(store, *signals, *accumulated(signals))
    for _ in range(3):
        assert recorded(store, *signals, *accumulated(signals)) == []
        with store.begin() as connection:
            assert record_found(connection, signals, NOON).grown == ()


def test_a_late_signal_does_not_tell_of_the_same_affair_again(store: Store) -> None:
    signals = [signal(number, NOON + number * HOUR) for number in range(5)]
    recorded(store, *signals[1:])
    told = recorded(store, signals[0])
    assert NAME not in told
