import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from tests.ingest import killing
from tests.ingest.trail import ACCOUNT, deliver, event
from tests.lake import killing_repair

from sakimori.app.lake_repair import carry_out_repairs, plan_repairs
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.ingest.engine import IngestRequest, Tally, ingest
from sakimori.ingest.objects import StoredObject, local_objects
from sakimori.ingest.slices import asked_span
from sakimori.ingest.vpc_flow.source import SOURCE as FLOW
from sakimori.lake.compaction import compact, piles_of
from sakimori.lake.coverage import coverage_of
from sakimori.lake.log_parts import LogPart
from sakimori.lake.log_proofs import Proof, proofs, record
from sakimori.lake.log_reader import EVERYWHERE, LogReader
from sakimori.lake.log_writer import LogWriter
from sakimori.lake.manifest import Manifest
from sakimori.lake.repair import Origin, Repair, damaged_parts, plan_repair, repair
from sakimori.lake.table import Table
from sakimori.lake.unfinished import Unfinished, unfinished
from sakimori.model.errors import LakeError

NOW = datetime(2026, 11, 1, tzinfo=UTC)
DAY = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp())


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """Each commit has a moment of its own."""
    seconds = count()
    return lambda: NOW + timedelta(seconds=next(seconds))


@pytest.fixture
def take(clock: Callable[[], datetime]) -> Callable[..., Tally]:
    def taken(home: Path, *sources: Path, kind: str = "cloudtrail") -> Tally:
        objects = [each for source in sources for each in local_objects(str(source))]
        return ingest(IngestRequest(home=home, kind=kind, workers=1), objects, clock=clock)

    return taken


@contextmanager
def opened(home: Path) -> Iterator[tuple[LogWriter, LogReader]]:
    reader, writer = LogReader(home), LogWriter(home, lambda: NOW)
    try:
        yield writer, reader
    finally:
        reader.close()
        writer.close()


def mend(home: Path, table: Table = TABLE, kind: str = "cloudtrail") -> Repair | None:
    with opened(home) as (writer, reader):
        damaged = damaged_parts(reader, table)
        if not damaged:
            return None
        plan = plan_repair(reader, table, Origin(kinds=(kind,), asked=asked_span), damaged)
        assert repair(writer, reader, plan, NOW)
        return plan


def parts_of(home: Path, table: Table = TABLE) -> tuple[LogPart, ...]:
    with opened(home) as (_, reader):
        return reader.parts(table.name)


def files_in(home: Path) -> list[Path]:
    return sorted((home / "lake").rglob("*.parquet"))


def overwrite(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)
    path.write_bytes(data)
    path.chmod(0o400)


def missing_of(home: Path) -> tuple[Unfinished, ...]:
    with opened(home) as (writer, _):
        return unfinished(writer.manifest, ("cloudtrail",))


def names(plan: Repair | None) -> list[str]:
    """What must come in again, by the end of its name."""
    assert plan is not None
    return sorted(Path(location).name.split("_")[-1].split(".")[0] for _, location in plan.files)


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    folder = tmp_path / "bucket"
    deliver(folder, "a", (event(number) for number in range(40)))
    deliver(folder, "b", (event(number, awsRegion="us-east-1") for number in range(100, 140)), region="us-east-1")
    return folder


# -- what counts as damage -----------------------------------------------------------------


@pytest.mark.slow
def test_a_whole_lake_needs_no_repair(bucket: Path, tmp_path: Path, take: Callable[..., Tally]) -> None:
    take(tmp_path / "home", bucket)
    assert mend(tmp_path / "home") is None


def flipped(data: bytes) -> bytes:
    """One bit of the rows is another."""
    middle = len(data) // 3
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


HARMS: dict[str, Callable[[Path], object]] = {
    "gone": Path.unlink,
    "cut": lambda part: overwrite(part, part.read_bytes()[:-300]),
    "empty": lambda part: overwrite(part, b""),
    "no Parquet": lambda part: overwrite(part, b"x" * part.stat().st_size),
    "one bit": lambda part: overwrite(part, flipped(part.read_bytes())),
    "a directory": lambda part: (part.unlink(), part.mkdir()),
    "a pipe": lambda part: (part.unlink(), os.mkfifo(part)),
    "a link to nothing": lambda part: (part.unlink(), part.symlink_to("nowhere")),
}


@pytest.mark.slow
@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS)
def test_what_a_damaged_part_held_comes_in_again(
    bucket: Path, tmp_path: Path, take: Callable[..., Tally], harm: Callable[[Path], object]
) -> None:
    home = tmp_path / "home"
    for file in sorted(bucket.rglob("*.gz")):
        take(home, file)
    before = killing.held(home)
    part, other = files_in(home)
    harm(part)
    assert take(home, bucket).rows == 0
    plan = mend(home)
    assert plan is not None
    assert [str(each.path) for each in plan.damaged] == [str(part.relative_to(home / "lake"))]
    assert names(plan) == ["a"]
    # The day may still hold other files: it would look whole.
    assert [(each.count, each.kind) for each in missing_of(home)] == [(1, "cloudtrail")]
    assert take(home, bucket).rows == 40
    assert missing_of(home) == ()
    assert killing.held(home) == before
    assert other.exists()


@pytest.mark.slow
def test_what_cannot_be_removed_of_a_damaged_part_stops_no_ingest(
    bucket: Path, tmp_path: Path, take: Callable[..., Tally]
) -> None:
    home = tmp_path / "home"
    take(home, bucket)
    part = files_in(home)[0]
    HARMS["a directory"](part)
    mend(home)
    with opened(home) as (writer, _):
        assert writer.sweep(retired_before=NOW + timedelta(days=1)) == 0
        part.rmdir()
        assert writer.sweep(retired_before=NOW + timedelta(days=1)) == 1


@pytest.mark.slow
def test_two_parts_that_have_each_others_names_are_both_damaged(
    bucket: Path, tmp_path: Path, take: Callable[..., Tally]
) -> None:
    home = tmp_path / "home"
    take(home, bucket)
    before = killing.held(home)
    one, other = files_in(home)
    held = one.read_bytes()
    overwrite(one, other.read_bytes())
    overwrite(other, held)
    assert names(mend(home)) == ["a", "b"]
    assert take(home, bucket).rows == 80
    assert killing.held(home) == before


@pytest.mark.slow
def test_a_foreign_file_in_the_lake_is_nobodys_damage(bucket: Path, tmp_path: Path, take: Callable[..., Tally]) -> None:
    home = tmp_path / "home"
    take(home, bucket)
    part = files_in(home)[0]
    shutil.copy(part, part.with_name("foreign.parquet"))
    part.with_name("notes.txt").write_text("mine")
    assert mend(home) is None
    assert part.with_name("notes.txt").exists()
    assert sum(killing.held(home).values()) == 80


@pytest.mark.slow
def test_a_part_whose_name_tells_no_digest_is_read_to_its_end(
    bucket: Path, tmp_path: Path, take: Callable[..., Tally]
) -> None:
    home = tmp_path / "home"
    take(home, bucket)
    part = files_in(home)[0]
    manifest = Manifest(home / "lake/manifest.db")
    with manifest.begin() as connection:
        connection.execute("update log_part set part = 'older' where part = ?", (part.stem,))
    manifest.close()
    part = part.rename(part.with_stem("older"))
    assert mend(home) is None
    overwrite(part, b"x" * part.stat().st_size)
    plan = mend(home)
    assert plan is not None
    assert [each.name for each in plan.damaged] == ["older"]


def test_a_part_that_may_not_be_read_is_not_taken_for_a_damaged_one(
    bucket: Path, tmp_path: Path, take: Callable[..., Tally], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    take(home, bucket)
    open_of = Path.open

    def refused(path: Path, mode: str = "r") -> object:
        if path.suffix == ".parquet":
            raise PermissionError(13, "Permission denied")
        return open_of(path, mode)

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(LakeError) as raised:
        plan_repairs(home, ())
    assert raised.value.values["reason"] == "Permission denied"


# -- what goes with it -----------------------------------------------------------------------


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    folder = tmp_path / "flows"
    folder.mkdir()
    return folder


HEADER = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n"


def flow(path: Path, *starts: int, account: str = ACCOUNT) -> Path:
    lines = (f"2 {account} eni-0a 10.0.0.1 10.0.0.2 1 2 6 1 {start} {start} {start} ACCEPT OK\n" for start in starts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER + "".join(lines))
    return path


def flow_rows(home: Path) -> Counter[int]:
    """Each record's start, with how often it is there."""
    import pyarrow.parquet as pq  # noqa: PLC0415

    found: Counter[int] = Counter()
    for part in parts_of(home, FLOW.table):
        rows = pq.ParquetFile(home / "lake" / part.path).read(columns=["packets", "bytes"])
        found.update(rows.column("bytes").to_pylist())
    return found


@pytest.mark.slow
def test_where_rows_have_no_identity_nothing_comes_in_twice(
    tmp_path: Path, flows: Path, take: Callable[..., Tally]
) -> None:
    home = tmp_path / "home"
    flow(flows / "midnight.log", DAY + 86_399, DAY + 86_400)
    flow(flows / "second.log", DAY + 86_500)
    flow(flows / "far.log", DAY + 10 * 86_400)
    take(home, flows, kind="vpc-flow")
    before = flow_rows(home)
    min(files_in(home), key=lambda path: path.parent.name).unlink()
    assert names(mend(home, FLOW.table, "vpc-flow")) == ["midnight", "second"]
    assert take(home, flows, kind="vpc-flow").rows == 3
    assert flow_rows(home) == before


@pytest.mark.slow
def test_files_that_reach_over_midnight_take_only_their_own_commit_along(
    tmp_path: Path, flows: Path, take: Callable[..., Tally]
) -> None:
    home = tmp_path / "home"
    for day in range(5):
        take(home, flow(flows / f"{day}.log", DAY + day * 86_400 + 86_399, DAY + (day + 1) * 86_400), kind="vpc-flow")
    before = flow_rows(home)
    files_in(home)[0].unlink()
    plan = mend(home, FLOW.table, "vpc-flow")
    assert plan is not None
    assert (names(plan), len(plan.parts)) == (["0"], 2)
    assert take(home, flows, kind="vpc-flow").rows == 2
    assert flow_rows(home) == before


@pytest.mark.slow
def test_rows_of_another_account_than_their_files_place_come_in_again(
    tmp_path: Path, flows: Path, take: Callable[..., Tally]
) -> None:
    home = tmp_path / "home"
    shared = flows / f"AWSLogs/{ACCOUNT}/vpcflowlogs/us-east-1/2026/10/01"
    flow(shared / f"{ACCOUNT}_vpcflowlogs_us-east-1_fl-1_20261001T0000Z_a.log", DAY + 1, account="444455556666")
    take(home, flows, kind="vpc-flow")
    [part] = files_in(home)
    assert "account=444455556666" in str(part)
    part.unlink()
    assert names(mend(home, FLOW.table, "vpc-flow")) == ["a"]
    assert take(home, flows, kind="vpc-flow").rows == 1


@pytest.mark.slow
def test_another_content_under_the_same_name_stays_where_it_is(
    tmp_path: Path, flows: Path, take: Callable[..., Tally]
) -> None:
    home = tmp_path / "home"
    take(home, flow(flows / "a.log", DAY + 1), kind="vpc-flow")
    take(home, flow(flows / "a.log", DAY + 86_401, DAY + 86_402), kind="vpc-flow")
    first = min(files_in(home), key=lambda path: path.parent.name)
    first.unlink()
    mend(home, FLOW.table, "vpc-flow")
    assert take(home, flows, kind="vpc-flow").rows == 0
    assert sorted(flow_rows(home)) == [DAY + 86_401, DAY + 86_402]


@pytest.mark.slow
def test_compacted_parts_bring_in_the_files_of_their_account_region_and_day(
    tmp_path: Path, flows: Path, take: Callable[..., Tally]
) -> None:
    home = tmp_path / "home"
    for number in range(3):
        take(home, flow(flows / f"{number}.log", DAY + number), kind="vpc-flow")
    take(home, flow(flows / "later.log", DAY + 86_400), kind="vpc-flow")
    before = flow_rows(home)
    with opened(home) as (writer, reader):
        compact(writer, reader, {FLOW.table.name: (FLOW.table, piles_of(reader, FLOW.table))})
        writer.sweep(retired_before=NOW + timedelta(days=1))
    files_in(home)[0].unlink()
    assert names(mend(home, FLOW.table, "vpc-flow")) == ["0", "1", "2"]
    assert take(home, flows, kind="vpc-flow").rows == 3
    assert flow_rows(home) == before


@pytest.mark.slow
def test_compacted_events_of_another_region_than_their_files_place_come_in_again(
    tmp_path: Path, take: Callable[..., Tally]
) -> None:
    home, folder = tmp_path / "home", tmp_path / "bucket"
    for name in ("a", "b"):
        take(home, deliver(folder, name, [event(ord(name), awsRegion="us-east-1")], region="eu-west-1"))
    before = killing.held(home)
    with opened(home) as (writer, reader):
        compact(writer, reader, {TABLE.name: (TABLE, piles_of(reader, TABLE))})
        writer.sweep(retired_before=NOW + timedelta(days=1))
    files_in(home)[0].unlink()
    assert names(mend(home)) == ["a", "b"]
    take(home, folder)
    assert killing.held(home) == before


@pytest.mark.slow
def test_a_day_that_lost_all_of_its_parts_is_a_hole_until_its_files_come_in_again(
    tmp_path: Path, take: Callable[..., Tally]
) -> None:
    home, folder = tmp_path / "home", tmp_path / "bucket"
    for day in (1, 2, 3):
        moved = event(day, eventTime=f"2026-10-0{day}T12:00:00Z")
        take(home, deliver(folder, f"{day}", [moved]))
    with opened(home) as (_, reader):
        middle = reader.parts(TABLE.name)[1]
    (home / "lake" / middle.path).unlink()
    mend(home)
    assert holes(home) == 1
    assert take(home, folder).rows == 1
    assert holes(home) == 0


def holes(home: Path) -> int:
    with opened(home) as (_, reader):
        return coverage_of(
            reader, TABLE.name, EVERYWHERE, datetime(2026, 10, 4, tzinfo=UTC), ("cloudtrail",)
        ).hole_count


@pytest.mark.slow
def test_what_was_asked_for_by_time_is_asked_for_again(tmp_path: Path, clock: Callable[[], datetime]) -> None:
    home = tmp_path / "home"
    micros = 1_000_000

    def slice_of(first: int, last: int, *starts: int) -> StoredObject:
        spelled = "..".join(f"{datetime.fromtimestamp(DAY + at, UTC):%Y%m%dT%H%M%S}000Z" for at in (first, last))
        data = flow(tmp_path / "slice", *(DAY + at for at in starts)).read_bytes()
        return StoredObject(
            location=f"logs://{ACCOUNT}/us-east-1/flows/{spelled}",
            version="1",
            byte_count=len(data),
            read=lambda: data,
        )

    with opened(home) as (writer, _):
        for first, last in ((0, 100), (101, 200), (201, 300)):
            request = IngestRequest(home=home, kind="vpc-flow", workers=1)
            ingest(request, [slice_of(first, last, first + 50)], clock=clock)
            proof = Proof(
                table=FLOW.table.name, account=ACCOUNT, region="us-east-1", kind="logs:flows",
                first_at=(DAY + first) * micros, last_at=(DAY + last) * micros + 999,
            )  # fmt: skip
            record(writer.manifest, proof)
    with opened(home) as (_, reader):
        middle = reader.parts(FLOW.table.name)[1]
    (home / "lake" / middle.path).unlink()
    mend(home, FLOW.table, "vpc-flow")
    with opened(home) as (writer, _):
        left = [proof.span for proof in proofs(writer.manifest, FLOW.table.name)]
    assert left == [
        (DAY * micros, (DAY + 100) * micros + 999),
        ((DAY + 201) * micros, (DAY + 300) * micros + 999),
    ]


def test_a_proven_day_of_a_damaged_part_is_proven_no_more(tmp_path: Path, take: Callable[..., Tally]) -> None:
    home = tmp_path / "home"
    take(home, deliver(tmp_path / "bucket", "a", [event(1)]))
    day = 86_400_000_000
    begins = DAY * 1_000_000
    with opened(home) as (writer, _):
        proof = Proof(
            table=TABLE.name, account=ACCOUNT, region="ap-northeast-1", kind="digest",
            first_at=begins - day, last_at=begins + 2 * day - 1,
        )  # fmt: skip
        record(writer.manifest, proof)
    files_in(home)[0].unlink()
    mend(home)
    with opened(home) as (writer, _):
        left = [proof.span for proof in proofs(writer.manifest, TABLE.name)]
    assert left == [(begins - day, begins - 1), (begins + day, begins + 2 * day - 1)]


# -- what happens meanwhile --------------------------------------------------------------------


@pytest.mark.slow
def test_a_file_that_came_in_after_the_plan_is_forgotten_too(
    bucket: Path, tmp_path: Path, take: Callable[..., Tally], clock: Callable[[], datetime]
) -> None:
    home = tmp_path / "home"
    take(home, bucket)
    before = killing.held(home)
    # Other bytes with the same events: all of them are told apart by the part that is damaged.
    first = next(bucket.rglob("*_a.json.gz"))
    copy = deliver(tmp_path / "copy", "c", [*(event(number) for number in range(40)), event(41)])
    part = files_in(home)[0]
    whole = part.read_bytes()
    overwrite(part, b"")
    plans = plan_repairs(home, ())
    overwrite(part, whole)
    assert take(home, copy).rows == 1
    overwrite(part, b"")
    first.unlink()
    assert carry_out_repairs(home, plans, clock=clock)
    take(home, bucket, copy)
    assert killing.held(home) == before + Counter([event(41)["eventID"]])


@pytest.mark.slow
def test_events_left_out_because_of_a_part_that_is_taken_out_before_the_commit_come_in(
    bucket: Path, tmp_path: Path, take: Callable[..., Tally], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    take(home, bucket)
    before = killing.held(home)
    copy = deliver(tmp_path / "copy", "c", [*(event(number) for number in range(40)), event(41)])
    commit, mended = LogWriter._try, []  # pyright: ignore[reportPrivateUsage]

    def mend_before(*arguments: object) -> object:
        if not mended:
            with opened(home) as (writer, reader):
                damaged = [part for part in reader.parts(TABLE.name) if part.partition.region == "ap-northeast-1"]
                plan = plan_repair(reader, TABLE, Origin(kinds=("cloudtrail",)), damaged)
                mended.append(repair(writer, reader, plan, NOW))
        return commit(*arguments)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(LogWriter, "_try", mend_before)
    assert take(home, copy).rows == 41
    assert killing.held(home) == before + Counter([event(41)["eventID"]])
    assert take(home, bucket).rows == 0


@pytest.mark.slow
def test_parts_that_were_compacted_since_the_plan_stay(
    bucket: Path, tmp_path: Path, take: Callable[..., Tally], clock: Callable[[], datetime]
) -> None:
    home = tmp_path / "home"
    take(home, bucket)
    take(home, deliver(tmp_path / "more", "d", (event(number) for number in range(40, 80))))
    before = killing.held(home)
    part = next(path for path in files_in(home) if "ap-northeast-1" in str(path))
    whole = part.read_bytes()
    overwrite(part, b"")
    plans = plan_repairs(home, ())
    overwrite(part, whole)
    with opened(home) as (writer, reader):
        compact(writer, reader, {TABLE.name: (TABLE, piles_of(reader, TABLE))})
    assert not carry_out_repairs(home, plans, clock=clock)
    assert killing.held(home) == before
    assert plan_repairs(home, ()) == ()


@pytest.mark.slow
def test_compaction_leaves_a_part_with_other_bytes_to_the_repair(
    bucket: Path, tmp_path: Path, take: Callable[..., Tally]
) -> None:
    home = tmp_path / "home"
    take(home, bucket)
    take(home, deliver(tmp_path / "more", "d", (event(number) for number in range(40, 80))))
    part = next(path for path in files_in(home) if "ap-northeast-1" in str(path))
    overwrite(part, flipped(part.read_bytes()))
    with opened(home) as (writer, reader):
        tally = compact(writer, reader, {TABLE.name: (TABLE, piles_of(reader, TABLE))})
    assert tally.damaged == [part]
    assert {"a", "d"} <= set(names(mend(home)))


@pytest.mark.slow
def test_a_kill_at_any_point_leaves_the_lake_as_before_the_repair_or_as_after_it(
    bucket: Path, tmp_path: Path, take: Callable[..., Tally]
) -> None:
    """Slow: a process is killed at every point."""
    home = tmp_path / "home"
    for file in sorted(bucket.rglob("*.gz")):
        take(home, file)
    files_in(home)[0].unlink()
    done = subprocess.run(
        [sys.executable, killing_repair.__file__, bucket, home, tmp_path],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["points"] > 20
    assert told["faults"] == []
