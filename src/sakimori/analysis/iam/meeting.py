"""Whether two patterns have a text in common."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_LONGEST: Final = 2048
WITHIN: Final = "\x00"
"""In the second pattern: any text without a colon."""


def meets_any(pattern: str, others: Iterable[str]) -> bool:
    """Whether the pattern has a text in common with one of the others."""
    return any(may_meet(pattern, each) for each in others)


@lru_cache(maxsize=8192)
def may_meet(one: str, other: str) -> bool:
    """For patterns with * and ?; of very long ones it is taken that they do."""
    if len(one) > _LONGEST or len(other) > _LONGEST:
        return True
    # `row[j]`: whether what is left of `one`, from where the loop stands, meets other[j:].
    row = [not other[j:].strip(f"*{WITHIN}") for j in range(len(other) + 1)]
    for letter in reversed(one):
        row = _before(letter, row, other)
    return row[0]


def _before(letter: str, after: list[bool], other: str) -> list[bool]:
    """The row for what is left of the first pattern, one letter earlier."""
    row = [False] * (len(other) + 1)
    row[-1] = letter == "*" and after[-1]
    for j in range(len(other) - 1, -1, -1):
        theirs = other[j]
        if letter == "*":
            row[j] = after[j] or row[j + 1]
        elif theirs in ("*", WITHIN):
            row[j] = row[j + 1] or (after[j] and (theirs == "*" or letter != ":"))
        else:
            row[j] = (theirs == "?" or letter in (theirs, "?")) and after[j + 1]
    return row
