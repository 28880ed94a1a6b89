"""What the lake holds of a log and what it does not: never turn "there is no record" into "nothing happened".

A day without a file and without a proof that nothing was delivered is a hole. So a negative answer can say what it looked
through, and what it could not look through.
"""

import re
import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final

from sakimori.lake.contested import contested_between, contested_days
from sakimori.lake.coverage_days import Coverage, DayCount, DayRange, DayState, PlaceCoverage
from sakimori.lake.instants import MICROS_A_DAY, day_of
from sakimori.lake.log_parts import UNKNOWN
from sakimori.lake.log_proofs import Span, proofs, union
from sakimori.lake.log_reader import LogReader, Where
from sakimori.lake.manifest import Manifest
from sakimori.lake.part_notes import incomplete_days, last_early_day, uncompared_rows
from sakimori.lake.quarantine import NOT_LOOKED_AT, Look, looks
from sakimori.lake.unfinished import GivenUp, Unfinished, given_up, unfinished
from sakimori.texts.language import Language, clean, first_few
from sakimori.texts.sentences import say

_DAY: Final = timedelta(days=1)
_SECOND: Final = 1_000_000
_STILL_DELIVERING: Final = timedelta(days=3)
"""A log whose newest day is not older than this is expected to go on to today."""
_ASKED: Final = re.compile(
    r"lookup-events://(?P<account>[0-9]{12})/(?P<region>[a-z0-9-]+)/(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})T"
)
"""What stands for the event history of one account and Region, from a moment on."""
_OF_GROUP: Final = re.compile(
    r"logs://(?P<account>[0-9]{12})/(?P<region>[a-z0-9-]+)/.+/(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})T[^/]*\Z",
    re.DOTALL,
)
"""Likewise for a log group."""
_TOLD_APART: Final = "cloudtrail"
"""The kind of log whose events are held against each other across days and places."""
_NAMED: Final = 3
"""Accounts or Regions that a sentence names."""

Place = tuple[str, str]
"""Account and Region."""
_Delivery = tuple[int, int, float | None]
"""Files, rows when they came, and the longest delay in seconds."""
_NO_DELIVERY: Final[_Delivery] = (0, 0, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """Ingests that did not end, under how many identities the lake holds several stories, and how many rows are incomplete."""

    unfinished: tuple[Unfinished, ...] = ()
    contested_count: int = 0
    incomplete_count: int = 0


def coverage_of(reader: LogReader, table: str, where: Where, now: datetime, kinds: Collection[str] = ()) -> Coverage:
    """What the lake holds of a table, as far as the question reaches.

    A question that names no beginning is about everything from the first delivery on; one that names a beginning and no
    end goes up to now. Between these, every day of every place counts, up to the last delivery of any place of its
    account, or up to today where that is recent.
    """
    manifest = reader.manifest
    if manifest is None:
        return _nothing(table, where, kinds)
    counted = _counted(manifest, table, where, _asked(where, now))
    if kinds:
        _count_refused(manifest, counted, where, kinds)
    if not counted.places:
        known = manifest.query("select 1 from log_delivery where table_name = ? limit 1", table)
        found = _nothing(table, where, kinds, is_known=bool(known), refused=counted.refused)
        return replace(
            found,
            unfinished=unfinished(manifest, kinds),
            given_up=given_up(manifest, kinds),
            looks=looks(manifest, kinds),
        )
    today = now.astimezone(UTC).date()
    ends = _ends(counted, today)
    places = tuple(_place(counted, place, ends, today) for place in sorted(counted.places))
    return Coverage(
        table=table,
        kinds=tuple(kinds),
        places=tuple(each for each in places if each is not None),
        refused_count=counted.refused,
        unplaced_count=counted.unplaced,
        partial_object_count=counted.partial_objects,
        unseen_accounts=_unseen(where.accounts, (account for account, _ in counted.places)),
        unseen_regions=_unseen(where.regions, (region for _, region in counted.places)),
        contested_count=counted.contested_ids,
        uncompared_count=uncompared_rows(manifest, table) if _TOLD_APART in kinds else 0,
        unfinished=unfinished(manifest, kinds),
        given_up=given_up(manifest, kinds),
        looks=looks(manifest, kinds),
    )


def say_coverage(coverage: Coverage, language: Language) -> str:
    """What was looked through and what was not, in a few short sentences, as a negative answer carries it."""
    between = "" if language == "ja" else " "
    return between.join(say(f"lake_verbs.{name}", language, **values) for name, values in _sentences(coverage))


def say_doubts(doubts: Doubts, language: Language) -> tuple[str, ...]:
    """What an answer that found something should carry as well, a sentence each: what may be missing, and what is contested."""
    told = [*_contested(doubts.contested_count), *_incomplete(doubts.incomplete_count), *_cut_short(doubts.unfinished)]
    return tuple(say(f"lake_verbs.{name}", language, **values) for name, values in told)


def doubts_of(coverages: Iterable[Coverage]) -> Doubts:
    """Those of answers out of these logs."""
    found = tuple(coverages)
    return Doubts(
        unfinished=tuple(each for coverage in found for each in coverage.unfinished),
        contested_count=sum(coverage.contested_count for coverage in found),
        incomplete_count=sum(coverage.incomplete_count for coverage in found),
    )


def _sentences(coverage: Coverage) -> Iterator[tuple[str, Mapping[str, object]]]:
    if not coverage.places:
        kinds = coverage.kinds[0] if coverage.kinds else "auto"
        yield (
            ("searched_nothing_asked" if coverage.is_known else "searched_never"),
            {"table": coverage.table, "kind": kinds},
        )
        yield from _cut_short(coverage.unfinished)
        yield from _given_up(coverage.given_up)
        yield from _looks(coverage.looks)
        return
    held = coverage.held or coverage.span
    yield (
        "searched",
        {
            "table": coverage.table,
            "first": held and held.first,
            "last": held and held.last,
            "accounts": len(coverage.accounts),
            "regions": len(coverage.regions),
            "rows": coverage.row_count,
        },
    )
    if coverage.hole_count:
        first = min(each.holes[0].first for each in coverage.places if each.holes)
        yield "searched_holes", {"count": coverage.hole_count, "first": first}
    if coverage.future_row_count:
        yield "searched_future", {"count": coverage.future_row_count}
    if coverage.retired_count:
        yield "searched_retired", {"count": coverage.retired_count}
    if refused := (coverage.refused_count or 0) + coverage.unplaced_count:
        yield "searched_refused", {"count": refused}
    yield from _contested(coverage.contested_count)
    yield from _incomplete(coverage.incomplete_count)
    if coverage.uncompared_count:
        yield "searched_uncompared", {"count": coverage.uncompared_count}
    yield from _cut_short(coverage.unfinished)
    yield from _given_up(coverage.given_up)
    yield from _looks(coverage.looks)
    for name, unseen in (("account", coverage.unseen_accounts), ("region", coverage.unseen_regions)):
        if unseen:
            yield f"searched_unseen_{name}", {"names": first_few(unseen, _NAMED)}


def _contested(count: int) -> Iterator[tuple[str, Mapping[str, object]]]:
    if count:
        yield ("searched_contested_one" if count == 1 else "searched_contested"), {"count": count}


def _incomplete(count: int) -> Iterator[tuple[str, Mapping[str, object]]]:
    if count:
        yield ("searched_incomplete_one" if count == 1 else "searched_incomplete"), {"count": count}


def _cut_short(left: Sequence[Unfinished]) -> Iterator[tuple[str, Mapping[str, object]]]:
    for each in left[:_NAMED]:
        if asked := _asked_in(each, _ASKED):
            yield "searched_unasked", asked
            continue
        if asked := _asked_in(each, _OF_GROUP):
            yield "searched_unread_group", asked
            continue
        values = {"kind": each.typed, "root": shlex.quote(each.root), "began": each.began_at}
        yield "searched_unfinished", {"count": each.count, **values}


def _given_up(left: Sequence[GivenUp]) -> Iterator[tuple[str, Mapping[str, object]]]:
    for each in left[:_NAMED]:
        values = {"location": clean(each.location), "at": each.at, "reason": clean(each.reason)}
        yield ("searched_given_up" if each.count > 1 else "searched_given_up_one"), {"count": each.count, **values}


def _looks(left: Sequence[Look]) -> Iterator[tuple[str, Mapping[str, object]]]:
    for each in left[:_NAMED]:
        values = {"location": clean(each.location), "at": each.at, "reason": clean(each.reason)}
        yield ("searched_looked_at" if each.count > 1 else "searched_looked_at_one"), {"count": each.count, **values}


def _asked_in(left: Unfinished, form: re.Pattern[str]) -> Mapping[str, object] | None:
    """Where and since when questions of this form were left, and what is typed to go on; None where there are none."""
    asked = [found for location in left.locations if (found := form.match(location))]
    if not asked:
        return None
    places = dict.fromkeys(f"{found['account']} {found['region']}" for found in asked)
    since = min(f"{found['year']}-{found['month']}-{found['day']}" for found in asked)
    return {"names": first_few(tuple(places), _NAMED), "typed": left.typed, "since": since}


def _nothing(
    table: str, where: Where, kinds: Collection[str], *, is_known: bool = False, refused: int | None = None
) -> Coverage:
    return Coverage(
        table=table,
        kinds=tuple(kinds),
        places=(),
        refused_count=refused,
        unseen_accounts=where.accounts,
        unseen_regions=where.regions,
        is_known=is_known,
    )


def _unseen(asked: Iterable[str], seen: Iterable[str]) -> tuple[str, ...]:
    known = set(seen)
    return tuple(each for each in asked if each not in known)


# -- counting ------------------------------------------------------------------


@dataclass(slots=True)
class _Counted:
    """What the manifest says: `extents` whatever the days that are asked about, the rest of those days alone."""

    asked: tuple[date | None, date | None]
    extents: dict[Place, tuple[date, date]] = field(default_factory=dict[Place, tuple[date, date]])
    deliveries: dict[Place, dict[date, _Delivery]] = field(default_factory=dict[Place, dict[date, _Delivery]])
    rows: dict[Place, dict[date, int]] = field(default_factory=dict[Place, dict[date, int]])
    proven: dict[Place, tuple[DayRange, ...]] = field(default_factory=dict[Place, tuple[DayRange, ...]])
    refusals: dict[Place, dict[date, int]] = field(default_factory=dict[Place, dict[date, int]])
    contested: dict[Place, dict[date, int]] = field(default_factory=dict[Place, dict[date, int]])
    incomplete: dict[Place, dict[date, int]] = field(default_factory=dict[Place, dict[date, int]])
    contested_ids: int = 0
    refused: int | None = None
    unplaced: int = 0
    partial_objects: int | None = None

    @property
    def places(self) -> set[Place]:
        """Where anything was delivered or proven. Files that do not say whose they are make no place of their own."""
        found = (*self.extents, *self.proven, *self.rows)
        return {place for place in found if UNKNOWN not in place or place in self.rows}


def _counted(manifest: Manifest, table: str, where: Where, asked: tuple[date | None, date | None]) -> _Counted:
    found = _Counted(asked)
    only, values = _only(where)
    for account, region, first, last in manifest.query(
        "select account, region, min(day), max(day) from (select account, region, day from log_delivery where table_name = ? "
        "union all select account, region, day from log_part where table_name = ? and retired_at is null) "
        f"where day > ?{only} group by account, region",
        table,
        table,
        last_early_day(manifest, table),
        *values,
    ):
        found.extents[account, region] = (date.fromisoformat(first), date.fromisoformat(last))
    between = [asked[0].isoformat() if asked[0] else "", asked[1].isoformat() if asked[1] else "~"]
    day_of = cache(date.fromisoformat)
    for account, region, day, *delivery in manifest.query(
        "select account, region, day, file_count, row_count, delay_seconds_max from log_delivery where table_name = ? "
        f"and day between ? and ?{only} order by account, region, day",
        table,
        *between,
        *values,
    ):
        found.deliveries.setdefault((account, region), {})[day_of(day)] = tuple(delivery)
    for account, region, day, rows in manifest.query(
        "select account, region, day, sum(row_count) from log_part where table_name = ? and retired_at is null "
        f"and day between ? and ?{only} group by account, region, day",
        table,
        *between,
        *values,
    ):
        found.rows.setdefault((account, region), {})[day_of(day)] = rows
    for account, region, day, count in contested_days(manifest, table, (between[0], between[1])):
        found.contested.setdefault((account, region), {})[day_of(day)] = count
    found.contested_ids = contested_between(manifest, table, (between[0], between[1]), where)
    for account, region, day, count in incomplete_days(manifest, table, (between[0], between[1])):
        found.incomplete.setdefault((account, region), {})[day_of(day)] = count
    _count_proven(manifest, found, table, where)
    return found


def _count_proven(manifest: Manifest, found: _Counted, table: str, where: Where) -> None:
    spans: dict[Place, list[Span]] = {}
    for each in proofs(manifest, table):
        if _is_asked(where, each.account, each.region):
            # The times of most logs are whole seconds: what ends with one and goes on with the next has no gap.
            spans.setdefault((each.account, each.region), []).append((each.first_at, each.last_at + _SECOND - 1))
    found.proven = {place: days for place, those in spans.items() if (days := _days_of(union(those)))}


def _count_refused(manifest: Manifest, found: _Counted, where: Where, kinds: Collection[str]) -> None:
    marks = ", ".join("?" for _ in kinds)
    found.refused = found.unplaced = 0
    for account, region, day, count in manifest.query(
        "select taken.account, taken.region, taken.first_at / 86400000000, count(*) from log_refused as piece "
        "left join log_object as taken using (source, location, version) "
        f"where piece.source in ({marks}) and {NOT_LOOKED_AT} group by 1, 2, 3",
        *kinds,
    ):
        if account is None or day is None or UNKNOWN in (account, region):
            found.unplaced += count
        elif _is_asked(where, account, region) and _is_between(found.asked, on := day_of(day)):
            found.refusals.setdefault((account, region), {})[on] = count
            found.refused += count
    only, values = _only(where)
    found.partial_objects = manifest.query(
        f"select count(*) from log_object where source in ({marks}) and state = 'partial'{only}", *kinds, *values
    )[0][0]


def _only(where: Where) -> tuple[str, list[str]]:
    clauses, values = "", list[str]()
    for column, wanted in (("account", where.accounts), ("region", where.regions)):
        if wanted:
            clauses += f" and {column} in ({', '.join('?' for _ in wanted)})"
            values += wanted
    return clauses, values


def _is_asked(where: Where, account: str, region: str) -> bool:
    return (not where.accounts or account in where.accounts) and (not where.regions or region in where.regions)


def _is_between(asked: tuple[date | None, date | None], day: date) -> bool:
    return (asked[0] is None or asked[0] <= day) and (asked[1] is None or day <= asked[1])


# -- days ----------------------------------------------------------------------


def _asked(where: Where, now: datetime) -> tuple[date | None, date | None]:
    """First and last day that the question names; an open end is now where there is a beginning."""
    first = where.since.astimezone(UTC).date() if where.since else None
    if where.until:
        return first, (min(where.until, now) - timedelta(microseconds=1)).astimezone(UTC).date()
    return first, now.astimezone(UTC).date() if first else None


def _ends(counted: _Counted, today: date) -> Mapping[str, date]:
    """Up to which day each account's logs should reach: its last delivery of any Region, or today where that is recent."""
    newest: dict[str, date] = {}
    for (account, _), (_, last) in counted.extents.items():
        newest[account] = max(newest.get(account, date.min), last)
    return {account: today if day >= today - _STILL_DELIVERING else day for account, day in newest.items()}


def _place(counted: _Counted, place: Place, ends: Mapping[str, date], today: date) -> PlaceCoverage | None:
    """None where the question ends before anything begins in this place."""
    delivered, rows = counted.deliveries.get(place, {}), counted.rows.get(place, {})
    proven = counted.proven.get(place, ())
    known = [*counted.extents.get(place, ()), *((proven[0].first, proven[-1].last) if proven else ())] or [today]
    first = counted.asked[0] or min(*known, today)
    last = counted.asked[1] or min(max(*known, ends.get(place[0], date.min)), today)
    if last < first:
        return None
    more = [counted.refusals.get(place, {}), counted.contested.get(place, {}), counted.incomplete.get(place, {})]
    days = {
        day: _day(delivered.get(day, _NO_DELIVERY), rows.get(day, 0), *(each.get(day, 0) for each in more))
        for day in (delivered if delivered.keys() >= rows.keys() else sorted({*delivered, *rows}))
    }
    missing = [day for day in _each(first, min(last, today - _DAY)) if day not in days]
    quiet_days = {day for each in proven for day in _each(max(each.first, first), min(each.last, last))}
    return PlaceCoverage(
        account=place[0],
        region=place[1],
        span=DayRange(first=first, last=last),
        days=days,
        quiet=_ranges(day for day in missing if day in quiet_days),
        holes=_ranges(day for day in missing if day not in quiet_days),
    )


def _day(delivery: _Delivery, rows: int, refused: int, contested: int, incomplete: int) -> DayCount:
    files, once, delay = delivery
    held = DayState.PARTIAL if refused else DayState.HELD
    state = DayState.RETIRED if once and not rows else held
    return DayCount(
        state=state,
        file_count=files,
        row_count=rows,
        delay_seconds_max=delay,
        refused_count=refused,
        contested_count=contested,
        incomplete_count=incomplete,
    )


def _days_of(spans: Iterable[Span]) -> tuple[DayRange, ...]:
    """The whole days in these times."""
    found: list[DayRange] = []
    for first, last in spans:
        begin = -(-first // MICROS_A_DAY)
        end = (last + 1) // MICROS_A_DAY - 1
        if begin <= end:
            found.append(DayRange(first=day_of(begin), last=day_of(end)))
    return tuple(found)


def _each(first: date, last: date) -> Iterator[date]:
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def _ranges(days: Iterable[date]) -> tuple[DayRange, ...]:
    found: list[DayRange] = []
    for day in days:
        if found and day - found[-1].last == _DAY:
            found[-1] = DayRange(first=found[-1].first, last=day)
        else:
            found.append(DayRange(first=day, last=day))
    return tuple(found)
