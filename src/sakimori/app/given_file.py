"""Files that a person names on the command line: regular ones only, and never more of them than was said."""

import json
import os
import stat
from pathlib import Path
from typing import BinaryIO, Final

from sakimori.model.errors import UsageError

_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def open_regular(path: Path | str) -> BinaryIO:
    """The file, open to be read; UsageError for what has no end of its own: a folder, a device, a pipe.

    A pipe is opened without waiting for whoever might write into it, and what was opened is what is looked at.
    """
    try:
        number = os.open(path, _FLAGS)
    except OSError as error:
        raise _unreadable(path, error) from None
    if stat.S_ISREG(os.fstat(number).st_mode):
        return os.fdopen(number, "rb")
    os.close(number)
    raise UsageError("iam.file_not_regular", path=path)


def read_regular(path: Path | str, most: int) -> bytes:
    """All of a file of at most so many bytes; UsageError where it is larger, no regular file, or cannot be read."""
    with open_regular(path) as file:
        try:
            content = file.read(most + 1)
        except OSError as error:
            raise _unreadable(path, error) from None
    if len(content) > most:
        raise UsageError("iam.file_too_large", path=path, megabytes=max(1, most // 1024 // 1024))
    return content


def text_of(content: bytes, path: Path | str) -> str:
    """JSON as text: UTF-8, or UTF-16 and UTF-32 as Windows' PowerShell redirects a command's output; UsageError where it is neither.

    Source: RFC 4627, 3, by which the first bytes of JSON tell its encoding (as `json.detect_encoding` reads them).
    """
    try:
        return content.decode(json.detect_encoding(content))
    except UnicodeDecodeError:
        raise UsageError("iam.file_no_text", path=path) from None


def _unreadable(path: Path | str, error: OSError) -> UsageError:
    if isinstance(error, FileNotFoundError):
        return UsageError("cli.no_such_file", path=path)
    return UsageError("iam.file_unreadable", path=path, reason=error.strerror or type(error).__name__)
