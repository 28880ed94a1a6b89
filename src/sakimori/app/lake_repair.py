"""Mending the lake: which parts are damaged, what must go with them, and taking it out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sakimori.app.known_tables import kinds_of
from sakimori.app.lake_upkeep import Clock, reading, tables_named, writing
from sakimori.ingest.slices import asked_span
from sakimori.lake.compaction import UpkeepProgress
from sakimori.lake.repair import Origin, Repair, damaged_parts, plan_repair, repair


@dataclass(frozen=True, slots=True, kw_only=True)
class LostManifest:
    """Data files that lie under the lake's directory while its manifest, which would list them, is gone or empty."""

    path: Path
    file_count: int
    byte_count: int
    tables: tuple[str, ...]


def lost_manifest(home: Path) -> LostManifest | None:
    """None where the manifest lists anything, or nothing lies there that it could list."""
    with reading(home) as reader:
        if reader.manifest and reader.manifest.query("select 1 from log_part limit 1"):
            return None
        files = [path for path in reader.root.glob("*/account=*/region=*/day=*/*.parquet") if path.is_file()]
        if not files:
            return None
        return LostManifest(
            path=reader.root / "manifest.db",
            file_count=len(files),
            byte_count=sum(path.stat().st_size for path in files),
            tables=tuple(sorted({path.relative_to(reader.root).parts[0] for path in files})),
        )


def plan_repairs(home: Path, names: Sequence[str], progress: UpkeepProgress | None = None) -> tuple[Repair, ...]:
    """What is damaged of these logs, or of all, and what must go with it; every part is read to its end."""
    with reading(home) as reader:
        tables = tables_named(names)
        if progress:
            progress.total(sum(part.byte_count for table in tables for part in reader.parts(table.name)))
        done = progress.done if progress else None
        found = [(table, damaged) for table in tables if (damaged := damaged_parts(reader, table, done))]
        return tuple(
            plan_repair(reader, table, Origin(kinds=kinds_of(table.name), asked=asked_span), damaged)
            for table, damaged in found
        )


def carry_out_repairs(home: Path, plans: Sequence[Repair], *, clock: Clock) -> bool:
    """Whether all of it was done: of a table that changed meanwhile nothing is taken out."""
    with writing(home, clock) as (writer, reader):
        done = [repair(writer, reader, plan, clock()) for plan in plans]
        return all(done)
