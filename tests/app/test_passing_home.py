"""A home for one run: it goes with the run, and what a killed one left goes with the next."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sakimori.app.passing_home import passing_home

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
