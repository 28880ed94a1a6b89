"""The second wall: what a locked engine can reach, and what a query may cost.

The statements go to the connection itself, past the first wall, so that each wall is
held to its own promise. (The first one's attacks stand in tests/rules/test_check_query.py.)
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from tests.lake.world import HOUSE, house

from sakimori.lake.engines.duck import Engine
from sakimori.lake.engines.spelling import literal, quote
from sakimori.lake.rows import encode_rows
from sakimori.model.errors import LakeError, RuleError

SECRET = "the secret of another"  # noqa: S105 - none

READS = [
    "select * from read_csv('{secret}')", "select * from '{secret}'", "select * from read_text('{secret}')",
    "select * from read_blob('{secret}')", "select * from read_json('{secret}')", "select * from glob('{home}/*')",
    "select * from sniff_csv('{secret}')", "select * from read_parquet('{part}')", "select * from parquet_scan('{part}')",
    "select * from '{part}'", "select * from parquet_metadata('{part}')", "select * from parquet_schema('{part}')",
    "select * from parquet_file_metadata('{part}')", "select * from parquet_kv_metadata('{part}')",
    "select * from read_csv('/proc/self/environ')", "select * from read_text('/dev/stdin')",
    "select * from read_csv('https://127.0.0.1:1/x')", "select * from read_text('s3://bucket/key')",
    "select * from read_duckdb('{home}/other.db')", "copy aws_house from '{secret}'", "import database '{home}'",
    "create view v as select * from read_csv('{secret}')", "create table t as from '{secret}'",
    "select * from query('select * from read_text(''{secret}'')')", "select * from query_table(['{secret}'])",
    "prepare p as select * from read_text('{secret}')", "explain analyze select * from read_text('{secret}')",
    "create macro m() as table select * from read_text('{secret}'); from m()", "select getenv('HOME')",
    "select * from duckdb_secrets()", "from outside", "select * from python_scan('outside')",
]  # fmt: skip
WRITES = [
    "copy aws_house to '{home}/stolen.csv'", "copy aws_house to '{part}' (format parquet)", "export database '{home}/stolen'",
    "copy (select 1) to '/dev/stderr'", "copy aws_house to 's3://bucket/stolen'", "attach '{home}/new.db'",
    "attach '{home}/new.db' as stolen (type sqlite)", "create persistent secret s (type s3, key_id 'a', secret 'b')",
    "call enable_logging(storage = 'file', storage_config = {{'path': '{home}'}})", "pragma enable_profiling = 'json'",
    "copy aws_house to '{home}/by_part' (format parquet, partition_by (region))", "attach 'postgres://127.0.0.1:1/x' as p",
]  # fmt: skip
EXTENSIONS = [
    "install httpfs", "force install httpfs", "install '{home}/evil.duckdb_extension'", "load '{home}/evil.duckdb_extension'",
    "load httpfs", "install inet from community", "update extensions",
]  # fmt: skip
SETTINGS = [
    "set memory_limit = '100GB'", "set enable_external_access = true", "set global enable_external_access = true",
    "reset enable_external_access", "set lock_configuration = false", "reset lock_configuration", "set threads = 64",
    "set allowed_paths = ['/etc/passwd']", "set allowed_directories = ['/']", "set temp_directory = '{home}'",
    "set max_temp_directory_size = '1TB'", "set allow_unsigned_extensions = true", "set log_query_path = '{home}/log'",
    "set profiling_output = '{home}/profile'", "pragma memory_limit = '100GB'", "set extension_directory = '{home}'",
    "set secret_directory = '{home}'", "set autoinstall_known_extensions = true", "set custom_user_agent = 'x'",
    "set variable x = 1; set home_directory = '{home}'",
]  # fmt: skip


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Engine]:
    """A locked engine over one part, beside a file that it has no business with."""
    engine = Engine(threads=1)
    lines, part = tmp_path / "rows.ndjson", tmp_path / "part.parquet"
    lines.write_bytes(b"\n".join(encode_rows(HOUSE, [house("h")])) + b"\n")
    engine.write_parquet(HOUSE, lines, part)
    lines.unlink()
    engine.load_parts(HOUSE, [part])
    (tmp_path / "secret.csv").write_text(SECRET)
    engine.lock()
    yield engine
    engine.close()


def files_of(home: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file()}


@pytest.mark.parametrize("statement", READS + WRITES + EXTENSIONS + SETTINGS)
def test_a_locked_engine_reaches_no_file_no_network_no_extension_and_no_setting(
    locked: Engine, tmp_path: Path, statement: str
) -> None:
    outside = duckdb.values([SECRET])
    before = files_of(tmp_path)
    asked = statement.format(home=tmp_path, secret=tmp_path / "secret.csv", part=tmp_path / "part.parquet")
    with pytest.raises(duckdb.Error):
        locked._connection.execute(asked).fetchall()
    assert files_of(tmp_path) == before
    assert outside.fetchall() == [(SECRET,)]
    assert list(locked.rows("select arn from aws_house")) == [("h",)]


def test_what_a_locked_engine_may_still_do_touches_its_own_memory_alone(locked: Engine, tmp_path: Path) -> None:
    before = files_of(tmp_path)
    for statement in (
        "attach ':memory:' as other",
        "create table other.t as select 1",
        "create temp table u as select 2",
    ):
        locked._connection.execute(statement)
    assert files_of(tmp_path) == before
    assert locked._connection.execute("select current_setting('enable_external_access')").fetchone() == (False,)


def test_cursors_of_a_locked_engine_are_locked_too(locked: Engine, tmp_path: Path) -> None:
    with pytest.raises(duckdb.Error):
        list(locked.rows(f"select * from read_text('{tmp_path / 'secret.csv'}')"))


# -- limits -------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "bomb",
    [
        "create table r as select count(*) from numbers a, numbers b, numbers c where a.n + b.n + c.n = 5",
        "create table r as with recursive t as (select 1 as n union all select n + 1 from t) select count(*) from t",
    ],
)
def test_a_query_without_end_is_stopped_by_the_clock_and_the_engine_goes_on(bomb: str) -> None:
    engine = Engine(query_seconds=0.4, memory_limit="300MB")
    engine.execute("create table numbers as select range as n from range(100000)")
    engine.lock()
    began = time.monotonic()
    with pytest.raises(RuleError) as caught:
        engine.run(bomb)
    assert time.monotonic() - began < 60
    assert caught.value.text == "rules.too_slow"
    assert caught.value.values["seconds"] == 0.4
    engine.run("create table fine as select 1")
    engine.close()


MEMORY_BOMB = """
import resource
from pathlib import Path
from sakimori.lake.engines.duck import Engine
from sakimori.model.errors import RuleError
engine = Engine(memory_limit="64MB", threads=1)
engine.execute("create table numbers as select range as n from range(100000)")
engine.lock()
for bomb in {bombs}:
    try:
        engine.run(bomb)
    except RuleError as error:
        print(error.text)
engine.run("create table fine as select 1")
# Linux hands the peak of whoever started a process down to it; that of its own memory stands here.
status = Path("/proc/self/status")
told = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")] if status.exists() else []
peak = int(told[0].split()[1]) if told else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print("alive", peak // 1024 < 1024)
"""
BOMBS = [
    "create table r1 as select list(a.n) from numbers a, numbers b",
    "create table r2 as select string_agg(repeat('x', 10000), '') from numbers",
    "create table r3 as select list(a.n || b.n || repeat('y', 100)) from numbers a, numbers b",
]


@pytest.mark.slow
def test_a_query_that_eats_memory_is_an_error_of_the_rule_and_not_the_end_of_the_process() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEMORY_BOMB.format(bombs=BOMBS)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["rules.query_failed"] * len(BOMBS) + ["alive", "True"]


# -- small things --------------------------------------------------------------------


def test_a_name_and_a_text_stand_for_themselves() -> None:
    engine = Engine(threads=1)
    hostile = """x"; drop table t; --'"""
    engine.execute(f"create table {quote(hostile)} as select {literal(hostile)} as {quote(hostile)}")
    assert list(engine.rows(f"select {quote(hostile)} from {quote(hostile)}")) == [(hostile,)]
    engine.close()


def test_texts_go_in_by_batches_and_come_out_as_they_were() -> None:
    engine = Engine(threads=1)
    engine.execute("create table t (a varchar, b varchar)")
    rows = [(f"{number}'", '\\ " 堺 \n') for number in range(25)]
    engine.insert_texts("t", rows, batch=10)
    engine.insert_texts("t", [])
    assert sorted(engine.rows("select * from t")) == sorted(rows)
    engine.close()


def test_what_happens_in_a_transaction_leaves_nothing_whatever_happens() -> None:
    engine = Engine(threads=1)
    engine.create(HOUSE)
    with engine.transaction():
        engine.insert(HOUSE, [house("h")])
        assert list(engine.rows("select count(*) from aws_house")) == [(1,)]
        with pytest.raises(RuleError):
            engine.run("select no_such_column from aws_house")
    assert list(engine.rows("select count(*) from aws_house")) == [(0,)]
    engine.close()


def test_several_queries_are_read_at_the_same_time() -> None:
    engine = Engine(threads=1)
    engine.execute("create table t as select range as n from range(100)")
    pairs = zip(
        engine.rows("select n from t order by n", batch=7),
        engine.rows("select n from t order by n desc", batch=9),
        strict=True,
    )
    assert all(low + high == 99 for (low,), (high,) in pairs)
    engine.close()


def test_a_query_that_does_not_bind_or_does_not_run_is_an_error_of_the_rule() -> None:
    engine = Engine(threads=1)
    with pytest.raises(RuleError, match="query_does_not_bind"):
        engine.columns("select no_such_column")
    with pytest.raises(RuleError, match="query_failed"):
        engine.run("select cast('x' as integer)")
    assert engine.columns("select 1::bigint as n, $a as a", {"a": "x"}) == (("n", "BIGINT"), ("a", "VARCHAR"))
    engine.close()


def test_a_part_that_cannot_be_written_is_an_error_of_the_lake(tmp_path: Path) -> None:
    engine = Engine(threads=1)
    lines = tmp_path / "rows.ndjson"
    lines.write_bytes(b"\n".join(encode_rows(HOUSE, [house("h")])))
    with pytest.raises(LakeError) as caught:
        engine.write_parquet(HOUSE, lines, tmp_path / "no such directory" / "part.parquet")
    assert caught.value.text == "lake.not_writable"
    engine.close()


# -- parts of other days -------------------------------------------------------------


def test_a_part_of_another_day_gives_the_columns_that_are_declared_now(tmp_path: Path) -> None:
    part = tmp_path / "old.parquet"
    duckdb.sql(
        "copy (select '1' as account_id, 'h' as arn, 'x' as no_longer_declared, 'often' as last_seen_at) "
        f"to '{part}' (format parquet)"
    )
    engine = Engine(threads=1)
    assert engine.load_parts(HOUSE, [part]) == 1
    assert list(engine.rows("select account_id, arn, region from aws_house")) == [("1", "h", None)]
    engine.close()
