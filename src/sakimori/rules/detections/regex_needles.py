"""What must stand in a text for a regular expression to be found in it."""
# pyright: basic
# Python's own parser of regular expressions has no public name and no types.

import re
from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import pairwise
from typing import Any, Final

_CLASSES: Final = re.compile(r"\[\[|\[:|\[\^\[")
"""What RE2 reads as a class of characters by its name, and Python as something else."""


def needles_in(pattern: str, is_needle: Callable[[str], bool]) -> tuple[str, ...]:
    """Texts of which one stands, in some case, in whatever RE2 finds the expression in; none where nothing can be said.

    Python reads the expression: what it cannot read is RE2's own. What both read they read alike, as far as texts that
    must be there are concerned.
    """
    if _CLASSES.search(pattern):
        return ()
    try:
        parsed = import_module("re._parser").parse(pattern)
    except (ImportError, AttributeError, re.error, ValueError, OverflowError, RecursionError):
        return ()
    return tuple(sorted(_best([_of(parsed, is_needle)])))


def _of(parsed: Any, is_needle: Callable[[str], bool]) -> frozenset[str]:
    """Of one sequence: the best of its pieces, all of which must be there."""
    found: list[frozenset[str]] = []
    literal = ""
    pieces: list[tuple[str, Any]] = [(str(name), told) for name, told in parsed]
    pieces.append(("", None))
    for (name, told), (following, _) in pairwise(pieces):
        if name == "LITERAL":
            literal += chr(told)
        if literal and (name != "LITERAL" or following != "LITERAL"):
            found.append(frozenset((literal.lower(),)) if is_needle(literal.lower()) else frozenset())
            literal = ""
        match name:
            case "SUBPATTERN":
                found.append(_of(told[3], is_needle))
            case "BRANCH":
                each = [_of(branch, is_needle) for branch in told[1]]
                found.append(frozenset[str]().union(*each) if all(each) else frozenset())
            case "MAX_REPEAT" | "MIN_REPEAT" if told[0] >= 1:
                found.append(_of(told[2], is_needle))
            case _:
                pass
    return _best(found)


def _best(found: Sequence[frozenset[str]]) -> frozenset[str]:
    """Those that say most: their shortest is long, and they are few."""
    known = [each for each in found if each]
    return max(known, key=lambda each: (min(map(len, each)), -len(each)), default=frozenset())
