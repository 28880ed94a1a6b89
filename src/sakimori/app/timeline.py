"""The timeline of one resource: what changed, when, and which events may have done it.

Differences between snapshots and between items of AWS Config say what; CloudTrail's events in the time between say who.
No event is no proof that nobody did it: each change without one carries the days of which the lake has no record.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from sakimori.analysis.catalogue import catalogue
from sakimori.app.known_tables import kinds_of
from sakimori.app.resource_events import ConfigItem, TrailEvent, config_items, trail_events
from sakimori.app.resource_names import Resource, also_named, find_resource
from sakimori.aws.partitions import silent_regions
from sakimori.ingest.cloudtrail.table import TABLE as CLOUDTRAIL
from sakimori.lake.coverage import coverage_of
from sakimori.lake.coverage_days import Coverage, DayState
from sakimori.lake.engines.duck import Engine
from sakimori.lake.log_reader import LogReader, Where
from sakimori.lake.snapshot import Lake
from sakimori.lake.snapshot_diff import RowChange, RowChangeKind, SnapshotChange, snapshot_changes
from sakimori.lake.snapshot_rows import NAMES, OpenSnapshot, SnapshotRows, TableHistory, open_snapshots
from sakimori.model.words import GLOBAL

_RECORDED: Final = frozenset({DayState.HELD, DayState.PARTIAL, DayState.QUIET})
_DAY: Final = timedelta(days=1)
_A_MOMENT: Final = timedelta(seconds=1)
"""CloudTrail's times are whole seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRequest:
    """Whose timeline. `since` (held) and `until` (not held) are UTC; no accounts or Regions: all of them."""

    home: Path
    resource: str
    since: datetime | None = None
    until: datetime | None = None
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    with_reads: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that is different at `at` and was not yet so at `after_at` (None: nothing tells since when).

    `before` and `snapshot` are ids of snapshots; both are "" for an item of AWS Config, whose `status` it has instead.
    `candidates` are events between `after_at` and `until_at` that may have done it; `unrecorded_days` are the days in
    between of which the lake has no record, of `days` in all.
    """

    at: datetime
    after_at: datetime | None
    until_at: datetime
    rows: tuple[RowChange, ...]
    before: str = ""
    snapshot: str = ""
    status: str | None = None
    candidates: tuple[TrailEvent, ...] = ()
    unrecorded_days: tuple[date, ...] = ()
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a timeline looked through. `snapshots` are those that read the resource's table, or all where no table is known.

    `unread_count` are snapshots that could not read it, `trail` is what the lake holds of CloudTrail for its place;
    `silent_regions` are those that every account has and of which no event is there, where the place is more than one Region.
    """

    snapshots: tuple[OpenSnapshot, ...]
    unread_count: int
    trail: Coverage
    silent_regions: tuple[str, ...]
    unrecorded_days: tuple[date, ...]
    config_item_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The entries in the order of time, and what was looked through; `is_cut` where older events were left out."""

    resource: Resource
    entries: tuple[TrailEvent | Change, ...]
    looked: Looked
    is_cut: bool


def timeline(request: TimelineRequest, now: datetime) -> Timeline:
    """The timeline of a resource that an ARN, an identifier or a name tells; UsageError where a name tells several.

    A resource that no snapshot holds has the events that name it.
    """
    with ExitStack() as opened:
        lake = opened.enter_context(closing(Lake(request.home)))
        engine = opened.enter_context(closing(Engine()))
        reader = opened.enter_context(closing(LogReader(request.home)))
        snapshots = open_snapshots(lake, request.since, request.until)
        rows = SnapshotRows(engine, catalogue(), snapshots)
        resource = find_resource(rows, request.resource, request.accounts, request.regions)
        histories = rows.histories(resource.key, resource.account) if resource.table else ()
        resource = also_named(resource, _names_in(histories))
        return _Weaver(request, resource, _Logs(engine, reader, now)).woven(snapshots, histories)


def _names_in(histories: Iterable[TableHistory]) -> frozenset[str]:
    """What the resource was called in any snapshot."""
    rows = [row for each in histories for sighting in each.sightings for row in sighting.rows if not each.is_part]
    told = [row.get(name) for row in rows for name in NAMES]
    return frozenset(name for name in told if isinstance(name, str) and name)


@dataclass(frozen=True, slots=True)
class _Logs:
    engine: Engine
    reader: LogReader
    now: datetime


class _Weaver:
    """Joins what snapshots, AWS Config and CloudTrail say of one resource."""

    def __init__(self, request: TimelineRequest, resource: Resource, logs: _Logs) -> None:
        self._request = request
        self._resource = resource
        self._logs = logs
        # A resource of no Region has its events in one of AWS's choice.
        self._regions = () if resource.region == GLOBAL else request.regions
        self._accounts = request.accounts or ((resource.account,) if resource.account else ())

    def woven(self, snapshots: Sequence[OpenSnapshot], histories: Sequence[TableHistory]) -> Timeline:
        since, until = self._request.since, self._request.until
        items = self._items()
        changes = [*map(_of_snapshots, snapshot_changes(histories)), *self._of_items(items)]
        shown = [change for change in changes if _is_within(change.at, since, until)]
        begin = min((change.after_at for change in shown if change.after_at), default=None)
        earliest = min(begin, since) if begin and since else since
        latest = max([*(change.until_at + _A_MOMENT for change in shown), until]) if until else None
        events, is_cut = trail_events(
            self._logs.engine,
            self._logs.reader,
            self._resource,
            self._where(earliest, latest, self._regions),
            with_reads=self._request.with_reads,
        )
        joined = [self._with_candidates(change, events) for change in shown]
        told = {id(event) for change in joined for event in change.candidates}
        listed = [event for event in events if id(event) in told or _is_within(event.at, since, until)]
        return Timeline(
            resource=self._resource,
            # At one moment the event stands before the change that it may have made.
            entries=tuple(sorted([*listed, *joined], key=lambda entry: (entry.at, isinstance(entry, Change)))),
            looked=self._looked(snapshots, histories, len(items)),
            is_cut=is_cut,
        )

    def _where(self, since: datetime | None, until: datetime | None, regions: tuple[str, ...] = ()) -> Where:
        return Where(since=since, until=until, accounts=self._accounts, regions=regions)

    def _items(self) -> tuple[ConfigItem, ...]:
        table = catalogue().get(self._resource.table)
        kind = table.resource_type if table else ""
        # The item before the first one that is asked for tells what that one changed: all are read.
        where = self._where(None, self._request.until, self._regions)
        return config_items(self._logs.engine, self._logs.reader, self._resource, kind, where)

    def _of_items(self, items: Iterable[ConfigItem]) -> Iterator[Change]:
        for item in items:
            if item.says_something:
                kind = RowChangeKind.REMOVED if item.is_deletion else RowChangeKind.CHANGED
                row = RowChange(
                    table="aws_config_item", key=self._resource.key, kind=kind, is_part=False, columns=item.columns
                )
                yield Change(
                    at=item.at, after_at=item.after_at, until_at=item.at, rows=(row,), status=item.status or ""
                )

    def _with_candidates(self, change: Change, events: Sequence[TrailEvent]) -> Change:
        if change.after_at is None:
            return change
        begin, end = change.after_at, change.until_at
        found = [event for event in events if event.may_have_changed and begin - _A_MOMENT < event.at <= end]
        days = _days(begin, end)
        missing = () if found else self._unrecorded(days, self._coverage(begin, end + _A_MOMENT))
        return replace(change, candidates=tuple(found), unrecorded_days=missing, days=len(days))

    def _coverage(self, since: datetime | None, until: datetime | None) -> Coverage:
        """Of the resource's own Region, or of every one for what belongs to none."""
        where = self._where(since, until, self._places())
        return coverage_of(self._logs.reader, CLOUDTRAIL.name, where, self._logs.now, kinds_of(CLOUDTRAIL.name))

    def _places(self) -> tuple[str, ...]:
        region = self._resource.region
        return self._regions or ((region,) if region and region != GLOBAL else ())

    def _unrecorded(self, days: Iterable[date], coverage: Coverage) -> tuple[date, ...]:
        """The days on which no place that the question reaches has a record."""
        return tuple(day for day in days if not any(place.state_on(day) in _RECORDED for place in coverage.places))

    def _looked(self, snapshots: Sequence[OpenSnapshot], histories: Sequence[TableHistory], item_count: int) -> Looked:
        own = next((history for history in histories if history.table.name == self._resource.table), None)
        trail = self._coverage(self._request.since, self._request.until)
        span = trail.span
        days = _days(_midnight(span.first), _midnight(span.last)) if span else ()
        return Looked(
            snapshots=tuple(sighting.snapshot for sighting in own.sightings) if own else tuple(snapshots),
            unread_count=len(own.unread) if own else 0,
            trail=trail,
            silent_regions=() if self._places() else silent_regions(trail.regions),
            unrecorded_days=self._unrecorded(days, trail),
            config_item_count=item_count,
        )


def _of_snapshots(change: SnapshotChange) -> Change:
    return Change(
        at=change.after.facts.as_of,
        after_at=change.before.facts.as_of,
        until_at=change.after.finished_at,
        rows=change.rows,
        before=change.before.facts.snapshot,
        snapshot=change.after.facts.snapshot,
    )


def _is_within(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or at >= since) and (until is None or at < until)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _days(begin: datetime, end: datetime) -> tuple[date, ...]:
    """The days (UTC) from one moment to another, both held."""
    first, last = begin.astimezone(UTC).date(), end.astimezone(UTC).date()
    return tuple(first + _DAY * number for number in range((last - first).days + 1))
