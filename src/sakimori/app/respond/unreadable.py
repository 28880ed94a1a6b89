"""Events of CloudTrail's history that nobody can read: what they were is unknown, until a person looked and said so.

One such event would keep a case uncontained for ever. A person's word counts for the events that were told, by their ids.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sakimori.analysis.incident.event_history import unreadable_in
from sakimori.analysis.incident.form import Looked
from sakimori.app.respond.case import UNREADABLE, Case


def unreadable(looked: Iterable[Looked], case: Case) -> tuple[str, ...]:
    """The events that could not be read and that no person looked at."""
    closed = closed_unreadable(case)
    found = (unreadable_in(gap) for each in looked for gap in each.gaps)
    return tuple(sorted({each for each in found if each and each not in closed}))


def but_for(looked: Looked, marks: Iterable[str]) -> Looked:
    """The same, as if these events had been read."""
    without = set(marks)
    return replace(looked, gaps=tuple(each for each in looked.gaps if unreadable_in(each) not in without))


def closed_unreadable(case: Case) -> frozenset[str]:
    """The events that a person looked at."""
    return frozenset(mark for each in entries(case) for mark in each["marks"])


def entries(case: Case) -> tuple[Mapping[str, Any], ...]:
    """Who looked at which (`marks`), and what they wrote (`text`)."""
    told: Mapping[str, Any] = case.answers.get(UNREADABLE) or {}
    return tuple(
        {"marks": [str(one) for one in each["marks"]], "by": str(each["by"]), "text": str(each["text"])}
        for each in told.get("entries") or ()
    )


def with_entry(case: Case, marks: Iterable[str], by: str, words: str) -> Mapping[str, Any]:
    """The answer with one more."""
    return {"entries": [*entries(case), {"marks": list(marks), "by": by, "text": words}]}
