"""Detecting over a lake: what is found is told with what was looked through, and nothing found is no silence."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.app.test_watch import NOW, RULE, put, stopped

from sakimori.app.detect import DetectRequest, detect, detect_files
from sakimori.app.ingesting import Ingesting, Wanted, ingest_sources
from sakimori.lake.log_reader import Where
from sakimori.model.errors import UsageError


def clock() -> datetime:
    return NOW


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    put(tmp_path / "logs", "1.json", stopped(1, 0), stopped(2, 10), stopped(3, 59))
    return tmp_path / "logs"


def test_files_are_judged_without_a_lake_and_nothing_is_left_behind(tmp_path: Path, logs: Path) -> None:
    found = detect_files(DetectRequest(home=tmp_path / "home", rules=(RULE,)), [logs], clock=clock)
    (detection,) = found.detections
    assert (detection.count, found.event_count, found.counts) == (3, 3, {RULE: 3})
    assert not (tmp_path / "home").exists()


def test_files_that_are_no_logs_are_an_error_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("hello")
    with pytest.raises(UsageError) as error:
        detect_files(DetectRequest(home=tmp_path / "home"), [tmp_path / "x.txt"], clock=clock)
    assert error.value.text == "detect.nothing_in_input"


def test_an_empty_lake_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        detect(DetectRequest(home=tmp_path / "home"), clock=clock)
    assert error.value.text == "detect.nothing_to_scan"


def test_a_time_of_which_the_lake_has_nothing_finds_nothing_and_says_so(tmp_path: Path, logs: Path) -> None:
    home = tmp_path / "home"
    ingest_sources(
        Ingesting(home=home, wanted=(Wanted(kind="cloudtrail", source=str(logs)),), workers=1), (), clock=clock
    )
    where = Where(since=datetime(2026, 12, 1, tzinfo=UTC))
    found = detect(DetectRequest(home=home, rules=(RULE,), where=where), clock=clock)
    assert (found.detections, found.event_count) == ((), 0)
    assert [log.table for log in found.searched.logs] == ["aws_cloudtrail_event"]
    assert len(detect(DetectRequest(home=home, rules=(RULE,)), clock=clock).detections) == 1


def test_a_time_cuts_events_within_a_part(tmp_path: Path, logs: Path) -> None:
    found = detect_files(
        DetectRequest(
            home=tmp_path / "home", rules=(RULE,), where=Where(since=datetime(2026, 11, 2, 11, 5, tzinfo=UTC))
        ),
        [logs],
        clock=clock,
    )
    assert found.detections[0].count == 2


def test_a_rule_that_is_not_there_is_an_error_that_knows_the_nearest(tmp_path: Path, logs: Path) -> None:
    with pytest.raises(UsageError) as error:
        detect_files(DetectRequest(home=tmp_path / "home", rules=("cloudtrail-logging-stoped",)), [logs], clock=clock)
    assert error.value.values["near"] == RULE


def test_every_usual_wrapping_of_cloudtrail_is_judged(tmp_path: Path) -> None:
    directory = tmp_path / "logs"
    directory.mkdir()
    event = stopped(1, 0)
    (directory / "lines.json").write_text("\n".join(json.dumps({**event, "eventID": f"{n}"}) for n in range(2)))
    (directory / "array.json").write_text(json.dumps([{**event, "eventID": "3"}]))
    told = [{"EventId": "4", "EventName": "StopLogging", "CloudTrailEvent": json.dumps({**event, "eventID": "4"})}]
    (directory / "lookup.json").write_text(json.dumps({"Events": told}))
    found = detect_files(DetectRequest(home=tmp_path / "home", rules=(RULE,)), [directory], clock=clock)
    assert found.counts == {RULE: 4}
