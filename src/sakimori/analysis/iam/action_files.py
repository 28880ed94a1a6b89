"""Files with newer facts about IAM actions: AWS's service reference, and the program's own compiled form.

AWS's form is described in the Service Authorization Reference, "Simplified AWS service information for programmatic
access": one JSON object a service with `Name`, `Actions`, `Resources` and `ConditionKeys`. Its properties of an action
(IsList, IsWrite, IsPermissionManagement, IsTaggingOnly) make the access level; where none holds, it is Read.

The compiled form: `form`, `as_of`, `source`, `licence`, and `services` by prefix, each with `name`, `keys`
(`[name, type or types]`), `sets` (lists of places in `keys`), `actions` by name (`[level, place in sets, resource
types, dependent actions]`; empty ends may be left out, the set 0 is the empty one) and `resources` by name
(`[ARN template or templates, place in sets]`).
"""

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

from sakimori.model.errors import UsageError

Compiled: TypeAlias = Mapping[str, Any]
"""One service of the compiled form."""

FORM: Final = "sakimori-iam-actions/1"
MAX_BYTES: Final = 32_000_000
_MAX_SERVICES: Final = 2_000
_MAX_ENTRIES: Final = 20_000
_MAX_TEXT: Final = 2_000
_GZ: Final = b"\x1f\x8b"
_PREFIX: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_ACTION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_LEVELS: Final = (("IsPermissionManagement", "P"), ("IsTaggingOnly", "T"), ("IsWrite", "W"), ("IsList", "L"))


@dataclass(frozen=True, slots=True)
class Newer:
    """The services of a file by prefix; `as_of` is None where its form bears no day."""

    services: Mapping[str, Compiled]
    as_of: date | None
    source: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in which file something stands, for the error that says so."""

    file: Path
    path: str = "$"

    def at(self, step: str | int) -> "_Place":
        return _Place(self.file, f"{self.path}[{step}]" if isinstance(step, int) else f"{self.path}.{step[:80]}")

    def wrong(self, wanted: str) -> UsageError:
        return UsageError("iam_actions.wrong", file=self.file, place=self.path, wanted=wanted)

    def list_in(self, value: object) -> list[Any]:
        if not isinstance(value, list) or len(cast("list[Any]", value)) > _MAX_ENTRIES:
            raise self.wrong("list")
        return cast("list[Any]", value)

    def map_in(self, value: object) -> dict[str, Any]:
        if not isinstance(value, dict) or len(cast("dict[str, Any]", value)) > _MAX_ENTRIES:
            raise self.wrong("object")
        return cast("dict[str, Any]", value)

    def text_in(self, value: object, form: re.Pattern[str] | None = None) -> str:
        if not isinstance(value, str) or len(value) > _MAX_TEXT or (form is not None and not form.fullmatch(value)):
            raise self.wrong("text" if form is None else form.pattern)
        return value

    def texts_in(self, value: object) -> list[str]:
        return [self.at(place).text_in(each) for place, each in enumerate(self.list_in(value))]


def newer_in(path: Path) -> Newer:
    """What the file says; UsageError (file and place) if it is of neither form, or beyond the bounds."""
    place = _Place(path)
    data = _json_in(path)
    if isinstance(data, dict) and "form" in data:
        return _own(cast("dict[str, Any]", data), place)
    is_list = isinstance(data, list)
    several: list[Any] = place.list_in(cast(object, data)) if is_list else [data]
    if not 0 < len(several) <= _MAX_SERVICES:
        raise place.wrong("1…2000")
    services: dict[str, Compiled] = {}
    for number, each in enumerate(several):
        at = place.at(number) if is_list else place
        prefix, service = _from_aws(at.map_in(each), at)
        services[prefix] = service
    return Newer(services, None, path.name)


def _json_in(path: Path) -> object:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if raw[:2] == _GZ:
            with gzip.open(path) as file:
                raw = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError("iam_actions.unreadable", file=path, reason=type(error).__name__) from error
    if len(raw) > MAX_BYTES:
        raise UsageError("iam_actions.too_large", file=path, bytes=MAX_BYTES)
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        raise UsageError("iam_actions.not_json", file=path, line=line) from error


# -- AWS's form ----------------------------------------------------------------


class _Keys:
    """The condition keys of a service that is being compiled, and the lists of them that were met."""

    def __init__(self, types: Mapping[str, list[str]]) -> None:
        self.keys: list[list[Any]] = [[name, each] for name, each in types.items()]
        self._places = {name: place for place, name in enumerate(types)}
        self._sets: dict[tuple[int, ...], int] = {(): 0}

    def place_of(self, names: Iterable[str]) -> int:
        wanted = set[int]()
        for name in names:
            if name not in self._places:
                self._places[name] = len(self.keys)
                self.keys.append([name, ""])
            wanted.add(self._places[name])
        return self._sets.setdefault(tuple(sorted(wanted)), len(self._sets))

    @property
    def sets(self) -> list[list[int]]:
        return [list(each) for each in self._sets]


def _from_aws(raw: dict[str, Any], place: _Place) -> tuple[str, Compiled]:
    prefix = place.at("Name").text_in(raw.get("Name"), _PREFIX)
    keys = _Keys(
        {
            at.at("Name").text_in(each.get("Name")): at.at("Types").texts_in(each.get("Types", []))
            for at, each in _each(raw, "ConditionKeys", place)
        }
    )
    resources = {
        at.at("Name").text_in(each.get("Name")): [
            at.at("ARNFormats").texts_in(each.get("ARNFormats", [])),
            keys.place_of(at.at("ConditionKeys").texts_in(each.get("ConditionKeys", []))),
        ]
        for at, each in _each(raw, "Resources", place)
    }
    if "Actions" not in raw:
        raise place.wrong("Actions")
    actions = dict(_aws_action(each, at, keys) for at, each in _each(raw, "Actions", place))
    return prefix, {"name": "", "keys": keys.keys, "sets": keys.sets, "actions": actions, "resources": resources}


def _each(raw: Mapping[str, Any], name: str, place: _Place) -> Iterable[tuple[_Place, dict[str, Any]]]:
    for number, each in enumerate(place.at(name).list_in(raw.get(name, []))):
        at = place.at(name).at(number)
        yield at, at.map_in(each)


def _aws_action(raw: dict[str, Any], place: _Place, keys: _Keys) -> tuple[str, list[Any]]:
    name = place.at("Name").text_in(raw.get("Name"), _ACTION)
    own = place.at("ActionConditionKeys").texts_in(raw.get("ActionConditionKeys", []))
    resources = [at.at("Name").text_in(each.get("Name")) for at, each in _each(raw, "Resources", place)]
    return name, [_level(raw, place), keys.place_of(own), resources, []]


def _level(raw: Mapping[str, Any], place: _Place) -> str:
    """Empty where the file says nothing of the action's properties."""
    annotations = place.at("Annotations").map_in(raw.get("Annotations") or {})
    properties = place.at("Annotations").at("Properties").map_in(annotations.get("Properties") or {})
    if not properties:
        return ""
    return next((level for name, level in _LEVELS if properties.get(name) is True), "R")


# -- the compiled form ---------------------------------------------------------


def _own(raw: dict[str, Any], place: _Place) -> Newer:
    if raw.get("form") != FORM:
        raise place.at("form").wrong(FORM)
    try:
        as_of = date.fromisoformat(place.at("as_of").text_in(raw.get("as_of")))
    except ValueError as error:
        raise place.at("as_of").wrong("YYYY-MM-DD") from error
    at = place.at("services")
    services = at.map_in(raw.get("services"))
    for prefix, service in services.items():
        at.text_in(prefix, _PREFIX)
        _check(at.at(prefix).map_in(service), at.at(prefix))
    return Newer(services, as_of, f"{place.file.name}: {place.at('source').text_in(raw.get('source'))}")


def _check(service: dict[str, Any], place: _Place) -> None:
    """Every entry is of its form and every place exists, so that nothing fails when it is asked for."""
    place.at("name").text_in(service.get("name"))
    keys, sets = place.at("keys").list_in(service.get("keys")), place.at("sets").list_in(service.get("sets"))
    for number, key in enumerate(keys):
        _check_key(key, place.at("keys").at(number))
    if not sets or sets[0] != []:
        raise place.at("sets").wrong("[[], …]")
    for number, each in enumerate(sets):
        at = place.at("sets").at(number)
        for one in at.list_in(each):
            _check_place(one, len(keys), at)
    for name, row in place.at("actions").map_in(service.get("actions")).items():
        place.at("actions").text_in(name, _ACTION)
        _check_row(row, place.at("actions").at(name), (_text, _set(len(sets)), _texts, _texts))
    for name, row in place.at("resources").map_in(service.get("resources")).items():
        at = place.at("resources").at(name)
        _check_row(row, at, (_text_or_texts, _set(len(sets))), at_least=2)


_Check: TypeAlias = Callable[[object, _Place], object]


def _check_row(row: object, place: _Place, checks: tuple[_Check, ...], at_least: int = 0) -> None:
    if not at_least <= len(place.list_in(row)) <= len(checks):
        raise place.wrong(f"{at_least}…{len(checks)}")
    for number, (value, check) in enumerate(zip(cast("list[Any]", row), checks, strict=False)):
        check(value, place.at(number))


def _check_key(key: object, place: _Place) -> None:
    _check_row(key, place, (_text, _text_or_texts), at_least=2)


def _check_place(value: object, count: int, place: _Place) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < count:
        raise place.wrong(f"0…{count - 1}")


def _set(count: int) -> _Check:
    return lambda value, place: _check_place(value, count, place)


def _text(value: object, place: _Place) -> object:
    return place.text_in(value)


def _texts(value: object, place: _Place) -> object:
    return place.texts_in(value)


def _text_or_texts(value: object, place: _Place) -> object:
    return place.text_in(value) if isinstance(value, str) else place.texts_in(value)
