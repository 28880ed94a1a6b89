"""Homes of the demo and of drills."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sakimori.app import home
from sakimori.model.errors import UsageError

_OTHER = """
import sys
from sakimori.app.home import fresh_demo_home
print(fresh_demo_home().name, flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SAKIMORI_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(home, "_HELD", held := list[int]())
    yield tmp_path / "cache"
    for each in held:
        home.os.close(each)


def test_demo_home_is_empty_each_time_and_no_drill_takes_it_away(cache: Path) -> None:
    (cache / "demo").mkdir(parents=True)
    (cache / "demo" / "old").touch()
    assert (home.fresh_demo_home(), home.fresh_drill_home()) == (cache / "demo", cache / "drill")
    assert not (cache / "demo").exists()


@pytest.mark.slow
def test_second_demo_leaves_the_first_its_home_until_that_is_killed(cache: Path) -> None:
    """Slow: a process of its own imports the program."""
    with subprocess.Popen((sys.executable, "-c", _OTHER), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "demo"
        (cache / "demo").mkdir()
        assert home.fresh_demo_home().name == "demo-2"
        assert (cache / "demo").exists()
        other.kill()
    assert home.fresh_demo_home().name == "demo"


def test_cache_that_cannot_be_written_is_named_with_what_to_do(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SAKIMORI_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(UsageError) as refused:
        home.fresh_demo_home()
    assert (refused.value.text, refused.value.values["path"]) == ("cli.cache_not_writable", tmp_path / "file" / "cache")
