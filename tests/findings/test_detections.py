"""Detections in the store: each once, however often and in whatever pieces it is seen."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.stores import emptied

from sakimori.findings.detections import Recorded, Sought, detections_by_id, find_detections, record_detections
from sakimori.model.detection import MAX_EVENT_IDS, MAX_ORIGINS, MAX_RESOURCES, Detection
from sakimori.model.verdict import Text
from sakimori.model.words import Confidence, Severity
from sakimori.state.store import Store, open_store

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
AT = NOON + timedelta(days=1)
ALICE = "arn:aws:iam::111122223333:user/alice"


def detection(**words: object) -> Detection:
    usual: dict[str, object] = {
        "rule": "cloudtrail-logging-stopped",
        "title": Text(en="Logging of a trail is stopped", ja="証跡の記録が停止されました"),
        "severity": Severity.HIGH,
        "confidence": Confidence.MEDIUM,
        "tactics": ("defense-evasion",),
        "techniques": ("T1562.008",),
        "first_at": NOON,
        "last_at": NOON,
        "count": 1,
        "principal": ALICE,
        "origins": ("192.0.2.1",),
        "account": "111122223333",
        "region": "ap-northeast-1",
        "resources": ("arn:aws:cloudtrail:ap-northeast-1:111122223333:trail/main",),
        "event_ids": ("e-1",),
        "message": Text(en="alice stopped the trail main.", ja="alice が証跡 main を停止しました。"),
        "evidence": {"name": "main", "denied": False, "at": NOON},
        "source": "aws_cloudtrail_event",
    }
    return Detection(**{**usual, **words})  # type: ignore[arg-type]


def imported(**words: object) -> Detection:
    return detection(rule="Recon:EC2/Portscan", producer="guardduty", native_id="arn:finding/1", source="", **words)


def only(store: Store) -> Detection:
    (found,) = find_detections(store)
    return found.detection


def test_a_detection_is_given_back_as_it_was_recorded(store: Store) -> None:
    told = detection()
    assert record_detections(store, [told], AT) == Recorded(new=(told,))
    (found,) = find_detections(store)
    assert found.detection == told
    assert found.detection.id == told.id
    assert (found.is_open, found.first_seen, found.last_seen) == (True, AT, AT)


def test_the_same_detection_twice_changes_nothing(store: Store) -> None:
    record_detections(store, [detection()], AT)
    again = record_detections(store, [detection(), detection()], AT + timedelta(hours=1))
    assert again == Recorded(unchanged_count=1)
    (found,) = find_detections(store)
    assert found.last_seen == AT


def test_a_detection_with_more_events_is_the_same_one_with_more_in_it(store: Store) -> None:
    record_detections(store, [detection()], AT)
    later = NOON + timedelta(minutes=5)
    told = detection(last_at=later, count=2, origins=("192.0.2.2",), event_ids=("e-1", "e-2"))
    recorded = record_detections(store, [told], AT + timedelta(hours=1))
    now = replace(told, origins=("192.0.2.1", "192.0.2.2"))
    assert recorded == Recorded(grown=(now,))
    (found,) = find_detections(store)
    assert found.detection == now
    assert (found.first_seen, found.last_seen) == (AT, AT + timedelta(hours=1))


@pytest.mark.slow
def test_a_count_is_the_highest_and_not_the_sum(store: Store) -> None:
    for count in (3, 5, 4, 5):
        record_detections(store, [detection(count=count)], AT)
    assert only(store).count == 5


@pytest.mark.slow
def test_an_older_sight_does_not_take_back_what_a_newer_one_said(store: Store) -> None:
    newer = imported(last_at=NOON + timedelta(hours=1), count=7, severity=Severity.CRITICAL, is_closed=True)
    record_detections(store, [newer], AT)
    assert record_detections(store, [imported(count=2)], AT) == Recorded(unchanged_count=1)
    (found,) = find_detections(store)
    assert (found.detection, found.is_open) == (newer, False)


@pytest.mark.slow
def test_what_its_service_settles_is_closed_and_what_it_takes_up_again_is_open(store: Store) -> None:
    for hour, is_closed in enumerate((False, True, False)):
        told = imported(updated_at=NOON + timedelta(hours=hour), is_closed=is_closed)
        record_detections(store, [told], AT)
        (found,) = find_detections(store)
        assert found.is_open is not is_closed


def test_another_wording_is_kept_and_is_no_growth(store: Store) -> None:
    record_detections(store, [detection()], AT)
    reworded = detection(message=Text(en="The trail main was stopped.", ja="証跡 main が停止されました。"))
    assert record_detections(store, [reworded], AT) == Recorded(unchanged_count=1)
    assert only(store) == reworded


@pytest.mark.slow
def test_lists_are_bounded_however_often_it_grows(store: Store) -> None:
    for hour in range(4):
        names = tuple(f"{hour}-{number}" for number in range(60))
        told = detection(
            last_at=NOON + timedelta(hours=hour), count=60, event_ids=names, resources=names, origins=names
        )
        record_detections(store, [told], AT)
    found = only(store)
    assert (len(found.event_ids), len(found.resources), len(found.origins)) == (
        MAX_EVENT_IDS,
        MAX_RESOURCES,
        MAX_ORIGINS,
    )
    assert found.event_ids[0] == "0-0"


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    def killed() -> Iterator[Detection]:
        yield detection()
        raise RuntimeError

    def record() -> None:
        with store.begin() as connection:
            record_detections(connection, [detection(rule="other")], AT)
            record_detections(connection, killed(), AT)

    with pytest.raises(RuntimeError):
        record()
    assert find_detections(store) == ()


@pytest.mark.slow
def test_hostile_texts_are_kept_and_keep_their_identity(store: Store) -> None:
    told = detection(
        principal="\x00" * 3 + "\ud800" + "あ" * 5_000,
        subject="\x00",
        rule="r" * 5_000,
        count=2**80,
        message=Text(en="x" * 1_000_000, ja="\x00\ud800"),
        evidence={"deep": ["y" * 1_000_000] * 1_000, "\ud800": float("inf")},
        event_ids=("\ud800" * 10_000,),
    )
    record_detections(store, [told], AT)
    assert record_detections(store, [told], AT) == Recorded(unchanged_count=1)
    found = only(store)
    assert found.id == told.id
    assert len(found.message.en) == 2_000
    assert detections_by_id(store, told.id[:8])[0].detection == found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sought", "names"),
    [
        (Sought(), "dcba"),
        (Sought(since=NOON + timedelta(hours=2)), "dc"),
        (Sought(until=NOON + timedelta(hours=2)), "ba"),
        (Sought(severity=Severity.HIGH), "db"),
        (Sought(rules=["A"]), "a"),
        (Sought(rules=["recon:ec2/*", "?"]), "dcba"),
        (Sought(rules=["%"]), ""),
        (Sought(principals=["*user/alice"]), "cba"),
        (Sought(principals=["arn:aws:iam::111122223333:user/A_ice"]), ""),
        (Sought(producers=["guardduty"]), "d"),
        (Sought(accounts=["444455556666"], regions=["eu-west-1"]), "c"),
        (Sought(is_open=False), "d"),
        (Sought(limit=2), "dc"),
    ],
)  # fmt: skip
def test_detections_are_sought_by_what_they_are(store: Store, sought: Sought, names: str) -> None:
    told = {
        "a": detection(rule="a", severity=Severity.LOW),
        "b": detection(rule="b", first_at=NOON + timedelta(hours=1), last_at=NOON + timedelta(hours=1)),
        "c": detection(
            rule="c",
            severity=Severity.MEDIUM,
            account="444455556666",
            region="eu-west-1",
            first_at=NOON + timedelta(hours=2),
            last_at=NOON + timedelta(hours=2),
        ),
        "d": imported(
            principal="",
            severity=Severity.CRITICAL,
            first_at=NOON + timedelta(hours=3),
            last_at=NOON + timedelta(hours=3),
            is_closed=True,
        ),
    }
    record_detections(store, told.values(), AT)
    assert [each.detection for each in find_detections(store, sought)] == [told[name] for name in names]


def test_a_time_of_another_zone_is_the_same_time(store: Store) -> None:
    tokyo = timezone(timedelta(hours=9))
    record_detections(store, [imported()], AT)
    again = imported(first_at=NOON.astimezone(tokyo), last_at=NOON.astimezone(tokyo))
    assert record_detections(store, [again], AT) == Recorded(unchanged_count=1)


SIGHTS = st.lists(
    st.builds(
        lambda minutes, count, events, rule: detection(
            rule=rule,
            last_at=NOON + timedelta(minutes=minutes),
            count=count,
            event_ids=tuple(f"e-{each}" for each in sorted(events)),
        ),
        st.integers(0, 5),
        st.integers(1, 5),
        st.sets(st.integers(0, 9)),
        st.sampled_from("ab"),
    ),
    max_size=12,
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(sights=SIGHTS, cuts=st.lists(st.integers(0, 12), max_size=3))
def test_in_whatever_pieces_it_is_told_it_is_the_same_in_the_end(
    lasting_store: Store, sights: list[Detection], cuts: list[int]
) -> None:
    store = emptied(lasting_store)
    record_detections(store, sights, AT)
    expected = state(store)
    emptied(store)
    bounds = [0, *sorted(cuts), len(sights)]
    for start, end in pairwise(bounds):
        record_detections(store, sights[start:end], AT)
        record_detections(store, sights[start:end], AT)
    assert state(store) == expected
    assert record_detections(store, sights, AT).new == ()
    assert state(store) == expected


def state(store: Store) -> list[tuple[object, ...]]:
    return [
        (each.detection.rule, each.detection.count, each.detection.last_at, sorted(each.detection.event_ids))
        for each in find_detections(store)
    ]


def test_a_store_of_an_earlier_form_takes_detections(tmp_path: Path) -> None:
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    import sakimori.state.upgrade as form  # noqa: PLC0415
    from sakimori.state.sqlite import sqlite_engine  # noqa: PLC0415

    path = tmp_path / "state.db"
    engine = sqlite_engine(path)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(form.__file__).parent / "migrations"))
        config.set_main_option("path_separator", "os")
        config.attributes.update(connection=connection, version_table=form.VERSION_TABLE)
        command.upgrade(config, "0002")
    engine.dispose()
    with open_store(path) as store:
        record_detections(store, [detection()], AT)
        assert only(store) == detection()
