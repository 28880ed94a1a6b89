import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from tests.ingest.trail import deliver, event

from sakimori.app import lake_export
from sakimori.app.lake_export import LINES, Exported, ExportRequest, export, form_of
from sakimori.app.lake_upkeep import (
    carry_out_retention,
    compact_lake,
    coverage_record,
    coverages,
    ddl,
    forget_objects,
    log_table,
    plan_retention,
    quarantine,
    retention_cut,
    table_lines,
)
from sakimori.ingest.engine import IngestRequest, ingest
from sakimori.ingest.objects import local_objects
from sakimori.lake.engines.log_export import as_json_lines
from sakimori.lake.log_reader import EVERYWHERE, Where
from sakimori.model.errors import LakeError, UsageError

TABLE = "aws_cloudtrail_event"
NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)


def clock() -> datetime:
    return NOW


def on(day: int, number: int, **more: Any) -> dict[str, Any]:
    found = event(number + day * 1000, **more)
    return {**found, "eventTime": found["eventTime"].replace("2026-10-01", f"2026-10-{day:02d}")}


def take(home: Path, *paths: Path) -> None:
    for path in paths:
        ingest(IngestRequest(home=home, kind="cloudtrail", workers=1), local_objects(str(path)), clock=clock)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two parts of each of four days, and one more Region."""
    for file in range(2):
        events = [on(day, number) for day in range(1, 5) for number in range(file, 10, 2)]
        take(tmp_path / "home", deliver(tmp_path / "bucket", f"{file}", events))
    abroad = [on(2, number + 500, awsRegion="us-east-1") for number in range(4)]
    take(tmp_path / "home", deliver(tmp_path / "bucket", "abroad", abroad, region="us-east-1"))
    return tmp_path / "home"


# -- what it holds ---------------------------------------------------------------------


@pytest.mark.slow
def test_the_tables_of_a_lake_are_those_that_hold_something(home: Path, tmp_path: Path) -> None:
    [line] = table_lines(home, NOW)
    assert (line.table.name, line.part_count, line.coverage.row_count, line.coverage.file_count) == (TABLE, 9, 44, 3)
    assert line.byte_count == sum(path.stat().st_size for path in home.rglob("*.parquet"))
    assert table_lines(tmp_path / "nothing", NOW) == ()
    [empty] = table_lines(tmp_path / "nothing", NOW, [TABLE])
    assert (empty.part_count, empty.coverage.is_known) == (0, False)
    assert not (tmp_path / "nothing").exists()


@pytest.mark.slow
def test_a_table_of_no_log_is_refused_with_where_to_look(home: Path) -> None:
    with pytest.raises(UsageError, match="not_a_log"):
        log_table("aws_s3_bucket")
    with pytest.raises(UsageError, match="unknown_table") as refused:
        log_table("aws_cloudtrail_events")
    assert refused.value.values["near"] == TABLE


@pytest.mark.slow
def test_the_record_of_a_coverage_is_json_and_says_everything(home: Path) -> None:
    [found] = coverages(home, (), EVERYWHERE, NOW)
    record = json.loads(json.dumps(coverage_record(found, {})))
    assert (record["table"], record["rows"], record["files"], record["complete"]) == (TABLE, 44, 3, False)
    tokyo, virginia = record["places"]
    assert tokyo["held"] == ["2026-10-01", "2026-10-04"]
    assert tokyo["by_day"]["2026-10-02"] == {
        "state": "held", "files": 0, "rows": 10, "delay_seconds_max": None, "refused": 0, "contested": 0,
            "incomplete_rows": 0,
    }  # fmt: skip
    assert virginia["holes"] == [["2026-10-03", "2026-10-04"]]
    assert virginia["validation"] == []
    assert "by_day" not in json.loads(json.dumps(coverage_record(found, {}, with_days=False)))["places"][0]


def test_the_quarantine_names_file_place_and_reason(home: Path, tmp_path: Path) -> None:
    path = deliver(tmp_path / "bucket", "bad", [on(1, 900)])
    path.write_bytes(path.read_bytes()[:-20])
    take(home, path)
    found = quarantine(home, ())
    assert {(each.source, each.location, each.count) for each in found} == {("cloudtrail", str(path.resolve()), 1)}
    assert "truncated" in {each.reason for each in found}
    assert quarantine(home, ("cloudtrail",)) == found
    assert quarantine(home, ("dns",)) == ()
    with pytest.raises(UsageError):
        quarantine(home, ("cloudtrial",))


def test_the_ddl_is_of_what_the_lake_holds_or_of_what_was_named(home: Path, tmp_path: Path) -> None:
    assert ddl(home, (), "s3://bucket/x").count("CREATE EXTERNAL TABLE") == 1
    assert ddl(tmp_path / "nothing", (), "s3://bucket/x").strip() == ""
    assert "CREATE EXTERNAL TABLE" in ddl(tmp_path / "nothing", (TABLE,), "s3://bucket/x")


# -- keeping it small ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("older_than", "partitions"), [(timedelta(days=1), 3), (timedelta(), 4), (timedelta(hours=12), 4), (timedelta(days=9), 0)]
)  # fmt: skip
def test_only_days_that_ended_so_long_ago_are_compacted(home: Path, older_than: timedelta, partitions: int) -> None:
    assert compact_lake(home, (), older_than, clock=clock).partitions == partitions


def test_the_days_that_are_kept_include_today() -> None:
    assert retention_cut(1, NOW) == date(2026, 10, 5)
    assert retention_cut(30, NOW) == date(2026, 9, 6)


@pytest.mark.slow
def test_a_plan_changes_nothing_and_says_what_would_go(home: Path) -> None:
    [plan] = plan_retention(home, (), date(2026, 10, 3))
    assert (plan.table, plan.row_count) == (TABLE, 24)
    assert (plan.days.first, plan.days.last) == (date(2026, 10, 1), date(2026, 10, 2))
    assert table_lines(home, NOW)[0].coverage.row_count == 44
    assert carry_out_retention(home, [plan], clock=clock) == 24
    assert plan_retention(home, (), date(2026, 10, 3)) == ()
    assert table_lines(home, NOW)[0].coverage.row_count == 20
    assert carry_out_retention(home, [plan], clock=clock) == 0


@pytest.mark.slow
def test_what_is_forgotten_comes_in_again(home: Path, tmp_path: Path) -> None:
    carry_out_retention(home, plan_retention(home, (), date(2026, 10, 5)), clock=clock)
    assert forget_objects(home, [TABLE], date(2026, 10, 5), clock=clock) == 3
    take(home, tmp_path / "bucket")
    assert table_lines(home, NOW)[0].coverage.row_count == 44


# -- export ------------------------------------------------------------------------------------


def export_to(home: Path, output: Path | str, form: str | None = None, **where: Any) -> tuple[Exported, bytes]:
    stream = io.BytesIO()
    request = ExportRequest(
        home=home, table=log_table(TABLE), where=Where(**where), output=str(output),
        form=form_of(form, str(output)),
    )  # fmt: skip
    return export(request, stream), stream.getvalue()


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_form_is_the_one_asked_for_or_that_of_the_ending() -> None:
    assert [form_of(None, each) for each in ("x.csv", "x.jsonl", "x.parquet", "x", "-", "x.txt")] == [
        "csv", "jsonl", "parquet", "parquet", "parquet", "parquet",
    ]  # fmt: skip
    assert form_of("csv", "x.jsonl") == "csv"


@pytest.mark.slow
def test_csv_holds_every_row_in_the_order_of_time(home: Path, tmp_path: Path) -> None:
    done, _ = export_to(home, tmp_path / "out" / "events.csv")
    assert (done.path, done.row_count) == (tmp_path / "out" / "events.csv", 44)
    rows = read_csv(tmp_path / "out" / "events.csv")
    assert len({row["event_id"] for row in rows}) == 44
    times = [row["event_time"] for row in rows if row["region"] == "ap-northeast-1"]
    assert times == sorted(times)
    assert times[0].startswith("2026-10-01T00:16:40")
    assert times[0].endswith("Z")
    assert rows[0]["read_only"] == "false"
    assert rows[0]["error_code"] == ""


@pytest.mark.slow
def test_no_cell_of_csv_is_a_formula(home: Path, tmp_path: Path) -> None:
    agents = ["=1+1", "+cmd", "-2", "@x", " =1", "＝1", "\t=1", "plain", "a\nb", 'say "hi", you']
    take(home, deliver(tmp_path / "b", "x", [on(4, 100 + n, userAgent=agent) for n, agent in enumerate(agents)]))
    export_to(home, tmp_path / "events.csv", since=datetime(2026, 10, 4, tzinfo=UTC))
    found = {row["user_agent"] for row in read_csv(tmp_path / "events.csv")} - {"aws-cli/2.15"}
    assert found == {"'=1+1", "'+cmd", "'-2", "'@x", "' =1", "'＝1", "'\t=1", "plain", "a\nb", 'say "hi", you'}


@pytest.mark.slow
def test_json_lines_keep_values_as_they_are(home: Path) -> None:
    _, data = export_to(home, "-", "jsonl", regions=("us-east-1",))
    rows = [json.loads(line) for line in data.splitlines()]
    assert len(rows) == 4
    assert rows[0]["event_time"].startswith("2026-10-02T")
    assert rows[0]["event_time"].endswith("Z")
    assert (rows[0]["read_only"], rows[0]["error_code"], rows[0]["user_agent"]) == (False, None, "aws-cli/2.15")
    assert list(rows[0]) == [column.name for column in log_table(TABLE).columns]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_only_rows_between_both_times_leave(home: Path, tmp_path: Path, form: str) -> None:
    since, until = datetime(2026, 10, 2, 0, 33, 25, tzinfo=UTC), datetime(2026, 10, 3, tzinfo=UTC)
    done, _ = export_to(home, tmp_path / f"x.{form}", since=since, until=until)
    assert done.row_count == 9


@pytest.mark.slow
def test_a_log_without_rows_has_its_columns(home: Path, tmp_path: Path) -> None:
    nowhere: dict[str, Any] = {"accounts": ("999999999999",)}
    _, data = export_to(home, "-", "csv", **nowhere)
    assert data.decode().strip().split(",")[:2] == ['"account_id"', '"partition"']
    assert export_to(home, "-", "jsonl", **nowhere)[1] == b""
    export_to(home, tmp_path / "x.parquet", **nowhere)
    assert pq.read_schema(tmp_path / "x.parquet").names == [column.name for column in log_table(TABLE).columns]


@pytest.mark.slow
def test_one_parquet_file_holds_every_row(home: Path, tmp_path: Path) -> None:
    done, _ = export_to(home, tmp_path / "x.parquet")
    rows = pq.ParquetFile(tmp_path / "x.parquet").read()
    assert (done.row_count, rows.num_rows) == (44, 44)


@pytest.mark.slow
def test_a_directory_gets_the_parts_as_they_lie_for_athena_and_spark(home: Path, tmp_path: Path) -> None:
    done, _ = export_to(home, tmp_path / "out")
    assert done.path == tmp_path / "out" / TABLE
    files = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.parquet"))
    assert files == sorted(str(path.relative_to(home / "lake")) for path in (home / "lake").rglob("*.parquet"))
    # As another engine reads it: the partition columns come from the directories.
    found = duckdb.connect().execute(  # noqa: TID251 - a reader of its own
        f"select account, region, count(*) from read_parquet('{tmp_path}/out/{TABLE}/*/*/*/*.parquet', "
        "hive_partitioning = true) group by all order by all"
    )
    assert [(str(account), region, count) for account, region, count in found.fetchall()] == [
        ("111122223333", "ap-northeast-1", 40), ("111122223333", "us-east-1", 4),
    ]  # fmt: skip


def test_a_directory_that_holds_an_export_already_is_refused(home: Path, tmp_path: Path) -> None:
    export_to(home, tmp_path / "out")
    before = sorted(tmp_path.rglob("*.parquet"))
    with pytest.raises(UsageError, match="not_empty"):
        export_to(home, tmp_path / "out")
    assert sorted(tmp_path.rglob("*.parquet")) == before


@pytest.mark.slow
def test_a_directory_gets_only_the_rows_between_both_times(home: Path, tmp_path: Path) -> None:
    done, _ = export_to(home, tmp_path / "out", since=datetime(2026, 10, 4, 1, 6, 45, tzinfo=UTC))
    rows = sum(pq.ParquetFile(path).metadata.num_rows for path in (tmp_path / "out").rglob("*.parquet"))
    assert done.row_count == rows == 5
    assert not list((tmp_path / "out").glob(".*"))


def test_an_export_that_fails_leaves_nothing_under_its_name(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> Any:
        yield b"some"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lake_export, "LINES", {**LINES, "csv": full})
    (tmp_path / "x.csv").write_text("before")
    with pytest.raises(LakeError, match="cannot_export"):
        export_to(home, tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text() == "before"
    assert [path.name for path in tmp_path.glob("*x.csv*")] == ["x.csv"]


def test_a_part_that_is_gone_is_told(home: Path, tmp_path: Path) -> None:
    next((home / "lake").rglob("*.parquet")).unlink()
    for output in ("x.csv", "out"):
        with pytest.raises(LakeError, match="log_part_damaged"):
            export_to(home, tmp_path / output)
    assert not (tmp_path / "x.csv").exists()
    assert not (tmp_path / "out" / TABLE).exists()


def test_parquet_needs_a_place(home: Path) -> None:
    with pytest.raises(UsageError, match="parquet_needs_a_place"):
        export_to(home, "-", "parquet")


@pytest.mark.slow
def test_another_form_is_a_shape_of_rows(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def shape(row: dict[str, Any]) -> dict[str, Any]:
        return {"what": row["event_name"], "when": int(row["event_time"].timestamp())}

    monkeypatch.setattr(lake_export, "LINES", {**LINES, "short": partial(as_json_lines, shape=shape)})
    _, data = export_to(home, "-", "short", regions=("us-east-1",))
    assert json.loads(data.splitlines()[0]) == {"what": "PutBucketPolicy", "when": 1790901700}
