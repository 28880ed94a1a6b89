"""A home for one run, whose lake goes away with it; what a killed run left goes with the next one."""

import fcntl
import shutil
import sqlite3
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from os import environ, getuid
from pathlib import Path
from typing import IO, Final

from sakimori.model.errors import LakeError

_UNWRITTEN: Final = ("lake.not_writable", "lake.manifest_unreadable", "lake.manifest_failed")
_PREFIX: Final = "sakimori-passing-"
_LOCK: Final = "in-use.lock"


@contextmanager
def passing_home() -> Generator[Path]:
    """The home, in the system's directory for such things (TMPDIR says which); it is removed at the end.

    LakeError where that directory cannot take what is written inside.
    """
    try:
        _sweep()
        home, lock = _locked_new()
    except OSError as error:
        raise _no_room(error) from error
    try:
        yield home
    except LakeError as error:
        if error.text not in _UNWRITTEN:
            raise
        # Another --home would not help.
        raise _no_room(error.values.get("reason")) from error
    except sqlite3.OperationalError as error:
        raise _no_room(error) from error
    finally:
        shutil.rmtree(home, ignore_errors=True)
        lock.close()


def _no_room(reason: object) -> LakeError:
    directory = tempfile.tempdir or environ.get("TMPDIR", "")
    return LakeError("lake.no_temporary_room", directory=directory, reason=str(reason))


def _locked_new() -> tuple[Path, IO[str]]:
    """A home with a lock that the kernel drops when this process dies."""
    while True:
        home = Path(tempfile.mkdtemp(prefix=_PREFIX))
        lock = (home / _LOCK).open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        # A sweeper may have been quicker than our lock.
        if (home / _LOCK).exists():
            return home, lock
        lock.close()


def _sweep() -> None:
    """Remove what runs of this user left that are no more. One without a lock is just being made, or no home."""
    for home in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            if home.is_symlink() or home.stat().st_uid != getuid():
                continue
            with (home / _LOCK).open() as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(home, ignore_errors=True)
        except OSError:
            # Its run lives, or somebody else was quicker.
            continue
