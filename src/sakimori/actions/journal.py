"""The journal: what was done to an account, one line each, every line bound to the one before it by its hash.

A line that stands in it was on the disk before the call that it tells of was made. A last line that is torn was never
acknowledged and counts for nothing; any other fault makes the whole chain untrusted.
"""

import hashlib
import json
import os
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from sakimori.model.errors import ActionError, UsageError
from sakimori.state.durable import sync
from sakimori.texts.language import clean

_BEGIN: Final = "0" * 64
_MOST_BYTES: Final = 64_000_000
_MOST_LINE: Final = 4_000_000
_PRIVATE_FILE: Final = 0o600
_PRIVATE_DIRECTORY: Final = 0o700
_LOCK: Final = "lock"
_MOST_OWNER: Final = 400
_RUN: Final = re.compile(r"[A-Za-z0-9-]{1,80}\Z")


class Entry(StrEnum):
    """What a line tells."""

    BEGIN = "begin"
    """The plan, who approved it, and who acts."""
    INTENT = "intent"
    """A change is about to be made; with the state before it and what takes it back."""
    RESULT = "result"
    """It was made; with what takes it back, as the answer completed it."""
    FAILED = "failed"
    SETTLED = "settled"
    """After a kill between the two the account was read: the change was made, or it was not."""
    VERIFIED = "verified"
    """A step was read back and is as wanted, or is not."""
    UNDO_BEGIN = "undo_begin"
    """Taking back begins, and who said so."""
    UNDO_INTENT = "undo_intent"
    UNDO_RESULT = "undo_result"
    UNDO_FAILED = "undo_failed"
    END = "end"


_OF_RUNS: Final = frozenset({Entry.BEGIN, Entry.UNDO_BEGIN, Entry.END})
"""Lines that tell of a run and not of a place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a journal; `number` counts from 1."""

    number: int
    at: datetime
    kind: Entry
    body: Mapping[str, Any]
    hash: str


@dataclass(slots=True)
class Journal:
    """One chain of one account and run, open for writing. Use from one thread, and one at a time (a lock is held)."""

    path: Path
    _descriptor: int
    _number: int = 0
    _last: str = _BEGIN
    _size: int = 0
    begun: set[tuple[str, str, str]] = field(default_factory=set[tuple[str, str, str]])
    """The places whose state before stands in it already."""

    def write(self, kind: Entry, at: datetime, body: Mapping[str, Any]) -> None:
        """Add a line; it is on the disk when this returns. ActionError where it cannot be, or could not be read again."""
        number = self._number + 1
        content = _content(number, at, kind, body, self._last)
        digest = hashlib.sha256(content.encode()).hexdigest()
        line = json.dumps({"hash": digest, "line": json.loads(content)}, ensure_ascii=True, separators=(",", ":"))
        raw = f"{line}\n".encode()
        if len(raw) > _MOST_LINE or self._size + len(raw) > _MOST_BYTES:
            raise ActionError("harden.journal_full", path=self.path)
        try:
            _write_all(self._descriptor, raw)
            os.fsync(self._descriptor)
        except OSError as error:
            raise _unwritable(self.path, error) from error
        self._number, self._last, self._size = number, digest, self._size + len(raw)

    def close(self) -> None:
        """Let others write."""
        os.close(self._descriptor)


def open_journal(home: Path, account: str, run: str) -> tuple[Journal, tuple[Line, ...]]:
    """The journal of a run, made where there is none, with its lines; ActionError where it is broken or another writes to it."""
    import fcntl  # noqa: PLC0415 - not on every platform that can read a journal

    path = journal_path(home, account, run)
    descriptor = _opened(path, os.O_APPEND)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ActionError("harden.journal_in_use", path=path) from error
        lines, kept = _read(path)
        if kept < path.stat().st_size:
            os.ftruncate(descriptor, kept)
        os.fsync(descriptor)
        sync(path.parent)
    except BaseException:
        os.close(descriptor)
        raise
    last = lines[-1] if lines else None
    begun = {
        (line.body["step"], line.body["region"], line.body["resource"]) for line in lines if line.kind is Entry.INTENT
    }
    journal = Journal(path, descriptor, last.number if last else 0, last.hash if last else _BEGIN, kept, begun)
    return journal, lines


@contextmanager
def account_held(home: Path, account: str, run: str) -> Iterator[None]:
    """Nobody else changes this account from this home meanwhile; ActionError naming who does. Let go of at a kill too."""
    import fcntl  # noqa: PLC0415 - not on every platform that can read a journal

    descriptor = _opened(journal_path(home, account, run).parent / _LOCK)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.pread(descriptor, _MOST_OWNER, 0).decode(errors="replace")
            raise ActionError("harden.account_in_use", account=account, owner=clean(owner) or "?") from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{run}, {socket.gethostname()}, process {os.getpid()}".encode()[:_MOST_OWNER], 0)
        yield
    finally:
        os.close(descriptor)


def read_journal(path: Path) -> tuple[Line, ...]:
    """The lines of a journal; ActionError naming the line where the chain is broken."""
    return _read(path)[0]


def journals(home: Path) -> Iterator[Path]:
    """The journals of a home, by account, the oldest run first; what does not bear the name of a run is none."""
    found = (path for path in sorted((home / "journal").glob("*/*.jsonl")) if path.is_file())
    yield from (path for path in found if _RUN.match(path.stem) and _RUN.match(path.parent.name))


def journal_path(home: Path, account: str, run: str) -> Path:
    """Where the journal of a run lies; UsageError for a name that is none."""
    if not (_RUN.match(run) and _RUN.match(account)):
        raise UsageError("harden.bad_run", run=clean(run))
    return home / "journal" / account / f"{run}.jsonl"


def _read(path: Path) -> tuple[tuple[Line, ...], int]:
    """The lines, and how many bytes of the file they are: a torn last line is beyond them."""
    if not path.exists():
        raise UsageError("harden.no_journal", path=path)
    if path.stat().st_size > _MOST_BYTES:
        raise ActionError("harden.journal_too_large", path=path)
    raw = path.read_bytes()
    lines: list[Line] = []
    last, kept = _BEGIN, 0
    for piece in raw.split(b"\n"):
        end = kept + len(piece) + 1
        if end > len(raw):
            break
        number = len(lines) + 1
        line = _line(piece, number, last)
        if line is None:
            raise ActionError("harden.journal_broken", path=path, line=number)
        lines.append(line)
        last, kept = line.hash, end
    return tuple(lines), kept


def _line(piece: bytes, number: int, last: str) -> Line | None:
    """The line, None where it is not what was written after the one before it."""
    if len(piece) > _MOST_LINE:
        return None
    try:
        told = json.loads(piece)
        inner = told["line"]
        at = datetime.fromisoformat(inner["at"])
        content = _content(inner["number"], at, Entry(inner["kind"]), inner["body"], inner["last"])
        is_whole = inner["number"] == number and inner["last"] == last and set(told) == {"hash", "line"}
        has_place = all(isinstance(inner["body"].get(each), str) for each in ("step", "region", "resource"))
        is_whole = is_whole and (has_place or Entry(inner["kind"]) in _OF_RUNS)
        if not is_whole or hashlib.sha256(content.encode()).hexdigest() != told["hash"]:
            return None
        return Line(number=number, at=at, kind=Entry(inner["kind"]), body=inner["body"], hash=told["hash"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _content(number: int, at: datetime, kind: Entry, body: Mapping[str, Any], last: str) -> str:
    """What the hash is of: one text for equal lines."""
    line = {"number": number, "at": at.isoformat(), "kind": kind.value, "body": body, "last": last}
    return json.dumps(line, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=str)


def _opened(path: Path, flags: int = 0) -> int:
    """A descriptor of a private file, made where there is none; ActionError where it cannot be, or is a link."""
    try:
        for directory in (path.parent.parent, path.parent):
            directory.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_DIRECTORY)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | flags, _PRIVATE_FILE)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> ActionError:
    return ActionError("harden.journal_unwritable", path=path, reason=error.strerror or type(error).__name__)


def _write_all(descriptor: int, raw: bytes) -> None:
    left = memoryview(raw)
    while left:
        left = left[os.write(descriptor, left) :]
