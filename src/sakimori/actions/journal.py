"""The journal: what was done to an account, one line each, every line bound to the one before it by its hash.

A line that stands in it was on the disk before the call that it tells of was made. A last line that is torn was never
acknowledged and counts for nothing; any other fault makes the whole chain untrusted.
"""

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
from sakimori.state.hash_chain import Chain, ChainLine, broken, open_chain, opened_private, read_chain
from sakimori.texts.language import clean

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
_MEMBERS: Final[Mapping[Entry, Mapping[str, type]]] = {
    Entry.BEGIN: {"plan": str, "wishes": dict},
    Entry.VERIFIED: {"holds": bool, "undone": bool},
}
"""What a line must say beside its place: hashes tell that nobody changed it, not that it is ours."""


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

    _chain: Chain
    begun: set[tuple[str, str, str]] = field(default_factory=set[tuple[str, str, str]])
    """The places whose state before stands in it already."""

    @property
    def path(self) -> Path:
        """Its file."""
        return self._chain.path

    def write(self, kind: Entry, at: datetime, body: Mapping[str, Any]) -> None:
        """Add a line; it is on the disk when this returns. ActionError where it cannot be, or could not be read again."""
        self._chain.write(kind.value, at, body)

    def close(self) -> None:
        """Let others write."""
        self._chain.close()


def open_journal(home: Path, account: str, run: str) -> tuple[Journal, tuple[Line, ...]]:
    """The journal of a run, made where there is none, with its lines; ActionError where it is broken or another writes to it."""
    path = journal_path(home, account, run)
    chain, found = open_chain(path)
    try:
        lines = _lines(path, found)
    except BaseException:
        chain.close()
        raise
    begun = {
        (line.body["step"], line.body["region"], line.body["resource"]) for line in lines if line.kind is Entry.INTENT
    }
    return Journal(chain, begun), lines


@contextmanager
def account_held(home: Path, account: str, run: str) -> Iterator[None]:
    """Nobody else changes this account from this home meanwhile; ActionError naming who does. Let go of at a kill too."""
    import fcntl  # noqa: PLC0415 - not on every platform that can read a journal

    descriptor = opened_private(journal_path(home, account, run).parent / _LOCK)
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
    return _lines(path, read_chain(path))


def journals(home: Path) -> Iterator[Path]:
    """The journals of a home, by account, the oldest run first; what does not bear the name of a run is none."""
    found = (path for path in sorted((home / "journal").glob("*/*.jsonl")) if path.is_file())
    yield from (path for path in found if _RUN.match(path.stem) and _RUN.match(path.parent.name))


def journal_path(home: Path, account: str, run: str) -> Path:
    """Where the journal of a run lies; UsageError for a name that is none."""
    if not (_RUN.match(run) and _RUN.match(account)):
        raise UsageError("harden.bad_run", run=clean(run))
    return home / "journal" / account / f"{run}.jsonl"


def _lines(path: Path, found: tuple[ChainLine, ...]) -> tuple[Line, ...]:
    """The same lines with their kinds; one that names no place, where it must, is none of ours."""
    return tuple(_line(path, each) for each in found)


def _line(path: Path, line: ChainLine) -> Line:
    has_place = all(isinstance(line.body.get(each), str) for each in ("step", "region", "resource"))
    try:
        kind = Entry(line.kind)
    except ValueError:
        raise broken(path, line.number) from None
    is_formed = all(isinstance(line.body.get(name), form) for name, form in _MEMBERS.get(kind, {}).items())
    if not is_formed or (not has_place and kind not in _OF_RUNS):
        raise broken(path, line.number)
    return Line(number=line.number, at=line.at, kind=kind, body=line.body, hash=line.hash)
