"""Events out of the lake: narrow columns first, whole rows only out of the parts that hold some."""

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from sakimori.analysis.incident.events import (
    ALL,
    ASSUMING,
    MOST_EVENTS,
    Asked,
    Sighting,
    assumed_role,
    is_owned,
    names_any,
    owner_named,
    session_name,
    sightings_of,
    user_key,
)
from sakimori.analysis.incident.form import Event, Looked
from sakimori.analysis.incident.reading import COLUMNS, DETAILS, event_of_row
from sakimori.aws.partitions import usual_regions
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.lake.coverage import coverage_of
from sakimori.lake.coverage_days import DayState
from sakimori.lake.engines.duck import Engine
from sakimori.lake.engines.spelling import literal
from sakimori.lake.log_picks import LogPicks, Pick
from sakimori.lake.log_reader import EVERYWHERE, LogReader, Where

MOST_SIGHTINGS: Final = 50_000
_MOST_PRINCIPALS: Final = 2_000_000
_MOST_NAMES: Final = 200
_FEW_VALUES: Final = 200
_KEY: Final = "user_identity_access_key_id"
_ARN: Final = "user_identity_arn"
_ISSUER: Final = "session_issuer_arn"
_FOLDED: Final = (_ARN, _KEY, "session_created_at")
_FOLDS: Final = (
    "any_value(user_identity_account_id)", "any_value(user_identity_type)", "any_value(session_issuer_arn)",
    "bool_or(coalesce(session_credential_from_console = 'true', false))", "min(event_time)", "arg_min(event_id, event_time)",
)  # fmt: skip
_WRITTEN: Final = (
    "read_only is distinct from true and management_event is distinct from false and error_code is null "
    "and event_name is distinct from 'ConsoleLogin'"
)
_COUNTS: Final = ("count(*)", f"count(*) filter ({_WRITTEN})", "min(event_time)", "max(event_time)")
_RECORDED: Final = frozenset({DayState.HELD, DayState.PARTIAL, DayState.QUIET})
_NONE: Final = "false"
Principals = tuple[tuple[str, str], ...]
"""ARN of the caller and of who issued the session, "" where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """Events of one principal in one service and Region: all, and of these the writes that AWS let through."""

    account: str
    principal: str
    service: str
    region: str
    count: int
    write_count: int
    first_at: datetime
    last_at: datetime


class LakeEvents:
    """The events of one lake; `where` narrows every question. `kinds` are the kinds of `sakimori ingest` that fill the table."""

    def __init__(
        self, engine: Engine, reader: LogReader, now: datetime, where: Where = EVERYWHERE, kinds: Collection[str] = ()
    ) -> None:
        self._engine = engine
        self._reader = reader
        self._where = where
        self._picks = LogPicks(engine, reader)
        self._is_cut = False
        self._tables = set[str]()
        self._looked = looked_at(reader, where, now, kinds)

    @property
    def looked(self) -> tuple[Looked, ...]:
        """What the lake holds of the time, accounts and Regions that it is asked about."""
        return (self._looked,)

    @property
    def is_cut(self) -> bool:
        """Some answer had more rows than the bounds allow."""
        return self._is_cut

    def by_keys(self, ids: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events that were signed with these access keys."""
        return self._events((_KEY,), self._among(_KEY, ids), asked)

    def by_users(self, users: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events of these users or of sessions of these roles."""
        return self._events((_ARN, _ISSUER), self._of_users(users, asked), asked)

    def by_roles(self, roles: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events by which these roles were assumed."""
        wanted = {user_key(each) for each in roles} - {("", "")}
        if not wanted:
            return
        endings = sorted({literal(f'/{name.rpartition("/")[2]}"') for _, name in wanted})
        named = " or ".join(
            f"contains({column}, {end})" for end in endings for column in ("resources", "request_parameters")
        )
        by = ("event_name", "resources", "request_parameters")
        for event in self._events(by, f"{self._among('event_name', ASSUMING)} and ({named})", asked):
            if user_key(assumed_role(event)) in wanted:
                yield event

    def by_shared(self, ids: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events that have one of these shared ids."""
        return self._events(("shared_event_id",), self._among("shared_event_id", ids), asked)

    def by_names(self, names: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events of these operations."""
        return self._events(("event_name",), self._among("event_name", names), asked)

    def by_resources(self, names: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events that name these resources."""
        # A slash may stand there as an escape: only what is behind the last one is looked for at first.
        probes = sorted({re.split("[/:]", each)[-1] for each in names} - {""})
        columns = ("resources", "request_parameters", "response_elements")
        named = " or ".join(f"contains({column}, {literal(probe)})" for column in columns for probe in probes)
        for event in self._events(columns, named or _NONE, asked):
            if names_any(event, set(names)):
                yield event

    def seen_users(self, users: Collection[str], asked: Asked = ALL) -> Iterable[Sighting]:
        """The keys that these users, or sessions of these roles, were seen with."""
        return self._sightings((_ARN, _ISSUER), self._of_users(users, asked), asked)

    def seen_sessions(self, names: Collection[str], asked: Asked = ALL) -> Iterable[Sighting]:
        """The keys that sessions of these names were seen with."""
        wanted = set(names) - {""}
        arns = {arn for arn, _ in self._callers(wanted, asked) if session_name(arn) in wanted}
        return self._sightings((_ARN,), self._among(_ARN, arns), asked)

    def seen_from(self, addresses: Collection[str], asked: Asked = ALL) -> Iterable[Sighting]:
        """The keys that were used from there."""
        return self._sightings(("source_ip_address",), self._among("source_ip_address", addresses), asked)

    def others(self, key_ids: Collection[str], asked: Asked = ALL) -> tuple[Others, ...]:
        """Everybody else's events by principal, service and Region: what list B is counted from."""
        condition = f"({_KEY} is null or not ({self._among(_KEY, key_ids)}))"
        pick = Pick(table=TABLE, by=(_KEY,), condition=condition, where=self._within(asked), is_rare=False)
        rows = list(self._picks.folded(pick, ("account_id", "principal_root", "event_source", "region"), _COUNTS))
        self._is_cut = self._is_cut or len(rows) >= pick.limit
        return tuple(_others(row) for row in rows)

    def counted(self, key_ids: Collection[str], asked: Asked = ALL) -> int:
        """How many events these keys have in all, however many are read."""
        rows = self._picks.folded(self._pick((_KEY,), self._among(_KEY, key_ids), asked), (_KEY,), ("count(*)",))
        return sum(int(row[1]) for row in rows)

    # -- asking ------------------------------------------------------------------

    def _events(self, by: Sequence[str], condition: str, asked: Asked) -> Iterable[Event]:
        if condition == _NONE:
            return
        wanted = (*COLUMNS, *DETAILS) if asked.with_details else COLUMNS
        count = 0
        for row in self._picks.rows(self._pick(by, condition, asked), wanted):
            count += 1
            yield event_of_row(row)
        self._is_cut = self._is_cut or count >= MOST_EVENTS

    def _pick(self, by: Sequence[str], condition: str, asked: Asked, limit: int = MOST_EVENTS) -> Pick:
        """What is only asked to leave rows out stands in the condition too: fewer parts hold such rows."""
        columns, tests = list(by), [f"({condition})"]
        if asked.names:
            columns.append("event_name")
            tests.append(self._among("event_name", asked.names))
        if asked.writes is not None:
            columns.append("read_only")
            tests.append("read_only is distinct from true" if asked.writes else "read_only = true")
        if not asked.with_data:
            columns.append("management_event")
            tests.append("management_event is distinct from false")
        return Pick(
            table=TABLE,
            by=tuple(dict.fromkeys(columns)),
            condition=" and ".join(tests),
            where=self._within(asked),
            limit=limit,
        )

    def _within(self, asked: Asked) -> Where:
        since = max((each for each in (self._where.since, asked.since) if each), default=None)
        until = min((each for each in (self._where.until, asked.until) if each), default=None)
        return Where(since=since, until=until, accounts=self._where.accounts, regions=self._where.regions)

    def _sightings(self, by: Sequence[str], condition: str, asked: Asked) -> Iterable[Sighting]:
        if condition == _NONE:
            return
        columns = (*by, _KEY, "event_name")
        keyed = f"({condition}) and {_KEY} <> '' and event_name is distinct from 'ConsoleLogin'"
        count = 0
        for row in self._picks.folded(self._pick(columns, keyed, asked, MOST_SIGHTINGS), _FOLDED, _FOLDS):
            count += 1
            yield _sighting(row)
        self._is_cut = self._is_cut or count >= MOST_SIGHTINGS
        signed_in = f"({condition}) and event_name = 'ConsoleLogin'"
        yield from sightings_of(self._events((*by, "event_name"), signed_in, asked))

    def _of_users(self, users: Collection[str], asked: Asked) -> str:
        wanted = {owner_named(each) for each in users} - {("", "")}
        if not wanted:
            return _NONE
        own, issued = set[str](), set[str]()
        for arn, issuer in self._callers({name.rpartition("/")[2] for _, name in wanted}, asked):
            if is_owned((issuer,), wanted):
                issued.add(issuer)
            elif is_owned((arn,), wanted):
                own.add(arn)
        tests = [self._among(column, found) for column, found in ((_ARN, own), (_ISSUER, issued)) if found]
        return " or ".join(tests) or _NONE

    def _among(self, column: str, values: Iterable[str]) -> str:
        """SQL for one of these values. Many stand in a table: ten times as quick as so many literals."""
        wanted = sorted(set(values) - {""})
        if len(wanted) <= _FEW_VALUES:
            return _listed(column, wanted) if wanted else _NONE
        name = f"among_{hashlib.sha256(chr(0).join(wanted).encode()).hexdigest()[:16]}"
        if name not in self._tables:
            self._tables.add(name)
            self._engine.execute(f"create table {name} (value varchar)")
            self._engine.insert_texts(name, [(each,) for each in wanted])
        return f"{column} in (select value from {name})"

    def _callers(self, names: Collection[str], asked: Asked) -> Principals:
        """Callers, and who issued their sessions, whose ARN holds one of these names somewhere: a first look at many.

        Logs do not always tell a user's path, and so names are compared afterwards, one by one.
        """
        condition = "true"
        if len(names) <= _MOST_NAMES:
            tests = [f"contains({column}, {literal(name)})" for column in (_ARN, _ISSUER) for name in sorted(names)]
            condition = " or ".join(tests) or _NONE
        where = self._within(asked)
        pick = Pick(
            table=TABLE,
            by=(_ARN, _ISSUER),
            condition=condition,
            where=where,
            limit=_MOST_PRINCIPALS,
            is_rare=condition != "true",
        )
        found = tuple(
            (arn or "", issuer or "") for arn, issuer, _ in self._picks.folded(pick, (_ARN, _ISSUER), ("count(*)",))
        )
        self._is_cut = self._is_cut or len(found) >= _MOST_PRINCIPALS
        return found


def _listed(column: str, values: Collection[str]) -> str:
    return f"{column} in ({', '.join(map(literal, sorted(values)))})"


def _sighting(row: Sequence[object]) -> Sighting:
    arn, key, created, account, kind, issuer, is_console, at, event_id = row
    return Sighting(
        principal=str(arn or ""),
        key_id=str(key or ""),
        account=str(account or ""),
        identity_type=str(kind or ""),
        session_issuer=str(issuer or ""),
        session_at=created.replace(tzinfo=UTC) if isinstance(created, datetime) else None,
        is_console=bool(is_console),
        at=at.replace(tzinfo=UTC) if isinstance(at, datetime) else datetime.min.replace(tzinfo=UTC),
        event_id=str(event_id or ""),
    )


def _others(row: Sequence[Any]) -> Others:
    account, principal, source, region, count, writes, first, last = row
    return Others(
        account=account or "",
        principal=principal or "",
        service=str(source or "").partition(".")[0],
        region=region or "",
        count=count,
        write_count=writes,
        first_at=first.replace(tzinfo=UTC),
        last_at=last.replace(tzinfo=UTC),
    )


def looked_at(reader: LogReader, where: Where, now: datetime, kinds: Collection[str] = ()) -> Looked:
    """What the lake holds of CloudTrail there and then, as far as it knows.

    Regions that should have a record are those that every account has from the start, unless some are asked for.
    """
    coverage = coverage_of(reader, TABLE.name, where, now, kinds)
    days = {day for place in coverage.places for day, count in place.days.items() if count.state in _RECORDED}
    days |= {
        day for place in coverage.places for each in place.quiet for day in _days(each.first.toordinal(), each.count)
    }
    expected = set(where.regions) or {*usual_regions(coverage.regions), *coverage.regions}
    return Looked(
        source="lake",
        accounts=coverage.accounts,
        regions=coverage.regions,
        regions_asked=len(expected) if coverage.places else 0,
        days=len(days),
        days_asked=coverage.span.count if coverage.span else 0,
        files=coverage.file_count,
        # What an ingest that did not end left behind is as little read as what was refused.
        files_refused=(coverage.refused_count or 0)
        + coverage.unplaced_count
        + sum(each.count for each in coverage.unfinished),
        holes=coverage.hole_count,
        contested=coverage.contested_count,
        events=coverage.row_count,
        first_at=_midnight(coverage.held.first.toordinal()) if coverage.held else None,
        last_at=_midnight(coverage.held.last.toordinal() + 1) if coverage.held else None,
    )


def has_data_events(engine: Engine, reader: LogReader, where: Where) -> bool:
    """Whether anything about objects, items or the like was recorded there and then."""
    picks = LogPicks(engine, reader)
    pick = Pick(
        table=TABLE, by=("management_event",), condition="management_event = false", where=where, limit=1, is_rare=False
    )
    return picks.any(pick)


def _days(first: int, count: int) -> Iterable[date]:
    return (datetime.fromordinal(first + number).date() for number in range(count))


def _midnight(day: int) -> datetime:
    return datetime.fromordinal(day).replace(tzinfo=UTC)
