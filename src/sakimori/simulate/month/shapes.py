"""The shapes of calls (`data/calls.yaml`), made ready to be filled a million times."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sakimori.simulate.month.company import the_company
from sakimori.simulate.month.data_files import data_of
from sakimori.simulate.month.scope import Scope
from sakimori.simulate.trail.names import is_read_only

_WORD: Final = re.compile(r"\{([a-z][a-z_0-9]*)\}")
_VERSION: Final = re.compile(r"20\d{6}(?:v\d)?\Z")

Filled = Callable[[Scope], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What an event tells of a call, before who made it and when. `action` is IAM's name of it."""

    source: str
    name: str
    action: str
    parameters: Filled
    answer: Filled
    resources: Filled
    more: Filled
    details: Filled
    is_data: bool
    is_read_only: bool
    kind: str


@cache
def shape_of(call: str) -> Shape:
    """The shape of `service:EventName/variant`."""
    found = data_of("calls").get(call) or {}
    named = call.partition("/")[0]
    prefix, _, name = named.partition(":")
    kind = found.get("kind", "AwsApiCall")
    return Shape(
        source=the_company().source_of(named),
        name=name,
        action=f"{'sso' if prefix == 'sso-admin' else prefix}:{_VERSION.sub('', name)}",
        parameters=filling(found.get("parameters")),
        answer=filling(found.get("answer")),
        resources=filling(found.get("resources")),
        more=filling(found.get("more")),
        details=filling(found.get("details")),
        is_data=bool(found.get("data")),
        is_read_only=is_read_only(name),
        kind=kind,
    )


def filling(value: Any) -> Filled:
    """What puts the things of a scope into the {words} of a value; parts without words are shared, not copied."""
    return _filling(value) or (lambda _: value)


def _filling(value: Any) -> Filled | None:
    """None for a value without words."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return _list(value)
    if isinstance(value, dict):
        return _mapping(value)
    return None


def _text(value: str) -> Filled | None:
    pieces = _WORD.split(value)
    if len(pieces) == 1:
        return None
    if len(pieces) == 3 and not pieces[0] and not pieces[2]:  # noqa: PLR2004 - one word and nothing around it
        word = pieces[1]
        return lambda scope: scope[word]
    fixed, words = pieces[::2], pieces[1::2]

    def filled(scope: Scope) -> str:
        told = [fixed[0]]
        for word, after in zip(words, fixed[1:], strict=True):
            told += (str(scope[word]), after)
        return "".join(told)

    return filled


def _list(values: list[Any]) -> Filled | None:
    parts = [_filling(each) for each in values]
    if not any(parts):
        return None
    pairs = list(zip(parts, values, strict=True))
    return lambda scope: [part(scope) if part else value for part, value in pairs]


def _mapping(values: dict[str, Any]) -> Filled | None:
    parts = {name: part for name, each in values.items() if (part := _filling(each))}
    if not parts:
        return None
    changing = list(parts.items())

    def filled(scope: Scope) -> dict[str, Any]:
        found = dict(values)
        for name, part in changing:
            found[name] = part(scope)
        return found

    return filled
