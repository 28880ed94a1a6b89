"""Flow-log records per CPU second, from gz files to sorted Parquet: ours beside DuckDB's reader of CSV on one thread.

    python generate.py vpc-flow FILES --records 1000000
    python flow.py FILES [--rounds 3]

Each way runs in a process of its own, in alternation; the best round counts, without the time to import. DuckDB reads
the 14 fields that are there and knows their types beforehand; ours finds them in the header, refuses bad lines where
they are, and writes all columns of the table. Both write zstd's first level.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from isal import igzip

from sakimori.ingest.place import place_of
from sakimori.ingest.prepare import Item, Task, prepare
from sakimori.ingest.source import Document
from sakimori.ingest.vpc_flow.source import SOURCE
from sakimori.lake.table import Type

ROWS_A_PART = 1_000_000
ROWS_A_GROUP = 131_072
FIELDS = (
    "version account_id interface_id srcaddr dstaddr srcport dstport protocol packets bytes start end action log_status"
)
TEXTS = {"account_id", "interface_id", "srcaddr", "dstaddr", "action", "log_status"}
DAY = 86_400 * 1_000_000

Done = tuple[int, int]
"""Records, and bytes written."""


def files_of(directory: Path) -> list[Path]:
    """The logs, in the order of their names."""
    return sorted(directory.rglob("*.gz"))


def read(directory: Path, then: Callable[[pa.Table], int]) -> Done:
    """Unpack and parse every file; `then` gets sorted tables and gives the bytes that it wrote."""
    batch = SOURCE.batch()
    records = written = 0
    files = files_of(directory)
    for path in files:
        data = igzip.decompress(path.read_bytes())
        refused = batch.add(Document(location=str(path), data=data, place=place_of(str(path))))
        if refused:
            raise ValueError(refused)
        if batch.row_count >= ROWS_A_PART or path == files[-1]:
            for table in batch.finish():
                records += table.num_rows
                written += then(table)
    return records, written


def ours_in_memory(directory: Path, _: Path) -> Done:
    """Parsed and sorted, not written."""
    return read(directory, lambda _: 0)


def ours_a_file_a_day(directory: Path, scratch: Path) -> Done:
    """A file for each day of a batch."""
    numbers = {column.name for column in SOURCE.table.columns if column.type is not Type.TEXT}
    packed = [name for name in SOURCE.table.distinct if name in numbers]

    options: Any = {
        "compression": "zstd",
        "compression_level": 1,
        "row_group_size": ROWS_A_GROUP,
        "max_rows_per_page": ROWS_A_GROUP,
        "write_batch_size": ROWS_A_GROUP // 2,
        "use_dictionary": [column.name for column in SOURCE.table.columns if column.name not in packed],
        "column_encoding": dict.fromkeys(packed, "DELTA_BINARY_PACKED"),
        "write_statistics": sorted(numbers),
        "store_schema": False,
    }

    def write(table: pa.Table) -> int:
        times = table.column("start_time").cast(pa.int64()).to_numpy()
        size = 0
        for day in range(int(times.min()) // DAY, int(times.max()) // DAY + 1):
            rows = table if times.min() // DAY == times.max() // DAY else table.filter(pa.array(times // DAY == day))
            path = scratch / f"{day}-{len(list(scratch.iterdir()))}.parquet"
            pq.write_table(rows, path, **options)
            size += path.stat().st_size
        return size

    return read(directory, write)


def ours_into_the_lake(directory: Path, scratch: Path) -> Done:
    """As a worker of `sakimori ingest` does it: with hashes of the files, synced parts, and small batches."""
    items = tuple(Item(location=str(path), version="", path=path) for path in files_of(directory))
    prepared = prepare(SOURCE, Task(items=items, scratch=scratch))
    return (
        sum(each.part.row_count for each in prepared.parts),
        sum(each.part.byte_count for each in prepared.parts),
    )


def duckdb_scan(directory: Path) -> str:
    """What reads all files with DuckDB."""
    columns = {name: "VARCHAR" if name in TEXTS else "BIGINT" for name in FIELDS.split()}
    return (
        f"read_csv('{directory}/**/*.gz', delim=' ', header=true, nullstr='-', quote='', escape='', "
        f"auto_detect=false, columns={columns})"
    )


def duckdb_in_memory(directory: Path, _: Path) -> Done:
    """Parsed, every column touched, nothing kept."""
    with duckdb.connect(config={"threads": 1}) as connection:  # noqa: TID251 - a peer, not the lake
        touched = ", ".join(f'max("{name}")' for name in FIELDS.split())
        found = connection.execute(f"select count(*), {touched} from {duckdb_scan(directory)}").fetchone()
    return found[0] if found else 0, 0


def duckdb_a_file(directory: Path, scratch: Path) -> Done:
    """One sorted file of all days."""
    path = scratch / "all.parquet"
    with duckdb.connect(config={"threads": 1}) as connection:  # noqa: TID251 - a peer, not the lake
        connection.execute(
            f'copy (select * exclude (start, "end"), make_timestamp(start * 1000000) as start_time, '
            f'make_timestamp("end" * 1000000) as end_time from {duckdb_scan(directory)} order by start_time) '
            f"to '{path}' (format parquet, compression zstd, compression_level 1)"
        )
        found = connection.execute(f"select count(*) from '{path}'").fetchone()
    return found[0] if found else 0, path.stat().st_size


WAYS: dict[str, Callable[[Path, Path], Done]] = {
    "sakimori, parsed and sorted": ours_in_memory,
    "sakimori, a sorted file a day": ours_a_file_a_day,
    "sakimori, into the lake": ours_into_the_lake,
    "DuckDB, parsed": duckdb_in_memory,
    "DuckDB, a sorted file": duckdb_a_file,
}
BESIDE = "DuckDB, a sorted file"


def measure(way: str, directory: Path) -> dict[str, Any]:
    """One run in this process."""
    pa.set_cpu_count(1)
    with tempfile.TemporaryDirectory() as scratch:
        began = time.process_time()
        records, written = WAYS[way](directory, Path(scratch))
        return {"seconds": time.process_time() - began, "records": records, "bytes": written}


def main() -> None:
    """Measure every way and print them side by side."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--way", choices=WAYS)
    given = parser.parse_args()
    if given.way:
        print(json.dumps(measure(given.way, given.files)))
        return
    found: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    for _ in range(given.rounds):
        for way, runs in found.items():
            command = [sys.executable, __file__, str(given.files), "--way", way]
            runs.append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))
    best = {way: min(runs, key=lambda run: run["seconds"]) for way, runs in found.items()}
    rate = {way: run["records"] / run["seconds"] for way, run in best.items()}
    print("| | records | CPU s | records per CPU s | beside DuckDB's file | bytes a record |")
    print("|---|---:|---:|---:|---:|---:|")
    for way, run in best.items():
        print(
            f"| {way} | {run['records']:,} | {run['seconds']:.2f} | {rate[way]:,.0f} | {rate[way] / rate[BESIDE]:.2f} × "
            f"| {run['bytes'] / run['records']:.1f} |"
        )


if __name__ == "__main__":
    main()
