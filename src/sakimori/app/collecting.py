"""Collecting: which accounts, Regions and tables, into which snapshot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sakimori.analysis.catalogue import inventory
from sakimori.analysis.derived import derive, needs_of
from sakimori.aws.door import Door
from sakimori.collect.catalogue import declarations
from sakimori.collect.engine import Progress, collect
from sakimori.lake.snapshot import Lake
from sakimori.model.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectRequest:
    """What to collect. Without tables: all of them. Without Regions: every enabled one, unused ones too."""

    home: Path
    tables: tuple[str, ...] = ()
    max_age: timedelta | None = None
    """Reuse a complete snapshot of the same request that is not older."""


def collect_snapshot(
    request: CollectRequest,
    doors: Sequence[Door],
    *,
    clock: Callable[[], datetime],
    progress: Progress | None = None,
) -> str:
    """Read the accounts behind these doors; the id of the finished snapshot."""
    wanted = request.tables or tuple(inventory())
    unknown = [name for name in wanted if name not in inventory()]
    if unknown:
        raise UsageError("rules.unknown_table", name=unknown[0], near="")
    read = sorted(needs_of(wanted))
    accounts = {door.account.id: list(door.account.selected) for door in doors}
    lake = Lake(request.home)
    try:
        if request.max_age is not None:
            found = lake.find_covering(accounts, wanted, clock() - request.max_age)
            if found:
                return found
        with lake.writer({"accounts": accounts, "tables": sorted({*wanted, *read})}, clock()) as writer:
            collect(doors, [declarations()[name] for name in read], writer, clock=clock, progress=progress)
            for table, unit, rows in derive(writer.facts(), wanted):
                writer.stage([(table, unit, rows)])
                writer.seal(table, unit.account)
            writer.finish(clock())
            return writer.id
    finally:
        lake.close()
