from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp
from tests.lake.test_compaction import fill

from sakimori.ingest.catalogue import log_tables
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.lake.athena import PARTITION_COLUMNS, Held, athena_ddl, held_of
from sakimori.lake.log_reader import LogReader
from sakimori.lake.table import Column, Type
from sakimori.model.errors import UsageError

HELD = Held(table=TABLE, accounts=("111122223333", "444455556666"), regions=("us-east-1",), first_on=date(2026, 10, 1))
PLACE = "s3://amzn-s3-demo-bucket/lake"


def parsed(text: str) -> list[exp.Create]:
    found = [each for each in sqlglot.parse(text, dialect="athena") if each is not None]
    assert all(isinstance(each, exp.Create) for each in found)
    return found  # pyright: ignore[reportReturnType]


def properties_of(statement: exp.Create) -> dict[str, str]:
    return {each.this.name: each.args["value"].name for each in statement.find_all(exp.Property) if each.this and each.args.get("value") is not None and isinstance(each.this, exp.Literal)}  # fmt: skip


def test_the_statement_of_every_log_table_parses() -> None:
    found = parsed(athena_ddl([Held(table=table) for table in log_tables().values()], PLACE))
    assert [each.this.this.name for each in found] == list(log_tables())


def test_columns_and_types_are_the_declared_ones_without_those_that_the_directory_tells() -> None:
    [statement] = parsed(athena_ddl([HELD], PLACE))
    schema = statement.this
    columns = {
        each.name: each.args["kind"].sql("hive") for each in schema.expressions if isinstance(each, exp.ColumnDef)
    }
    assert list(columns) == [column.name for column in TABLE.columns if column.name != "region"]
    assert columns["event_time"] == "TIMESTAMP"
    assert columns["read_only"] == "BOOLEAN"
    assert {columns["event_name"], columns["partition"]} == {"STRING"}


@pytest.mark.slow
def test_account_region_and_day_are_projected_from_what_the_lake_holds() -> None:
    [statement] = parsed(athena_ddl([HELD], PLACE + "/"))
    found = properties_of(statement)
    assert found["projection.enabled"] == "true"
    assert (found["projection.account.type"], found["projection.account.values"]) == (
        "enum",
        "111122223333,444455556666",
    )
    assert (found["projection.region.type"], found["projection.region.values"]) == ("enum", "us-east-1")
    assert (found["projection.day.type"], found["projection.day.format"]) == ("date", "yyyy-MM-dd")
    assert found["projection.day.range"] == "2026-10-01,NOW"
    assert found["storage.location.template"] == (
        f"{PLACE}/aws_cloudtrail_event/account=${{account}}/region=${{region}}/day=${{day}}/"
    )
    assert f"LOCATION '{PLACE}/aws_cloudtrail_event/'" in athena_ddl([HELD], PLACE)


def test_too_many_accounts_are_named_by_the_query() -> None:
    many = replace(HELD, accounts=tuple(f"{number:012d}" for number in range(51)))
    found = properties_of(parsed(athena_ddl([many], PLACE))[0])
    assert found["projection.account.type"] == "injected"
    assert "projection.account.values" not in found


def test_an_empty_lake_has_its_tables_too() -> None:
    found = properties_of(parsed(athena_ddl([Held(table=TABLE)], PLACE))[0])
    assert (found["projection.account.type"], found["projection.region.type"]) == ("injected", "injected")
    assert found["projection.day.range"] == "2013-11-01,NOW"


def test_every_name_is_quoted_and_no_sentence_ends_its_string() -> None:
    column = Column(name="order", type=Type.INTEGER, sentence="CloudTrail's \\ order, as 'they' say.")
    text = athena_ddl([replace(HELD, table=replace(TABLE, own_columns=(column,)))], PLACE)
    assert "`order` bigint" in text
    assert "\\" not in text
    [statement] = parsed(text)
    assert [each.name for each in statement.this.expressions if isinstance(each, exp.ColumnDef)] == [
        "account_id", "partition", "order",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "location", ["", "/srv/lake", "s3:/bucket", "s3://b", "s3://bucket/it's", "s3://bucket/$" + "{account}", "s3://bucket/a\n"]
)  # fmt: skip
def test_a_location_that_is_no_address_is_refused(location: str) -> None:
    with pytest.raises(UsageError) as refused:
        athena_ddl([HELD], location)
    assert refused.value.text == "lake_verbs.bad_location"


def test_what_is_held_comes_from_the_manifest(tmp_path: Path) -> None:
    fill(tmp_path / "home", tmp_path / "bucket", files=1)
    reader = LogReader(tmp_path / "home")
    found = held_of(reader, [TABLE, replace(TABLE, name="aws_other")])
    reader.close()
    assert found[0] == replace(HELD, accounts=("111122223333",), regions=("ap-northeast-1",))
    assert found[1].accounts == ()


def test_the_directories_of_parts_are_those_of_the_statement(tmp_path: Path) -> None:
    fill(tmp_path / "home", tmp_path / "bucket", files=1)
    reader = LogReader(tmp_path / "home")
    [part, *_] = reader.parts(TABLE.name)
    reader.close()
    values: dict[str, Any] = dict(piece.split("=") for piece in part.path.parts[1:-1])
    assert tuple(values) == PARTITION_COLUMNS
