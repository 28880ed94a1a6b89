"""Values of JSON that somebody else wrote: read as what they should be, bounded, and nothing where they are something else."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, cast

from sakimori.ingest.json_members import inside
from sakimori.ingest.json_members import moment as naive_moment
from sakimori.texts.language import clean

MAX_ITEMS: Final = 200
_WORD: Final = 512
_FIRST_YEAR, _LAST_YEAR = 1990, 2200
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_LARGEST: Final = 2**63 - 1


def member(value: object, *names: str) -> object:
    """The member of a member …, None where one is missing; of a list the first item is meant."""
    return inside(value, *names)


def text(value: object, *names: str, most: int = _WORD) -> str:
    """A text without control characters, cut to `most` characters; "" where there is none."""
    found = inside(value, *names)
    return clean(found, most) if isinstance(found, str) else ""


def first_text(value: object, *paths: tuple[str, ...]) -> str:
    """The text at the first of these paths that has one."""
    return next((found for path in paths if (found := text(value, *path))), "")


def number(value: object, *names: str) -> float | None:
    """A number, in a text too; None for anything else."""
    found = inside(value, *names)
    if isinstance(found, str):
        found = found.strip()
        if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", found):
            return None
        return float(found)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return float(found) if abs(found) < _LARGEST else None


def count(value: object, *names: str) -> int:
    """How often, at least once."""
    found = number(value, *names)
    return max(1, int(found)) if found is not None else 1


def flag(value: object, *names: str) -> bool | None:
    """A boolean, None for anything else."""
    found = inside(value, *names)
    return found if isinstance(found, bool) else None


def moment(value: object, *names: str) -> datetime | None:
    """A time in UTC between 1990 and 2200; None for anything else."""
    found = naive_moment(inside(value, *names))
    return found.replace(tzinfo=UTC) if found and _FIRST_YEAR <= found.year < _LAST_YEAR else None


def items(value: object, *names: str) -> tuple[object, ...]:
    """The items of a list, or the one value that stands in its place; bounded."""
    found = value
    for name in names:
        found = inside(found, name)
    if found is None:
        return ()
    return tuple(cast("list[object]", found)[:MAX_ITEMS]) if isinstance(found, list) else (found,)


def texts(value: object, *names: str) -> tuple[str, ...]:
    """The texts among the items, each once."""
    return tuple(dict.fromkeys(found for each in items(value, *names) if (found := text(each))))


def account_id(*candidates: str) -> str:
    """The first that is twelve digits."""
    return next((each for each in candidates if _ACCOUNT.fullmatch(each)), "")


def named(found: Iterable[str]) -> tuple[str, ...]:
    """Those that are not empty, each once."""
    return tuple(dict.fromkeys(each for each in found if each))


def known(**values: object) -> Mapping[str, object]:
    """The values that are there."""
    return {name: value for name, value in values.items() if value not in (None, "", (), [])}
