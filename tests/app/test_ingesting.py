"""What a run of `sakimori ingest` tells of places that it was not given by hand, or that an earlier run could not have."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.collect.conftest import FakeDoor
from tests.ingest.trail import document, event

from sakimori.app.ingesting import Ingested, Ingesting, Wanted, ingest_sources
from sakimori.aws.refusal import Refusal
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


def run(home: Path, door: FakeDoor, *wanted: Wanted, since: datetime | None = None) -> Ingested:
    asked = Ingesting(home=home, wanted=wanted, since=since, workers=1)
    return ingest_sources(asked, [door], clock=lambda: NOW)  # pyright: ignore[reportArgumentType] - it answers the same


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
