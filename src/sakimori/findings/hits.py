"""Which events a rule has met, so that a stream that begins anew meets none twice; and where a stream stands.

What belongs together is written on one connection of `Store.begin`: hits, the detections that are made of them, and
the cursor. A kill then leaves all of it or nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from itertools import islice
from typing import Final

from sqlalchemy import Connection, RowMapping, delete, insert, select

from sakimori.findings.detection_rows import json_of, name_of, searched, values_of
from sakimori.findings.tables import CURSOR, DETECTION_HIT
from sakimori.state.store import Store, insert_into, reading, writing

_BATCH: Final = 5_000
_KEY_LIMIT: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An event that a rule met. `event_key` is its identity among all events of the rule; `at` is the event's time."""

    rule: str
    event_key: str
    at: datetime
    principal: str = ""
    account: str = ""
    region: str = ""
    body: Mapping[str, object] = field(default_factory=dict[str, object])
    """What a detection needs of the event; small."""


def record_hits(place: Store | Connection, hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Keep the hits; those that were not known, in their order."""
    new: list[Hit] = []
    waiting = iter(hits)
    with writing(place) as connection:
        while batch := list(islice(waiting, _BATCH)):
            told: dict[tuple[str, str], Hit] = {}
            for hit in batch:
                told.setdefault((name_of(hit.rule), _key(hit.event_key)), hit)
            known = _known(connection, told)
            fresh = [(key, hit) for key, hit in told.items() if key not in known]
            if fresh:
                connection.execute(insert(DETECTION_HIT), [_row(key, hit) for key, hit in fresh])
            new += [hit for _, hit in fresh]
    return tuple(new)


def hits_since(place: Store | Connection, rules: Sequence[str], since: datetime) -> tuple[Hit, ...]:
    """The hits of these rules at `since` or later, by time. Their `event_key` is as the store keeps it."""
    column = DETECTION_HIT.c
    query = select(DETECTION_HIT).where(column.rule.in_([name_of(rule) for rule in rules]), column.at >= since)
    with reading(place) as connection:
        rows = connection.execute(query.order_by(column.at, column.rule, column.event_key)).mappings()
        return tuple(_hit(row) for row in rows)


def forget_hits(place: Store | Connection, before: datetime) -> int:
    """Forget the hits of events before that time; how many there were. Such an event, met again, is new again."""
    with writing(place) as connection:
        return connection.execute(delete(DETECTION_HIT).where(DETECTION_HIT.c.at < before)).rowcount


def read_cursor(place: Store | Connection, name: str) -> str | None:
    """What was last written under that name, None if nothing was."""
    with reading(place) as connection:
        return connection.execute(select(CURSOR.c.value).where(CURSOR.c.name == name)).scalar()


def write_cursor(place: Store | Connection, name: str, value: str) -> None:
    """Remember `value`, in place of what stood under that name."""
    with writing(place) as connection:
        statement = insert_into(connection, CURSOR).values(name=name, value=value)
        replaced = {"value": statement.excluded.value}
        connection.execute(statement.on_conflict_do_update(index_elements=[CURSOR.c.name], set_=replaced))


def _known(connection: Connection, told: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    keys_by_rule: dict[str, list[str]] = {}
    for rule, key in told:
        keys_by_rule.setdefault(rule, []).append(key)
    column = DETECTION_HIT.c
    known: set[tuple[str, str]] = set()
    for rule, keys in keys_by_rule.items():
        query = select(column.event_key).where(column.rule == rule, column.event_key.in_(keys))
        known.update((rule, key) for key in connection.execute(query).scalars())
    return frozenset(known)


def _key(text: str) -> str:
    """`text`, or a digest of one that is long or that a store would not keep as it is."""
    if len(text) <= _KEY_LIMIT and text.isascii() and text.isprintable():
        return text
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_KEY_LIMIT // 2).hexdigest()


def _row(key: tuple[str, str], hit: Hit) -> dict[str, object]:
    return {
        "rule": key[0],
        "event_key": key[1],
        "at": hit.at,
        "principal": searched(hit.principal),
        "account": searched(hit.account),
        "region": searched(hit.region),
        "body": json_of(hit.body),
    }


def _hit(row: RowMapping) -> Hit:
    return Hit(
        rule=row["rule"],
        event_key=row["event_key"],
        at=row["at"],
        principal=row["principal"],
        account=row["account"],
        region=row["region"],
        body=values_of(row["body"]),
    )
