"""What a SOURCE on the command line stands for: objects with a location, a version, and a way to their bytes."""

import errno
import hashlib
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sakimori.model.errors import UsageError

STANDARD_INPUT: Final = "-"
MAX_PACKED_BYTES: Final = 2 << 30
"""Of one object as it lies there. AWS delivers far smaller ones."""

_SPELLED_BYTE: Final = re.compile(rb"\\x([0-9a-f]{2})")
_OF_THE_KERNEL: Final = ("/proc/", "/sys/", "/dev/")
"""Where files are no files, whatever they say of themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """One file or object to be read. `version` changes when its content does.

    `path` for a local file, which a worker opens itself (a text: there may be a million of them); otherwise `read` gives the bytes, in the process that listed it.
    `modified_at` is when it was stored (UTC); `is_delivered` where that was AWS's doing, so that it tells the delay.
    """

    location: str
    version: str
    byte_count: int
    path: str | None = None
    read: Callable[[], bytes] | None = None
    modified_at: datetime | None = None
    is_delivered: bool = False


def local_objects(source: str) -> Iterator[StoredObject]:
    """The files under a path, in the order of their names (so that account, Region and day come together).

    `-` is standard input. UsageError where there is nothing of that name. Symbolic links to directories are not followed.
    """
    if source == STANDARD_INPUT:
        if sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison] - a shell may have closed it
            raise UsageError("ingest.no_such_source", source=source)
        data = sys.stdin.buffer.read(MAX_PACKED_BYTES)
        digest = hashlib.sha256(data).hexdigest()
        yield StoredObject(location=STANDARD_INPUT, version=digest[:16], byte_count=len(data), read=lambda: data)
        return
    path = Path(source).expanduser()
    if path.is_file():
        yield _file(str(path.parent.resolve() / path.name))
    elif path.is_dir():
        for directory, names, files in os.walk(path):
            names.sort()
            folder = str(Path(directory).resolve())
            yield from (_file(os.path.join(folder, name)) for name in sorted(files) if not name.startswith("."))  # noqa: PTH118 - cheaper than a Path, and there may be a million
    else:
        raise UsageError("ingest.no_such_source", source=source)


def is_gone_under(source: str, location: str) -> bool:
    """Whether that location is the path, or below it, and nothing is there any more, whichever way its name is spelled."""
    if source == STANDARD_INPUT or not location.startswith("/"):
        return False
    given = _spelled(str(Path(source).expanduser().resolve()))
    written = location.encode()
    meant = _SPELLED_BYTE.sub(lambda found: bytes.fromhex(found[1].decode()), written)
    is_there = os.path.lexists(written) or os.path.lexists(meant)
    return f"{location}/".startswith(f"{given.rstrip('/')}/") and not is_there


def _file(path: str) -> StoredObject:
    """A file in a folder whose own path is resolved."""
    try:
        known = os.lstat(path)
        meant = path
        if stat.S_ISLNK(known.st_mode):
            known, meant = os.stat(path), os.path.realpath(path)  # noqa: PTH116 - as above
    except OSError:
        # Whoever reads it will say why it cannot be read.
        return StoredObject(location=_spelled(path), version="", byte_count=0, path=path)
    if not stat.S_ISREG(known.st_mode) or meant.startswith(_OF_THE_KERNEL):
        # A pipe would be waited for, a device has no end, and a link of a stranger's may lead to the kernel's log.
        return StoredObject(location=_spelled(path), version="", byte_count=0, read=_no_file)
    return StoredObject(
        location=_spelled(meant),
        version=f"{known.st_size}-{known.st_mtime_ns}",
        byte_count=known.st_size,
        path=path,
        modified_at=datetime.fromtimestamp(known.st_mtime, UTC),
    )


def _no_file() -> bytes:
    raise OSError(errno.EINVAL, "not a regular file")


def _spelled(path: str) -> str:
    r"""A path as text: bytes of a name that are not UTF-8 are spelled out (\\xff)."""
    return path if path.isascii() else os.fsencode(path).decode("utf-8", "backslashreplace")
