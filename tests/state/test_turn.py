"""A turn: one process at a time, and the next one when it ends, however it ends."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.stores import new_place

from sakimori.model.errors import LakeError
from sakimori.state.store import open_store

HOLDER = """
import sys
from sakimori.state.store import open_store

with open_store(sys.argv[1]) as store, store.turn(sys.argv[2]) as has_turn:
    print(has_turn, flush=True)
    sys.stdin.read()
"""

RACER = """
import sys, time
from pathlib import Path
from sakimori.state.store import open_store

with open_store(sys.argv[1]) as store:
    for _ in range(10):
        with store.turn("count", 60) as has_turn:
            assert has_turn
            count = int(Path(sys.argv[2]).read_text())
            time.sleep(0.002)
            Path(sys.argv[2]).write_text(str(count + 1))
"""


@contextmanager
def holder(place: str, name: str = "deliver") -> Iterator[subprocess.Popen[str]]:
    """Another process, which has the turn until its input ends or it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, place, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.slow
def test_one_process_at_a_time_has_the_turn(place: str) -> None:
    with open_store(place) as store, holder(place), store.turn("deliver") as has_turn:
        assert not has_turn


@pytest.mark.slow
def test_turns_of_other_names_do_not_wait_for_each_other(place: str) -> None:
    with open_store(place) as store, holder(place), store.turn("something-else") as has_turn:
        assert has_turn


def test_within_a_process_too_one_at_a_time_has_the_turn(place: str) -> None:
    with open_store(place) as store, store.turn("deliver") as first:
        assert first
        with store.turn("deliver") as second:
            assert not second
    with open_store(place) as store, store.turn("deliver") as third:
        assert third


@pytest.mark.slow
def test_the_turn_passes_on_at_a_kill(place: str) -> None:
    with open_store(place) as store, holder(place) as process:
        process.kill()
        with store.turn("deliver", wait_seconds=120) as has_turn:
            assert has_turn


@pytest.mark.slow
def test_who_waits_has_the_turn_when_the_other_is_done(place: str) -> None:
    with open_store(place) as store, holder(place) as process:
        assert process.stdin is not None
        threading.Timer(0.2, process.stdin.close).start()
        with store.turn("deliver", wait_seconds=120) as has_turn:
            assert has_turn


@pytest.mark.slow
def test_who_waits_in_vain_waits_no_longer_than_asked(place: str) -> None:
    with open_store(place) as store, holder(place):
        begun = time.monotonic()
        with store.turn("deliver", wait_seconds=0.3) as has_turn:
            assert not has_turn
        assert 0.3 <= time.monotonic() - begun < 60


def test_a_turn_ends_with_an_exception(place: str) -> None:
    with open_store(place) as store:
        with pytest.raises(KeyError), store.turn("deliver"):
            raise KeyError
        with store.turn("deliver") as has_turn:
            assert has_turn


@pytest.mark.slow
def test_a_turn_does_not_hold_up_who_writes(place: str) -> None:
    with open_store(place) as store, holder(place), store.begin() as connection:
        connection.exec_driver_sql("INSERT INTO ground (digest, body) VALUES ('d', 'b')")


@pytest.mark.slow
def test_of_what_three_processes_do_by_turns_nothing_is_lost(place: str, tmp_path: Path) -> None:
    open_store(place).close()
    counted = tmp_path / "count"
    counted.write_text("0")
    racers = [subprocess.Popen([sys.executable, "-c", RACER, place, str(counted)]) for _ in range(3)]
    assert [each.wait(60) for each in racers] == [0, 0, 0]
    assert counted.read_text() == "30"


def test_stores_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with new_place("sqlite", tmp_path / "a") as one, new_place("sqlite", tmp_path / "b") as other:
        both_have_it(one, other)


@pytest.mark.slow
def test_stores_of_one_server_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with new_place("postgresql", tmp_path) as one, new_place("postgresql", tmp_path) as other:
        both_have_it(one, other)


def both_have_it(one: str, other: str) -> None:
    with open_store(one) as first, open_store(other) as second, first.turn("x") as mine, second.turn("x") as yours:
        assert (mine, yours) == (True, True)


def test_a_lock_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    with new_place("sqlite", tmp_path) as place, open_store(place) as store:
        Path(f"{place}.deliver.lock").mkdir()
        with pytest.raises(LakeError), store.turn("deliver"):
            pass


def test_the_lock_beside_the_store_is_private(tmp_path: Path) -> None:
    with new_place("sqlite", tmp_path) as place, open_store(place) as store, store.turn("deliver"):
        assert Path(f"{place}.deliver.lock").stat().st_mode & 0o077 == 0
