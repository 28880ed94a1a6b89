"""Rows of cost lines from the values of a line, whichever form of the report it is of."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sakimori.ingest.cur.columns import MAPS, START, TAGS, Header
from sakimori.ingest.json_members import Values, value_of
from sakimori.ingest.json_records import decoded, json_text
from sakimori.ingest.rows import as_time
from sakimori.ingest.source import Document, Reason, Refused, Row

_DELIVERY: Final = re.compile(r"/(?:BILLING_PERIOD=[0-9]{4}-[0-9]{2}|[0-9]{8}-[0-9]{8})/([^/]{1,128})/[^/]+\Z")
_EXECUTED: Final = re.compile(r"([0-9]{4}-?[0-9]{2}-?[0-9]{2}T[0-9:.]{6,12}Z)-")
_REGION: Final = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]")
_GLOBAL: Final = "global"


def of_file(document: Document) -> Values:
    """What the place of a file tells: its delivery, and when that was.

    Data Exports names a directory of a delivery by its time and an identifier, the older report by an identifier alone.
    """
    found = _DELIVERY.search(document.location)
    executed = _EXECUTED.match(found[1]) if found else None
    moment: datetime | None = as_time(executed[1]) if executed else None
    place = document.place
    return {
        "delivery": found[1] if found else "",
        "delivered_at": moment or place.modified_at or place.named_at,
    }


def row_of(header: Header, values: Sequence[object], common: Values, offset: int) -> Row | Refused:
    """The row of one line; what no column can take stands in `rest`."""
    try:
        return _row(header, values, common, offset)
    except RecursionError:
        return Refused(offset=offset, reason=Reason.TOO_DEEP)


def _row(header: Header, values: Sequence[object], common: Values, offset: int) -> Row | Refused:
    row = dict(common)
    rest: dict[str, object] = {}
    for index, column in header.main:
        value = values[index]
        if value is None or value == "":
            continue
        found = value_of(column, value)
        if found is not None and row.setdefault(column.name, found) == found:
            continue
        rest[column.name] = value
    if START not in row:
        return Refused(offset=offset, reason=Reason.NO_TIME, detail=START)
    if tags := _tags(header, values):
        row["resource_tags"] = json_text(tags)
    for index, name in header.others:
        value = values[index]
        if not _is_empty(value):
            rest[name] = _object(value) if name in MAPS and isinstance(value, str) else value
    if rest:
        row["rest"] = json_text(rest)
    row["account_id"] = row.get("line_item_usage_account_id") or row.get("bill_payer_account_id")
    row["region"] = _region(row, header)
    return row


def _tags(header: Header, values: Sequence[object]) -> dict[str, Any]:
    tags: dict[str, Any] = {}
    for index, key in header.tags:
        value = values[index]
        if _is_empty(value):
            continue
        if key:
            tags[key] = value
        else:
            whole = _object(value) if isinstance(value, str) else value
            tags |= whole if isinstance(whole, dict) else {TAGS: whole}
    return tags


def _is_empty(value: object) -> bool:
    return value is None or value == "{}" or (not value and isinstance(value, str | dict | list))


@lru_cache(maxsize=20_000)
def _object(text: str) -> object:
    """The JSON of a map, which many lines repeat; the text itself where it is none."""
    try:
        return decoded(text.encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return text


def _region(row: Values, header: Header) -> str | None:
    """The Region of the line; of a Local Zone that which it belongs to. What has no Region is global."""
    told = row.get("product_region_code") or row.get("line_item_availability_zone")
    if not told:
        return _GLOBAL if header.tells_region else None
    found = _REGION.match(str(told))
    return found[0] if found else _GLOBAL
