"""Whether two rows of one identity tell the same event: a copy, or another story under its name."""

import json
from collections import defaultdict
from collections.abc import Iterable
from enum import Enum
from typing import Any, Final, TypeAlias, cast

from sakimori.lake.table import Sameness

VARIANTS: Final = 4
"""Stories of one identity that are held against each other one by one; of more, only equal ones are copies."""
BY_IDENTITY: Final = Sameness(always=(), where_said=())
"""The identity alone decides."""
Told: TypeAlias = tuple[tuple[Any, ...], tuple[str | None, ...], bool]
"""What a row says: what always counts, what counts where both say it, and whether it amends an earlier delivery."""


class Meeting(Enum):
    """What a row is to those of its identity that are known."""

    NEW = "new"
    COPY = "copy"
    """It says nothing that is not known."""
    MORE = "more"
    """It contradicts nothing, and says what was not said: it is not dropped, or that would be lost."""
    OTHER = "other"
    """It says otherwise."""


class Stories:
    """What is known of each identity."""

    def __init__(self, sameness: Sameness) -> None:
        self._sameness = sameness
        self._told: defaultdict[tuple[Any, ...], list[Told]] = defaultdict(list)
        self._more: set[int] = set()

    def add(self, identity: tuple[Any, ...], told: Told) -> None:
        """Know this one too."""
        known = self._told[identity]
        if len(known) < VARIANTS:
            known.append(told)
        else:
            self._more.add(hash((identity, told)))

    def meet(self, identity: tuple[Any, ...], told: Told) -> Meeting:
        """What it is to those that are known."""
        known = self._told.get(identity)
        if not known:
            return Meeting.NEW
        if self._sameness is BY_IDENTITY or told in known or (self._more and hash((identity, told)) in self._more):
            return Meeting.COPY
        found = Meeting.OTHER if len(known) >= VARIANTS else Meeting.MORE
        for each in known:
            meeting = _meeting(each, told)
            if meeting is Meeting.COPY:
                return meeting
            if meeting is Meeting.OTHER:
                found = meeting
        return found


def _meeting(known: Told, new: Told) -> Meeting:
    if known[0] != new[0]:
        return Meeting.OTHER
    # AWS delivers an event again where it has learned more: the second belongs beside the first. But it names the first by
    # another id (`addendum.originalEventID`), and one that contradicts under the same id may only call itself an amendment.
    found = Meeting.MORE if known[2] or new[2] else Meeting.COPY
    for before, after in zip(known[1], new[1], strict=True):
        if after is None or before == after:
            continue
        meeting = Meeting.MORE if before is None else _values_meet(_value(before), _value(after))
        if meeting is Meeting.OTHER:
            return meeting
        found = meeting if meeting is Meeting.MORE else found
    return found


def _value(text: str) -> Any:
    """JSON where it is that, else the text."""
    if text[0] not in '{["':
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _values_meet(known: Any, new: Any) -> Meeting:
    """The same in other spelling is a copy: order, capitals of names, numbers and nested JSON as text, null or not there."""
    try:
        return _meet(known, new)
    except RecursionError:
        return Meeting.MORE


def _meet(known: Any, new: Any) -> Meeting:
    if _is_nothing(new) or _is_nothing(known):
        return Meeting.COPY if _is_nothing(new) else Meeting.MORE
    known, new = _opened(known, new), _opened(new, known)
    if isinstance(known, dict) and isinstance(new, dict):
        return _members_meet(cast("dict[str, Any]", known), cast("dict[str, Any]", new))
    if isinstance(known, list) and isinstance(new, list):
        return _items_meet(cast("list[Any]", known), cast("list[Any]", new))
    if isinstance(known, dict | list) or isinstance(new, dict | list):
        return _structure_and_text(known, new)
    return Meeting.COPY if _plain(known) == _plain(new) else Meeting.OTHER


def _members_meet(known: dict[str, Any], new: dict[str, Any]) -> Meeting:
    before = {name.lower(): value for name, value in known.items()}
    return _worst(_meet(before.get(name.lower()), value) for name, value in new.items())


def _items_meet(known: list[Any], new: list[Any]) -> Meeting:
    if len(known) != len(new):
        return Meeting.OTHER
    return _worst(_meet(before, after) for before, after in zip(known, new, strict=True))


def _is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str | dict | list) and not value)


def _opened(value: Any, other: Any) -> Any:
    """A structure that one of two has as text."""
    return _value(value) if isinstance(value, str) and value and isinstance(other, dict | list) else value


def _worst(meetings: Iterable[Meeting]) -> Meeting:
    found = Meeting.COPY
    for each in meetings:
        if each is Meeting.OTHER:
            return each
        found = each if each is Meeting.MORE else found
    return found


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _structure_and_text(known: Any, new: Any) -> Meeting:
    """An export may write a structure as `{name=value}`, which cannot be read back with certainty."""
    plain = known if isinstance(known, str) else new
    return Meeting.MORE if isinstance(plain, str) and plain[:1] in {"{", "["} else Meeting.OTHER
