"""A small table, an account, and units of both."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sakimori.lake.rows import Row
from sakimori.lake.snapshot import Lake, SnapshotWriter
from sakimori.lake.table import Column, Table, Type
from sakimori.lake.unit import Unit
from sakimori.model.account import Account
from sakimori.model.gap import Gap
from sakimori.model.words import GapKind, Scope

ACCOUNT = Account(id="111122223333", partition="aws", regions=("eu-west-1", "us-east-1"), selected=("us-east-1",))
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
REQUEST = {"accounts": {ACCOUNT.id: ["eu-west-1", "us-east-1"]}, "tables": ["aws_house"]}


def column(name: str, kind: Type) -> Column:
    return Column(name=name, type=kind, sentence="For tests.")


COLUMNS = tuple(column(name, kind) for name, kind in [
    ("arn", Type.TEXT), ("locked", Type.BOOLEAN), ("storeys", Type.INTEGER), ("height", Type.DOUBLE), ("built_at", Type.TIMESTAMP),
])  # fmt: skip
HOUSE = Table(name="aws_house", sentence="Houses.", key="arn", scope=Scope.REGION, own_columns=COLUMNS)


def house(arn: str, region: str = "us-east-1", **more: object) -> Row:
    return {"account_id": ACCOUNT.id, "partition": "aws", "region": region, "arn": arn, **more}


def unit(region: str = "us-east-1", *, rows: int = 0, refused: bool = False) -> Unit:
    gap = Gap(table=HOUSE.name, account=ACCOUNT.id, region=region, call="house:List", kind=GapKind.DENIED)
    return Unit(
        table=HOUSE.name, account=ACCOUNT.id, region=region, as_of=NOON, row_count=rows, gaps=(gap,) if refused else ()
    )


def stage(writer: SnapshotWriter, *rows: Row, region: str = "us-east-1", table: Table = HOUSE) -> None:
    writer.accounts([ACCOUNT])
    writer.stage([(table, unit(region, rows=len(rows)), rows)])


def write_snapshot(home: Path, *rows: Row, now: datetime = NOON, table: Table = HOUSE) -> str:
    """A complete snapshot of these rows in one Region."""
    lake = Lake(home)
    try:
        with lake.writer(REQUEST, now) as writer:
            stage(writer, *rows, table=table)
            writer.seal(table, ACCOUNT.id)
            writer.finish(now)
            return writer.id
    finally:
        lake.close()


def parts_of(home: Path) -> set[Path]:
    return set((home / "lake").rglob("*.parquet"))
