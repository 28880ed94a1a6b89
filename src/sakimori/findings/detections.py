"""The detections that the store holds: ours and those of AWS's services, each once however often it is seen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, or_, select, update

from sakimori.findings.cases import CaseBook
from sakimori.findings.detection_rows import detection_of, is_grown, kept, merged, row_of, searched
from sakimori.findings.patterns import is_like
from sakimori.findings.severities import is_at_least, rank_of
from sakimori.findings.tables import CLOSED, DETECTION, OPEN
from sakimori.findings.triage import open_again
from sakimori.findings.witnesses import join_witnesses, leads_of
from sakimori.model.detection import Detection
from sakimori.model.words import Severity
from sakimori.state.batches import batches
from sakimori.state.store import Store, reading, writing

_SHOWN: Final = 5
_LASTING: Final = ("id", "first_seen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What a recording changed: detections as they now stand, each in one of the three."""

    new: tuple[Detection, ...] = ()
    grown: tuple[Detection, ...] = ()
    """Known before, and now with more events, a longer time, further resources, or another severity or state."""
    unchanged_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which detections; an empty word does not matter. `since` is included, `until` is not.

    `rules` and `principals` are patterns (`*`, `?`), in which case does not matter.
    """

    since: datetime | None = None
    until: datetime | None = None
    severity: Severity | None = None
    """At least so grave."""
    rules: Sequence[str] = ()
    accounts: Sequence[str] = ()
    regions: Sequence[str] = ()
    principals: Sequence[str] = ()
    producers: Sequence[str] = ()
    is_open: bool | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A detection of the store, whether it still asks for somebody, and when it was recorded and last changed."""

    detection: Detection
    is_open: bool
    first_seen: datetime
    last_seen: datetime


def record_detections(place: Store | Connection, detections: Iterable[Detection], at: datetime) -> Recorded:
    """Keep the detections; what that changed, in their order.

    Within the transaction of a connection of `Store.begin`, or in one of its own: a kill leaves nothing or everything.
    A detection that was recorded already changes nothing; one that has grown is the same detection with more in it, and
    is open again if it was closed here. Each joins its case, and the finding of which it is a further witness.
    """
    told = _each_once(detections)
    new: list[Detection] = []
    grown: list[Detection] = []
    with writing(place) as connection:
        for batch in batches(told):
            known = _rows(connection, batch)
            fresh = [identifier for identifier in batch if identifier not in known]
            if fresh:
                connection.execute(insert(DETECTION), [row_of(told[each], each, at) for each in fresh])
            new += [told[each] for each in fresh]
            for identifier, row in known.items():
                grown += _see_again(connection, row, told[identifier], at)
        if new or grown:
            joined = join_witnesses(connection, (*new, *grown))
            more = [each.id for each in grown if not each.is_closed]
            open_again(connection, (*more, *leads_of(connection, more)), at)
            cases = CaseBook(connection, at)
            cases.take_in({each.id: each for each in (*joined, *new, *grown)}.values())
            cases.write()
    return Recorded(new=tuple(new), grown=tuple(grown), unchanged_count=len(told) - len(new) - len(grown))


def find_detections(place: Store | Connection, sought: Sought | None = None) -> tuple[Found, ...]:
    """The detections that were so sought, or all; the latest first, of those of one moment the gravest."""
    wanted = sought or Sought()
    query = select(DETECTION).where(*_conditions(wanted))
    gravest = rank_of(DETECTION.c.severity)
    query = query.order_by(DETECTION.c.last_at.desc(), gravest.desc(), DETECTION.c.id).limit(wanted.limit)
    with reading(place) as connection:
        return tuple(_found(row) for row in connection.execute(query).mappings())


def detections_by_id(place: Store | Connection, beginning: str) -> tuple[Found, ...]:
    """The detections whose id begins so; at most a handful, by id."""
    query = select(DETECTION).where(DETECTION.c.id.startswith(beginning, autoescape=True)).order_by(DETECTION.c.id)
    with reading(place) as connection:
        return tuple(_found(row) for row in connection.execute(query.limit(_SHOWN)).mappings())


def _each_once(detections: Iterable[Detection]) -> dict[str, Detection]:
    told: dict[str, Detection] = {}
    for each in detections:
        # The identity is that of the kept one, whose times are in UTC whatever zone they were told in.
        detection = kept(each)
        identifier = detection.id
        told[identifier] = merged(told[identifier], detection) if identifier in told else detection
    return told


def _rows(connection: Connection, identifiers: list[str]) -> Mapping[str, RowMapping]:
    """Those that are known, in the order of `identifiers`."""
    query = select(DETECTION).where(DETECTION.c.id.in_(identifiers))
    rows = {row["id"]: row for row in connection.execute(query).mappings()}
    return {identifier: rows[identifier] for identifier in identifiers if identifier in rows}


def _see_again(connection: Connection, row: RowMapping, told: Detection, at: datetime) -> tuple[Detection, ...]:
    """Write what is other than it was; the detection if it has grown."""
    known = detection_of(row)
    now = merged(known, told)
    if now == known:
        return ()
    has_grown = is_grown(known, now)
    fresh = row_of(now, row["id"], at)
    if not has_grown:
        fresh["state"] = row["state"]
    changed = {name: value for name, value in fresh.items() if name not in _LASTING}
    connection.execute(update(DETECTION).where(DETECTION.c.id == row["id"]).values(changed))
    return (now,) if has_grown else ()


def _conditions(sought: Sought) -> list[ColumnElement[bool]]:
    column = DETECTION.c
    conditions: list[ColumnElement[bool]] = []
    if sought.since is not None:
        conditions.append(column.last_at >= sought.since)
    if sought.until is not None:
        conditions.append(column.first_at < sought.until)
    if sought.severity is not None:
        conditions.append(is_at_least(column.severity, sought.severity))
    if sought.is_open is not None:
        conditions.append(column.state == (OPEN if sought.is_open else CLOSED))
    for name, words in (("account", sought.accounts), ("region", sought.regions), ("producer", sought.producers)):
        if words:
            conditions.append(column[name].in_([searched(word) for word in words]))
    for name, patterns in (("rule", sought.rules), ("principal", sought.principals)):
        if patterns:
            conditions.append(or_(*(is_like(column[name], pattern) for pattern in patterns)))
    return conditions


def _found(row: RowMapping) -> Found:
    return Found(detection_of(row), row["state"] == OPEN, row["first_seen"], row["last_seen"])
