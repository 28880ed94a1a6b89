"""A home for one run: it goes with the run, and what a killed one left goes with the next."""

import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sakimori.app.passing_home import passing_home
from sakimori.model.errors import LakeError

_HELD = """
import sys, time
from sakimori.app.passing_home import passing_home
with passing_home() as home:
    (home / "lake").mkdir()
    print(home, flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield
    tempfile.tempdir = None


def test_a_passing_home_goes_with_its_run_whatever_ends_it(tmp_path: Path) -> None:
    def fails() -> None:
        with passing_home() as home:
            (home / "lake").mkdir()
            assert home.parent == tmp_path
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert list(tmp_path.iterdir()) == []


def test_nobody_takes_away_the_home_of_a_run_that_lives() -> None:
    with passing_home() as one:
        with passing_home():
            assert one.is_dir()
        assert one.is_dir()


@pytest.mark.slow
def test_what_a_killed_run_left_goes_with_the_next(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", _HELD], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        home = Path(process.stdout.readline().strip())
        process.kill()
    assert (home / "lake").is_dir()
    with passing_home() as other:
        assert list(tmp_path.iterdir()) == [other]


def test_what_only_has_the_name_of_one_stays(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "in-use.lock").touch()
    (tmp_path / "sakimori-passing-link").symlink_to(elsewhere)
    (tmp_path / "sakimori-passing-mine").mkdir()
    (tmp_path / "sakimori-passing-file").touch()
    with passing_home():
        pass
    assert (elsewhere / "in-use.lock").exists()
    assert (tmp_path / "sakimori-passing-mine").is_dir()
    assert (tmp_path / "sakimori-passing-file").exists()


@pytest.mark.parametrize(
    "fault",
    [
        LakeError("lake.not_writable", path="x.arrow", reason="No space left on device"),
        LakeError("lake.manifest_unreadable", path="manifest.db", reason="database or disk is full"),
        sqlite3.OperationalError("database or disk is full"),
    ],
)
def test_a_full_disk_is_told_with_what_helps_there(tmp_path: Path, fault: Exception) -> None:
    def fails() -> None:
        with passing_home():
            raise fault

    with pytest.raises(LakeError) as error:
        fails()
    assert error.value.text == "lake.no_temporary_room"
    assert error.value.values["directory"] == str(tmp_path)
    assert str(error.value.values["reason"]).endswith(("device", "full"))
    assert list(tmp_path.iterdir()) == []


def test_without_any_directory_for_temporary_files_there_is_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    with pytest.raises(LakeError, match=r"lake\.no_temporary_room"), passing_home():
        pass


def test_other_faults_inside_are_what_they_were() -> None:
    def fails() -> None:
        with passing_home():
            raise LakeError("lake.log_part_damaged", path="x", reason="ArrowInvalid")

    with pytest.raises(LakeError, match=r"lake\.log_part_damaged"):
        fails()
