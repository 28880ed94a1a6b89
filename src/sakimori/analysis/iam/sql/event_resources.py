"""The resources of one recorded event, worked out in Python: the twin of `sql_resources`."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from sakimori.analysis.iam.sql.resources import PLACES, Plan, Wanted
from sakimori.analysis.iam.sql.told import Told


def resources_of(plan: Plan, event: Mapping[str, object]) -> tuple[str | None, ...]:
    """The same of one event, by the names of its columns."""
    if plan.takes_any:
        return ("*",)
    every = [_found(each, event) for each in plan.wanted]
    if plan.is_every:
        return tuple(arn for each in every for arn in each or (None,))
    return tuple(arn for each in every for arn in each) or (None,)


def _found(wanted: Wanted, event: Mapping[str, object]) -> Sequence[str]:
    listed = _json(event.get("resources"))
    arns = [_member(each, "ARN") for each in _items(listed)]
    recorded = [
        arn for arn in arns
        if isinstance(arn, str) and any(re.fullmatch(form, arn, re.DOTALL) for form in wanted.arns)
    ]  # fmt: skip
    parameters = _json(event.get("request_parameters"))
    ways = [recorded, *(list(_made(told, parameters, event)) for told in wanted.told)]
    return next((each for each in ways if each), ())


def _made(told: Told, parameters: object, event: Mapping[str, object]) -> Iterator[str]:
    places = {name: event.get(column.strip('"')) for name, column in PLACES.items()}
    for value in _values(told, parameters):
        match = re.fullmatch(told.fits, value, re.DOTALL)
        if match:
            groups = {str(number): each for number, each in enumerate(match.groups(), 1)}
            pieces = [_piece(each, {**places, **groups}) for each in re.split(r"(\{[a-z0-9]+\})", told.arn)]
            if None not in pieces:
                yield "".join(map(str, pieces))


def _piece(piece: str, filled: Mapping[str, object]) -> object:
    return filled[piece[1:-1]] if piece.startswith("{") else piece


def _values(told: Told, parameters: object) -> Iterator[str]:
    every = [_at(parameters, path.split(".")) for path in told.paths]
    if told.is_list:
        yield from (text for text in map(_text, every[0]) if text is not None)
        return
    texts = [_text(each[0]) if each else None for each in every]
    if None not in texts:
        yield "/".join(str(each) for each in texts)


def _at(value: object, path: Sequence[str]) -> list[object]:
    if not path:
        return [value]
    name, rest = path[0], path[1:]
    inner = _member(value, name.removesuffix("[*]"))
    if name.endswith("[*]"):
        return [found for each in _items(inner) for found in _at(each, rest)]
    return _at(inner, rest) if inner is not None else []


def _member(value: object, name: str) -> object:
    return cast("dict[str, object]", value).get(name) if isinstance(value, dict) else None


def _items(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _text(value: object) -> str | None:
    """As SQL gives what is no text: only texts are names."""
    return value if isinstance(value, str) else None


def _json(text: object) -> object:
    if not isinstance(text, str):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
