"""Members of what a logged call asked and answered: bounded, whatever a stranger wrote there."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

import msgspec

LARGEST: Final = 512 * 1024
"""Bytes of one JSON text that are read: CloudTrail's own limit of an event is 256 KB."""
_MOST: Final = 1_000
_DEEPEST: Final = 6
_decode: Final = msgspec.json.Decoder().decode


def parsed(text: object) -> Mapping[str, object]:
    """The members of a JSON object; {} for what is none, or too large."""
    found = parsed_any(text)
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}


def parsed_any(text: object) -> object:
    """The value of a JSON text; None for what is none, or too large."""
    if not isinstance(text, str | bytes) or len(text) > LARGEST:
        return None
    try:
        return _decode(text)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None


def all_at(told: object, path: str) -> tuple[object, ...]:
    """The values at `a.b[].c`; names are compared without regard to case, as services spell them in several ways."""
    found: list[object] = [told]
    for name in path.split("."):
        plain, is_list = name.removesuffix("[]"), name.endswith("[]")
        found = [value for each in found for value in _members(each, plain)]
        if is_list:
            found = [value for each in found for value in _items(each)]
        found = found[:_MOST]
    return tuple(found)


def text_at(told: object, *paths: str) -> str:
    """The first text (or number) at one of the paths, "" where there is none."""
    return next((text for path in paths for text in texts_at(told, path)), "")


def texts_at(told: object, path: str) -> tuple[str, ...]:
    """All texts and numbers at the path."""
    return tuple(
        str(value)
        for value in all_at(told, path)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""
    )


def flat(told: object, *, most: int = 40, longest: int = 8_000) -> dict[str, object]:
    """The members that are no structures, by their path; at most so many, texts cut at `longest`."""
    found = dict[str, object]()
    for path, value in _leaves(told, "", 0):
        if len(found) >= most:
            break
        found[path] = value[:longest] if isinstance(value, str) else value
    return found


def _leaves(told: object, path: str, depth: int) -> Iterator[tuple[str, object]]:
    if isinstance(told, dict | list) and depth < _DEEPEST:
        members: Any = (
            cast("dict[str, object]", told).items() if isinstance(told, dict) else enumerate(cast("list[object]", told))
        )
        for name, value in members:
            yield from _leaves(value, f"{path}.{name}"[:200] if path else str(name)[:200], depth + 1)
    elif told is not None and not isinstance(told, dict | list):
        yield path, told


def _members(told: object, name: str) -> Iterator[object]:
    if not isinstance(told, dict):
        return
    held = cast("dict[str, object]", told)
    if name in held:
        yield held[name]
        return
    wanted = name.lower()
    yield from (value for each, value in held.items() if each.lower() == wanted)


def _items(told: object) -> Iterator[object]:
    """The items of a list; of EC2's `{items: […]}` and of a single thing, what it stands for."""
    if isinstance(told, list):
        yield from cast("list[object]", told)
    elif isinstance(told, dict):
        held = cast("dict[str, object]", told)
        items = held.get("items", held.get("item"))
        if isinstance(items, list):
            yield from cast("list[object]", items)
        else:
            yield told
    elif told is not None:
        yield told
