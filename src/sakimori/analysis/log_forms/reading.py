"""Values in nested data that an outsider may have written: along a path, or all of them, within bounds."""
# pyright: basic
# What stands in it is not known.

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

MAX_VALUES: Final = 1_000
"""Values of one field that are looked at: a hostile list may be longer."""
_MAX_DEPTH: Final = 40
_SHORT: Final = 8_192
"""Texts up to this length are remembered with what they say: longer ones would fill the memory."""
_decode: Final = msgspec.json.Decoder().decode


def values_along(found: object, path: tuple[str, ...]) -> tuple[object, ...]:
    """The values that lie along a path of keys; a list on the way stands for each of its elements, and null is no value.

    A key that is not there in this spelling is looked for in any case: services are not of one mind, nor are rules.
    """
    plain = _plainly(found, path)
    if plain is not None:
        return plain
    reached = [found]
    for key in path:
        following: list[object] = []
        for each in _elements(reached):
            if isinstance(each, Mapping):
                value = each.get(key, _nothing)
                value = _in_any_case(each, key) if value is _nothing else value
                if value is not None:
                    following.append(value)
        if not following:
            return ()
        reached = following
    return tuple(each for each in _elements(reached) if each is not None)


def _plainly(found: object, path: tuple[str, ...]) -> tuple[object, ...] | None:
    """The value where the way leads through objects alone and each key is spelled so, as nearly always; else None."""
    for key in path:
        if type(found) is not dict:
            return None
        found = found.get(key, _nothing)
        if found is None:
            return ()
    return (found,) if type(found) in _SINGLE else None


def text_along(found: object, path: tuple[str, ...]) -> tuple[str, ...]:
    """The text at the end of a path of keys in just this spelling, a truth as JSON writes it; nothing for anything else."""
    for key in path:
        if not isinstance(found, Mapping):
            return ()
        found = found.get(key)
    if isinstance(found, bool):
        return ("true" if found else "false",)
    return (found,) if isinstance(found, str) else ()


_nothing: Final = object()
_SINGLE: Final = frozenset({str, bool, int, float, dict})


def _in_any_case(found: Mapping[Any, Any], key: str) -> object:
    folded = key.lower()
    return next((value for name, value in found.items() if isinstance(name, str) and name.lower() == folded), None)


def _elements(found: Iterable[object], depth: int = 0) -> list[object]:
    """Lists taken apart, to a bounded depth and number."""
    elements: list[object] = []
    for each in found:
        if len(elements) >= MAX_VALUES:
            break
        if isinstance(each, list | tuple):
            elements += _elements(each, depth + 1) if depth < _MAX_DEPTH else ()
        else:
            elements.append(each)
    return elements[:MAX_VALUES]


def texts_in(found: object, depth: int = 0) -> Iterator[str]:
    """Every text in a nested value, keys not."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, Mapping):
        for value in found.values() if depth < _MAX_DEPTH else ():
            yield from texts_in(value, depth + 1)
    elif isinstance(found, list | tuple):
        for value in found if depth < _MAX_DEPTH else ():
            yield from texts_in(value, depth + 1)
    elif isinstance(found, int | float) and not isinstance(found, bool):
        yield str(found)


def parsed_json(text: str) -> Any:
    """What a text says as JSON; itself where it is none."""
    return _remembered(text) if len(text) <= _SHORT else decoded(text)


@lru_cache(maxsize=4096)
def _remembered(text: str) -> Any:
    return decoded(text)


def decoded(text: str) -> Any:
    """`parsed_json`, of a text that hardly comes twice."""
    try:
        return _decode(text)
    except RecursionError:
        return text
    except msgspec.DecodeError:
        # Half a surrogate pair, or a number beyond all bounds, blinds no rule to the rest: Python's own json admits them.
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
