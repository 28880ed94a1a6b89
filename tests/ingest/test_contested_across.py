"""A forged event under the id of a real one, in another day, Region or account."""

from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ingest.test_contested import take, written
from tests.ingest.trail import event
from tests.lake.test_compaction import compact_all

from sakimori.app.contested import ContestedEvent, contested_events, hold_all_across
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.ingest.engine import Intake
from sakimori.lake.coverage import coverage_of, say_coverage
from sakimori.lake.coverage_days import Coverage
from sakimori.lake.log_reader import EVERYWHERE, LogReader
from sakimori.lake.manifest import Manifest

NOW = datetime(2026, 11, 1, tzinfo=UTC)
OTHERS = [event(number) for number in range(20, 30)]
REAL = event(1, eventName="CreateAccessKey")
ELSEWHERE = {
    "day": {"eventTime": "2026-10-05T00:00:09Z", "eventName": "DescribeInstances"},
    "the same but for the day": {"eventTime": "2026-10-05T00:00:01Z", "eventName": "CreateAccessKey"},
    "Region": {"awsRegion": "eu-west-1", "eventName": "CreateAccessKey"},
    "account": {"recipientAccountId": "999988887777", "eventName": "CreateAccessKey"},
    "all of them": {
        "eventTime": "2026-09-05T00:00:01Z",
        "awsRegion": "eu-west-1",
        "recipientAccountId": "999988887777",
    },
}


def coverage(home: Path) -> Coverage:
    reader = LogReader(home)
    try:
        return coverage_of(reader, TABLE.name, EVERYWHERE, NOW, ("cloudtrail",))
    finally:
        reader.close()


def listed(home: Path) -> tuple[ContestedEvent, ...]:
    return contested_events(home, (), 10)


@pytest.mark.parametrize("name", ELSEWHERE)
@pytest.mark.parametrize("is_real_first", [True, False])
def test_an_id_met_again_elsewhere_is_told_whichever_comes_first(
    name: str, is_real_first: bool, tmp_path: Path
) -> None:
    forged = event(1, **ELSEWHERE[name])
    both = [REAL, forged] if is_real_first else [forged, REAL]
    home = tmp_path / "home"
    assert take(home, written(tmp_path / "a.json", both[0], *OTHERS)).contested_count == 0
    assert take(home, written(tmp_path / "b.json", both[1])).contested_count == 1
    [found] = listed(home)
    assert len(found.places) == 2
    assert {file.location for file in found.files} == {str(tmp_path / "a.json"), str(tmp_path / "b.json")}
    assert coverage(home).contested_count == 1
    assert not coverage(home).is_complete
    assert take(home, written(tmp_path / "c.json", event(40))).contested_count == 0


def test_both_in_one_ingest_and_one_file_are_told(tmp_path: Path) -> None:
    forged = event(1, **ELSEWHERE["day"])
    assert take(tmp_path / "home", written(tmp_path / "a.json", REAL, forged, *OTHERS)).contested_count == 1


def without(found: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name not in names}


@pytest.mark.parametrize("left_out", [("awsRegion",), ("recipientAccountId",), ("awsRegion", "recipientAccountId")])
def test_an_export_that_tells_no_place_contests_nothing(left_out: tuple[str, ...], tmp_path: Path) -> None:
    take(tmp_path / "home", written(tmp_path / "a.json", REAL, *OTHERS))
    assert take(tmp_path / "home", written(tmp_path / "b.json", without(REAL, *left_out))).contested_count == 0
    assert listed(tmp_path / "home") == ()


def test_what_a_kill_left_uncompared_is_told_and_done_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    take(home, written(tmp_path / "a.json", REAL, *OTHERS))
    with monkeypatch.context() as patch:
        patch.setattr(Intake, "hold_across", lambda _: None)
        take(home, written(tmp_path / "b.json", event(1, **ELSEWHERE["day"])))
    assert coverage(home).uncompared_count == 1
    for language in ("en", "ja"):
        assert "sakimori lake contested" in say_coverage(coverage(home), language)
    again = take(home, tmp_path / "b.json")
    assert (again.rows, again.contested_count) == (0, 1)
    assert coverage(home).uncompared_count == 0


def test_the_lake_of_an_older_version_is_compared_on_demand(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for number, each in enumerate([REAL, event(1, **ELSEWHERE["Region"]), event(2)]):
        take(home, written(tmp_path / f"{number}.json", each))
    manifest = Manifest(home / "lake" / "manifest.db")
    for table in ("log_part_note", "log_contested"):
        with manifest.begin() as connection:
            connection.execute(f"delete from {table}")
    manifest.close()
    assert (coverage(home).uncompared_count, listed(home)) == (3, ())
    assert hold_all_across(home, (), clock=lambda: NOW) == 0
    assert (coverage(home).uncompared_count, len(listed(home))) == (0, 1)


def test_compaction_keeps_what_is_compared_and_finds_what_comes_later(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for number in range(3):
        take(home, written(tmp_path / f"{number}.json", event(number)))
    compact_all(home)
    assert coverage(home).uncompared_count == 0
    assert take(home, written(tmp_path / "late.json", event(1, **ELSEWHERE["day"]))).contested_count == 1


def test_a_damaged_part_leaves_only_what_met_it_uncompared(tmp_path: Path) -> None:
    home = tmp_path / "home"
    take(home, written(tmp_path / "a.json", REAL, *OTHERS))
    [part] = (home / "lake").glob("*/account=*/*/*/*.parquet")
    part.chmod(0o600)
    part.write_bytes(b"PAR1" + b"x" * 100)
    tally = take(
        home, written(tmp_path / "b.json", event(1, **ELSEWHERE["day"]), event(7, eventTime="2026-10-05T00:00:09Z"))
    )
    assert (tally.rows, tally.contested_count) == (2, 0)
    assert coverage(home).uncompared_count == 2
    assert hold_all_across(home, (), clock=lambda: NOW) == 2


DAYS = st.sampled_from(["2026-10-01", "2026-10-02", "2026-10-03"])
STORY = st.tuples(
    st.integers(1, 4), DAYS, st.sampled_from(["eu-west-1", "ap-northeast-1"]), st.sampled_from(["A", "B"])
)


@settings(max_examples=10, deadline=None)
@given(st.lists(STORY, min_size=2, max_size=6, unique=True))
def test_every_id_with_two_stories_is_found_however_they_are_split(
    tmp_path_factory: pytest.TempPathFactory, stories: list[tuple[int, str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("split")
    events = [event(n, eventTime=f"{day}T01:00:00Z", awsRegion=at, eventName=name) for n, day, at, name in stories]
    expected = {event(n)["eventID"] for n, *_ in stories if sum(n == other for other, *_ in stories) > 1}
    half = len(events) // 2
    take(folder / "home", written(folder / "a.json", *events[:half]))
    take(folder / "home", written(folder / "b.json", *events[half:]))
    assert {each.contested.identity for each in listed(folder / "home")} == expected


def test_many_places_of_one_id_are_listed_in_bounds(tmp_path: Path) -> None:
    days = [f"2026-01-{day:02d}" for day in range(1, 26)]
    forged = [event(1, eventTime=f"{day}T00:00:00Z") for day in days]
    assert take(tmp_path / "home", written(tmp_path / "a.json", *forged)).contested_count == 1
    [found] = listed(tmp_path / "home")
    assert len(found.places) == 20
    assert coverage(tmp_path / "home").contested_count == 1


def test_a_contradiction_behind_sparse_rows_of_no_place_is_told(tmp_path: Path) -> None:
    sparse = [
        {**without(REAL, "awsRegion", "requestParameters", "userAgent", "sourceIPAddress"), **more}
        for more in ({}, {"additionalEventData": {"a": 1}}, {"serviceEventDetails": {"b": 1}})
    ]
    lie = {**without(REAL, "awsRegion"), "sourceIPAddress": "203.0.113.99"}
    take(tmp_path / "home", written(tmp_path / "a.json", REAL, *OTHERS))
    assert take(tmp_path / "home", written(tmp_path / "b.json", *sparse, lie)).contested_count == 1
    assert REAL["eventID"] in {each.contested.identity for each in listed(tmp_path / "home")}


def test_many_rows_of_one_id_in_many_days_are_met_in_the_time_of_their_number(tmp_path: Path) -> None:
    forged = [
        event(1, eventTime=f"2026-10-{1 + number % 20:02d}T00:00:01Z", sourceIPAddress=f"198.51.100.{number % 200}")
        for number in range(2_000)
    ]
    begun = process_time()
    assert take(tmp_path / "home", written(tmp_path / "a.json", *forged)).contested_count == 1
    # Each against each would take minutes.
    assert process_time() - begun < 20
