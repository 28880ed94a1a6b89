"""Suppressions as people write them and review them: a YAML file, and plain data on the way there."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast

import yaml

from sakimori.findings.imported.told import SERVICES
from sakimori.findings.suppression.criteria import parse_criteria
from sakimori.findings.suppression.subject import OWN
from sakimori.findings.suppression.suppression import DEFAULT_DAYS, Action, Suppression, identifier_of
from sakimori.model.errors import UsageError
from sakimori.model.triage import MAX_NAME, MAX_WORDS
from sakimori.texts.bounded_yaml import read_yaml
from sakimori.texts.nearest import nearest

SOURCES: Final = (OWN, *SERVICES)
MAX_SUPPRESSIONS: Final = 1_000
_MAX_LIST: Final = 200
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_PLAIN_WORD: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_NAMES: Final = ("owner", "created_by", "approved_by", "ended_by")
_WORDS: Final = ("reason", "ticket", "evidence")
_LISTS: Final = ("accounts", "regions", "created_from")
_TOLD: Final = ("created_at", "ended_at")
"""What a list shows and a file may repeat; when it was made and ended is the store's word alone."""
KEYS: Final = ("id", "source", "action", "criteria", *_LISTS, *_WORDS, *_NAMES, "expires_on", *_TOLD)


@dataclass(frozen=True, slots=True)
class Maker:
    """Who writes suppressions down, and when (UTC)."""

    name: str
    at: datetime


def read_file(path: Path, maker: Maker) -> tuple[Suppression, ...]:
    """The suppressions of a file, in its order; RuleError or UsageError at the first fault, with its place."""
    document = read_yaml(path)
    data: object = document.data
    if isinstance(data, Mapping):
        data = cast("Mapping[object, object]", data).get("suppressions")
    if data is None or not isinstance(data, list):
        raise UsageError("suppress.file_form", path=path)
    items = cast("list[object]", data)
    if len(items) > MAX_SUPPRESSIONS:
        raise UsageError("suppress.file_too_many", path=path, most=MAX_SUPPRESSIONS)
    return tuple(parse_suppression(each, maker, f"{path} [{number}]") for number, each in enumerate(items, 1))


def parse_suppression(data: object, maker: Maker, place: str) -> Suppression:
    """One suppression of plain data; UsageError at the first fault, which names `place`.

    Without an id it gets one that is the same for the same decision, without an end one 90 days from now.
    """
    if not isinstance(data, Mapping):
        raise UsageError("suppress.file_entry", place=place)
    told = cast("Mapping[object, object]", data)
    for key in told:
        if key not in KEYS:
            raise UsageError(
                "suppress.file_key", place=place, key=str(key)[:100], near=nearest(str(key), KEYS), known=KEYS
            )
    words: dict[str, Any] = {key: _text(told, key, MAX_WORDS, place) for key in _WORDS}
    names = {key: _text(told, key, MAX_NAME, place) for key in _NAMES}
    lists: dict[str, Any] = {key: _list(told, key, place) for key in _LISTS}
    for account in lists["accounts"]:
        if not _ACCOUNT.fullmatch(account):
            raise UsageError("suppress.file_account", place=place, value=account[:100])
    found = Suppression(
        id=_text(told, "id", 64, place),
        source=_choice(told, "source", SOURCES, place) or OWN,
        action=Action(_choice(told, "action", tuple(Action), place) or Action.ARCHIVE),
        criteria=parse_criteria(told.get("criteria"), place),
        **words,
        **lists,
        owner=names["owner"],
        created_by=names["created_by"] or maker.name,
        created_at=maker.at,
        approved_by=names["approved_by"],
        expires_on=_until(told, maker, place),
    )
    if not found.id:
        return replace(found, id=identifier_of(found))
    if not _PLAIN_WORD.fullmatch(found.id):
        raise UsageError("suppress.file_id", place=place, value=found.id)
    return found


def plain(suppression: Suppression) -> dict[str, object]:
    """A suppression as plain data, in the order in which people read it; what is empty is left out."""
    told: dict[str, object] = {
        "id": suppression.id,
        "source": suppression.source,
        "action": suppression.action.value,
        "criteria": suppression.criteria.plain(),
    }
    for name in (*_LISTS, *_WORDS, *_NAMES):
        value: object = getattr(suppression, name)
        told[name] = list(cast("Sequence[str]", value)) if name in _LISTS else value
    told["expires_on"] = suppression.expires_on.isoformat()
    for name in _TOLD:
        at: datetime | None = getattr(suppression, name)
        told[name] = at.isoformat() if at is not None else ""
    return {name: value for name, value in told.items() if value}


def as_yaml(suppressions: Iterable[Suppression]) -> str:
    """A file that `read_file` takes; whatever values hold, they are quoted so that nothing but text comes back."""
    listed = [plain(each) for each in suppressions]
    # The newest stubs of PyYAML leave a part of `dump` untyped.
    return yaml.dump(listed, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)  # pyright: ignore[reportUnknownMemberType]


class _Dumper(yaml.SafeDumper):
    """Without anchors: people read it."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - its form is PyYAML's
        return True

    def represent_str(self, data: str) -> yaml.ScalarNode:
        """Within double quotes what has line ends of any kind: folded, some of them would come back as spaces."""
        return yaml.ScalarNode("tag:yaml.org,2002:str", data, style=None if data.isprintable() else '"')


_Dumper.add_representer(str, _Dumper.represent_str)


def _text(told: Mapping[object, object], key: str, most: int, place: str) -> str:
    value = told.get(key, "")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise UsageError("suppress.file_not_text", place=place, key=key)
    if len(value) > most:
        raise UsageError("suppress.file_too_long", place=place, key=key, most=most)
    if key in _NAMES and not value.isprintable():
        raise UsageError("suppress.file_odd_name", place=place, key=key)
    return value.strip()


def _list(told: Mapping[object, object], key: str, place: str) -> tuple[str, ...]:
    value = told.get(key)
    items: list[object] = [] if value in (None, "") else [value]
    if isinstance(value, list):
        items = cast("list[object]", value)
    if len(items) > _MAX_LIST or not all(isinstance(each, str) and 0 < len(each) <= MAX_NAME for each in items):
        raise UsageError("suppress.file_list", place=place, key=key, most=_MAX_LIST)
    return tuple(dict.fromkeys(cast("list[str]", items)))


def _choice(told: Mapping[object, object], key: str, known: Sequence[str], place: str) -> str:
    value = told.get(key, "")
    if value and value not in known:
        raise UsageError("suppress.file_choice", place=place, key=key, value=str(value)[:100], known=list(known))
    return str(value)


def _until(told: Mapping[object, object], maker: Maker, place: str) -> date:
    value = told.get("expires_on")
    if value is None or value == "":
        return maker.at.date() + timedelta(days=DEFAULT_DAYS)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError as error:
        raise UsageError("suppress.file_date", place=place, value=str(value)[:100]) from error
