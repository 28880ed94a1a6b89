"""Identities under which the lake holds several stories: which of them is true, it cannot know."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import TYPE_CHECKING, Final

from sakimori.lake.log_parts import Contested, Partition, PreparedPart
from sakimori.lake.manifest import Manifest
from sakimori.lake.part_notes import compared_names

if TYPE_CHECKING:
    from sakimori.lake.log_reader import Where


_MOST_PLACES: Final = 20
"""Of one identity: whoever forges chooses how many there are."""
_HELD: Final = (
    "exists (select 1 from log_part as part where part.table_name = it.table_name and part.account = it.account "
    "and part.region = it.region and part.day = it.day and retired_at is null)"
)
"""Rows of the day are still in the lake."""


@dataclass(frozen=True, slots=True)
class Across:
    """Parts of a table: `new` were held against each other and against those that were `known`."""

    table: str
    known: frozenset[str]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestedSeen:
    """An identity under which there are several stories, and where they lie: several places where these are not of one day or Region."""

    contested: Contested
    places: tuple[Partition, ...]


def keep_contested(connection: sqlite3.Connection, parts: Iterable[PreparedPart], now: str) -> tuple[Contested, ...]:
    """Keep, inside a transaction, what these parts contest; gives it, each identity once."""
    found = dict.fromkeys(
        Contested(partition=each.part.partition, identity=identity) for each in parts for identity in each.contested
    )
    connection.executemany(
        "insert or ignore into log_contested values (?, ?, ?, ?, ?, ?)",
        [
            (at.table, at.account, at.region, at.day.isoformat(), each.identity, now)
            for each in found
            for at in (each.partition,)
        ],
    )
    return tuple(found)


def keep_met(manifest: Manifest, met: Iterable[Contested], across: Across, now: str) -> tuple[Contested, ...] | None:
    """Keep what was met across partitions, and that the new parts were held against all others.

    Gives what was not known to be contested, at each place. None, and nothing done, where meanwhile
    somebody else held a part against others that these were not held against.
    """
    with manifest.begin() as connection:
        if compared_names(manifest, across.table) - across.known:
            return None
        found: dict[Contested, None] = {}
        for each in met:
            at = each.partition
            cursor = connection.execute(
                "insert or ignore into log_contested values (?, ?, ?, ?, ?, ?)",
                (at.table, at.account, at.region, at.day.isoformat(), each.identity, now),
            )
            if cursor.rowcount:
                found[each] = None
        connection.executemany(
            "update log_part_note set compared_at = ? where part = ?", [(now, name) for name in across.new]
        )
    return tuple(found)


def contested_seen(manifest: Manifest, tables: Sequence[str], limit: int) -> tuple[ContestedSeen, ...]:
    """So many of these tables that rows are held of, those that came last first."""
    marks = ", ".join("?" for _ in tables)
    found = manifest.query(
        f"select table_name, identity from log_contested as it where table_name in ({marks}) and {_HELD} "
        "group by 1, 2 order by max(seen_at) desc, max(day) desc, identity limit ?",
        *tables,
        limit,
    )
    return tuple(_seen(manifest, table, identity) for table, identity in found)


def seen_with_places(manifest: Manifest, found: Iterable[Contested]) -> tuple[ContestedSeen, ...]:
    """These, and where else their stories lie."""
    return tuple(_seen(manifest, each.partition.table, each.identity) for each in found)


def _seen(manifest: Manifest, table: str, identity: str) -> ContestedSeen:
    places = tuple(
        Partition(table=table, account=account, region=region, day=date.fromisoformat(day))
        for account, region, day in manifest.query(
            "select account, region, day from log_contested where table_name = ? and identity = ? "
            "order by seen_at desc, day desc, account, region limit ?",
            *(table, identity, _MOST_PLACES),
        )
    )
    return ContestedSeen(contested=Contested(partition=places[0], identity=identity), places=places)


def contested_days(manifest: Manifest, table: str, between: tuple[str, str]) -> Iterable[tuple[str, str, str, int]]:
    """Account, Region, day, and how many there are, of days of which rows are held."""
    return manifest.query(
        "select account, region, day, count(*) from log_contested as it where table_name = ? and day between ? and ? "
        f"and {_HELD} group by 1, 2, 3",
        table,
        *between,
    )


def contested_count(manifest: Manifest, table: str, where: "Where") -> int:
    """How many identities there are of these times and places under which there are several stories."""
    since = where.since.astimezone(UTC).date().isoformat() if where.since else ""
    until = where.until.astimezone(UTC).date().isoformat() if where.until else "~"
    return contested_between(manifest, table, (since, until), where)


def contested_between(manifest: Manifest, table: str, between: tuple[str, str], where: "Where") -> int:
    """The same between two days (both held), in the places of the question: one that lies in two of them counts once."""
    clauses, values = "", list[str]()
    for column, wanted in (("account", where.accounts), ("region", where.regions)):
        if wanted:
            clauses += f" and {column} in ({', '.join('?' for _ in wanted)})"
            values += wanted
    return manifest.query(
        "select count(distinct identity) from log_contested as it where table_name = ? and day between ? and ? "
        f"and {_HELD}{clauses}",
        table,
        *between,
        *values,
    )[0][0]
