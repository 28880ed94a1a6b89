"""What a lake holds, read without any of the program's code: sqlite3 for the manifest, pyarrow for the parts."""

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

_IN_USE: Final = "select table_name, account, region, day, part from log_part where retired_at is null"


@dataclass(frozen=True, slots=True)
class Seen:
    """Events by account and id, with how often; rows of each account, Region and day; locations that were taken."""

    events: Counter[tuple[str, str]]
    places: Counter[tuple[str, str, str]]
    objects: frozenset[str]


def events_in(home: Path) -> Seen:
    """Everything that the manifest's parts hold."""
    with closing(sqlite3.connect(home / "lake" / "manifest.db", timeout=30)) as connection:
        connection.execute("begin")
        parts = connection.execute(_IN_USE).fetchall()
        objects = connection.execute("select location from log_object where state <> 'duplicate'").fetchall()
        connection.execute("commit")
    events, places = Counter[tuple[str, str]](), Counter[tuple[str, str, str]]()
    for table, account, region, day, part in parts:
        path = home / "lake" / table / f"account={account}" / f"region={region}" / f"day={day}" / f"{part}.parquet"
        rows = pq.ParquetFile(path).read(columns=["account_id", "event_id", "event_time", "region"], use_threads=False)
        events.update(zip(rows.column("account_id").to_pylist(), rows.column("event_id").to_pylist(), strict=True))
        days = Counter(moment.date().isoformat() for moment in rows.column("event_time").to_pylist())
        if set(days) != {day} or set(rows.column("region").to_pylist()) != {region}:
            raise ValueError(f"{path} holds rows of another place")
        places[account, region, day] += len(rows)
    return Seen(events=events, places=places, objects=frozenset(location for (location,) in objects))


def visible_batches(home: Path) -> Seen | None:
    """What a reader sees at this moment; None where there is no lake yet."""
    if not (home / "lake" / "manifest.db").exists():
        return None
    try:
        return events_in(home)
    except sqlite3.OperationalError:
        # The file is there and its tables are not: the first run has just begun.
        return None


def strays_in(home: Path) -> list[str]:
    """Files that the manifest does not name, and scratch directories that somebody left."""
    lake = home / "lake"
    with closing(sqlite3.connect(lake / "manifest.db")) as connection:
        known = {part for (part,) in connection.execute("select part from log_part")}
    return [str(path) for path in lake.rglob("*.parquet") if path.stem not in known] + [
        str(path) for path in lake.glob(".ingesting-*")
    ]
