"""A home for one run, whose lake goes away with it; what a killed run left goes with the next one."""

import fcntl
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from os import getuid
from pathlib import Path
from typing import IO, Final

_PREFIX: Final = "sakimori-passing-"
_LOCK: Final = "in-use.lock"


@contextmanager
def passing_home() -> Generator[Path]:
    """The home, in the system's directory for such things (TMPDIR says which); it is removed at the end."""
    _sweep()
    home, lock = _locked_new()
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)
        lock.close()


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
