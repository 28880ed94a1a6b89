import gc
import gzip
import json
import os
import subprocess
import sys
import zlib
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

import pyarrow as pa
import pytest
from tests.ingest import killing
from tests.ingest.trail import deliver, document, event

from sakimori.app.ingesting import Ingesting, Wanted, ingest_sources
from sakimori.ingest.engine import IngestRequest, Tally, ingest
from sakimori.ingest.objects import StoredObject, is_gone_under, local_objects
from sakimori.lake.coverage import coverage_of, say_coverage
from sakimori.lake.log_parts import Committed
from sakimori.lake.log_reader import EVERYWHERE, LogReader
from sakimori.lake.log_writer import LogWriter
from sakimori.lake.manifest import Manifest
from sakimori.lake.quarantine import refused_pieces
from sakimori.lake.unfinished import Awaited, Unfinished, begin, end, unfinished
from sakimori.model.errors import UsageError

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def take(home: Path, *sources: Path, workers: int = 1) -> Tally:
    objects = [each for source in sources for each in local_objects(str(source))]
    return ingest(IngestRequest(home=home, kind="cloudtrail", workers=workers), objects, clock=lambda: NOW)


def ids(numbers: Iterable[int]) -> Counter[str]:
    return Counter(event(number)["eventID"] for number in numbers)


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    """Three files over two days; the second and third have events in common."""
    folder = tmp_path / "bucket"
    deliver(folder, "a", (event(number) for number in range(1, 40)))
    deliver(folder, "b", (event(number) for number in range(100, 140)), region="us-east-1")
    deliver(folder, "c", (event(number) for number in range(120, 160)), region="us-east-1")
    return folder


ALL = ids([*range(1, 40), *range(100, 160)])


def test_a_second_run_reads_nothing_again(bucket: Path, tmp_path: Path) -> None:
    first, second = take(tmp_path / "home", bucket), take(tmp_path / "home", bucket)
    assert (first.rows, first.objects, first.repeated_events) == (99, 3, 20)
    assert (second.rows, second.objects, second.skipped_objects) == (0, 0, 3)
    assert killing.held(tmp_path / "home") == ALL


def test_one_worker_leaves_arrow_and_the_garbage_collector_as_they_were(bucket: Path, tmp_path: Path) -> None:
    before = (pa.cpu_count(), pa.default_memory_pool().backend_name, gc.get_threshold())
    take(tmp_path / "home", bucket)
    assert (pa.cpu_count(), pa.default_memory_pool().backend_name, gc.get_threshold()) == before


@pytest.mark.slow
def test_the_same_file_under_another_name_is_taken_once(bucket: Path, tmp_path: Path) -> None:
    take(tmp_path / "home", bucket)
    copy = tmp_path / "copy.json.gz"
    copy.write_bytes(next(bucket.rglob("*_a.json.gz")).read_bytes())
    again = take(tmp_path / "home", copy)
    assert (again.rows, again.repeated_objects, again.repeated_events) == (0, 1, 0)
    assert killing.held(tmp_path / "home") == ALL


def test_a_folder_and_one_inside_it_are_read_once(bucket: Path, tmp_path: Path) -> None:
    tally = take(tmp_path / "home", bucket, bucket / "AWSLogs", bucket)
    assert (tally.objects, tally.rows) == (3, 99)
    assert killing.held(tmp_path / "home") == ALL


@pytest.mark.slow
def test_an_event_that_comes_in_another_wrapping_is_the_same_event(bucket: Path, tmp_path: Path) -> None:
    take(tmp_path / "home", bucket)
    lookup = tmp_path / "lookup.json"
    events = [{"CloudTrailEvent": json.dumps(event(number))} for number in (5, 6, 41)]
    lookup.write_text(json.dumps({"Events": events}))
    again = take(tmp_path / "home", lookup)
    assert (again.rows, again.repeated_events) == (1, 2)
    assert killing.held(tmp_path / "home") == ALL + ids([41])


@pytest.mark.slow
def test_an_event_of_another_account_with_the_same_id_is_another_event(tmp_path: Path) -> None:
    shared = [event(1), event(1, recipientAccountId="444455556666")]
    path = tmp_path / "shared.json"
    path.write_bytes(document(shared))
    assert take(tmp_path / "home", path).rows == 2


def test_a_file_that_grew_brings_only_what_is_new(tmp_path: Path) -> None:
    path = tmp_path / "growing.json"
    path.write_bytes(document([event(1)]))
    take(tmp_path / "home", path)
    path.write_bytes(document([event(1), event(2)]))
    assert take(tmp_path / "home", path).rows == 1
    assert killing.held(tmp_path / "home") == ids([1, 2])


@pytest.mark.slow
def test_events_without_an_id_are_never_taken_for_one_another(tmp_path: Path) -> None:
    path = tmp_path / "bare.json"
    path.write_bytes(document([event(1, eventID=None), event(1, eventID=None)]))
    assert take(tmp_path / "home", path).rows == 2


def test_a_file_that_cannot_be_opened_is_tried_again_by_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "late.json"
    missing = StoredObject(location=str(path), version="1", byte_count=1, path=str(path))
    request = IngestRequest(home=tmp_path / "home", kind="cloudtrail", workers=1)
    first = ingest(request, [missing], clock=lambda: NOW)
    assert first.unreadable == [str(path)]
    path.write_bytes(document([event(1)]))
    assert ingest(request, [missing], clock=lambda: NOW).rows == 1


@pytest.mark.slow
def test_a_torn_file_gives_what_is_whole_and_stands_in_quarantine(bucket: Path, tmp_path: Path) -> None:
    whole = next(bucket.rglob("*_a.json.gz")).read_bytes()
    torn = tmp_path / "torn.json.gz"
    torn.write_bytes(whole[: len(whole) // 2])
    tally = take(tmp_path / "home", torn)
    assert tally.refused["truncated"] == 1
    manifest = Manifest(tmp_path / "home/lake/manifest.db")
    places = manifest.query("select location, position, reason from log_refused order by position")
    assert {reason for _, _, reason in places} >= {"truncated"}
    assert all(location == str(torn) and position >= 0 for location, position, _ in places)
    assert manifest.query("select state, row_count from log_object") == [("partial", tally.rows)]


def test_several_members_and_padding_are_one_file(tmp_path: Path) -> None:
    path = tmp_path / "members.json.gz"
    lines = [json.dumps(event(number)).encode() + b"\n" for number in (1, 2)]
    path.write_bytes(b"".join(map(gzip.compress, lines)) + b"\0" * 100)
    assert take(tmp_path / "home", path).refused == {}
    assert killing.held(tmp_path / "home") == ids([1, 2])


@pytest.mark.slow
def test_on_all_cores_the_lake_is_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "bucket"
    # Noise that does not compress makes several batches of few events.
    for name in range(4):
        noise = [
            event(number, requestParameters={"noise": Random(number).randbytes(60_000).hex()})  # noqa: S311 - noise
            for number in range(name * 50, name * 50 + 60)
        ]
        deliver(folder, f"{name}", noise)
    tally = take(tmp_path / "home", folder, workers=2)
    assert (tally.rows, tally.repeated_events) == (210, 30)
    assert killing.held(tmp_path / "home") == ids(range(210))
    assert killing.strays(tmp_path / "home") == []


@pytest.mark.slow
def test_two_ingesters_of_the_same_logs_take_everything_once(bucket: Path, tmp_path: Path) -> None:
    for number in range(20):
        deliver(bucket, f"more{number}", (event(1_000 + number * 10 + each) for each in range(15)))
    tallies: list[Tally] = []
    threads = [Thread(target=lambda: tallies.append(take(tmp_path / "home", bucket))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(tally.rows for tally in tallies) == 99 + 205
    # What the other was quicker with is no file that was not there.
    assert [tally.objects + tally.skipped_objects for tally in tallies] == [23, 23]
    assert killing.held(tmp_path / "home") == ALL + ids(range(1_000, 1_205))
    assert killing.strays(tmp_path / "home") == []


def _killed(bucket: Path, work: Path, every: int) -> dict[str, object]:
    command = [sys.executable, killing.__file__, str(bucket), str(work), "--every", str(every)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(Path.cwd())}
    )
    return json.loads(done.stdout)


@pytest.mark.slow
def test_a_kill_now_and_then_loses_and_doubles_nothing(bucket: Path, tmp_path: Path) -> None:
    told = _killed(bucket, tmp_path / "work", every=7)
    assert told["faults"] == []
    assert told["events"] == 99


@pytest.mark.slow
def test_a_kill_at_any_point_loses_and_doubles_nothing(bucket: Path, tmp_path: Path) -> None:
    """Slow by the number of points: an ingest is killed at each, and run again."""
    told = _killed(bucket, tmp_path / "work", every=1)
    assert told["faults"] == []


def test_what_an_ingest_that_was_cut_did_not_take_is_told_until_it_is_there(
    bucket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setattr("sakimori.ingest.engine._BATCH_OBJECTS", 1)
    commit, calls = LogWriter.commit, 0

    def cut(*arguments: Any) -> Committed:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return commit(*arguments)

    monkeypatch.setattr(LogWriter, "commit", cut)
    with pytest.raises(KeyboardInterrupt):
        take(home, bucket)
    (told,) = left_of(home)
    assert (told.kind, told.count, told.began_at) == ("cloudtrail", 2, NOW)
    assert str(bucket) in told.root
    with closing(LogReader(home)) as reader:
        coverage = coverage_of(reader, "aws_cloudtrail_event", EVERYWHERE, NOW, ("cloudtrail",))
    assert not coverage.is_complete
    for language, words in (
        ("en", "Files of it that are not in the lake: 2."),
        ("ja", "2 個のファイルがデータレイクにありません"),
    ):
        assert words in say_coverage(coverage, language)  # pyright: ignore[reportArgumentType] - of a tuple
    take(home, bucket)
    assert left_of(home) == ()


def test_files_that_a_later_run_tried_in_vain_are_left_to_what_it_told(bucket: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    take(home, bucket)
    torn = bucket / "torn.json.gz"
    torn.write_bytes(b"nothing")
    (found,) = (each for each in local_objects(str(torn)))
    manifest = Manifest(home / "lake" / "manifest.db")
    begin(manifest, "cloudtrail", [(found.location, found.version, found.byte_count)], NOW)
    manifest.close()
    assert [each.count for each in left_of(home)] == [1]
    take(home, bucket)
    assert left_of(home) == ()


def test_a_file_that_was_there_before_it_grew_is_missing_until_it_is_there_as_it_is_now(
    bucket: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    take(home, bucket)
    found = next(local_objects(str(bucket)))
    begun(home, (found.location, "grown since", found.byte_count + 1))
    assert [each.count for each in left_of(home)] == [1]
    take(home, bucket)
    assert left_of(home) == (), "whoever listed it again knows what it is now"


def test_a_folder_that_was_moved_is_not_missed_where_it_was(bucket: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (found, *_) = local_objects(str(bucket))
    name = found.location.rpartition("/")[2]
    begun(home, (f"s3://example-logs/{name}", "etag", found.byte_count), ("s3://example-logs/1.json", "etag", 7))
    assert [each.count for each in left_of(home)] == [2]
    take(home, bucket)
    assert [each.count for each in left_of(home)] == [1]


def test_files_that_are_no_more_are_told_once_and_counted_as_unread(bucket: Path, tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "gone"
    (found, *_) = local_objects(str(bucket))
    begun(home, (f"{folder}/1.json.gz", "1", 7), (f"{folder}-other/2.json.gz", "1", 7), (found.location, "1", 7))
    asked = Ingesting(home=home, wanted=(Wanted(kind="auto", source=str(folder)),), workers=1)
    done = ingest_sources(asked, (), clock=lambda: NOW)
    assert not done.is_whole
    assert [note.values["count"] for note in done.notes] == [1]
    assert [each.count for each in left_of(home)] == [2]
    with closing(LogReader(home)) as reader:
        assert reader.manifest
        [refused] = refused_pieces(reader.manifest)
    assert (refused.location, refused.reason) == (f"{folder}/1.json.gz", "unreadable")
    with pytest.raises(UsageError):
        ingest_sources(asked, (), clock=lambda: NOW)


def test_a_name_that_is_no_text_is_gone_when_the_file_is(tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/odd\xff.json"))
    odd.write_bytes(b"{}")
    [found] = local_objects(str(tmp_path))
    assert not is_gone_under(str(tmp_path), found.location)
    odd.unlink()
    assert is_gone_under(str(tmp_path), found.location)
    assert not is_gone_under(f"{tmp_path}-other", found.location)


def test_what_was_tried_in_vain_does_not_stand_with_what_was_not_tried(bucket: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (found, *_) = local_objects(str(bucket))
    begun(home, (found.location, "before", 7), ("/elsewhere/1.json.gz", "1", 7))
    take(home, bucket)
    assert [(each.count, each.root) for each in left_of(home)] == [(1, "/elsewhere")]


def test_the_way_on_is_one_that_can_be_typed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    LogWriter(home, lambda: NOW).close()
    roots = {
        ("s3://logs-a/x/1.json", "s3://logs-b/x/1.json"): "s3://logs-a/x",
        ("s3://logs-a/x/1.json", "s3://logs-a/y/1.json"): "s3://logs-a",
        ("/data/1.json", "/work/1.json"): "/data",
        ("/data/AWSLogs/1/1.json", "/data/AWSLogs/12/1.json"): "/data/AWSLogs",
        ("/data/odd\\xff/1.json",): "/data",
    }
    for locations, root in roots.items():
        begun(home, *((each, "", 1) for each in locations), typed="auto")
        assert [(each.typed, each.root) for each in left_of(home)] == [("auto", root)]
        manifest = Manifest(home / "lake" / "manifest.db")
        end(manifest, "cloudtrail", None, frozenset(locations))
        manifest.close()


def test_marks_of_older_versions_of_this_program_are_read(bucket: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    LogWriter(home, lambda: NOW).close()
    manifest = Manifest(home / "lake" / "manifest.db")
    packed = b64encode(
        zlib.compress(json.dumps([each.location for each in local_objects(str(bucket))]).encode())
    ).decode()
    with manifest.begin() as connection:
        connection.execute(
            "insert into log_cursor values (?, ?, ?)", ("unfinished:cloudtrail:0", packed, NOW.isoformat())
        )
    manifest.close()
    assert len(left_of(home)) == 1
    take(home, bucket)
    assert left_of(home) == ()


def test_what_could_be_opened_in_the_end_is_not_told_as_refused(bucket: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    found = next(local_objects(str(bucket)))
    assert found.path
    data = Path(found.path).read_bytes()

    def denied() -> bytes:
        raise OSError(13, "s3:GetObject AccessDenied")

    for read in (denied, lambda: data):
        one = StoredObject(location="s3://example-logs/1.json.gz", version="etag", byte_count=len(data), read=read)
        ingest(IngestRequest(home=home, kind="cloudtrail", workers=1), [one], clock=lambda: NOW)
    with closing(LogReader(home)) as reader:
        assert reader.manifest
        assert refused_pieces(reader.manifest) == ()


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="a Linux without /proc")
def test_a_link_to_what_the_kernel_makes_up_is_told_and_not_read(tmp_path: Path) -> None:
    link = tmp_path / "1.json"
    link.symlink_to("/proc/version")
    tally = take(tmp_path / "home", link)
    assert (tally.rows, tally.unreadable) == (0, [str(link)])


def test_standard_input_that_the_shell_closed_is_no_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UsageError):
        list(local_objects("-"))


def begun(home: Path, *files: Awaited, typed: str = "") -> None:
    """A mark as a killed ingest leaves it."""
    LogWriter(home, lambda: NOW).close()
    manifest = Manifest(home / "lake" / "manifest.db")
    begin(manifest, "cloudtrail", files, NOW, typed=typed)
    manifest.close()


def left_of(home: Path) -> tuple[Unfinished, ...]:
    with closing(LogReader(home)) as reader:
        assert reader.manifest
        return unfinished(reader.manifest, ("cloudtrail",))
