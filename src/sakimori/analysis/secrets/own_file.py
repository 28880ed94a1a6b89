"""Kept files that are trusted as code is: a compiled database and compiled kinds. Only the person's own, that nobody else may write."""

import os
import stat

_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def read_own(path: str | os.PathLike[str]) -> bytes:
    """The bytes of a regular file of this person in a folder of theirs; OSError where others could have put it there."""
    check_own_folder(os.path.dirname(path) or ".")  # noqa: PTH120 - pathlib is slow to import
    with open(os.open(path, _FLAGS), "rb") as file:  # noqa: PTH123
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode) or not _is_own(about):
            raise PermissionError
        return file.read()


def write_own(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a new file that nobody else may write, whatever the umask; OSError in a folder of others."""
    check_own_folder(os.path.dirname(path) or ".")  # noqa: PTH120
    with open(os.open(path, _NEW, 0o600), "wb") as file:  # noqa: PTH123
        file.write(content)


def check_own_folder(folder: str | os.PathLike[str]) -> None:
    """OSError where others may write into the folder, and so could change what is kept, or where we write."""
    if not _is_own(os.stat(folder)):  # noqa: PTH116
        raise PermissionError


def _is_own(about: os.stat_result) -> bool:
    return about.st_uid == os.geteuid() and not about.st_mode & _OTHERS_WRITE
