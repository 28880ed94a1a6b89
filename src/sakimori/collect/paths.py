"""JMESPath with a short way for the plain dotted paths that most columns are."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import jmespath


@lru_cache(maxsize=4096)
def compiled(path: str) -> Callable[[Any], Any]:
    """A function that follows `path` into a value and gives None where it leads nowhere."""
    if path in {"", "@"}:
        return lambda value: value
    parts = tuple(path.split("."))
    if all(part.isidentifier() for part in parts):
        return lambda value: _walk(value, parts)
    return jmespath.compile(path).search


def _walk(value: Any, parts: Iterable[str]) -> Any:
    for part in parts:
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


def items(found: Any) -> list[Any]:
    """What a listing's path found, as a list: a list as it is, one structure alone, None as nothing.

    ValueError for anything else: a text or a number is no listing.
    """
    if found is None:
        return []
    if isinstance(found, list):
        return found
    if isinstance(found, dict):
        return [found]
    raise ValueError(type(found).__name__)
