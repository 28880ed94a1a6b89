"""Parts of a small lake, written as an ingest writes them, and what habits say of them."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from sakimori.analysis.behaviour.habits import Asked, Habits
from sakimori.analysis.facts.fact import Surroundings
from sakimori.analysis.log_forms.cloudtrail import FORM
from sakimori.ingest.catalogue import sources
from sakimori.ingest.source import Document
from sakimori.lake.instants import MICROS_A_DAY
from sakimori.lake.log_parts import LogPart, Partition

ACCOUNT = "123456789012"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
BEGIN = 20_759 * MICROS_A_DAY
"""2026-11-02T00:00:00Z"""
NOBODY = Surroundings()
SERVICE: Asked = ("service", "principal")
HOUR = MICROS_A_DAY // 24


def event(days: float, service: str = "s3", who: str = ALICE, **more: Any) -> dict[str, Any]:
    """An event so many days after the beginning."""
    moment = datetime.fromtimestamp((BEGIN + days * MICROS_A_DAY) // 1_000_000, UTC)
    return {
        "eventTime": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventID": f"{days}-{service}-{who[-20:]}",
        "eventName": "GetThing",
        "eventSource": service,
        "awsRegion": "us-east-1",
        "recipientAccountId": ACCOUNT,
        "sourceIPAddress": "198.51.100.1",
        "userIdentity": {"type": "IAMUser", "arn": who},
        **more,
    }


def write_parts(root: Path, events: Sequence[dict[str, Any]], name: str = "p") -> list[LogPart]:
    """The events as parts, one for each account, Region and day."""
    batch = next(source for source in sources().values() if source.table is FORM.table).batch()
    assert batch.add(Document(location="x", data=json.dumps({"Records": list(events)}).encode())) == ()
    parts: list[LogPart] = []
    for number, table in enumerate(batch.finish()):
        account, region = (table.column(column)[0].as_py() for column in ("account_id", "region"))
        times = table.column("event_time").to_pylist()
        partition = Partition(table=FORM.table.name, account=account, region=region, day=times[0].date())
        part = LogPart(
            name=f"{name}{number}", partition=partition, row_count=table.num_rows, byte_count=1, first_at=0, last_at=0, form="1"
        )  # fmt: skip
        path = root / part.path
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path)
        parts.append(part)
    return parts


def is_new(
    habits: Habits,
    days: float,
    value: str = "s3",
    who: str = ALICE,
    *,
    asked: Asked = SERVICE,
    learning: int = 7,
    back: int = 90,
) -> bool:
    """Whether a value is new for somebody so many days after the beginning."""
    at = int(BEGIN + days * MICROS_A_DAY)
    return habits.is_new(asked, (ACCOUNT, who), value, at, (back, learning))
