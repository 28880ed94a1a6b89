"""The manifest on disk: damaged, newer, shared, full."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from tests.lake.world import HOUSE, NOON, REQUEST, house, stage, write_snapshot

from sakimori.lake.manifest import Manifest
from sakimori.lake.snapshot import Lake
from sakimori.model.errors import LakeError


def manifest_of(home: Path) -> Path:
    return home / "lake" / "manifest.db"


def test_a_manifest_of_a_newer_program_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    write_snapshot(tmp_path, house("a"))
    with sqlite3.connect(manifest_of(tmp_path)) as connection:
        connection.execute("pragma user_version = 99")
    connection.close()
    with pytest.raises(LakeError) as caught:
        Lake(tmp_path)
    assert caught.value.text == "lake.newer"
    connection = sqlite3.connect(manifest_of(tmp_path))
    assert connection.execute("pragma user_version").fetchone() == (99,)
    connection.close()


def test_a_file_that_is_no_manifest_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir()
    manifest_of(tmp_path).write_bytes(b"not a database at all" * 100)
    with pytest.raises(LakeError) as caught:
        Lake(tmp_path)
    assert caught.value.text == "lake.manifest_unreadable"
    assert caught.value.values["path"] == manifest_of(tmp_path)


@pytest.mark.slow
def test_a_manifest_damaged_within_is_an_error_when_it_is_read(tmp_path: Path) -> None:
    for number in range(30):
        write_snapshot(tmp_path, house("a"), now=NOON.replace(minute=number))
    path = manifest_of(tmp_path)
    raw = bytearray(path.read_bytes())
    assert len(raw) > 3 * 4096
    raw[4096:] = b"\xff" * (len(raw) - 4096)
    path.write_bytes(raw)
    with pytest.raises(LakeError) as caught:
        Lake(tmp_path).snapshots()
    assert caught.value.text == "lake.manifest_unreadable"
    assert caught.value.values["path"] == path


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path / "manifest.db")
    insert = "insert into snapshot values (?, '{}', 'now', null, ?)"
    with pytest.raises(LakeError, match="manifest_failed"), manifest.begin() as connection:
        connection.executemany(insert, [("a", "running"), ("b", "no such state")])
    assert manifest.query("select id from snapshot") == []
    manifest.close()


def test_a_disk_that_is_full_at_the_commit_is_an_error_of_the_lake(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path / "manifest.db")
    with manifest.begin() as connection:
        connection.execute("insert into snapshot values ('a', '{}', 'now', null, 'running')")
    [(pages,)] = manifest.query("pragma page_count")
    manifest.query(f"pragma max_page_count = {pages}")
    with pytest.raises(LakeError, match="full"), manifest.begin() as connection:
        connection.execute("insert into snapshot values ('b', ?, 'now', null, 'running')", ("x" * 100_000,))
    assert manifest.query("select id from snapshot") == [("a",)]
    manifest.close()


def test_many_processes_may_open_a_new_lake_at_once(tmp_path: Path) -> None:
    def open_and_read(_number: int) -> int:
        lake = Lake(tmp_path)
        try:
            return len(lake.snapshots())
        finally:
            lake.close()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(open_and_read, range(16))) == [0] * 16


def test_a_reader_sees_the_last_complete_snapshot_while_another_is_written(tmp_path: Path) -> None:
    first = write_snapshot(tmp_path, house("a"))
    writing, reading = Lake(tmp_path), Lake(tmp_path)
    with writing.writer({**REQUEST, "tables": ["x"]}, NOON) as writer:
        stage(writer, house("b"))
        assert reading.find("latest") == first
        assert HOUSE.name in reading.open(first).parts
    writing.close()
    reading.close()


@pytest.mark.slow
def test_many_may_make_the_same_manifest_at_the_same_moment(tmp_path: Path) -> None:
    for number in range(60):
        path, together = tmp_path / f"{number}.db", Barrier(4)

        def make(path: Path = path, together: Barrier = together) -> None:
            together.wait()
            Manifest(path).close()

        with ThreadPoolExecutor(4) as pool:
            for made in [pool.submit(make) for _ in range(4)]:
                made.result()
