"""Rules that were renamed: what the store holds under a former id goes on under the present one.

The identity of a finding holds the id of its rule, so a rule under another name would open everything anew and leave the
old findings open for ever. They move instead, with their dates, owners, history and cases. Whatever else the store keeps
that names them moves in the same transaction.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, delete, or_, select, update

from sakimori.findings.cases import rename_attack, rename_posture, settle
from sakimori.findings.cursors import read_cursor, write_cursor
from sakimori.findings.detection_rows import detection_of, merged
from sakimori.findings.detection_rows import row_of as detection_row
from sakimori.findings.inbox_tables import CASE, SUPPRESSION
from sakimori.findings.rows import verdict_of
from sakimori.findings.tables import CHANGE, CURSOR, DETECTION, FINDING, GROUND, OPEN, RESOLVED, RUN
from sakimori.findings.triage import hand_over
from sakimori.findings.witnesses import OWN
from sakimori.state.store import Store, insert_into

_RENAMED: Final = "renamed"
_BATCH: Final = 2_000
_ID: Final = re.compile(r"\b[0-9a-f]{32}\b")


def carry_over(connection: Connection, renamed: Mapping[str, str], at: datetime) -> Mapping[str, str]:
    """Move what stands under former ids (`renamed`: to the present ones); the ids of findings that changed, old to new.

    Within the transaction of `Store.begin` that records under the new ids. Costs a look at an index where nothing stands
    under a former id, and does nothing a second time. Where something stands under both, it becomes one finding: with the
    earlier first date, what people decided of either, and the state of the one that was looked at last.
    """
    asked = {former: now for former, now in renamed.items() if former != now}
    if not asked:
        return {}
    _remember(connection, asked)
    _rename_grounds(connection, asked)
    moved: dict[str, str] = {}
    while found := _some(connection, FINDING, FINDING.c.state.in_((OPEN, RESOLVED)), FINDING.c.rule.in_(asked)):
        moved |= _move_postures(connection, found, asked, at)
    while found := _some(connection, DETECTION, DETECTION.c.producer == OWN, DETECTION.c.rule.in_(asked)):
        moved |= _move_detections(connection, found, asked, at)
    if moved:
        _rename_in_texts(connection, moved, asked)
    return moved


def renamed_rules(place: Store | Connection) -> Mapping[str, str]:
    """Former ids of rules and their present ones, as runs that knew the rules have told the store."""
    return json.loads(read_cursor(place, _RENAMED) or "{}")


def _remember(connection: Connection, asked: Mapping[str, str]) -> None:
    known = renamed_rules(connection)
    if any(known.get(former) != now for former, now in asked.items()):
        write_cursor(connection, _RENAMED, json.dumps({**known, **asked}, sort_keys=True))


def _some(connection: Connection, table: Table, *those: ColumnElement[bool]) -> Sequence[RowMapping]:
    return connection.execute(select(table).where(*those).order_by(table.c.id).limit(_BATCH)).mappings().all()


def _move_postures(
    connection: Connection, found: Iterable[RowMapping], asked: Mapping[str, str], at: datetime
) -> dict[str, str]:
    moved: dict[str, str] = {}
    told: list[tuple[str, RowMapping]] = []
    for row in found:
        now = replace(verdict_of(row), rule=asked[row["rule"]])
        moved[row["id"]] = now.id
        told.append((now.id, row))
    known = _known(connection, FINDING, moved)
    for identifier, row in told:
        fresh = {**_plain(row), "id": identifier, "rule": asked[row["rule"]]}
        known[identifier] = _one_posture(known[identifier], fresh) if identifier in known else fresh
    _write(connection, FINDING, known.values())
    changes = connection.execute(select(CHANGE).where(CHANGE.c.finding.in_(moved))).mappings().all()
    connection.execute(delete(CHANGE).where(CHANGE.c.finding.in_(moved)))
    if changes:
        fresh_changes = [{**row, "finding": moved[row["finding"]]} for row in changes]
        connection.execute(insert_into(connection, CHANGE).on_conflict_do_nothing(), fresh_changes)
    connection.execute(delete(FINDING).where(FINDING.c.id.in_(moved)))
    _move_what_points_there(connection, moved)
    for partition, account, former in sorted({(row["partition"], row["account"], row["rule"]) for _, row in told}):
        rename_posture(connection, (partition, account), (former, asked[former]), at)
    return moved


def _one_posture(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """One finding of two: as the one that a run spoke of last."""
    earlier, later = sorted((one, other), key=lambda each: (each["resolved_at"] or each["last_seen"], each is one))
    reopened = later["reopened_at"]
    if reopened is None and earlier["resolved_at"] is not None and earlier["resolved_at"] <= later["first_seen"]:
        reopened = later["first_seen"]
    return {
        **later,
        "first_seen": min(one["first_seen"], other["first_seen"]),
        "last_seen": max(one["last_seen"], other["last_seen"]),
        "reopened_at": reopened,
    }


def _move_detections(
    connection: Connection, found: Iterable[RowMapping], asked: Mapping[str, str], at: datetime
) -> dict[str, str]:
    moved: dict[str, str] = {}
    told: list[tuple[str, dict[str, Any]]] = []
    for row in found:
        before = detection_of(row)
        now = replace(before, rule=asked[row["rule"]])
        moved[row["id"]] = now.id
        lasting = {name: row[name] for name in ("state", "first_seen", "last_seen", "case_id", "witness_of")}
        told.append((now.id, {**detection_row(now, now.id, at), **lasting}))
        rename_attack(connection, row["case_id"], before, now)
    known = _known(connection, DETECTION, moved)
    left: set[str] = set()
    for identifier, fresh in told:
        if identifier not in known:
            known[identifier] = fresh
            continue
        left.add(known[identifier]["case_id"])
        known[identifier] = _one_detection(known[identifier], fresh, at)
    _write(connection, DETECTION, known.values())
    connection.execute(delete(DETECTION).where(DETECTION.c.id.in_(moved)))
    _move_what_points_there(connection, moved)
    settle(connection, left, at)
    return moved


def _one_detection(known: Mapping[str, Any], former: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """One detection of two: it stays in the case that people have known longer, and is open if either is."""
    told = merged(*(detection_of(cast("RowMapping", each)) for each in (former, known)))
    return {
        **detection_row(told, known["id"], at),
        "state": OPEN if OPEN in {known["state"], former["state"]} else known["state"],
        "first_seen": min(known["first_seen"], former["first_seen"]),
        "last_seen": max(known["last_seen"], former["last_seen"]),
        "case_id": former["case_id"] or known["case_id"],
        "witness_of": known["witness_of"] or former["witness_of"],
    }


def _known(connection: Connection, table: Table, moved: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The rows that stand under the new ids already."""
    rows = connection.execute(select(table).where(table.c.id.in_(set(moved.values())))).mappings()
    return {row["id"]: _plain(row) for row in rows}


def _plain(row: RowMapping) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()}


def _write(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    statement = insert_into(connection, table)
    replaced = {column.name: statement.excluded[column.name] for column in table.c if column.name != "id"}
    connection.execute(statement.on_conflict_do_update(index_elements=[table.c.id], set_=replaced), list(rows))


def _move_what_points_there(connection: Connection, moved: Mapping[str, str]) -> None:
    hand_over(connection, moved)
    leads = select(DETECTION.c.witness_of).where(DETECTION.c.witness_of.in_(moved)).distinct()
    for lead in connection.execute(leads).scalars().all():
        those = DETECTION.c.witness_of == lead
        connection.execute(update(DETECTION).where(those).values(witness_of=moved[lead]))


def _rename_grounds(connection: Connection, asked: Mapping[str, str]) -> None:
    """Runs that judged a rule under its former id have judged it: theirs is the ground that later runs are compared with."""
    body = GROUND.c.body
    for row in connection.execute(select(GROUND).where(_names_any(body, asked))).mappings().all():
        ground = json.loads(row["body"])
        rules = sorted({(asked.get(rule, rule), parameters) for rule, parameters in ground["rules"]})
        fresh = json.dumps({**ground, "rules": rules}, separators=(",", ":"))
        digest = hashlib.sha256(fresh.encode()).hexdigest()
        if digest == row["digest"]:
            continue
        connection.execute(insert_into(connection, GROUND).values(digest=digest, body=fresh).on_conflict_do_nothing())
        connection.execute(update(RUN).where(RUN.c.ground == row["digest"]).values(ground=digest))
        connection.execute(delete(GROUND).where(GROUND.c.digest == row["digest"]))


def _rename_in_texts(connection: Connection, moved: Mapping[str, str], asked: Mapping[str, str]) -> None:
    """In what is still to be told, in what suppressions were made from, and in what routes were told: a new name is no news."""
    for table, column in ((CURSOR, CURSOR.c.value), (SUPPRESSION, SUPPRESSION.c.created_from)):
        key = next(iter(table.primary_key))
        for name, text in connection.execute(select(key, column)).all():
            fresh = _ID.sub(lambda found: moved.get(found[0], found[0]), text)
            if fresh != text:
                connection.execute(update(table).where(key == name).values({column.name: fresh}))
    query = select(CASE.c.id, CASE.c.told).where(_names_any(CASE.c.told, asked))
    for identifier, text in connection.execute(query).all():
        told = {
            route: {**each, "rules": sorted({asked.get(rule, rule) for rule in each["rules"]})}
            for route, each in json.loads(text).items()
        }
        connection.execute(update(CASE).where(CASE.c.id == identifier).values(told=json.dumps(told)))


def _names_any(column: ColumnElement[str], asked: Iterable[str]) -> ColumnElement[bool]:
    return or_(*(column.contains(json.dumps(former), autoescape=True) for former in asked))
