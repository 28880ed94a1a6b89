"""`sakimori timeline`.

As JSON (`sakimori.timeline/1`): `resource` (`key` is its ARN where it has one; account, Region and table are null where no
snapshot holds it), `entries` in the order of time, `is_cut` (older events were left out), `looked` (what was looked through).
An entry is of `type` `event`, one event of CloudTrail, or `change`: what is different at `time` and was not yet so `after`,
by `source` (`snapshot` or `config`), in `rows` with each column `before` and `after` (null: not known); `likely_by` are the
`event_id`s in between; where there are none, `unrecorded_days` are those of its `days` without any record of CloudTrail. Of a resource that belongs to no
Region `looked` names `silent_regions` too: those that every account has, without any record.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.text import Text

from sakimori.app.clock import utc_now
from sakimori.app.resource_events import MOST_EVENTS, TrailEvent
from sakimori.app.timeline import Change, Looked, Timeline, TimelineRequest, timeline
from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.cli.log_scope import scoped, where_of
from sakimori.cli.query_output import most_on_stdout
from sakimori.lake.coverage import doubts_of, say_doubts
from sakimori.lake.snapshot_diff import ColumnChange, RowChange, RowChangeKind
from sakimori.model.errors import UsageError
from sakimori.outputs.report.plain_values import as_json, plain, utc
from sakimori.outputs.report.wrapping import wrap
from sakimori.texts.language import clean, first_few, show_time, show_value
from sakimori.texts.sentences import say

_INDENT: Final = "  "
_NARROWEST: Final = 20
_VALUE: Final = 100
"""Characters of a value that a line shows, around the first difference."""
_BEFORE_DIFFERENCE: Final = 30
_LONGEST: Final = 100_000
_ROWS: Final = 20
_CELLS: Final = 30
_CANDIDATES: Final = 5
_REGIONS: Final = 5


@click.command("timeline", cls=SpokenCommand, **described("timeline"))
@click.argument("resource")
@scoped(region_help="cli.timeline_region")
@option("--reads", is_flag=True, help_="cli.timeline_reads")
@option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, resource: str, **given: Any) -> None:
    """Show what changed of a resource, when and by whom."""
    if not resource.strip():
        raise UsageError("timeline.no_resource")
    now = utc_now()
    where = where_of(home, given, now)
    request = TimelineRequest(
        home=home,
        resource=resource,
        since=where.since,
        until=where.until,
        accounts=where.accounts,
        regions=where.regions,
        with_reads=given["reads"],
    )
    found = timeline(request, now)
    if given["format_"] == "json":
        click.echo(as_json(_plain(found)))
    else:
        _print(found, Console())


# -- for people ------------------------------------------------------------------


def _print(found: Timeline, console: Console) -> None:
    language, resource = spoken(), found.resource
    console.print(Text(show_value(resource.key, language), style="bold"), soft_wrap=True)
    if resource.table:
        told = {"table": resource.table, "account": resource.account, "region": resource.region}
        _line(console, say("timeline.place", language, **told), style="dim")
    elif found.entries:
        _line(console, say("timeline.unknown_resource", language), style="dim")
    console.print()
    shown = found.entries[-most_on_stdout() :]
    for entry in shown:
        lines = _change_lines(entry, resource.key) if isinstance(entry, Change) else [(0, _event_line(entry))]
        for depth, line in lines:
            time = f"{show_time(entry.at, language)}{_INDENT}"
            lead = time if not depth else " " * len(time) + _INDENT * depth
            _line(console, line, lead=lead, style="bold" if isinstance(entry, Change) and not depth else "")
    if not found.entries:
        _line(console, say("timeline.nothing", language))
    if len(shown) < len(found.entries):
        _line(console, say("timeline.newest_shown", language, count=len(shown), all=len(found.entries)))
    if found.is_cut:
        _line(console, say("timeline.cut", language, count=MOST_EVENTS))
    console.print()
    _line(console, say("timeline.looked", language), style="dim")
    for line in _looked_lines(found.looked):
        _line(console, line, lead=_INDENT, style="dim")


def _line(console: Console, line: str, *, lead: str = "", style: str = "") -> None:
    """A sentence broken at the width of the terminal, its further lines under the first."""
    first, *more = wrap(line, max(console.width - len(lead), _NARROWEST))
    console.print(Text(lead + first, style=style), soft_wrap=True)
    for rest in more:
        console.print(Text(" " * len(lead) + rest, style=style), soft_wrap=True)


def _event_line(event: TrailEvent) -> str:
    values = {**_caller(event), "source": event.source, "error": event.error}
    return say("timeline.event_refused" if event.error else "timeline.event", spoken(), **values)


def _caller(event: TrailEvent) -> dict[str, object]:
    return {
        "event": event.name,
        "who": event.who or event.who_type or say("timeline.nobody", spoken()),
        "origin": event.origin or say("timeline.nowhere", spoken()),
    }


def _change_lines(change: Change, key: str) -> Iterator[tuple[int, str]]:
    """The lines of a change, each with how deep it stands."""
    language = spoken()
    if change.snapshot:
        told = {"after": change.after_at, "until": change.until_at, "snapshot": change.snapshot}
        yield 0, say("timeline.changed_between", language, **told)
    elif change.after_at:
        yield 0, say("timeline.recorded_by_config", language, status=change.status, after=change.after_at)
    else:
        yield 0, say("timeline.first_by_config", language, status=change.status)
    for row in change.rows[:_ROWS]:
        yield from _row_lines(row, key)
    if len(change.rows) > _ROWS:
        yield 1, say("timeline.and_more", language, count=len(change.rows) - _ROWS)
    yield from _cause_lines(change)


def _row_lines(row: RowChange, key: str) -> Iterator[tuple[int, str]]:
    """The row, called by what its key has beyond the resource's, and its cells but for those two keys."""
    language = spoken()
    own = row.key.removeprefix(key).strip(" /:#")
    yield 1, say(f"timeline.row_{row.kind}", language, what=f"{row.table} {own}" if own else row.table)
    keys = {key, row.key}
    cells = [cell for cell in row.columns if row.kind is RowChangeKind.CHANGED or not {cell.before, cell.after} & keys]
    for cell in cells[:_CELLS]:
        before, after = _short(cell)
        if row.kind is RowChangeKind.CHANGED:
            yield 2, say("timeline.cell", language, column=cell.column, before=before, after=after)
        elif (known := cell.after if row.kind is RowChangeKind.ADDED else cell.before) is not None:
            yield 2, f"{cell.column}: {_piece(_shown(known), 0)}"
    if len(cells) > _CELLS:
        yield 2, say("timeline.and_more", language, count=len(cells) - _CELLS)


def _cause_lines(change: Change) -> Iterator[tuple[int, str]]:
    """Who may have done it, or how far the lake could tell."""
    language = spoken()
    for event in change.candidates[-_CANDIDATES:]:
        yield 1, say("timeline.likely_by", language, at=event.at, **_caller(event))
    if len(change.candidates) > _CANDIDATES:
        yield 1, say("timeline.and_more", language, count=len(change.candidates) - _CANDIDATES)
    if change.candidates or not change.days:
        return
    if change.unrecorded_days:
        held = change.days - len(change.unrecorded_days)
        values = {"held": held, "days": change.days, "first": change.unrecorded_days[0]}
        yield 1, say("timeline.no_event_holes", language, **values)
    else:
        yield 1, say("timeline.no_event", language, days=change.days)


def _short(cell: ColumnChange) -> tuple[str, str]:
    """Both values, long ones from shortly before where they differ."""
    before, after = _shown(cell.before), _shown(cell.after)
    if max(len(before), len(after)) <= _VALUE:
        return before, after
    pairs = enumerate(zip(before, after, strict=False))
    differs = next((at for at, (old, new) in pairs if old != new), min(len(before), len(after)))
    begin = max(0, differs - _BEFORE_DIFFERENCE)
    return _piece(before, begin), _piece(after, begin)


def _piece(text: str, begin: int) -> str:
    return f"{'…' if begin else ''}{text[begin : begin + _VALUE]}{'…' if text[begin + _VALUE :] else ''}"


def _shown(value: object) -> str:
    """A value in one line; structures as JSON."""
    if isinstance(value, str | dict | list):
        return clean(value if isinstance(value, str) else as_json(value), _LONGEST)
    return show_value(value, spoken())


def _looked_lines(looked: Looked) -> Iterator[str]:
    language = spoken()
    if looked.snapshots:
        times = [snapshot.facts.as_of for snapshot in looked.snapshots]
        yield say("timeline.looked_snapshots", language, count=len(times), first=min(times), last=max(times))
    elif not looked.unread_count:
        yield say("timeline.looked_no_snapshots", language)
    if looked.unread_count:
        yield say("timeline.looked_unread", language, count=looked.unread_count)
    trail = looked.trail
    if held := trail.held:
        yield say("timeline.looked_trail", language, first=held.first, last=held.last, rows=trail.row_count)
        if looked.unrecorded_days:
            days = looked.unrecorded_days
            yield say("timeline.looked_trail_holes", language, count=len(days), first=days[0])
        if silent := looked.silent_regions:
            yield say("query.silent_regions", language, count=len(silent), names=first_few(silent, _REGIONS))
    else:
        yield say("timeline.looked_no_trail", language)
    if refused := (trail.refused_count or 0) + trail.unplaced_count:
        yield say("timeline.looked_trail_refused", language, count=refused)
    yield from say_doubts(doubts_of([trail]), language)
    if looked.config_item_count:
        yield say("timeline.looked_config", language, count=looked.config_item_count)
    else:
        yield say("timeline.looked_no_config", language)


# -- for machines ------------------------------------------------------------------


def _plain(found: Timeline) -> dict[str, object]:
    resource = found.resource
    return {
        "schema": "sakimori.timeline/1",
        "resource": {
            "given": resource.given,
            "key": resource.key,
            "account": resource.account or None,
            "region": resource.region or None,
            "table": resource.table or None,
            "names": sorted(resource.names),
        },
        "entries": [
            _plain_change(entry) if isinstance(entry, Change) else _plain_event(entry) for entry in found.entries
        ],
        "is_cut": found.is_cut,
        "looked": _plain_looked(found.looked),
    }


def _plain_event(event: TrailEvent) -> dict[str, object]:
    return {
        "type": "event",
        "time": utc(event.at),
        "event_id": event.id,
        "event_name": event.name,
        "event_source": event.source,
        "account": event.account,
        "region": event.region,
        "who": event.who,
        "who_type": event.who_type,
        "origin": event.origin,
        "user_agent": event.user_agent,
        "error_code": event.error,
        "read_only": event.is_read,
    }


def _plain_change(change: Change) -> dict[str, object]:
    return {
        "type": "change",
        "time": utc(change.at),
        "after": utc(change.after_at),
        "until": utc(change.until_at),
        "source": "snapshot" if change.snapshot else "config",
        "snapshots": [change.before, change.snapshot] if change.snapshot else None,
        "config_status": change.status,
        "rows": [_plain_row(row) for row in change.rows],
        "likely_by": [event.id for event in change.candidates],
        "days": change.days,
        "unrecorded_days": plain(change.unrecorded_days),
    }


def _plain_row(row: RowChange) -> dict[str, object]:
    cells = [{"column": cell.column, "before": plain(cell.before), "after": plain(cell.after)} for cell in row.columns]
    return {"table": row.table, "key": row.key, "change": str(row.kind), "is_part": row.is_part, "columns": cells}


def _plain_looked(looked: Looked) -> dict[str, object]:
    trail = looked.trail
    return {
        "snapshots": [snapshot.facts.snapshot for snapshot in looked.snapshots],
        "unread_snapshots": looked.unread_count,
        "cloudtrail": {
            "first": plain(trail.held and trail.held.first),
            "last": plain(trail.held and trail.held.last),
            "events": trail.row_count,
            "unrecorded_days": plain(looked.unrecorded_days),
            "silent_regions": list(looked.silent_regions),
            "refused_pieces": (trail.refused_count or 0) + trail.unplaced_count,
            "contested": trail.contested_count,
            "unfinished_files": sum(each.count for each in trail.unfinished),
        },
        "config_items": looked.config_item_count,
    }
