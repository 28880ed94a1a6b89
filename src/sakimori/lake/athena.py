"""The log tables as Athena (and Glue, and so Spark) sees them: CREATE EXTERNAL TABLE with partition projection.

The text follows Athena's documentation. All of it ran on Spark 3.5 with a catalogue of Hive, which reads the parts through it; on
Athena itself it never ran.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sakimori.lake.log_reader import LogReader
from sakimori.lake.table import Column, Table, Type
from sakimori.model.errors import UsageError

PARTITION_COLUMNS: Final = ("account", "region", "day")
"""The columns that a part's directory tells (`Partition.directory`): no data column may have such a name."""
_TYPES: Final = {
    Type.TEXT: "string",
    Type.BOOLEAN: "boolean",
    Type.INTEGER: "bigint",
    Type.DOUBLE: "double",
    Type.TIMESTAMP: "timestamp",
}
_MOST_VALUES: Final = 50
"""Athena's advice for projections of the type enum is a few dozen values: beyond them a query has to name its own.
https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html"""
_EARLIEST: Final = date(2013, 11, 1)
"""Where a lake holds nothing yet: CloudTrail is of that month, and no log of AWS is much older."""
_LOCATION: Final = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[A-Za-z0-9!_.*()=/-]*)?\Z")
"""A bucket, and a prefix of the characters that S3 calls safe, without those that end a string here."""
_COMMENT_LENGTH: Final = 255
"""Of a column, in Glue's data catalogue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The partitions of one table that the lake holds."""

    table: Table
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    first_on: date | None = None


def held_of(reader: LogReader, tables: Iterable[Table]) -> tuple[Held, ...]:
    """What the lake holds of each table."""
    found: list[Held] = []
    for table in tables:
        partitions = [part.partition for part in reader.parts(table.name)]
        found.append(
            Held(
                table=table,
                accounts=tuple(sorted({each.account for each in partitions})),
                regions=tuple(sorted({each.region for each in partitions})),
                first_on=min((each.day for each in partitions), default=None),
            )
        )
    return tuple(found)


def athena_ddl(tables: Sequence[Held], s3_location: str) -> str:
    """One statement for each table, with a blank line between them; UsageError where the location is no s3:// address.

    Accounts and Regions are those that the lake holds: with more, it has to be printed again. Where they are too many
    to be listed, a query must name them (`where account = '…'`).
    """
    if not _LOCATION.match(s3_location):
        raise UsageError("lake_verbs.bad_location", location=s3_location)
    return "\n\n".join(_statement(each, s3_location.rstrip("/")) for each in tables) + "\n"


def _statement(held: Held, location: str) -> str:
    table = held.table
    columns = [column for column in table.columns if column.name not in PARTITION_COLUMNS]
    place = f"{location}/{table.name}/"
    properties = {
        "classification": "parquet",
        "projection.enabled": "true",
        **_values_of("account", held.accounts),
        **_values_of("region", held.regions),
        "projection.day.type": "date",
        "projection.day.format": "yyyy-MM-dd",
        "projection.day.range": f"{held.first_on or _EARLIEST},NOW",
        "projection.day.interval": "1",
        "projection.day.interval.unit": "DAYS",
        "storage.location.template": place + "/".join(f"{name}=${{{name}}}" for name in PARTITION_COLUMNS) + "/",
    }
    return "\n".join(
        (
            f"CREATE EXTERNAL TABLE IF NOT EXISTS `{table.name}` (",
            ",\n".join(_column(column) for column in columns),
            ")",
            "PARTITIONED BY (" + ", ".join(f"`{name}` string" for name in PARTITION_COLUMNS) + ")",
            "STORED AS PARQUET",
            f"LOCATION '{place}'",
            "TBLPROPERTIES (",
            ",\n".join(f"  '{name}' = '{value}'" for name, value in properties.items()),
            ");",
        )
    )


def _column(column: Column) -> str:
    # Every name is in backticks: `partition` is a reserved word, and nobody has to know the others.
    return f"  `{column.name}` {_TYPES[column.type]} COMMENT '{_comment(column.sentence)}'"


def _comment(sentence: str) -> str:
    """The sentence without what ends or bends a string in Hive's DDL."""
    return sentence.replace("\\", "/").replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")[:_COMMENT_LENGTH]


def _values_of(name: str, values: Sequence[str]) -> dict[str, str]:
    if not values or len(values) > _MOST_VALUES:
        return {f"projection.{name}.type": "injected"}
    return {f"projection.{name}.type": "enum", f"projection.{name}.values": ",".join(values)}
