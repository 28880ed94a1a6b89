"""Where the CPU time of an event goes, between the floor and the lake: microseconds by stage, in this process.

    python benchmarks/lake/stages.py LOGS [--batches 8]

Batches are as large as an ingest makes them. The first is left out: it pays for imports and empty caches.
"""

import argparse
import gc
import hashlib
import tempfile
import time
from collections import defaultdict
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from logs import Logs
from measured import Yardstick, print_table

from sakimori.ingest.cloudtrail.event import strict_events
from sakimori.ingest.cloudtrail.source import SOURCE
from sakimori.ingest.documents import documents_of
from sakimori.ingest.engine import BATCH_BYTES
from sakimori.ingest.place import place_of
from sakimori.ingest.source import Refused
from sakimori.lake.engines.log_parquet import write_parts

FLOOR = ("unpack (isal)", "decode into typed events (msgspec), and let them go")


class Stages:
    """CPU seconds by stage."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def of(self, name: str) -> Generator[None]:
        """Count what happens inside."""
        began = time.process_time()
        yield
        self.seconds[name] += time.process_time() - began


def batches_of(files: Sequence[Path]) -> list[list[Path]]:
    """Files cut by packed size, as an ingest cuts them."""
    batches: list[list[Path]] = [[]]
    size = 0
    for path in files:
        size += path.stat().st_size
        if batches[-1] and size > BATCH_BYTES:
            batches.append([])
            size = path.stat().st_size
        batches[-1].append(path)
    return batches


def take(files: Sequence[Path], scratch: Path, stages: Stages) -> tuple[int, int]:
    """One batch through all stages; its events and parts."""
    batch = SOURCE.batch()
    for path in files:
        with stages.of("read and hash the file"):
            packed = path.read_bytes()
            hashlib.sha256(packed).hexdigest()
        with stages.of(FLOOR[0]):
            documents = list(documents_of(SOURCE, str(path), packed, place_of(str(path))))
        for document in documents:
            if isinstance(document, Refused):
                raise SystemExit(f"{path}: {document}")
            # Once for the floor, and once more inside, there in pieces: the difference is what columns cost.
            with stages.of(FLOOR[1]):
                strict_events(document.data)
            with stages.of("into columns, a few hundred events at a time"):
                batch.add(document)
    events = batch.row_count
    with stages.of("join, sort by time, read each different identity, dictionaries"):
        tables = list(batch.finish())
    parts = 0
    for table in tables:
        with stages.of("marks of identities, Parquet with zstd, sync"):
            written, _ = write_parts(SOURCE.table, table, scratch)
        parts += len(written)
        for each in written:
            each.written.unlink()
    return events, parts


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", type=Path)
    parser.add_argument("--batches", type=int, default=8)
    chosen = parser.parse_args()
    pa.set_cpu_count(1)
    pa.set_memory_pool(pa.system_memory_pool())
    gc.set_threshold(100_000, 50, 100)
    yardstick, stages, events, parts = Yardstick(), Stages(), 0, 0
    with tempfile.TemporaryDirectory() as scratch:
        for number, files in enumerate(batches_of(Logs(folder=chosen.logs).files())[: chosen.batches + 1]):
            yardstick.take()
            found = take(files, Path(scratch), stages)
            if number:
                events, parts = events + found[0], parts + found[1]
            else:
                stages.seconds.clear()
    stages.seconds["into columns, a few hundred events at a time"] -= stages.seconds[FLOOR[1]]
    whole = sum(stages.seconds.values())
    rows = [
        (name, f"{seconds / events * 1e6:.2f}", f"{seconds / whole:.0%}", "floor" if name in FLOOR else "")
        for name, seconds in stages.seconds.items()
    ]
    rows.append(("all", f"{whole / events * 1e6:.2f}", "100%", ""))
    print(f"{events:,} events in {parts:,} parts; {events / whole / 1000:.1f} thousand a CPU second without start-up\n")
    print_table(("stage", "µs an event", "share", ""), rows)
    print(yardstick.said())


if __name__ == "__main__":
    main()
