"""A person's word on a step, taken back: what rested on it is open again, and the log keeps both."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sakimori.app.respond.case import BY_HAND, KNOWN_PEOPLE, UNREADABLE, WAYS_IN, Case, StepState, Told
from sakimori.app.respond.case_files import CaseLog
from sakimori.app.respond.known_people import is_about, people_vouched
from sakimori.app.respond.ways_in import WayKind
from sakimori.model.errors import UsageError
from sakimori.texts.language import clean

_PEOPLE: Final = "R12"
_BY_PERSON: Final = "respond.by_person"
_COMPUTING: Final = (f"{WayKind.SERVICE} ", "arn:")
"""How what R16 tells begins: a service of AWS, or a machine or function. R13 tells of all other ways."""


def take_back_word(log: CaseLog, step: str, *, user: str = "", by: str, words: str) -> Mapping[str, Any]:
    """The values of the sentence `respond.unsaid` (of a person `respond.unsaid_person`); UsageError where no word stands."""
    case = log.case
    count = (
        _of_person(log, user) if step == _PEOPLE else _UNSAYING[step](log) if step in _UNSAYING else _of_step(log, step)
    )
    if not count:
        if step == _PEOPLE:
            values = {"user": clean(user, 128), "known": sorted(people_vouched(case)) or ["—"]}
            raise UsageError("respond.nothing_unsaid_person", case=case.id, **values)
        raise UsageError("respond.nothing_unsaid", case=case.id, step=step)
    values = {"by": by, "words": words, "count": count, "step": step, "user": user, "case": case.id}
    text = "respond.unsaid_person" if step == _PEOPLE else "respond.unsaid"
    log.write(Told.STEP, {"step": step, "state": StepState.OPEN.value, "by": by, "detail": text, "values": values, "evidence": []})  # fmt: skip
    if step in _CONTAINING:
        # It was called contained on this word, or would be.
        log.write(Told.NOT_CONTAINED, {"by": by})
    return values


def _of_person(log: CaseLog, user: str) -> int:
    """Every word for the person, at whatever addresses; 0 where none stands."""
    if user.casefold() not in people_vouched(log.case):
        return 0
    told = _entries(log.case, KNOWN_PEOPLE)
    return _kept(log, KNOWN_PEOPLE, [each for each in told if not is_about(each["marks"], user)])


def _of_followed(log: CaseLog) -> int:
    return _of_ways(log, lambda mark: not mark.startswith(_COMPUTING)) + _kept(log, UNREADABLE, [])


def _of_computing(log: CaseLog) -> int:
    return _of_ways(log, lambda mark: mark.startswith(_COMPUTING))


def _of_ways(log: CaseLog, is_meant: Callable[[str], bool]) -> int:
    told: Mapping[str, Any] = log.case.answers.get(WAYS_IN) or {}
    ways = [str(each) for each in told.get("ways") or ()]
    kept = [each for each in ways if not is_meant(each)]
    if len(kept) < len(ways):
        since = {mark: at for mark, at in (told.get("since") or {}).items() if mark in kept}
        log.write(Told.ANSWER, {"question": WAYS_IN, "answer": {**told, "ways": kept, "since": since}})
    return len(ways) - len(kept)


def _of_sweep(log: CaseLog) -> int:
    marks = sum(len(each["marks"]) for each in _entries(log.case, BY_HAND))
    if _kept(log, BY_HAND, []):
        swept = log.case.answers.get("sweep") or {}
        answer = {**swept, "left": int(swept.get("left", 0)) + marks}
        log.write(Told.ANSWER, {"question": "sweep", "answer": answer})
    return marks


def _of_step(log: CaseLog, step: str) -> int:
    """Of a step that rests on nothing but the word that it is done."""
    line = log.case.steps.get(step)
    return int(line is not None and line.detail == _BY_PERSON)


def _entries(case: Case, question: str) -> list[Mapping[str, Any]]:
    return list((case.answers.get(question) or {}).get("entries") or ())


def _kept(log: CaseLog, question: str, kept: list[Mapping[str, Any]]) -> int:
    """Keep these entries alone; how many went."""
    gone = len(_entries(log.case, question)) - len(kept)
    if gone:
        log.write(Told.ANSWER, {"question": question, "answer": {"entries": kept}})
    return gone


_UNSAYING: Final[Mapping[str, Callable[[CaseLog], int]]] = {"R13": _of_followed, "R16": _of_computing, "R64": _of_sweep}
_CONTAINING: Final = frozenset({_PEOPLE, "R13", "R16"})
UNSAID: Final = (_PEOPLE, *_UNSAYING, "R80", "R81")
"""Steps whose word can be taken back. That people were told (R18) cannot: they know."""
