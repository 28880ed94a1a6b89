"""Mutes read from the configuration's plain data; every fault names its entry."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, cast

from sakimori.findings.mutes import MuteEntry
from sakimori.model.errors import UsageError
from sakimori.texts.nearest import nearest

MAX_ENTRIES: Final = 1_000
MAX_TEXT: Final = 500

_CRITERIA: Final = ("rule", "resource", "account", "tag")
_KEYS: Final = (*_CRITERIA, "reason", "owner", "until")
_ACCOUNT: Final = re.compile(r"[0-9]{12}\Z")


def parse_mutes(data: object) -> tuple[MuteEntry, ...]:
    """The entries of a list of mappings, in order, expired ones too; UsageError at the first fault."""
    if data is None:
        return ()
    if not isinstance(data, Sequence) or isinstance(data, str):
        raise UsageError("findings.mutes_not_a_list")
    items = cast("Sequence[object]", data)
    if len(items) > MAX_ENTRIES:
        raise UsageError("findings.mutes_too_many", most=MAX_ENTRIES)
    return tuple(_entry(number, item) for number, item in enumerate(items, start=1))


def _entry(number: int, data: object) -> MuteEntry:
    if not isinstance(data, Mapping):
        raise UsageError("findings.mute_not_a_table", entry=number)
    fields = cast("Mapping[object, object]", data)
    _refuse_unknown_keys(number, fields)
    texts = {key: _text(number, fields, key) for key in (*_CRITERIA, "reason", "owner")}
    if not texts["reason"]:
        raise UsageError("findings.mute_without_reason", entry=number)
    if not any(texts[key].strip("*") for key in _CRITERIA):
        raise UsageError("findings.mute_too_wide", entry=number)
    if texts["account"] and not _ACCOUNT.match(texts["account"]):
        raise UsageError("findings.mute_account", entry=number, value=texts["account"])
    tag_key, equals, tag_value = texts["tag"].partition("=")
    if texts["tag"] and not (equals and tag_key):
        raise UsageError("findings.mute_tag", entry=number, value=texts["tag"])
    return MuteEntry(
        number=number,
        reason=texts["reason"],
        until=_until(number, fields),
        owner=texts["owner"],
        rule=texts["rule"],
        resource=texts["resource"],
        account=texts["account"],
        tag_key=tag_key,
        tag_value=tag_value,
    )


def _refuse_unknown_keys(number: int, fields: Mapping[object, object]) -> None:
    for key in fields:
        if key not in _KEYS:
            near = nearest(str(key), _KEYS)
            sentence = "findings.mute_unknown_key_near" if near else "findings.mute_unknown_key"
            raise UsageError(sentence, entry=number, key=str(key), near=near, known=_KEYS)


def _text(number: int, fields: Mapping[object, object], key: str) -> str:
    value = fields.get(key, "")
    if not isinstance(value, str):
        raise UsageError("findings.mute_not_a_text", entry=number, key=key)
    if key in fields and not value.strip():
        raise UsageError("findings.mute_empty", entry=number, key=key)
    if len(value) > MAX_TEXT:
        raise UsageError("findings.mute_too_long", entry=number, key=key, most=MAX_TEXT)
    return value.strip()


def _until(number: int, fields: Mapping[object, object]) -> date:
    """A date of TOML or YAML, or its text; a moment is refused, for a mute ends with a day."""
    value = fields.get("until")
    if value is None:
        raise UsageError("findings.mute_without_end", entry=number)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip())
        except ValueError as error:
            raise UsageError("findings.mute_until", entry=number, value=value) from error
    raise UsageError("findings.mute_until", entry=number, value=value)
