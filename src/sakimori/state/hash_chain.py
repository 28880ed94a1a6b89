"""Append-only files of JSON lines, every line bound to the one before it by its hash: the journal, and the log of a case.

A line that `write` returned from is on the disk. A last line that is torn was never acknowledged and counts for nothing;
any other fault makes the whole chain untrusted.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sakimori.model.errors import ActionError, UsageError
from sakimori.state.durable import sync

BEGIN: Final = "0" * 64
_MOST_BYTES: Final = 64_000_000
_MOST_LINE: Final = 4_000_000
_PRIVATE_FILE: Final = 0o600
_PRIVATE_DIRECTORY: Final = 0o700


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainLine:
    """One line; `number` counts from 1, `kind` is a word of whoever writes the chain."""

    number: int
    at: datetime
    kind: str
    body: Mapping[str, Any]
    hash: str


@dataclass(slots=True)
class Chain:
    """A chain open for writing. Use from one thread, and one at a time (a lock is held)."""

    path: Path
    _descriptor: int
    _number: int
    _last: str
    _size: int

    def write(self, kind: str, at: datetime, body: Mapping[str, Any]) -> ChainLine:
        """Add a line; it is on the disk when this returns. ActionError where it cannot be, or could not be read again."""
        number = self._number + 1
        content = _content(number, at, kind, body, self._last)
        digest = hashlib.sha256(content.encode()).hexdigest()
        told = json.loads(content)
        raw = _written(digest, told) + b"\n"
        if len(raw) > _MOST_LINE or self._size + len(raw) > _MOST_BYTES:
            raise ActionError("chain.full", path=self.path)
        try:
            _write_all(self._descriptor, raw)
            os.fsync(self._descriptor)
        except OSError as error:
            self._forget_torn()
            raise unwritable(self.path, error) from error
        self._number, self._last, self._size = number, digest, self._size + len(raw)
        return ChainLine(number=number, at=at, kind=kind, body=told["body"], hash=digest)

    def _forget_torn(self) -> None:
        """Half a line of a full disk goes: what is written after it, once there is room again, must follow the last whole one."""
        with suppress(OSError):
            os.ftruncate(self._descriptor, self._size)

    def close(self) -> None:
        """Let others write."""
        os.close(self._descriptor)


def open_chain(path: Path) -> tuple[Chain, tuple[ChainLine, ...]]:
    """The chain with its lines, made where there is none; ActionError where it is broken or another process writes to it."""
    import fcntl  # noqa: PLC0415 - not on every platform that can read a chain

    descriptor = opened_private(path, os.O_APPEND)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ActionError("chain.in_use", path=path) from error
        lines, kept = _read(path)
        if kept < path.stat().st_size:
            os.ftruncate(descriptor, kept)
        os.fsync(descriptor)
        sync(path.parent)
    except BaseException:
        os.close(descriptor)
        raise
    last = lines[-1] if lines else None
    return Chain(path, descriptor, last.number if last else 0, last.hash if last else BEGIN, kept), lines


def read_chain(path: Path) -> tuple[ChainLine, ...]:
    """The lines; UsageError where there is no such file, ActionError naming the line where the chain is broken."""
    return _read(path)[0]


def broken(path: Path, number: int) -> ActionError:
    """What is raised of a line that does not follow."""
    return ActionError("chain.broken", path=path, line=number)


def opened_private(path: Path, flags: int = 0) -> int:
    """A descriptor of a private file, made where there is none; ActionError where it cannot be, or is a link."""
    try:
        for directory in (path.parent.parent, path.parent):
            directory.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_DIRECTORY)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | flags, _PRIVATE_FILE)
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> ActionError:
    """What is raised where the disk refuses."""
    return ActionError("chain.unwritable", path=path, reason=error.strerror or type(error).__name__)


def _read(path: Path) -> tuple[tuple[ChainLine, ...], int]:
    """The lines, and how many bytes of the file they are: a torn last line is beyond them."""
    if not path.exists():
        raise UsageError("chain.missing", path=path)
    if path.stat().st_size > _MOST_BYTES:
        raise ActionError("chain.too_large", path=path)
    raw = path.read_bytes()
    lines: list[ChainLine] = []
    last, kept = BEGIN, 0
    for piece in raw.split(b"\n"):
        end = kept + len(piece) + 1
        if end > len(raw):
            break
        number = len(lines) + 1
        line = _line(piece, number, last)
        if line is None:
            raise broken(path, number)
        lines.append(line)
        last, kept = line.hash, end
    return tuple(lines), kept


def _line(piece: bytes, number: int, last: str) -> ChainLine | None:
    """The line, None where it is not what was written after the one before it."""
    if len(piece) > _MOST_LINE:
        return None
    try:
        told = json.loads(piece)
        inner = told["line"]
        at, kind, body = datetime.fromisoformat(inner["at"]), inner["kind"], inner["body"]
        content = _content(inner["number"], at, kind, body, inner["last"])
        is_next = inner["number"] == number and inner["last"] == last and set(told) == {"hash", "line"}
        is_whole = is_next and isinstance(kind, str) and isinstance(body, dict)
        digest = hashlib.sha256(content.encode()).hexdigest()
        if not is_whole or piece != _written(digest, json.loads(content)):
            return None
        return ChainLine(number=number, at=at, kind=kind, body=body, hash=told["hash"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _content(number: int, at: datetime, kind: str, body: Mapping[str, Any], last: str) -> str:
    """What the hash is of: one text for equal lines."""
    line = {"number": number, "at": at.isoformat(), "kind": kind, "body": body, "last": last}
    return json.dumps(line, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=str)


def _written(digest: str, line: Mapping[str, Any]) -> bytes:
    """The bytes of a line: JSON that says the same in other bytes (an escape, a space) was not written here."""
    return json.dumps({"hash": digest, "line": line}, ensure_ascii=True, separators=(",", ":")).encode()


def _write_all(descriptor: int, raw: bytes) -> None:
    left = memoryview(raw)
    while left:
        left = left[os.write(descriptor, left) :]
