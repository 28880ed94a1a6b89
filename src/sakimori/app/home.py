"""Where the program keeps its data: one directory, closed to others."""

import fcntl
import os
import shutil
from itertools import count
from pathlib import Path
from typing import Final

import platformdirs

from sakimori.analysis.secrets.own_file import check_own_folder
from sakimori.model.errors import UsageError

_PRIVATE: Final = 0o700
_HELD: Final[list[int]] = []
"""Locks of homes that are this process's alone. They are never closed: the system lets go of them at its end."""


def default_home() -> Path:
    """The platform's data directory; SAKIMORI_HOME and --home come before it."""
    return Path(platformdirs.user_data_dir("sakimori", appauthor=False))


def ensure_outside(home: Path, output: Path) -> None:
    """UsageError for a file or folder to be written inside the home: there a report would take the place of the lake or of findings."""
    if output.expanduser().resolve().is_relative_to(home.expanduser().resolve()):
        raise UsageError("query.inside_the_home", path=output)


def cache_directory() -> Path:
    """Where what can be made again is kept; SAKIMORI_CACHE comes before the platform's directory."""
    return Path(os.environ.get("SAKIMORI_CACHE") or platformdirs.user_cache_dir("sakimori", appauthor=False))


def open_cache() -> Path | None:
    """The cache, where others may write to it: what is trusted as code is neither taken from it nor kept there."""
    folder = cache_directory()
    try:
        check_own_folder(folder)
    except PermissionError:
        return folder
    except OSError:
        pass  # there is none yet, or none that can be read: nothing of others is in it
    return None


def fresh_demo_home() -> Path:
    """A home of its own for the demo, empty each time: its account is a new one, and must never mix with real findings.

    A second demo at the same time gets another one.
    """
    return _fresh("demo")


def fresh_drill_home() -> Path:
    """The same for a drill, which must not take the demo's away."""
    return _fresh("drill")


def _fresh(name: str) -> Path:
    """The first such home that no other process works in; it stays this one's until the process ends, however it ends.

    UsageError where the cache cannot be written.
    """
    cache, numbers = cache_directory(), count(2)
    home = cache / name
    try:
        cache.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
        while not _taken(home):
            home = cache / f"{name}-{next(numbers)}"
    except OSError as error:
        raise UsageError("cli.cache_not_writable", path=cache, reason=error.strerror) from error
    shutil.rmtree(home, ignore_errors=True)
    return home


def _taken(home: Path) -> bool:
    descriptor = os.open(f"{home}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    _HELD.append(descriptor)
    return True
