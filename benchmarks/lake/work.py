"""One way to read CloudTrail files, in this process: `python work.py WAY LOGS TARGET`. Prints how many events it saw.

`floor` only unpacks and decodes; the two of DuckDB write one Parquet file, sorted by time; `start` only imports.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

_TEXTS: Final = (
    "eventVersion eventTime eventSource eventName awsRegion sourceIPAddress userAgent errorCode errorMessage requestID "
    "eventID eventType recipientAccountId eventCategory sharedEventID apiVersion vpcEndpointId"
)
_DOCUMENTS: Final = "requestParameters responseElements additionalEventData resources tlsDetails serviceEventDetails"
_IDENTITY: Final = (
    "type: 'VARCHAR', principalId: 'VARCHAR', arn: 'VARCHAR', accountId: 'VARCHAR', accessKeyId: 'VARCHAR', "
    "userName: 'VARCHAR', invokedBy: 'VARCHAR', sessionContext: 'JSON'"
)
_EVENT: Final = ", ".join((
    *(f"{name} VARCHAR" for name in _TEXTS.split()),
    *(f"{name} JSON" for name in _DOCUMENTS.split()),
    "readOnly BOOLEAN", "managementEvent BOOLEAN", f"userIdentity STRUCT({_IDENTITY.replace(':', '').replace(chr(39), '')})",
))  # fmt: skip


def floor(logs: Path, _: Path) -> int:
    """Unpack with isal and decode into typed events with msgspec; forget them."""
    from isal import igzip  # noqa: PLC0415 - each way imports what it needs, and its start is measured

    from sakimori.ingest.cloudtrail.event import strict_events  # noqa: PLC0415

    return sum(len(strict_events(igzip.decompress(path.read_bytes()))) for path in sorted(logs.rglob("*.json.gz")))


def duckdb_auto(logs: Path, target: Path) -> int:
    """Types found out by DuckDB: what one writes first."""
    return _into_parquet(f"read_json('{logs}/**/*.json.gz', maximum_object_size = 134217728)", target)


def duckdb_schema(logs: Path, target: Path) -> int:
    """The schema told: what one writes once the first way has failed, or taken too long."""
    columns = f"columns = {{Records: 'STRUCT({_EVENT})[]'}}"
    return _into_parquet(f"read_json('{logs}/**/*.json.gz', maximum_object_size = 134217728, {columns})", target)


def _into_parquet(source: str, target: Path) -> int:
    import duckdb  # noqa: PLC0415

    with duckdb.connect(str(target.with_suffix(".duckdb"))) as connection:  # noqa: TID251 - a peer, not the lake
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set enable_progress_bar = false")
        connection.execute(
            f"copy (select event.* from (select unnest(Records) as event from {source}) order by event.eventTime) "
            f"to '{target}' (format parquet, compression zstd)"
        )
        found = connection.execute(f"select count(*) from read_parquet('{target}')").fetchone()
    return found[0] if found else 0


def start(_: Path, __: Path) -> int:
    """Import what an ingest imports."""
    import pyarrow.compute  # noqa: PLC0415
    import pyarrow.parquet  # noqa: F401, PLC0415

    import sakimori.ingest.cloudtrail.source  # noqa: PLC0415
    import sakimori.ingest.engine  # noqa: F401, PLC0415

    return 0


WAYS: Final[dict[str, Callable[[Path, Path], int]]] = {
    "floor": floor, "duckdb-auto": duckdb_auto, "duckdb-schema": duckdb_schema, "start": start,
}  # fmt: skip


if __name__ == "__main__":
    print(WAYS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3])))
