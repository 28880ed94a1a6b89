"""What is noted of each part beside its rows: the marks of its events' identities, and how many of its rows are incomplete.

A part without a note is one that an older version of this program wrote: its rows tell the same, and are read for it on demand.
"""
# pyright: basic
# numpy's arrays pass through here as bytes.

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC
from typing import TYPE_CHECKING

from sakimori.lake.log_parts import LogPart, PreparedPart
from sakimori.lake.manifest import Manifest, marks_for, portions
from sakimori.lake.table import Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sakimori.lake.log_reader import Where


def is_held_across(table: Table) -> bool:
    """Whether events of the table are held against those of other days and places: where two that have one id can be told apart."""
    return bool(table.identity and table.sameness)


def keep_notes(connection: sqlite3.Connection, table: Table, parts: Iterable[PreparedPart]) -> None:
    """Note it of new parts, inside the transaction that brings them in."""
    connection.executemany(
        "insert or replace into log_part_note values (?, ?, null, ?, ?)",
        [
            (
                each.part.name,
                each.marks.tobytes() if each.marks is not None and is_held_across(table) else None,
                each.incomplete_count,
                each.is_early,
            )
            for each in parts
        ],
    )


def keep_marks(
    manifest: Manifest, part: LogPart, marks: "NDArray[np.uint64]", incomplete: int, *, is_early: bool
) -> None:
    """Note it of a part that is there."""
    with manifest.begin() as connection:
        connection.execute(
            "insert or ignore into log_part_note values (?, ?, null, ?, ?)",
            (part.name, marks.tobytes(), incomplete, is_early),
        )


def keep_merged_note(connection: sqlite3.Connection, old: Sequence[str], new: str) -> None:
    """The note of a part that has exactly the rows of others, where each of them has one."""
    import numpy as np  # noqa: PLC0415 - heavy, and only writers need it

    found = [
        row
        for some in portions(old)
        for row in connection.execute(
            f"select marks, compared_at, incomplete_count, is_early from log_part_note where part in ({marks_for(some)})",
            some,
        )
    ]
    if len(found) != len(old):
        return
    marks = None
    if all(blob is not None for blob, *_ in found):
        marks = np.sort(np.concatenate([np.frombuffer(blob, dtype=np.uint64) for blob, *_ in found])).tobytes()
    compared = [at for _, at, *_ in found]
    compared_at = None if None in compared else min(compared)
    values = (new, marks, compared_at, sum(count for *_, count, _ in found), max(early for *_, early in found))
    connection.execute("insert or replace into log_part_note values (?, ?, ?, ?, ?)", values)


def forget_notes(connection: sqlite3.Connection, parts: Iterable[tuple[str]]) -> None:
    """Forget what was noted of parts that are gone."""
    connection.executemany("delete from log_part_note where part = ?", parts)


def marks_noted(manifest: Manifest, names: Iterable[str]) -> "Iterator[tuple[str, NDArray[np.uint64]]]":
    """Parts, and their sorted marks; those of which none are noted do not come."""
    import numpy as np  # noqa: PLC0415

    for name in names:
        for (blob,) in manifest.query("select marks from log_part_note where part = ? and marks is not null", name):
            yield name, np.frombuffer(blob, dtype=np.uint64)


def compared_names(manifest: Manifest, table: str) -> frozenset[str]:
    """The parts in use whose events were held against those of all others of these."""
    return frozenset(
        name
        for (name,) in manifest.query(
            "select part from log_part join log_part_note using (part) where table_name = ? and retired_at is null "
            "and compared_at is not null",
            table,
        )
    )


def uncompared_rows(manifest: Manifest, table: str) -> int:
    """How many rows lie in parts that were not held against all others yet."""
    return manifest.query(
        "select coalesce(sum(row_count), 0) from log_part left join log_part_note using (part) where table_name = ? "
        "and retired_at is null and compared_at is null",
        table,
    )[0][0]


def incomplete_days(manifest: Manifest, table: str, between: tuple[str, str]) -> list[tuple[str, str, str, int]]:
    """Account, Region, day, and how many rows are incomplete, of days on which some are."""
    return manifest.query(
        "select account, region, day, sum(incomplete_count) from log_part join log_part_note using (part) "
        "where table_name = ? and retired_at is null and incomplete_count > 0 and day between ? and ? group by 1, 2, 3",
        table,
        *between,
    )


def incomplete_rows(manifest: Manifest, table: str, where: "Where") -> int:
    """How many there are of these times and places."""
    since = where.since.astimezone(UTC).date().isoformat() if where.since else ""
    until = where.until.astimezone(UTC).date().isoformat() if where.until else "~"
    return sum(
        count
        for account, region, _, count in incomplete_days(manifest, table, (since, until))
        if (not where.accounts or account in where.accounts) and (not where.regions or region in where.regions)
    )


def last_early_day(manifest: Manifest, table: str) -> str:
    """The last day with rows from before there was such a log; "" where there is none."""
    return manifest.query(
        "select coalesce(max(day), '') from log_part join log_part_note using (part) where table_name = ? "
        "and retired_at is null and is_early",
        table,
    )[0][0]
