from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.ingest import killing
from tests.ingest.trail import deliver, event

from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.ingest.engine import IngestRequest, Tally, ingest
from sakimori.ingest.objects import local_objects
from sakimori.ingest.vpc_flow.source import SOURCE as FLOW
from sakimori.lake.log_reader import LogReader
from sakimori.lake.log_writer import LogWriter
from sakimori.lake.repair import Repair, damaged_parts, plan_repair, repair
from sakimori.lake.table import Table

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def take(home: Path, source: Path, kind: str = "cloudtrail") -> Tally:
    return ingest(IngestRequest(home=home, kind=kind, workers=1), local_objects(str(source)), clock=lambda: NOW)


def mend(home: Path, table: Table, kind: str) -> Repair | None:
    reader, writer = LogReader(home), LogWriter(home, lambda: NOW)
    try:
        damaged = damaged_parts(reader, table)
        if not damaged:
            return None
        plan = plan_repair(reader, table, (kind,), damaged)
        assert repair(writer, plan, NOW)
        return plan
    finally:
        reader.close()
        writer.close()


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    folder = tmp_path / "bucket"
    deliver(folder, "a", (event(number) for number in range(40)))
    deliver(folder, "b", (event(number, awsRegion="us-east-1") for number in range(100, 140)), region="us-east-1")
    return folder


def test_a_whole_lake_needs_no_repair(bucket: Path, tmp_path: Path) -> None:
    take(tmp_path / "home", bucket)
    assert mend(tmp_path / "home", TABLE, "cloudtrail") is None


@pytest.mark.parametrize("harm", ["gone", "cut", "other"])
def test_what_a_damaged_part_held_comes_in_again(bucket: Path, tmp_path: Path, harm: str) -> None:
    home = tmp_path / "home"
    take(home, bucket)
    before = killing.held(home)
    part, other = sorted((home / "lake").rglob("*.parquet"))
    part.chmod(0o600)
    if harm == "gone":
        part.unlink()
    elif harm == "cut":
        part.write_bytes(part.read_bytes()[:-300])
    else:
        take(tmp_path / "other", deliver(tmp_path / "x", "c", [event(7)]))
        part.write_bytes(next((tmp_path / "other/lake").rglob("*.parquet")).read_bytes())
    assert take(home, bucket).rows == 0
    plan = mend(home, TABLE, "cloudtrail")
    assert plan is not None
    assert [str(each.path) for each in plan.damaged] == [str(part.relative_to(home / "lake"))]
    assert [Path(location).name.split("_")[-1] for _, location in plan.files] == ["a.json.gz"]
    assert take(home, bucket).rows == 40
    assert killing.held(home) == before
    assert other.exists()


def test_where_rows_have_no_identity_nothing_comes_in_twice(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "flows"
    folder.mkdir()
    day = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp())
    header = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n"

    def write(name: str, *starts: int) -> None:
        lines = (
            f"2 111122223333 eni-0a 10.0.0.1 10.0.0.2 1 2 6 1 {start} {start} {start} ACCEPT OK\n" for start in starts
        )
        (folder / name).write_text(header + "".join(lines))

    write("midnight.log", day + 86_399, day + 86_400)
    write("second.log", day + 86_500)
    write("far.log", day + 10 * 86_400)
    take(home, folder, "vpc-flow")
    first = min((home / "lake").rglob("*.parquet"), key=lambda path: path.parent.name)
    first.unlink()
    plan = mend(home, FLOW.table, "vpc-flow")
    assert plan is not None
    assert sorted(Path(location).name for _, location in plan.files) == ["midnight.log", "second.log"]
    assert take(home, folder, "vpc-flow").rows == 3
    reader = LogReader(home)
    assert sum(part.row_count for part in reader.parts(FLOW.table.name)) == 4
