"""Identities under which the lake holds several stories: which of them is true, it cannot know."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sakimori.lake.log_parts import Contested, Partition, PreparedPart
from sakimori.lake.manifest import Manifest

if TYPE_CHECKING:
    from sakimori.lake.log_reader import Where


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestedSeen:
    """One of them, and when a second story came."""

    contested: Contested
    seen_at: datetime


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


def contested_seen(manifest: Manifest, tables: Sequence[str], limit: int) -> tuple[ContestedSeen, ...]:
    """So many of these tables that rows are held of, those that came last first."""
    marks = ", ".join("?" for _ in tables)
    return tuple(
        ContestedSeen(
            contested=Contested(
                partition=Partition(table=table, account=account, region=region, day=date.fromisoformat(day)),
                identity=identity,
            ),
            seen_at=datetime.fromisoformat(seen_at),
        )
        for table, account, region, day, identity, seen_at in manifest.query(
            f"select * from log_contested as it where table_name in ({marks}) and exists (select 1 from log_part as part "
            "where part.table_name = it.table_name and part.account = it.account and part.region = it.region "
            "and part.day = it.day and retired_at is null) order by seen_at desc, day desc, identity limit ?",
            *tables,
            limit,
        )
    )


def contested_days(manifest: Manifest, table: str, between: tuple[str, str]) -> Iterable[tuple[str, str, str, int]]:
    """Account, Region, day, and how many there are, of days of which rows are held."""
    return manifest.query(
        "select account, region, day, count(*) from log_contested as it where table_name = ? and day between ? and ? "
        "and exists (select 1 from log_part as part where part.table_name = it.table_name and part.account = it.account "
        "and part.region = it.region and part.day = it.day and retired_at is null) group by 1, 2, 3",
        table,
        *between,
    )


def contested_count(manifest: Manifest, table: str, where: "Where") -> int:
    """How many there are of these times and places."""
    since = where.since.astimezone(UTC).date().isoformat() if where.since else ""
    until = where.until.astimezone(UTC).date().isoformat() if where.until else "~"
    return sum(
        count
        for account, region, _, count in contested_days(manifest, table, (since, until))
        if (not where.accounts or account in where.accounts) and (not where.regions or region in where.regions)
    )
