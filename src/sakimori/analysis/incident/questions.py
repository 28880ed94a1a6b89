"""The questions R40 to R4E, asked of a closure's events: what was found, or a "none" that says what it was looked for in."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import as_file, files
from typing import Any, Final

import msgspec

from sakimori.analysis.incident.form import Event, Looked
from sakimori.texts.bounded_yaml import read_yaml

MOST_NAMED: Final = 200
"""Ids of events that one answer names; the counts are of all."""


class Answered(StrEnum):
    """How a question is answered; each has its sentence `investigate.answer_<value>`."""

    FOUND = "found"
    NONE = "none"
    UNKNOWN = "unknown"
    """Nothing was found in what could be looked through, and that does not suffice to say none."""
    ELSEWHERE = "elsewhere"
    """Events alone do not answer it."""


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question of `rulebook/incident/questions.yaml`. `about`: what else than events answers it."""

    id: str
    en: str
    ja: str
    calls: list[str] = []
    every: bool = False
    data: bool = False
    about: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    questions: list[Question]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`calls` counts what AWS let through by `service:Operation`, `denied` what it refused; `event_ids` are some of them."""

    question: Question
    answered: Answered
    count: int = 0
    denied_count: int = 0
    calls: Mapping[str, int] = field(default_factory=dict[str, int])
    denied: Mapping[str, int] = field(default_factory=dict[str, int])
    regions: tuple[str, ...] = ()
    first_at: datetime | None = None
    last_at: datetime | None = None
    event_ids: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    """Ids of texts `investigate.because_<id>`: why it is unknown, or where else to look."""


@dataclass(slots=True)
class _Count:
    calls: dict[str, int] = field(default_factory=dict[str, int])
    denied: dict[str, int] = field(default_factory=dict[str, int])
    regions: set[str] = field(default_factory=set[str])
    times: list[datetime] = field(default_factory=list[datetime])
    ids: list[str] = field(default_factory=list[str])

    def take(self, event: Event, call: str) -> None:
        into = self.denied if event.error else self.calls
        into[call] = into.get(call, 0) + 1
        self.regions.add(event.region)
        self.times.append(event.at)
        if len(self.ids) < MOST_NAMED:
            self.ids.append(event.event_id)


@cache
def questions() -> tuple[Question, ...]:
    """The questions in their order."""
    with as_file(files("sakimori") / "rulebook" / "incident" / "questions.yaml") as path:
        told: Any = read_yaml(path).data
    return tuple(msgspec.convert(told, _File).questions)


def answers(events: Iterable[Event], looked: Sequence[Looked], *, is_cut: bool = False) -> tuple[Answer, ...]:
    """An answer to every question. `is_cut`: not all events of the closure are there."""
    counts = {question.id: _Count() for question in questions()}
    for event in sorted(events, key=lambda each: (each.at, each.event_id)):
        call = call_of(event)
        for identifier in asked_by(call):
            counts[identifier].take(event, call)
    return tuple(_answer(question, counts[question.id], looked, is_cut=is_cut) for question in questions())


def call_of(event: Event) -> str:
    """`service:Operation`, without the date of an API version that Lambda's names carry."""
    return f"{event.source.partition('.')[0]}:{_DATED.sub('', event.name)}"


_DATED: Final = re.compile(r"20\d{6}(?:v\d)?\Z")


@lru_cache(maxsize=20_000)
def asked_by(call: str) -> tuple[str, ...]:
    """The ids of the questions that an operation answers."""
    return tuple(question.id for question in questions() if question.every or (_of(question.id).match(call)))


@cache
def _of(identifier: str) -> re.Pattern[str]:
    question = next(each for each in questions() if each.id == identifier)
    forms = [re.escape(call.replace(" ", ":")).replace(r"\*", "[^:]*") for call in question.calls]
    return re.compile(f"(?:{'|'.join(forms)})\\Z" if forms else r"(?!)")


def _answer(question: Question, count: _Count, looked: Sequence[Looked], *, is_cut: bool) -> Answer:
    because = tuple(_doubts(question, looked, is_cut=is_cut))
    if question.about:
        return Answer(question=question, answered=Answered.ELSEWHERE, because=(question.about,))
    if not count.times:
        return Answer(question=question, answered=Answered.UNKNOWN if because else Answered.NONE, because=because)
    return Answer(
        question=question,
        answered=Answered.FOUND,
        count=sum(count.calls.values()),
        denied_count=sum(count.denied.values()),
        calls=_most(count.calls),
        denied=_most(count.denied),
        regions=tuple(sorted(count.regions)),
        first_at=count.times[0],
        last_at=count.times[-1],
        event_ids=tuple(count.ids),
        because=because,
    )


def _doubts(question: Question, looked: Sequence[Looked], *, is_cut: bool) -> Iterable[str]:
    if not any(each.regions for each in looked):
        yield "nothing_read"
    elif not any(each.lacks_nothing for each in looked):
        yield "incomplete"
    if any(each.contested for each in looked):
        yield "contested"
    if question.data and not any(each.has_data_events for each in looked):
        yield "no_data_events"
    if is_cut:
        yield "cut"


def _most(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_NAMED])
