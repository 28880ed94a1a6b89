"""What a person looked at and said so, because no call can: a person's word counts for the things that were told, by their marks."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sakimori.app.respond.case import Case, moment_of


def entries(case: Case, question: str) -> tuple[Mapping[str, Any], ...]:
    """Who looked at which (`marks`), what they wrote (`text`), and `at`, None of a version that did not note it."""
    told: Mapping[str, Any] = case.answers.get(question) or {}
    return tuple(
        {
            "marks": [str(one) for one in each["marks"]], "by": str(each["by"]), "text": str(each["text"]),
            "at": moment_of(each.get("at")),
        }
        for each in told.get("entries") or ()
    )  # fmt: skip


def looked_at(case: Case, question: str) -> frozenset[str]:
    """The marks of what a person looked at."""
    return frozenset(mark for each in entries(case, question) for mark in each["marks"])


def with_entry(  # noqa: PLR0913 - what an entry says
    case: Case, question: str, marks: Iterable[str], *, by: str, words: str, at: datetime
) -> Mapping[str, Any]:
    """The answer with one more."""
    before = (case.answers.get(question) or {}).get("entries") or ()
    return {"entries": [*before, {"marks": list(marks), "by": by, "text": words, "at": at.isoformat()}]}
