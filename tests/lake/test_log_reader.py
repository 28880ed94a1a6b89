from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.lake.engines.duck import Engine
from sakimori.lake.engines.log_agreement import Comparison, each_once
from sakimori.lake.engines.log_marks import marks_of
from sakimori.lake.engines.log_parquet import write_parts
from sakimori.lake.log_parts import LogObject, Prepared
from sakimori.lake.log_reader import LogReader, Where
from sakimori.lake.log_writer import LogWriter, TakenMeanwhileError
from sakimori.lake.table import Column, Table, Type
from sakimori.model.words import Scope

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def column(name: str, type_: Type = Type.TEXT) -> Column:
    return Column(name=name, type=type_, sentence="A column.")


TABLE = Table(
    name="aws_test_log",
    sentence="A log.",
    key="id",
    scope=Scope.RESOURCE_REGION,
    own_columns=(column("at", Type.TIMESTAMP), column("id"), column("size", Type.INTEGER)),
    time="at",
    identity=("id",),
)
ARROW = {
    Type.TEXT: pa.string(),
    Type.INTEGER: pa.int64(),
    Type.TIMESTAMP: pa.timestamp("us"),
    Type.DOUBLE: pa.float64(),
}


def rows(table: Table, *values: dict[str, Any]) -> pa.Table:
    common = {"account_id": "111122223333", "partition": "aws", "region": "us-east-1"}
    filled = [{**dict.fromkeys(column.name for column in table.columns), **common, **value} for value in values]
    return pa.Table.from_pylist(filled, pa.schema([(column.name, ARROW[column.type]) for column in table.columns]))


def at(day: int, second: int = 0) -> datetime:
    return datetime(2026, 10, day, second=second)  # noqa: DTZ001 - the lake's times are UTC without saying so


def object_named(name: str, row_count: int = 0) -> LogObject:
    return LogObject(
        source="test", location=name, version="1", digest=name, state="whole", row_count=row_count, byte_count=1,
        parser=1, account="111122223333", region="us-east-1", first_at=None, last_at=None,
    )  # fmt: skip


def bring(
    home: Path, table: Table, name: str, *values: dict[str, Any], clock: Callable[[], datetime] = lambda: NOW
) -> int:
    writer = LogWriter(home, clock)
    try:
        with writer.scratch() as scratch:
            parts, repeated = write_parts(table, rows(table, *values), scratch)
            objects = (object_named(name, len(values)),)
            prepared = Prepared(table=table.name, parts=parts, objects=objects, repeated_count=repeated)
            return writer.commit(table, prepared, scratch).row_count
    finally:
        writer.close()


def read(home: Path, table: Table, where: Where | None = None) -> list[tuple[Any, ...]]:
    reader, engine = LogReader(home), Engine(threads=1)
    try:
        relation = reader.relation(table, reader.parts(table.name, where or Where()))
        return sorted(engine.rows(f"select * exclude (account_id, partition, region) from ({relation})"), key=repr)
    finally:
        reader.close()
        engine.close()


def test_a_lake_that_was_never_written_has_no_rows(tmp_path: Path) -> None:
    assert read(tmp_path, TABLE) == []
    assert not (tmp_path / "lake").exists()


def test_rows_are_cut_by_day_and_read_in_their_types(tmp_path: Path) -> None:
    bring(tmp_path, TABLE, "a", {"at": at(2), "id": "x", "size": 5}, {"at": at(1, 3), "id": "y"})
    assert read(tmp_path, TABLE) == [(at(1, 3), "y", None), (at(2), "x", 5)]
    reader = LogReader(tmp_path)
    parts = reader.parts(TABLE.name)
    assert [str(part.path.parent) for part in parts] == [
        f"aws_test_log/account=111122223333/region=us-east-1/day=2026-10-0{day}" for day in (1, 2)
    ]
    assert all(path.stat().st_mode & 0o777 == 0o400 for path in reader.paths(parts))


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (Where(since=datetime(2026, 10, 2, tzinfo=UTC)), ["x"]),
        (Where(until=datetime(2026, 10, 2, tzinfo=UTC)), ["y"]),
        (Where(until=datetime(2026, 10, 2, microsecond=1, tzinfo=UTC)), ["x", "y"]),
        (Where(accounts=("444455556666",)), []),
        (Where(regions=("us-east-1", "eu-west-1")), ["x", "y"]),
    ],
    ids=str,
)
def test_parts_that_cannot_hold_an_answer_are_not_opened(tmp_path: Path, where: Where, found: list[str]) -> None:
    bring(tmp_path, TABLE, "a", {"at": at(2), "id": "x"}, {"at": at(1), "id": "y"})
    assert sorted(row[1] for row in read(tmp_path, TABLE, where)) == found


# -- parts of other forms --------------------------------------------------------------


def with_columns(*columns: Column) -> Table:
    return replace(TABLE, own_columns=columns)


def test_an_old_part_without_a_new_column_reads_as_null(tmp_path: Path) -> None:
    bring(tmp_path, TABLE, "old", {"at": at(1), "id": "x", "size": 5})
    newer = with_columns(*TABLE.own_columns, column("colour"))
    bring(tmp_path, newer, "new", {"at": at(1), "id": "y", "colour": "red"})
    assert read(tmp_path, newer) == [(at(1), "x", 5, None), (at(1), "y", None, "red")]


def test_columns_that_only_a_newer_program_knows_are_left_out(tmp_path: Path) -> None:
    newer = with_columns(*TABLE.own_columns, column("colour"))
    bring(tmp_path, newer, "new", {"at": at(1), "id": "y", "size": 1, "colour": "red"})
    bring(tmp_path, TABLE, "old", {"at": at(1), "id": "x", "size": 5})
    assert read(tmp_path, TABLE) == [(at(1), "x", 5), (at(1), "y", 1)]


def test_a_column_that_changed_its_type_is_cast_or_null(tmp_path: Path) -> None:
    older = with_columns(column("at", Type.TIMESTAMP), column("id"), column("size"))
    bring(tmp_path, older, "old", {"at": at(1), "id": "x", "size": "12"}, {"at": at(1), "id": "y", "size": "many"})
    assert read(tmp_path, TABLE) == [(at(1), "x", 12), (at(1), "y", None)]


def test_an_event_of_an_old_form_is_still_the_same_event(tmp_path: Path) -> None:
    bring(tmp_path, TABLE, "old", {"at": at(1), "id": "x"})
    newer = with_columns(*TABLE.own_columns, column("colour"))
    assert bring(tmp_path, newer, "new", {"at": at(1), "id": "x", "colour": "red"}) == 0


# -- each event once -------------------------------------------------------------------


def test_an_object_that_another_process_took_meanwhile_is_not_committed_again(tmp_path: Path) -> None:
    bring(tmp_path, TABLE, "same", {"at": at(1), "id": "x"})
    with pytest.raises(TakenMeanwhileError):
        bring(tmp_path, TABLE, "same", {"at": at(1), "id": "y"})
    assert [row[1] for row in read(tmp_path, TABLE)] == ["x"]


def test_a_batch_that_the_lake_has_whole_is_committed_whatever_else_comes_into_its_days(tmp_path: Path) -> None:
    bring(tmp_path, TABLE, "a", {"at": at(1), "id": "x"})
    called = 0

    def while_others_write() -> datetime:
        nonlocal called
        called += 1
        if called == 1:
            bring(tmp_path, TABLE, "b", {"at": at(1), "id": "y"})
        assert called < 5
        return NOW

    assert bring(tmp_path, TABLE, "c", {"at": at(1), "id": "x"}, clock=while_others_write) == 0
    assert [row[1] for row in read(tmp_path, TABLE)] == ["x", "y"]


def test_what_two_batches_have_in_common_is_there_once_even_where_it_is_part_of_a_part(tmp_path: Path) -> None:
    assert bring(tmp_path, TABLE, "a", *({"at": at(1, number), "id": str(number)} for number in range(10))) == 10
    assert bring(tmp_path, TABLE, "b", *({"at": at(1, number), "id": str(number)} for number in range(5, 15))) == 5
    assert sorted(int(row[1]) for row in read(tmp_path, TABLE)) == list(range(15))


def test_equal_marks_of_different_identities_lose_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import numpy as np  # noqa: PLC0415

    import sakimori.lake.engines.log_marks as module  # noqa: PLC0415

    monkeypatch.setattr(module, "_marks", lambda texts: np.ones(len(texts), dtype=np.uint64))
    assert (
        bring(tmp_path, TABLE, "a", {"at": at(1), "id": "x"}, {"at": at(1), "id": "y"}, {"at": at(1), "id": "x"}) == 2
    )
    assert bring(tmp_path, TABLE, "b", {"at": at(1), "id": "z"}, {"at": at(1), "id": "y"}) == 1


@pytest.mark.slow
@given(st.lists(st.one_of(st.none(), st.text(st.characters(codec="utf-8"), max_size=600)), max_size=20))
def test_marks_are_equal_exactly_where_identities_are(identities: list[str | None]) -> None:
    table = rows(TABLE, *({"at": at(1), "id": identity} for identity in identities))
    marks = list(marks_of(TABLE, table))
    for first, one in enumerate(identities):
        for second, other in enumerate(identities[:first]):
            assert (marks[first] == marks[second]) == (one == other and one is not None)


@pytest.mark.slow
@given(st.lists(st.sampled_from(["a", "b", "c", None]), max_size=12), st.frozensets(st.sampled_from(["a", "b", "d"])))
def test_what_is_known_or_was_met_is_left_out(identities: list[str | None], known: frozenset[str]) -> None:
    there = rows(TABLE, *({"at": at(1), "id": identity} for identity in sorted(known)))
    table = rows(TABLE, *({"at": at(1), "id": identity} for identity in identities))
    once, contested = each_once(TABLE, table, marks_of(TABLE, table))
    comparison = Comparison(TABLE, once)
    comparison.hold_against(there, marks_of(TABLE, there))
    expected = [
        each
        for place, each in enumerate(identities)
        if each is None or (each not in known and each not in identities[:place])
    ]
    assert comparison.kept().column("id").to_pylist() == expected
    assert contested == comparison.contested(()) == ()


# -- replacing and sweeping ------------------------------------------------------------


def test_a_reader_that_listed_parts_before_they_were_replaced_still_reads_them(tmp_path: Path) -> None:
    bring(tmp_path, TABLE, "a", {"at": at(1), "id": "x"})
    bring(tmp_path, TABLE, "b", {"at": at(1), "id": "y"})
    reader = LogReader(tmp_path)
    listed = reader.parts(TABLE.name)
    writer = LogWriter(tmp_path, lambda: NOW)
    with writer.scratch() as scratch:
        [merged], _ = write_parts(TABLE, rows(TABLE, {"at": at(1), "id": "x"}, {"at": at(1), "id": "y"}), scratch)
        assert writer.replace_parts(listed, merged)
        assert not writer.replace_parts(listed, None)
    assert writer.sweep(retired_before=NOW - timedelta(hours=1)) == 0
    assert all(path.exists() for path in reader.paths(listed))
    assert len(reader.parts(TABLE.name)) == 1
    assert writer.sweep(retired_before=NOW + timedelta(seconds=1)) == 2
    assert not any(path.exists() for path in reader.paths(listed))
    assert [row[1] for row in read(tmp_path, TABLE)] == ["x", "y"]


def test_a_part_that_a_failed_commit_left_is_swept_by_the_next_writer(tmp_path: Path) -> None:
    writer = LogWriter(tmp_path, lambda: NOW)
    stray = tmp_path / "lake/aws_test_log/account=1/region=r/day=2026-10-01/stray.parquet"

    class FailedError(Exception):
        pass

    def fail() -> None:
        with writer.scratch():
            stray.parent.mkdir(parents=True)
            stray.write_bytes(b"")
            raise FailedError

    with pytest.raises(FailedError):
        fail()
    bring(tmp_path, TABLE, "a", {"at": at(1), "id": "x"})
    assert not stray.exists()
    assert list((tmp_path / "lake").glob(".ingesting-*")) == []
    assert [row[1] for row in read(tmp_path, TABLE)] == ["x"]


def test_a_file_is_told_from_all_that_were_taken_without_going_through_them(tmp_path: Path) -> None:
    """By the steps of SQLite: what it costs to take a hundred files does not grow with those that the lake holds."""
    steps: list[int] = []

    def take(numbers: range) -> int:
        steps.clear()
        objects = tuple(object_named(str(number)) for number in numbers)
        writer.commit(TABLE, Prepared(table=TABLE.name, parts=(), objects=objects), tmp_path)
        return len(steps)

    with closing(LogWriter(tmp_path, lambda: NOW)) as writer:
        with writer.manifest.begin() as connection:
            connection.set_progress_handler(lambda: steps.append(1), 10)
        few = take(range(100))
        take(range(100, 1_000))
        assert take(range(1_000, 1_100)) < 2 * few
