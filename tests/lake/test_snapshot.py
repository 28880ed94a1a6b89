"""Snapshots: what stands in one, what is shared, and what a reader may see."""

import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.lake.world import (
    ACCOUNT,
    COLUMNS,
    HOUR,
    HOUSE,
    NOON,
    REQUEST,
    column,
    house,
    parts_of,
    stage,
    unit,
    write_snapshot,
)

from sakimori.lake.engines.duck import Engine
from sakimori.lake.snapshot import RESUMABLE_FOR, Lake
from sakimori.lake.table import Table, Type
from sakimori.model.account import Account
from sakimori.model.errors import LakeError, UsageError
from sakimori.model.words import Scope


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def arns(home: Path, snapshot: str, table: Table = HOUSE, columns: str = "arn") -> list[tuple[object, ...]]:
    """What a judge would read."""
    lake, engine = Lake(home), Engine(threads=1)
    try:
        engine.load_parts(table, lake.open(snapshot).parts.get(table.name, ()))
        return sorted(engine.rows(f"select {columns} from {table.name}"), key=str)
    finally:
        lake.close()
        engine.close()


# -- parts -----------------------------------------------------------------------


def test_the_same_rows_in_any_order_are_one_part_that_snapshots_share(tmp_path: Path) -> None:
    rows = [house(f"h{number}", storeys=number) for number in range(20)]
    first = write_snapshot(tmp_path, *rows)
    [part] = parts_of(tmp_path)
    written = part.stat().st_mtime_ns
    second = write_snapshot(tmp_path, *reversed(rows), now=NOON + HOUR)
    assert first != second
    assert parts_of(tmp_path) == {part}
    assert part.stat().st_mtime_ns == written
    assert arns(tmp_path, first) == arns(tmp_path, second)


def test_other_rows_are_another_part_and_the_old_snapshot_keeps_its_own(tmp_path: Path) -> None:
    first = write_snapshot(tmp_path, house("a"))
    second = write_snapshot(tmp_path, house("b"), now=NOON + HOUR)
    assert len(parts_of(tmp_path)) == 2
    assert (arns(tmp_path, first), arns(tmp_path, second)) == ([("a",)], [("b",)])


def test_a_part_can_be_read_by_its_owner_and_written_by_nobody(tmp_path: Path) -> None:
    write_snapshot(tmp_path, house("a"))
    [part] = parts_of(tmp_path)
    assert stat.S_IMODE(part.stat().st_mode) == 0o400
    assert stat.S_IMODE((tmp_path / "lake").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "lake" / "manifest.db").stat().st_mode) == 0o600


def test_a_column_that_an_older_part_lacks_is_null_and_one_that_is_gone_is_dropped(tmp_path: Path) -> None:
    older = Table(
        name=HOUSE.name,
        sentence="",
        key="arn",
        scope=Scope.REGION,
        own_columns=(COLUMNS[0], column("colour", Type.TEXT)),
    )
    snapshot = write_snapshot(tmp_path, house("a", colour="red"), table=older)
    assert arns(tmp_path, snapshot, columns="arn, locked, storeys") == [("a", None, None)]


def test_a_column_whose_type_has_changed_is_cast_or_null(tmp_path: Path) -> None:
    older = Table(
        name=HOUSE.name,
        sentence="",
        key="arn",
        scope=Scope.REGION,
        own_columns=(COLUMNS[0], column("storeys", Type.TEXT)),
    )
    snapshot = write_snapshot(tmp_path, house("a", storeys="3"), house("b", storeys="three"), table=older)
    assert arns(tmp_path, snapshot, columns="arn, storeys") == [("a", 3), ("b", None)]


def test_two_tables_of_the_same_rows_are_never_one_part(tmp_path: Path) -> None:
    wider = Table(
        name=HOUSE.name, sentence="", key="arn", scope=Scope.REGION, own_columns=(*COLUMNS, column("x", Type.TEXT))
    )
    write_snapshot(tmp_path, house("a"))
    write_snapshot(tmp_path, house("a"), table=wider, now=NOON + HOUR)
    assert len(parts_of(tmp_path)) == 2


def test_a_table_without_rows_is_read_and_has_no_part(tmp_path: Path) -> None:
    snapshot = write_snapshot(tmp_path)
    lake = Lake(tmp_path)
    facts = lake.open(snapshot)
    lake.close()
    assert parts_of(tmp_path) == set()
    assert facts.units[HOUSE.name, ACCOUNT.id, "us-east-1"].is_read
    assert facts.accounts == (ACCOUNT,)


@pytest.mark.parametrize("damage", [lambda raw: raw[: len(raw) // 2], lambda _: b"", lambda _: b"PAR1 is not enough"])
def test_a_damaged_part_is_an_error_that_names_the_table(tmp_path: Path, damage: object) -> None:
    snapshot = write_snapshot(tmp_path, *(house(f"h{number}") for number in range(100)))
    [part] = parts_of(tmp_path)
    raw = part.read_bytes()
    part.unlink()
    part.write_bytes(damage(raw))  # type: ignore[operator]
    with pytest.raises(LakeError) as caught:
        arns(tmp_path, snapshot)
    assert caught.value.text == "lake.part_damaged"
    assert caught.value.values["table"] == HOUSE.name


def test_bytes_turned_in_the_middle_of_a_part_never_crash_the_program(tmp_path: Path) -> None:
    snapshot = write_snapshot(tmp_path, *(house(f"h{number}", storeys=number) for number in range(2_000)))
    [part] = parts_of(tmp_path)
    raw = bytearray(part.read_bytes())
    for place in range(100, 400):
        raw[place] ^= 0xFF
    part.unlink()
    part.write_bytes(raw)
    with pytest.raises(LakeError, match="part_damaged"):
        arns(tmp_path, snapshot)


def test_a_part_that_is_gone_is_an_error_before_anything_is_judged(tmp_path: Path) -> None:
    snapshot = write_snapshot(tmp_path, house("a"))
    [part] = parts_of(tmp_path)
    part.unlink()
    lake = Lake(tmp_path)
    with pytest.raises(LakeError) as caught:
        lake.open(snapshot)
    lake.close()
    assert caught.value.text == "lake.part_missing"
    assert caught.value.values["path"] == part


# -- names -----------------------------------------------------------------------


def test_a_snapshot_is_found_by_latest_by_the_beginning_of_its_id_and_by_its_day(lake: Lake, tmp_path: Path) -> None:
    monday = write_snapshot(tmp_path, house("a"), now=NOON)
    later = write_snapshot(tmp_path, house("b"), now=NOON + HOUR)
    tuesday = write_snapshot(tmp_path, house("c"), now=NOON + timedelta(days=1))
    assert lake.find("latest") == tuesday
    assert lake.find(monday) == monday
    assert lake.find(later[:-3]) == later
    assert lake.find("2026-11-23") == later
    assert [line.id for line in lake.snapshots()] == [tuesday, later, monday]


@pytest.mark.parametrize("name", ["latest", "2026-11-23", "20261123", "%", "' or '1'='1"])
def test_without_a_complete_snapshot_no_name_finds_one(lake: Lake, name: str) -> None:
    with lake.writer(REQUEST, NOON) as writer:
        stage(writer, house("a"))
        writer.seal(HOUSE, ACCOUNT.id)
    with pytest.raises(UsageError, match="no_such_snapshot"):
        lake.find(name)


def test_a_snapshot_that_is_being_written_cannot_be_opened_by_its_id(lake: Lake) -> None:
    with lake.writer(REQUEST, NOON) as writer:
        stage(writer, house("a"))
        with pytest.raises(UsageError, match="no_such_snapshot"):
            lake.open(writer.id)


def test_a_snapshot_serves_a_later_request_that_asks_for_no_more_than_it_holds(lake: Lake, tmp_path: Path) -> None:
    snapshot = write_snapshot(tmp_path, house("a"))
    accounts = REQUEST["accounts"]
    assert isinstance(accounts, dict)
    assert lake.find_covering(accounts, ["aws_house"], NOON) == snapshot
    assert lake.find_covering(accounts, ["aws_house", "aws_door"], NOON) == ""
    assert lake.find_covering(accounts, ["aws_house"], NOON + HOUR) == ""
    assert lake.find_covering({ACCOUNT.id: ["us-east-1"]}, ["aws_house"], NOON) == ""
    assert lake.find_covering({}, [], NOON) == ""


# -- resuming --------------------------------------------------------------------


def test_what_an_interrupted_writer_staged_is_read_by_the_next_and_need_not_be_read_again(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with lake.writer(REQUEST, NOON) as writer:
        first = writer.id
        stage(writer, house("a"))
    with lake.writer(REQUEST, NOON + HOUR) as writer:
        assert writer.id == first
        assert writer.already_read() == {(HOUSE.name, ACCOUNT.id, "us-east-1")}
        stage(writer, house("b", "eu-west-1"), region="eu-west-1")
        writer.seal(HOUSE, ACCOUNT.id)
        writer.finish(NOON + HOUR)
    lake.close()
    assert arns(tmp_path, first) == [("a",), ("b",)]


def test_a_sealed_table_with_a_gap_is_read_again_whole_and_loses_no_region(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with lake.writer(REQUEST, NOON) as writer:
        stage(writer, house("a"))
        writer.stage([(HOUSE, unit("eu-west-1", refused=True), ())])
        writer.seal(HOUSE, ACCOUNT.id)
    with lake.writer(REQUEST, NOON + HOUR) as writer:
        left = {"us-east-1": "a", "eu-west-1": "b"}
        for region, name in left.items():
            if (HOUSE.name, ACCOUNT.id, region) not in writer.already_read():
                stage(writer, house(name, region), region=region)
        writer.seal(HOUSE, ACCOUNT.id)
        writer.finish(NOON + HOUR)
        snapshot = writer.id
    facts = lake.open(snapshot)
    lake.close()
    assert arns(tmp_path, snapshot) == [("a",), ("b",)]
    assert {region for _, _, region in facts.units} == set(left)
    assert all(each.is_read for each in facts.units.values())


def test_an_old_unfinished_snapshot_is_not_resumed(lake: Lake) -> None:
    with lake.writer(REQUEST, NOON) as writer:
        first = writer.id
    with lake.writer(REQUEST, NOON + RESUMABLE_FOR + HOUR) as writer:
        assert writer.id != first
        assert writer.already_read() == frozenset()


def test_another_request_never_resumes_this_one(lake: Lake) -> None:
    with lake.writer(REQUEST, NOON) as writer:
        stage(writer, house("a"))
    with lake.writer({**REQUEST, "tables": ["aws_door"]}, NOON) as writer:
        assert writer.already_read() == frozenset()


def test_two_writers_of_one_request_are_not_let_in_together_and_others_are(lake: Lake, tmp_path: Path) -> None:
    other = Lake(tmp_path)
    with lake.writer(REQUEST, NOON):
        with pytest.raises(LakeError, match=r"lake\.busy"), other.writer(REQUEST, NOON):
            pytest.fail("two writers of one request")
        with other.writer({"accounts": {}, "tables": []}, NOON):
            pass
    with other.writer(REQUEST, NOON):
        pass


def test_what_a_killed_writer_left_half_written_is_swept_when_its_request_is_written_again(
    lake: Lake, tmp_path: Path
) -> None:
    with lake.writer(REQUEST, NOON) as writer:
        left = tmp_path / "lake" / f".writing-{writer._name}-x"
        left.mkdir()
        (left / "part.parquet").write_bytes(b"half")
    another = tmp_path / "lake" / ".writing-0000-x"
    another.mkdir()
    with lake.writer(REQUEST, NOON):
        assert not left.exists()
        assert another.exists()


# -- places that cannot be written --------------------------------------------------


def test_a_home_that_is_a_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("")
    with pytest.raises(LakeError) as caught:
        Lake(home)
    assert caught.value.text == "lake.not_writable"
    assert caught.value.values["path"] == home


def test_a_lake_that_was_removed_while_it_was_written_is_an_error(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with lake.writer(REQUEST, NOON) as writer:
        stage(writer, house("a"))
        shutil.rmtree(tmp_path / "lake")
        (tmp_path / "lake").write_text("")
        with pytest.raises(LakeError):
            writer.seal(HOUSE, ACCOUNT.id)


def test_the_accounts_of_a_snapshot_come_back_as_they_were(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    closed = Account(id="東京", partition="aws-cn", alias="x'; drop table snapshot; --", regions_are_known=False)
    with lake.writer(REQUEST, datetime(2026, 1, 1, tzinfo=UTC)) as writer:
        writer.accounts([ACCOUNT, closed])
        writer.finish(NOON)
        snapshot = writer.id
    assert set(lake.open(snapshot).accounts) == {ACCOUNT, closed}
    lake.close()
