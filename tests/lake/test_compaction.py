import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.ingest import killing
from tests.ingest.trail import deliver, event
from tests.lake import killing_upkeep

from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.ingest.engine import IngestRequest, ingest
from sakimori.ingest.objects import local_objects
from sakimori.lake.compaction import Compacted, compact, forget, old_parts, piles_of, retire
from sakimori.lake.coverage import coverage_of
from sakimori.lake.coverage_days import DayState
from sakimori.lake.engines import log_merge
from sakimori.lake.engines.log_merge import Run, merged
from sakimori.lake.instants import micros_since_epoch
from sakimori.lake.log_parts import LogPart
from sakimori.lake.log_proofs import Proof, proofs, record
from sakimori.lake.log_reader import EVERYWHERE, LogReader
from sakimori.lake.log_writer import RETIRED_FOR, LogWriter
from sakimori.lake.table import Table

NOW = datetime(2026, 11, 1, tzinfo=UTC)
OCTOBER = date(2026, 10, 1)


def on(day: int, number: int, **more: Any) -> dict[str, Any]:
    """An event of that day of October."""
    found = event(number, **more)
    return {**found, "eventTime": found["eventTime"].replace("2026-10-01", f"2026-10-{day:02d}")}


def take(home: Path, *sources: Path) -> None:
    objects = [each for source in sources for each in local_objects(str(source))]
    ingest(IngestRequest(home=home, kind="cloudtrail", workers=1), objects, clock=lambda: NOW)


def fill(home: Path, folder: Path, files: int = 6, *, days: tuple[int, ...] = (1, 2)) -> None:
    """A part for every file and day: each is ingested alone. Their times overlap."""
    for file in range(files):
        events = [on(day, number) for day in days for number in range(file + day * 1000, file + day * 1000 + 60, files)]
        take(home, deliver(folder, f"f{file}", events))


def compact_all(home: Path, table: Table = TABLE, *, before: date | None = None) -> Compacted:
    writer, reader = LogWriter(home, lambda: NOW), LogReader(home)
    try:
        return compact(writer, reader, {table.name: (table, piles_of(reader, table, before))})
    finally:
        reader.close()
        writer.close()


def parts_of(home: Path) -> tuple[LogPart, ...]:
    reader = LogReader(home)
    try:
        return reader.parts(TABLE.name)
    finally:
        reader.close()


def rows_of(home: Path) -> list[dict[str, Any]]:
    """Every row of the lake, by its event."""
    files = [home / "lake" / part.path for part in parts_of(home)]
    found = [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]
    return sorted(found, key=lambda row: row["event_id"])


def sweep(home: Path, at: datetime) -> int:
    writer = LogWriter(home, lambda: at)
    try:
        return writer.sweep(retired_before=at - RETIRED_FOR)
    finally:
        writer.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    fill(tmp_path / "home", tmp_path / "bucket")
    return tmp_path / "home"


# -- one part of many ---------------------------------------------------------------


@pytest.mark.slow
def test_every_partition_becomes_one_sorted_part_and_no_row_changes(home: Path) -> None:
    before = rows_of(home)
    assert len(parts_of(home)) == 12
    done = compact_all(home)
    assert (done.partitions, done.parts_before, done.overtaken, done.foreign_parts, done.damaged) == (2, 12, 0, 0, [])
    assert rows_of(home) == before
    parts = parts_of(home)
    assert [part.partition.day for part in parts] == [OCTOBER, date(2026, 10, 2)]
    for part in parts:
        file = pq.ParquetFile(home / "lake" / part.path)
        times = file.read(columns=["event_time"]).column(0).cast(pa.int64()).to_pylist()
        assert times == sorted(times)
        assert (part.row_count, part.first_at, part.last_at) == (len(times), times[0], times[-1])
        assert file.schema_arrow.names == [column.name for column in TABLE.columns]
        assert (home / "lake" / part.path).stat().st_mode & 0o777 == 0o400


@pytest.mark.slow
def test_a_second_compaction_finds_nothing_to_do(home: Path) -> None:
    compact_all(home)
    parts = parts_of(home)
    assert compact_all(home) == Compacted()
    assert parts_of(home) == parts


@pytest.mark.slow
def test_the_lake_looks_the_same_to_coverage(home: Path) -> None:
    reader = LogReader(home)
    before = coverage_of(reader, TABLE.name, EVERYWHERE, NOW, ("cloudtrail",))
    compact_all(home)
    assert coverage_of(reader, TABLE.name, EVERYWHERE, NOW, ("cloudtrail",)) == before
    reader.close()


@pytest.mark.slow
def test_days_that_are_too_young_stay_as_they_are(home: Path) -> None:
    compact_all(home, before=date(2026, 10, 2))
    days = [part.partition.day.day for part in parts_of(home)]
    assert days == [1, *[2] * 6]


@pytest.mark.slow
def test_a_reader_that_has_just_listed_parts_can_read_them_for_an_hour(home: Path) -> None:
    listed = [home / "lake" / part.path for part in parts_of(home)]
    compact_all(home)
    assert sweep(home, NOW + timedelta(minutes=59)) == 0
    assert all(path.exists() for path in listed)
    assert sweep(home, NOW + timedelta(minutes=61)) == 12
    assert not any(path.exists() for path in listed)
    assert len(rows_of(home)) == 120


@pytest.mark.slow
def test_events_that_come_again_after_a_compaction_are_still_known(home: Path, tmp_path: Path) -> None:
    compact_all(home)
    before = rows_of(home)
    take(home, deliver(tmp_path / "again", "x", [on(1, 1000), on(1, 1001), on(1, 9999)]))
    assert len(rows_of(home)) == len(before) + 1


@pytest.mark.slow
def test_more_overlapping_parts_than_are_read_at_once_are_merged_in_rounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_merge, "_FAN_IN", 2)
    monkeypatch.setattr(log_merge, "_BATCH_ROWS", 3)
    options = log_merge.writer_options
    monkeypatch.setattr(log_merge, "writer_options", lambda table: {**options(table), "row_group_size": 25})
    fill(tmp_path / "home", tmp_path / "bucket", files=9, days=(1,))
    before = rows_of(tmp_path / "home")
    assert compact_all(tmp_path / "home").parts_before == 9
    assert rows_of(tmp_path / "home") == before
    [part] = parts_of(tmp_path / "home")
    file = pq.ParquetFile(tmp_path / "home" / "lake" / part.path)
    assert [file.metadata.row_group(index).num_rows for index in range(file.num_row_groups)][:-1] == [25, 25]
    assert not list((tmp_path / "home" / "lake").glob(".ingesting-*"))


@pytest.mark.slow
def test_parts_one_after_the_other_are_opened_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in range(5):
        take(tmp_path / "home", deliver(tmp_path / "b", f"{file}", [on(1, file * 100 + n) for n in range(10)]))
    opened: list[int] = []
    closed: list[int] = []
    stream = log_merge._Stream

    class Watched(stream):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            opened.append(1)
            super().__init__(*arguments, **named)

        def fill(self) -> bool:
            found = super().fill()
            closed.extend([] if found else [1])
            assert len(opened) - len(closed) <= 1
            return found

    monkeypatch.setattr(log_merge, "_Stream", Watched)
    compact_all(tmp_path / "home")
    assert len(opened) == 5


@pytest.mark.slow
def test_events_of_one_second_in_several_parts_are_all_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_merge, "_BATCH_ROWS", 2)
    same = {"eventTime": "2026-10-01T05:00:00Z"}
    for file in range(3):
        events = [event(file * 10 + number, **same) for number in range(7)]
        take(tmp_path / "home", deliver(tmp_path / "b", f"{file}", events))
    compact_all(tmp_path / "home")
    assert len(rows_of(tmp_path / "home")) == 21


# -- parts of other forms -----------------------------------------------------------


def rewrite(home: Path, part: LogPart, change: Callable[[Any], Any], form: str = "0ldf0rm0ldf0") -> Path:
    """The part as another version of the program would have written it."""
    path = home / "lake" / part.path
    rows = change(pq.ParquetFile(path).read())
    path.unlink()
    pq.write_table(rows, path, store_schema=False)
    # Such a name tells no digest.
    path = path.rename(path.with_stem(part.name.replace("-", "")))
    with sqlite3.connect(home / "lake" / "manifest.db") as connection:
        connection.execute(
            "update log_part set part = ?, form = ?, byte_count = ? where part = ?",
            (path.stem, form, path.stat().st_size, part.name),
        )
    connection.close()
    return path


@pytest.mark.slow
def test_a_part_of_an_older_form_gets_the_columns_that_it_lacks(home: Path) -> None:
    before = rows_of(home)
    for part in parts_of(home)[:2]:
        rewrite(home, part, lambda rows: rows.drop_columns(["rest"]))
    compact_all(home)
    assert [{**row, "rest": None} for row in rows_of(home)] == [{**row, "rest": None} for row in before]
    assert all("rest" in row for row in rows_of(home))


@pytest.mark.slow
def test_a_single_part_of_an_older_form_is_written_anew(home: Path) -> None:
    compact_all(home)
    [part, _] = parts_of(home)
    rewrite(home, part, lambda rows: rows.drop_columns(["rest"]))
    assert compact_all(home).partitions == 1
    assert len({part.form for part in parts_of(home)}) == 1


@pytest.mark.slow
def test_a_part_with_columns_that_nobody_declares_is_left_alone(home: Path) -> None:
    first = parts_of(home)[0]
    path = rewrite(home, first, lambda rows: rows.append_column("of_tomorrow", pa.array(["x"] * rows.num_rows)))
    done = compact_all(home)
    assert (done.foreign_parts, done.parts_before) == (1, 11)
    assert path.stem in {part.name for part in parts_of(home)}
    assert "of_tomorrow" in pq.read_schema(path).names


@pytest.mark.slow
def test_a_part_whose_column_has_another_type_is_left_alone(home: Path) -> None:
    first = parts_of(home)[0]
    rewrite(home, first, lambda rows: rows.drop_columns(["rest"]).append_column("rest", pa.array([1] * rows.num_rows)))
    assert compact_all(home).foreign_parts == 1


@pytest.mark.slow
@pytest.mark.parametrize("harm", ["gone", "cut", "fewer rows"])
def test_a_damaged_part_leaves_its_partition_as_it_was_and_the_others_are_compacted(home: Path, harm: str) -> None:
    first = parts_of(home)[0]
    path = home / "lake" / first.path
    if harm == "fewer rows":
        rewrite(home, first, lambda rows: rows.slice(1), first.form)
    else:
        data = path.read_bytes()
        path.unlink()
        if harm == "cut":
            path.write_bytes(data[: len(data) // 2])
    done = compact_all(home)
    assert (len(done.damaged), done.partitions) == (1, 1)
    assert [part.partition.day.day for part in parts_of(home)] == [*[1] * 6, 2]


# -- kills and others at work ---------------------------------------------------------


@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_a_kill_at_any_point_loses_nothing_and_doubles_nothing(tmp_path: Path, every: int) -> None:
    """Slow by its processes: every point at which something reaches the disk is a kill, a look and a second run."""
    home = tmp_path / "home"
    fill(home, tmp_path / "bucket", files=2)
    done = subprocess.run(
        [sys.executable, killing_upkeep.__file__, home, tmp_path, str(every)],
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["compacting"] > 40
    assert told["retiring"] > 5
    assert told["faults"] == []


@pytest.mark.slow
def test_what_is_ingested_while_a_compaction_runs_stays(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = killing.held(home)
    close = pq.ParquetWriter.close
    more = [deliver(tmp_path / "more", f"m{number}", [on(1, 5000 + number), on(1, 1000)]) for number in range(2)]

    def close_after_an_ingest(self: pq.ParquetWriter) -> None:
        close(self)
        if more:
            take(home, more.pop())

    monkeypatch.setattr(pq.ParquetWriter, "close", close_after_an_ingest)
    done = compact_all(home)
    assert done.partitions == 2
    held = killing.held(home)
    assert sum(held.values()) == sum(expected.values()) + 2 - len(more)
    assert max(held.values()) == 1


@pytest.mark.slow
def test_ingests_and_compactions_at_the_same_time_keep_every_event_once(tmp_path: Path) -> None:
    home, stop, faults = tmp_path / "home", Event(), []
    fill(home, tmp_path / "first", files=2)

    def go_on_compacting() -> None:
        while not stop.is_set():
            faults.extend(compact_all(home).damaged)

    def read_again_and_again() -> None:
        while not stop.is_set():
            held = killing.held(home)
            faults.extend(name for name, count in held.items() if count != 1)
            if sum(held.values()) % 2:
                faults.append("half a batch")

    others = [Thread(target=go_on_compacting), Thread(target=read_again_and_again)]
    for other in others:
        other.start()
    # Every file brings two events, and one that was there before.
    for number in range(25):
        take(home, deliver(tmp_path / "more", f"{number}", [on(1, 1000), on(1, 7000 + number), on(2, 8000 + number)]))
    stop.set()
    for other in others:
        other.join()
    assert faults == []
    compact_all(home)
    assert len(parts_of(home)) == 2
    held = killing.held(home)
    assert (sum(held.values()), max(held.values())) == (killing_total(2) + 50, 1)


def killing_total(files: int) -> int:
    """The events that `fill` brings with so many files over two days."""
    return 2 * sum(len(range(file, file + 60, files)) for file in range(files))


@pytest.mark.slow
def test_of_two_compactions_of_the_same_parts_one_gives_way(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer, reader = LogWriter(home, lambda: NOW), LogReader(home)
    piles = piles_of(reader, TABLE)
    compact_all(home)
    done = compact(writer, reader, {TABLE.name: (TABLE, piles)})
    reader.close()
    writer.close()
    assert (done.overtaken, done.partitions) == (2, 0)
    assert max(killing.held(home).values()) == 1


@pytest.mark.slow
def test_a_full_disk_is_told_and_changes_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = parts_of(home)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(Exception, match=r"lake\.not_writable"):
        compact_all(home)
    assert parts_of(home) == before


# -- retiring -------------------------------------------------------------------------


def retire_before(home: Path, before: date, *, forgetting: bool = False) -> int:
    writer, reader = LogWriter(home, lambda: NOW), LogReader(home)
    try:
        rows = retire(writer, old_parts(reader, TABLE.name, before))
        if forgetting:
            forget(writer, TABLE.name, ["cloudtrail"], before)
        return rows
    finally:
        reader.close()
        writer.close()


@pytest.fixture
def by_day(tmp_path: Path) -> Path:
    """Files that each hold the events of one day, or of the border between both."""
    home = tmp_path / "home"
    for name, days in (("one", (1,)), ("both", (1, 2)), ("two", (2,))):
        events = [on(day, number + 100 * len(name) + 1000 * day) for day in days for number in range(5)]
        deliver(tmp_path / "bucket", name, events)
    take(home, tmp_path / "bucket")
    return home


def test_rows_of_old_days_are_retired_and_not_ingested_again(by_day: Path, tmp_path: Path) -> None:
    assert retire_before(by_day, date(2026, 10, 2)) == 10
    assert {part.partition.day.day for part in parts_of(by_day)} == {2}
    take(by_day, tmp_path / "bucket")
    assert {part.partition.day.day for part in parts_of(by_day)} == {2}


@pytest.mark.slow
def test_retired_days_are_shown_as_removed_and_never_as_quiet(by_day: Path) -> None:
    retire_before(by_day, date(2026, 10, 2))
    reader = LogReader(by_day)
    [place] = coverage_of(reader, TABLE.name, EVERYWHERE, NOW).places
    reader.close()
    assert place.state_on(OCTOBER) is DayState.RETIRED
    assert place.state_on(date(2026, 10, 2)) is DayState.HELD
    assert (place.row_count, place.retired_count, place.hole_count) == (10, 1, 0)


@pytest.mark.slow
def test_forgotten_files_come_in_again_once(by_day: Path, tmp_path: Path) -> None:
    bucket = tmp_path / "bucket"
    copy = bucket / "copy.json.gz"
    copy.write_bytes(next(bucket.rglob("*_one.json.gz")).read_bytes())
    take(by_day, bucket)
    retire_before(by_day, date(2026, 10, 2), forgetting=True)
    take(by_day, bucket)
    held = killing.held(by_day)
    # The file over both days stays taken: five of its events are in the lake.
    assert (sum(held.values()), max(held.values())) == (15, 1)


def test_forgetting_takes_back_what_was_proven_of_those_days(by_day: Path) -> None:
    day = 86_400_000_000
    first = micros_since_epoch(datetime(2026, 10, 1, tzinfo=UTC))
    writer = LogWriter(by_day, lambda: NOW)
    for kind, begin, end in (("lookup", -3, -2), ("lookup", 0, 3), ("digest", 2, 4)):
        proof = Proof(
            table=TABLE.name, account="111122223333", region="eu-west-1", kind=kind,
            first_at=first + begin * day, last_at=first + end * day - 1,
        )  # fmt: skip
        record(writer.manifest, proof)
    forget(writer, TABLE.name, ["cloudtrail"], date(2026, 10, 2))
    left = [(each.kind, (each.first_at - first) // day) for each in proofs(writer.manifest, TABLE.name)]
    writer.close()
    assert left == [("digest", 2), ("lookup", 1)]


# -- the stream itself ------------------------------------------------------------------


@pytest.mark.slow
def test_the_stream_is_sorted_whatever_the_runs(home: Path, tmp_path: Path) -> None:
    runs = [
        Run(path=home / "lake" / part.path, first_at=part.first_at, last_at=part.last_at) for part in parts_of(home)
    ]
    times = [
        moment for rows in merged(TABLE, reversed(runs), tmp_path) for moment in rows.column("event_time").to_pylist()
    ]
    assert times == sorted(times)
    assert len(times) == 120


def test_a_table_without_rows_is_a_stream_without_rows(tmp_path: Path) -> None:
    assert list(merged(replace(TABLE), [], tmp_path)) == []
