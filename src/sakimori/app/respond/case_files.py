"""The directories of cases: `cases/SKM-YYYYMMDD-RNN/` under the home, each with its log, its evidence and its drafts.

The R tells a response from a case of the inbox (`SKM-YYYYMMDD-NN`), which begins by itself.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sakimori.actions.journal import journals
from sakimori.app.respond.case import Case, Suspect, Told
from sakimori.app.respond.case_lines import case_of, grown
from sakimori.model.errors import ActionError, UsageError
from sakimori.state.hash_chain import Chain, ChainLine, open_chain, read_chain, unwritable
from sakimori.texts.language import clean

_NAME: Final = re.compile(r"SKM-[0-9]{8}-R[0-9]{2,4}\Z")
_LOG: Final = "case.jsonl"
_MOST_A_DAY: Final = 9_999
_PRIVATE: Final = 0o700


class CaseLog:
    """The log of a case, open for writing by this process alone; `case` is what it tells by now."""

    def __init__(self, directory: Path, chain: Chain, clock: Callable[[], datetime], case: Case | None) -> None:
        self.directory = directory
        self._chain = chain
        self._clock = clock
        self._case = case

    @property
    def case(self) -> Case:
        """The case as it stands."""
        if self._case is None:
            raise empty_log(self.directory)
        return self._case

    def go_by(self, clock: Callable[[], datetime]) -> None:
        """Date what is written from now on by another clock."""
        self._clock = clock

    def write(self, kind: Told, body: Mapping[str, Any]) -> Case:
        """Add a line; it is on the disk when this returns. The case as it stands then."""
        line = self._chain.write(kind.value, self._clock(), body)
        self._case = grown(self.directory.name, self._case, line)
        return self.case


def cases_of(home: Path) -> Path:
    """Where the cases lie."""
    return home / "cases"


@contextmanager
def new_case(home: Path, opening: Mapping[str, Any], *, clock: Callable[[], datetime]) -> Iterator[CaseLog]:
    """Open a case: the next free number of the day (UTC)."""
    directory = _made(cases_of(home), clock())
    chain, _ = open_chain(directory / _LOG)
    try:
        log = CaseLog(directory, chain, clock, None)
        log.write(Told.OPENED, opening)
        yield log
    finally:
        chain.close()


@contextmanager
def open_case(home: Path, name: str, *, clock: Callable[[], datetime]) -> Iterator[CaseLog]:
    """Go on with a case; UsageError where there is none, ActionError where another process works on it, or its log was changed."""
    directory = find_case(home, name)
    # What is not whole is left as it lies: to open it takes a torn line off its end.
    _read(directory)
    begun = _begun(directory)
    try:
        chain, lines = open_chain(directory / _LOG)
    except ActionError as error:
        if error.text != "chain.in_use":
            raise
        raise ActionError("respond.in_use", case=directory.name) from error
    try:
        yield CaseLog(directory, chain, clock, _whole(directory, lines, begun))
    finally:
        chain.close()


def read_case(home: Path, name: str) -> tuple[Path, Case]:
    """A case for looking at, whoever works on it."""
    directory = find_case(home, name)
    found = _read(directory)
    if found is None:
        raise empty_log(directory)
    return directory, found


def find_case(home: Path, name: str) -> Path:
    """The directory of a case: by its id, by a path to it (brought from another machine), or "" for the newest that is open."""
    if name:
        if _NAME.match(name) and (cases_of(home) / name / _LOG).is_file():
            return cases_of(home) / name
        path = Path(name).expanduser()
        if _NAME.match(path.name) and (path / _LOG).is_file():
            return path
        if (path / _LOG).is_file():
            raise UsageError("respond.case_renamed", path=clean(name))
        known = [each.name for each in _directories(home)][-5:]
        raise UsageError("respond.no_such_case", case=clean(name), known=known or ["—"])
    for directory in reversed(_directories(home)):
        found = _read(directory)
        if found is None:
            raise empty_log(directory)
        if found.closed_at is None:
            return directory
    raise UsageError("respond.no_open_case")


def empty_log(directory: Path) -> ActionError:
    """What is raised of a case whose log tells nothing: it was stopped before its first line, or somebody emptied it."""
    return ActionError("respond.log_empty", case=directory.name, path=directory / _LOG, directory=directory)


def open_about(home: Path, suspect: Suspect) -> str:
    """The id of the newest open case that began with the suspect, "" where there is none."""
    told = [each for _, each in every_case(home) if each is not None and each.closed_at is None]
    return next((each.id for each in reversed(told) if each.suspect.begins(suspect)), "")


def every_case(home: Path) -> tuple[tuple[str, Case | None], ...]:
    """All cases, the oldest first; None for one whose log cannot be trusted."""
    found: list[tuple[str, Case | None]] = []
    for directory in _directories(home):
        try:
            found.append((directory.name, _read(directory)))
        except (ActionError, UsageError):
            found.append((directory.name, None))
    return tuple(found)


def _read(directory: Path) -> Case | None:
    begun = _begun(directory)
    return _whole(directory, read_chain(directory / _LOG), begun)


def _begun(directory: Path) -> frozenset[tuple[str, str]]:
    """The runs that have a journal: to be looked at before the log, for another process may begin one meanwhile."""
    return frozenset((each.parent.name, each.stem) for each in journals(directory))


def _whole(directory: Path, lines: Sequence[ChainLine], begun: frozenset[tuple[str, str]]) -> Case | None:
    """The case that the lines tell; ActionError where they are fewer than were written.

    A run is in the log before it has a journal. Hashes do not tell that the end of a chain is missing; a journal that no
    line announces does.
    """
    found = case_of(directory / _LOG, lines)
    if found is not None and (lost := begun - {(each.account, each.run) for each in found.runs}):
        account, run = min(lost)
        raise ActionError("respond.log_cut", path=directory / _LOG, lines=len(lines), account=account, run=run)
    return found


def _directories(home: Path) -> list[Path]:
    return sorted(each for each in cases_of(home).glob("SKM-*") if _NAME.match(each.name) and (each / _LOG).is_file())


def _made(cases: Path, at: datetime) -> Path:
    try:
        cases.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
        for number in range(1, _MOST_A_DAY):
            directory = cases / f"SKM-{at:%Y%m%d}-R{number:02}"
            try:
                os.mkdir(directory, _PRIVATE)  # noqa: PTH102 - of two processes one gets it
            except FileExistsError:
                continue
            return directory
    except OSError as error:
        raise unwritable(cases, error) from error
    raise ActionError("respond.too_many_cases", path=cases)
