"""What a run of `sakimori ingest` tells of places that it was not given by hand, or that an earlier run could not have."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from tests.collect.conftest import FakeDoor
from tests.ingest.trail import document, event

from sakimori.app.ingesting import LOOKUP, Ingested, Ingesting, Wanted, ingest_sources
from sakimori.aws.refusal import Refusal
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.lake.coverage import coverage_of, say_coverage
from sakimori.lake.log_reader import EVERYWHERE, LogReader
from sakimori.lake.log_writer import LogWriter
from sakimori.lake.manifest import Manifest
from sakimori.lake.quarantine import refused_pieces
from sakimori.lake.unfinished import begin, unfinished
from sakimori.model.words import GapKind

NOW = datetime(2026, 11, 1, tzinfo=UTC)
DATA = document([event(1)])
DENIED = Refusal(call="", kind=GapKind.DENIED, code="AccessDenied", message="")


class Bucket(FakeDoor):
    """A bucket `logs` with these keys, each with the same bytes; `is_denied` says whether it may be listed."""

    def __init__(self, *keys: str) -> None:
        self.keys = list(keys)
        self.is_denied = False
        super().__init__({"s3:HeadBucket": {}, "s3:GetObject": {"Body": DATA}, "s3:ListObjectsV2": self.listed})

    def listed(self, asked: Mapping[str, object]) -> object:
        if self.is_denied:
            return DENIED
        found = [each for each in self.keys if each.startswith(str(asked["Prefix"]))]
        return {"Contents": [{"Key": key, "Size": len(DATA), "ETag": '"e"', "LastModified": NOW} for key in found]}


def run(home: Path, door: FakeDoor, *wanted: Wanted, now: datetime = NOW, **limits: datetime | None) -> Ingested:
    asked = Ingesting(home=home, wanted=wanted, workers=1, **limits)
    return ingest_sources(asked, [door], clock=lambda: now)  # pyright: ignore[reportArgumentType] - it answers the same


@pytest.fixture
def manifest(tmp_path: Path) -> Iterator[Manifest]:
    LogWriter(tmp_path, lambda: NOW).close()
    with closing(Manifest(tmp_path / "lake" / "manifest.db")) as opened:
        yield opened


def test_a_log_group_that_only_the_configuration_names_asks_nobody_to_choose_a_region(tmp_path: Path) -> None:
    door = FakeDoor({"logs:DescribeLogGroups": {"logGroups": []}})
    done = run(tmp_path, door, Wanted(kind="waf", source="logs://aws-waf-logs-x", is_guessed=True))
    assert not done.is_whole
    (said,) = [note.said("en") for note in done.notes if "aws-waf-logs-x" in note.said("en")]
    assert "--region" not in said


def test_a_folder_that_may_be_listed_at_last_is_no_longer_told_as_unread(tmp_path: Path, manifest: Manifest) -> None:
    door = Bucket("a/1.json")
    door.is_denied = True
    assert not run(tmp_path, door, Wanted(kind="cloudtrail", source="s3://logs/a/")).is_whole
    door.is_denied = False
    for source, since in (("s3://logs/a/b", None), ("s3://log", None), ("s3://logs/a/", NOW)):
        run(tmp_path, door, Wanted(kind="cloudtrail", source=source), since=since)
        assert len(refused_pieces(manifest)) == 1, "another place or another time says nothing of this one"
    assert run(tmp_path, door, Wanted(kind="cloudtrail", source="s3://logs")).is_whole
    assert refused_pieces(manifest) == ()


class History(FakeDoor):
    """An event every hour in two Regions, one on each page; `refuses` is the Region that stops answering after the first page."""

    def __init__(self) -> None:
        super().__init__()
        self.account = replace(self.account, selected=("us-east-1", "us-west-2"))
        self.refuses = ""
        self.asked_in: Counter[str] = Counter()

    def call(self, operation: str, region: str, parameters: Mapping[str, object]) -> Mapping[str, Any]:
        self.asked_in[region] += 1
        if region == self.refuses and self.asked_in[region] > 1:
            raise Refusal(call=operation, kind=GapKind.DENIED, code="ExpiredTokenException", message="")
        at = cast("datetime", parameters["EndTime"]) - timedelta(hours=9)
        told = event(self.asked_in.total(), eventTime=f"{at:%Y-%m-%dT%H:%M:%SZ}", awsRegion=region)
        page = {"Events": [{"EventTime": at, "CloudTrailEvent": json.dumps(told)}]}
        return {**page, "NextToken": "t"} if region == self.refuses else page


def test_an_event_history_that_was_not_read_to_its_end_is_told_by_every_answer_until_it_is(
    tmp_path: Path, manifest: Manifest
) -> None:
    door, wanted, since = History(), Wanted(kind="cloudtrail", source=LOOKUP), NOW - timedelta(days=3)

    def told() -> str:
        with closing(LogReader(tmp_path)) as reader:
            return say_coverage(coverage_of(reader, TABLE.name, EVERYWHERE, NOW, ("cloudtrail",)), "en")

    door.refuses = "us-west-2"
    for _ in range(2):
        door.asked_in.clear()
        assert not run(tmp_path, door, wanted, since=since).is_whole
        assert told().count("not read to its end") == 1
        assert f"{door.account.id} us-west-2: days" in told()
        assert "sakimori ingest cloudtrail --lookup-events --since 2026-10-29" in told()
    door.refuses = ""
    run(tmp_path, door, wanted, since=NOW - timedelta(days=1))
    assert "not read to its end" in told(), "a shorter time does not answer for the longer one"
    later = timedelta(hours=30)
    run(tmp_path, door, wanted, since=since + later, now=NOW + later)
    assert "not read to its end" not in told(), "the same command, thirty hours later"


def test_an_event_history_that_was_read_up_to_a_time_leaves_nothing_to_tell(tmp_path: Path, manifest: Manifest) -> None:
    wanted = Wanted(kind="cloudtrail", source=LOOKUP)
    run(tmp_path, History(), wanted, since=NOW - timedelta(days=3), until=NOW - timedelta(days=1))
    assert unfinished(manifest, ("cloudtrail",)) == ()


def test_objects_of_a_cut_ingest_that_the_bucket_does_not_hold_any_more_are_told_as_gone(
    tmp_path: Path, manifest: Manifest
) -> None:
    door = Bucket("a/1.json")
    begin(manifest, "cloudtrail", [(f"s3://logs/a/{name}", "e", len(DATA)) for name in ("1.json", "2.json")], NOW)
    run(tmp_path, door, Wanted(kind="cloudtrail", source="s3://logs/a/"), since=NOW)
    assert [each.count for each in unfinished(manifest, ("cloudtrail",))] == [1], "only some days were listed"
    done = run(tmp_path, door, Wanted(kind="cloudtrail", source="s3://logs/a/"))
    assert [note.values["names"] for note in done.notes] == [["s3://logs/a/2.json"]]
    assert unfinished(manifest, ("cloudtrail",)) == ()
    assert [each.location for each in refused_pieces(manifest)] == ["s3://logs/a/2.json"]
