"""Events of CloudTrail's history that nobody can read: what they were is unknown, until a person looked and said so.

One such event would keep a case uncontained for ever.
"""

from collections.abc import Iterable
from dataclasses import replace

from sakimori.analysis.incident.event_history import unreadable_in
from sakimori.analysis.incident.form import Looked
from sakimori.app.respond.case import UNREADABLE, Case
from sakimori.app.respond.looked_at import looked_at


def unreadable(looked: Iterable[Looked], case: Case) -> tuple[str, ...]:
    """The events that could not be read and that no person looked at."""
    closed = looked_at(case, UNREADABLE)
    found = (unreadable_in(gap) for each in looked for gap in each.gaps)
    return tuple(sorted({each for each in found if each and each not in closed}))


def but_for(looked: Looked, marks: Iterable[str]) -> Looked:
    """The same, as if these events had been read."""
    without = set(marks)
    return replace(looked, gaps=tuple(each for each in looked.gaps if unreadable_in(each) not in without))
