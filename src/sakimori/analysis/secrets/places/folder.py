"""Files on disk: every regular file under a folder, whatever a .gitignore says; links are not followed."""

import errno
import os
import stat
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final, cast

from sakimori.analysis.secrets.decoders.images import missing_of_layout
from sakimori.analysis.secrets.found import Unread
from sakimori.analysis.secrets.places.git_strays import strays_in

HELD_AT_ONCE: Final = 64 << 20
"""A larger file is read in parts, or streamed where it is an archive."""
_OBJECTS: Final = "objects"
"""The folder of a repository that holds compressed objects: they are read through git."""
_LARGE_FILES: Final = "lfs"
"""That of Git LFS, of files as they are: with the history, for those of now lie in the working tree."""
_OF_REPOSITORY: Final = frozenset(("HEAD", "objects", "refs"))
_OF_IMAGE: Final = frozenset(("oci-layout", "index.json"))


@dataclass(frozen=True, slots=True)
class FileOnDisk:
    """A file and its size when it was listed."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class RepositoryOnDisk:
    """A git directory that was met on the way."""

    path: str


@dataclass(frozen=True, slots=True)
class WorktreeOnDisk:
    """A folder whose repository lies elsewhere: a worktree, or a submodule."""

    path: str


def files_under(
    root: str, *, with_history: bool = False
) -> Iterator[FileOnDisk | RepositoryOnDisk | WorktreeOnDisk | Unread]:
    """The files under a path, folders in the order of their names; what could not be listed is told in its place."""
    try:
        about = os.stat(root)  # noqa: PTH116 - many thousands: Path objects would cost more than the reading
    except OSError as error:
        yield _unread(root, error)
        return
    if not stat.S_ISDIR(about.st_mode):
        is_file = stat.S_ISREG(about.st_mode)
        # A pipe or a device has no end of its own, and what waits in it would be taken from somebody.
        path = os.path.realpath(root) if os.path.islink(root) else root  # noqa: PTH114
        yield FileOnDisk(path, about.st_size) if is_file else Unread(name=root, reason="unreadable", detail="ENOTREG")
        return
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield _unread(folder, error)
            continue
        names = {entry.name for entry in listed}
        is_git = names >= _OF_REPOSITORY
        if is_git:
            yield RepositoryOnDisk(folder)
        if names >= _OF_IMAGE and (missing := missing_of_layout(folder)):
            yield Unread(name=folder, reason="image_incomplete", detail=f"{len(missing)}: {missing[0]}")
        for entry in listed:
            is_left_out = entry.name == _OBJECTS or (entry.name == _LARGE_FILES and not with_history)
            if not (is_git and is_left_out):
                yield from _entry(entry, waiting)
            elif entry.name == _OBJECTS and with_history and entry.is_dir(follow_symlinks=False):
                yield from _strays(entry.path)


def _strays(objects: str) -> Iterator[FileOnDisk | Unread]:
    """What git passes over among the objects, as files of their own."""
    try:
        for entry in strays_in(objects):
            yield FileOnDisk(entry.path, entry.stat(follow_symlinks=False).st_size)
    except OSError as error:
        yield _unread(objects, error)


def _entry(entry: "os.DirEntry[str]", waiting: list[str]) -> Iterator[FileOnDisk | WorktreeOnDisk | Unread]:
    try:
        if entry.is_dir(follow_symlinks=False):
            waiting.append(entry.path)
        elif entry.is_file(follow_symlinks=False):
            yield FileOnDisk(entry.path, entry.stat(follow_symlinks=False).st_size)
            if entry.name == ".git":
                yield WorktreeOnDisk(os.path.dirname(entry.path))  # noqa: PTH120
    except OSError as error:
        yield _unread(entry.path, error)


def read_file(path: str, expected: int) -> bytes | Unread:
    """The bytes of a file that was listed with the expected size."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        return _unread(path, error)
    try:
        # One call reads a file of the size that it was listed with, and says that nothing follows.
        content = os.read(descriptor, expected + 1)
        if len(content) <= expected:
            return content
        pieces = [content]
        while len(content) and sum(map(len, pieces)) < 2 * HELD_AT_ONCE:
            content = os.read(descriptor, 1 << 20)
            pieces.append(content)
        return Unread(name=path, reason="grew") if content else b"".join(pieces)
    except OSError as error:
        return _unread(path, error)
    finally:
        os.close(descriptor)


class FileBytes:
    """The bytes of a large file, read as they are asked for: a mapped file that another program cuts would end this one."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = os.fstat(file.fileno()).st_size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        """OSError where the file is not as long as it was any more."""
        start, stop, _ = part.indices(self._size)
        pieces: list[bytes] = []
        while start < stop:
            # One call of Linux gives two gigabytes at most.
            content = os.pread(self._file.fileno(), stop - start, start)
            if not content:
                raise OSError(errno.EIO, "the file became shorter while it was read")
            pieces.append(content)
            start += len(content)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


@contextmanager
def large_file(path: str) -> Generator[tuple[BinaryIO, FileBytes]]:
    """A large file: as a stream, and by its places. OSError where it cannot be read."""
    with open(path, "rb") as file:  # noqa: PTH123
        yield cast("BinaryIO", file), FileBytes(cast("BinaryIO", file))


def _unread(path: str, error: OSError) -> Unread:
    code = errno.errorcode.get(error.errno or 0, type(error).__name__)
    reason = "missing" if error.errno == errno.ENOENT else "denied" if error.errno in (errno.EACCES, errno.EPERM) else "unreadable"  # fmt: skip
    return Unread(name=path, reason=reason, detail=code)
