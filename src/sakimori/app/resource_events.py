"""What logs say of one resource: CloudTrail's events that name it, and the items of AWS Config that describe it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final, cast

import msgspec

from sakimori.app.resource_names import Resource, namer
from sakimori.ingest.cloudtrail.table import TABLE as CLOUDTRAIL
from sakimori.ingest.config.source import TABLE as CONFIG
from sakimori.lake.engines.duck import Engine
from sakimori.lake.log_mentions import Mentions, mentioning
from sakimori.lake.log_reader import LogReader, Where
from sakimori.lake.snapshot_diff import ColumnChange

MOST_EVENTS: Final = 20_000
"""Events that a timeline looks at closely; of more the newest ones."""
_DELETED: Final = frozenset({"ResourceDeleted", "ResourceDeletedNotRecorded"})
_NAMING: Final = ("resources", "request_parameters", "response_elements")
_DESCRIBING: Final = ("configuration", "supplementary_configuration", "tags")
_WANTED: Final = (
    "event_time", "event_source", "event_name", "source_ip", "source_ip_address", "user_agent", "error_code", "read_only", "management_event",
    "event_id", "principal_root", "user_identity_type", "user_identity_arn", "user_identity_invoked_by", "account_id", "region",
)  # fmt: skip
_decode: Final = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEvent:
    """One event of CloudTrail that names the resource. `who` and `origin` are None where the event does not tell them."""

    at: datetime
    id: str | None
    name: str | None
    source: str | None
    account: str
    region: str
    who: str | None
    who_type: str | None
    origin: str | None
    user_agent: str | None
    error: str | None
    is_read: bool | None
    is_of_data: bool

    @property
    def may_have_changed(self) -> bool:
        """It is no read, it is about the resource and not about what is stored in it, and AWS did not refuse it."""
        return not (self.is_read or self.is_of_data or self.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigItem:
    """One item of AWS Config. `after_at` is when the item before it was recorded, None for the first in the lake."""

    at: datetime
    after_at: datetime | None
    status: str | None
    columns: tuple[ColumnChange, ...]
    related_events: tuple[str, ...] = field(default=())

    @property
    def is_deletion(self) -> bool:
        """The resource is gone from here on."""
        return self.status in _DELETED

    @property
    def says_something(self) -> bool:
        """It differs from the item before it, or it is of a resource that came or went."""
        return bool(self.columns) or self.status not in {"OK", None}


def trail_events(
    engine: Engine, reader: LogReader, resource: Resource, where: Where, *, with_reads: bool
) -> tuple[tuple[TrailEvent, ...], bool]:
    """Events that name the resource in the order of time, and whether older ones were left out because there are too many.

    Reads and data events (objects in a bucket, items of a table) are there only `with_reads`.
    """
    asked = Mentions(
        table=CLOUDTRAIL,
        texts=resource.names,
        among=_NAMING,
        wanted=_WANTED,
        limit=MOST_EVENTS,
        where=where,
        unless={} if with_reads else {"read_only": True, "management_event": False},
    )
    names = namer(resource)
    rows = list(mentioning(engine, reader, asked))
    events = tuple(
        _event(row) for row in rows if names(row["event_source"] or "", (_parsed(row[column]) for column in _NAMING))
    )
    return events, len(rows) == MOST_EVENTS


def _event(row: Mapping[str, Any]) -> TrailEvent:
    return TrailEvent(
        at=row["event_time"].replace(tzinfo=UTC),
        id=row["event_id"],
        name=row["event_name"],
        source=row["event_source"],
        account=row["account_id"],
        region=row["region"],
        who=row["user_identity_arn"] or row["principal_root"] or row["user_identity_invoked_by"],
        who_type=row["user_identity_type"],
        origin=row["source_ip"] or row["source_ip_address"],
        user_agent=row["user_agent"],
        error=row["error_code"],
        is_read=row["read_only"],
        is_of_data=row["management_event"] is False,
    )


def config_items(
    engine: Engine, reader: LogReader, resource: Resource, resource_type: str, where: Where
) -> tuple[ConfigItem, ...]:
    """The items of the resource in the order of time, each with what it changes from the one before it.

    `resource_type` is the resource's type in CloudFormation ("" where it is not known): names are compared only within it.
    """
    asked = Mentions(
        table=CONFIG,
        texts=resource.names,
        among=("arn", "resource_id", "resource_name"),
        wanted=(*_DESCRIBING, "configuration_item_status", "configuration_state_id", "related_events", "resource_type"),
        limit=MOST_EVENTS,
        where=where,
    )
    rows = [row for row in mentioning(engine, reader, asked) if _is_of(row, resource, resource_type)]
    rows.sort(key=lambda row: (row[CONFIG.time], row["configuration_state_id"] or 0))
    return tuple(_items(rows))


def _is_of(row: Mapping[str, Any], resource: Resource, resource_type: str) -> bool:
    told = {row["arn"], row["resource_id"], row["resource_name"]} - {None}
    if told & resource.unique:
        return True
    return bool(resource_type) and row["resource_type"] == resource_type and bool(told & resource.chosen)


def _items(rows: Iterable[Mapping[str, Any]]) -> Iterator[ConfigItem]:
    before: Mapping[str, object] | None = None
    before_at: datetime | None = None
    for at, same in groupby(rows, key=lambda row: cast("datetime", row[CONFIG.time])):
        *_, row = same
        described = dict(_members(row))
        yield ConfigItem(
            at=at.replace(tzinfo=UTC),
            after_at=before_at,
            status=row["configuration_item_status"],
            columns=()
            if before is None or row["configuration_item_status"] in _DELETED
            else _differences(before, described),
            related_events=tuple(_texts(_parsed(row["related_events"]))),
        )
        before = None if row["configuration_item_status"] in _DELETED else described
        before_at = at.replace(tzinfo=UTC)


def _members(row: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """The members of what an item describes, one level deep: deeper ones stay structures."""
    for column in _DESCRIBING:
        found = _parsed(row[column])
        if isinstance(found, dict):
            for name, value in cast("dict[str, object]", found).items():
                yield f"{column}.{name}", value
        elif found is not None:
            yield column, found


def _differences(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[ColumnChange, ...]:
    return tuple(
        ColumnChange(column=name, before=before.get(name), after=after.get(name))
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    )


def _texts(value: object) -> Iterator[str]:
    for each in cast("list[object]", value) if isinstance(value, list) else ():
        if isinstance(each, str):
            yield each


def _parsed(text: object) -> object:
    """The value of a JSON text, None where it is none."""
    if not isinstance(text, str):
        return None
    try:
        return _decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
