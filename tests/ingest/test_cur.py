import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ingest.service_logs import (
    FOREIGN,
    STORED,
    garbage,
    line_of_garbage,
    read,
    read_in_pieces,
    sample,
    samples_of_others,
    told,
)

from sakimori.ingest.cur import batch as cur_batch
from sakimori.ingest.cur.columns import TABLE, header_of, snake
from sakimori.ingest.cur.source import SOURCE
from sakimori.ingest.source import Reason

LEGACY, EXPORTS = sample("cur.legacy.csv"), sample("cur.data_exports.csv")
_OF_ONE_FORM = {"rest", "resource_tags"}


def parquet(**more: Any) -> bytes:
    """The second sample as Data Exports writes Parquet: typed, with maps."""
    lines = list(csv.DictReader(io.StringIO(EXPORTS.decode())))
    columns: dict[str, Any] = {}
    for name in lines[0]:
        values = [line[name] for line in lines]
        if name.endswith("_date"):
            columns[name] = pa.array(
                [datetime.fromisoformat(value) for value in values], type=pa.timestamp("ns", tz="UTC")
            )
        elif name in {"line_item_usage_amount", "line_item_unblended_cost"}:
            columns[name] = pa.array([float(value) for value in values])
        elif name == "line_item_blended_cost":
            columns[name] = pa.array([Decimal(value) for value in values], type=pa.decimal128(38, 10))
        elif name in {"product", "resource_tags", "cost_category", "discount"}:
            maps = [list(json.loads(value).items()) for value in values]
            columns[name] = pa.array(maps, type=pa.map_(pa.string(), pa.string()))
        else:
            columns[name] = pa.array([value or None for value in values], type=pa.string())
    out = io.BytesIO()
    pq.write_table(pa.table(columns | more), out, row_group_size=4)
    return out.getvalue()


def test_a_line_of_the_older_form_becomes_a_row() -> None:
    rows, refused = read(SOURCE, LEGACY)
    assert refused == []
    assert len(rows) == 10
    assert told(rows[0]) == {
        "account_id": "444455556666",
        "region": "ap-northeast-1",
        "line_item_usage_start_date": datetime(2026, 10, 1),  # noqa: DTZ001
        "line_item_usage_end_date": datetime(2026, 10, 1, 1),  # noqa: DTZ001
        "bill_billing_period_start_date": datetime(2026, 10, 1),  # noqa: DTZ001
        "delivery": "",
        "bill_payer_account_id": "111122223333",
        "line_item_usage_account_id": "444455556666",
        "line_item_line_item_type": "Usage",
        "line_item_product_code": "AmazonEC2",
        "line_item_usage_type": "APN1-BoxUsage:t3.micro",
        "line_item_operation": "RunInstances",
        "line_item_resource_id": "i-0db2e26bb837c93b1",
        "line_item_availability_zone": "ap-northeast-1a",
        "product_region_code": "ap-northeast-1",
        "line_item_usage_amount": 1.0,
        "pricing_unit": "Hrs",
        "pricing_term": "OnDemand",
        "line_item_unblended_cost": 0.0136,
        "line_item_blended_cost": 0.0136,
        "pricing_public_on_demand_cost": 0.0136,
        "line_item_currency_code": "USD",
        "line_item_line_item_description": "$0.0136 per On Demand Linux t3.micro Instance Hour",
        "product_product_family": "Compute Instance",
        "product_instance_type": "t3.micro",
        "identity_line_item_id": "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqr00",
        "identity_time_interval": "2026-10-01T00:00:00Z/2026-10-01T01:00:00Z",
        "resource_tags": '{"user:Name":"web"}',
        "rest": rows[0]["rest"],
    }
    assert json.loads(rows[0]["rest"])["product_product_name"] == "Amazon Elastic Compute Cloud"
    assert rows[4]["line_item_unblended_cost"] == -5.0
    assert rows[2]["line_item_line_item_description"] == '$0.025 per GB - first 50 TB / "month" of storage'


def test_both_forms_and_parquet_give_the_same_rows() -> None:
    legacy, exports, typed = (read(SOURCE, data) for data in (LEGACY, EXPORTS, parquet()))
    assert (exports[1], typed[1]) == ([], [])
    for one, other in zip(legacy[0], exports[0], strict=True):
        assert {name: value for name, value in one.items() if name not in _OF_ONE_FORM} == {
            name: value for name, value in other.items() if name not in _OF_ONE_FORM
        }
    for one, other in zip(exports[0], typed[0], strict=True):
        assert {name: value for name, value in one.items() if name != "rest"} == {
            name: value for name, value in other.items() if name != "rest"
        }
    assert json.loads(typed[0][0]["rest"])["product"] == {
        "product_name": "Amazon Elastic Compute Cloud",
        "region": "ap-northeast-1",
    }
    assert exports[0][2]["resource_tags"] == '{"user_name":"ログ"}'


def test_what_has_no_region_is_global_and_a_local_zone_is_in_its_region() -> None:
    rows, _ = read(SOURCE, EXPORTS)
    regions = {row["line_item_usage_type"]: row["region"] for row in rows}
    assert regions["USW2-LAX1-BoxUsage:t3.medium"] == "us-west-2"
    assert regions["DNS-Queries"] == "global"
    assert rows[3]["region"] == "global"
    without = LEGACY.replace(b"product/region,product/regionCode", b"product/x,product/y")
    assert read(SOURCE, without)[0][3]["region"] == "ap-northeast-1"


@pytest.mark.parametrize(
    ("location", "delivery", "delivered"),
    [
        ("s3://b/p/report/20261001-20261101/4ab1c2d3-0000-0000-0000-000000000001/report-00001.csv.gz",
         "4ab1c2d3-0000-0000-0000-000000000001", "2026-10-02T00:00:00"),
        ("s3://b/p/e/data/BILLING_PERIOD=2026-10/2026-10-05T20:16:37.306Z-3695a728-d559-40bd-ac30-ffc97b552489/e-00001.csv.gz",
         "2026-10-05T20:16:37.306Z-3695a728-d559-40bd-ac30-ffc97b552489", "2026-10-05T20:16:37.306000"),
        ("s3://b/p/e/data/BILLING_PERIOD=2026-10/20261005T201637Z-exec/e-00001.csv.gz", "20261005T201637Z-exec", "2026-10-05T20:16:37"),
        ("s3://b/p/e/data/BILLING_PERIOD=2026-10/e-00001.csv.gz", "", "2026-10-02T00:00:00"),
        ("s3://b/p/r/r/year=2026/month=10/r-00001.snappy.parquet", "", "2026-10-02T00:00:00"),
    ],
)  # fmt: skip
def test_deliveries_are_told_apart_by_their_place(location: str, delivery: str, delivered: str) -> None:
    rows, _ = read(SOURCE, LEGACY, location=location, place=STORED)
    assert {(row["delivery"], row["delivered_at"].isoformat()) for row in rows} == {(delivery, delivered)}


def test_no_line_is_taken_for_another() -> None:
    # AWS: one identifier may stand in several files of a delivery, and is another in the next delivery.
    assert TABLE.identity == ()


@pytest.mark.parametrize("size", [3000, 4000])
@pytest.mark.parametrize("data", [LEGACY, EXPORTS, b"\xef\xbb\xbf" + EXPORTS], ids=["legacy", "exports", "with a mark"])
def test_a_file_in_pieces_gives_the_same_rows(data: bytes, size: int) -> None:
    assert read_in_pieces(SOURCE, data, size) == read(SOURCE, data)
    assert read(SOURCE, data)[1] == []


def test_an_archive_of_several_files_is_one_report() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("report-1.csv", LEGACY)
        archive.writestr("report-2.csv", EXPORTS)
    rows, refused = read(SOURCE, out.getvalue())
    assert (len(rows), refused) == (20, [])
    assert rows[10]["line_item_resource_id"] == rows[0]["line_item_resource_id"]


def test_many_lines_are_packed_and_their_times_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cur_batch, "_ROWS_A_CHUNK", 4)
    rows, _ = read(SOURCE, EXPORTS)
    assert [row["line_item_usage_start_date"].hour for row in rows] == list(range(10))
    batch = SOURCE.batch()
    assert batch.span() is None
    from sakimori.ingest.source import Document  # noqa: PLC0415

    batch.add(Document(location="file", data=EXPORTS))
    assert batch.row_count == 10
    first = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp() * 1e6)
    assert batch.span() == (first, first + 9 * 3_600_000_000)
    assert batch.span() is None
    [table] = batch.finish()
    assert table.column_names == [column.name for column in TABLE.columns]
    assert batch.row_count == 0
    [empty] = batch.finish()
    assert empty.num_rows == 0


LINE = LEGACY.splitlines()[1]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"a,b,c", Reason.BAD_LINE),
        (LINE + b",more", Reason.BAD_LINE),
        (LINE.replace(b"AmazonEC2", b'"AmazonEC2'), Reason.BAD_LINE),
        (LINE.replace(b"AmazonEC2", b"x" * 200_000), Reason.BAD_LINE),
        (LINE.replace(b"2026-10-01T00:00:00Z,2026-10-01T01:00:00Z", b",2026-10-01T01:00:00Z"), Reason.NO_TIME),
        (LINE.replace(b"AmazonEC2", b"\xff"), Reason.NOT_UTF8),
    ],
)
def test_a_broken_line_is_refused_and_loses_nothing_else(line: bytes, reason: Reason) -> None:
    titles = LEGACY.splitlines()[0]
    rows, [refused] = read(SOURCE, b"\n".join([titles, LINE, line, LINE]))
    assert len(rows) == 2
    assert refused.reason is reason
    assert refused.offset in {0, len(titles) + len(LINE) + 2}


def test_a_value_of_another_kind_is_kept_in_the_rest() -> None:
    titles = LEGACY.splitlines()[0]
    [row], refused = read(SOURCE, titles + b"\n" + LINE.replace(b"1.0000000000", b"much"))
    assert refused == []
    assert row["line_item_usage_amount"] is None
    assert json.loads(row["rest"])["line_item_usage_amount"] == "much"


def test_no_depth_of_a_map_stops_the_reading() -> None:
    titles = EXPORTS.splitlines()[0]
    for depth in (10, 300, 600, 900, 950, 990, 5000):
        deep = b'{"a":' * depth + b"1" + b"}" * depth
        product = b'{""product_name"": ""AWS Support"", ""region"": """"}'
        line = EXPORTS.splitlines()[4].replace(product, deep.replace(b'"', b'""'))
        assert line != EXPORTS.splitlines()[4]
        rows, refused = read(SOURCE, titles + b"\n" + line + b"\n" + EXPORTS.splitlines()[1])
        assert len(rows) + len(refused) == 2
        assert rows[-1]["line_item_product_code"] == "AmazonEC2"


def test_a_file_that_is_no_report_is_refused_as_one() -> None:
    for data in (b"a,b\n1,2\n3,4\n", b"BilledCost,ChargePeriodStart\n1,2026-10-01\n"):
        rows, refused = read(SOURCE, data)
        assert rows == []
        assert [piece.reason for piece in refused] == [Reason.UNKNOWN_FORMAT]


# -- Parquet -------------------------------------------------------------------------------


def test_a_parquet_file_of_something_else_is_refused() -> None:
    out = io.BytesIO()
    pq.write_table(pa.table({"a": [1]}), out)
    assert [piece.reason for piece in read(SOURCE, out.getvalue())[1]] == [Reason.UNKNOWN_FORMAT]


def test_a_parquet_file_beyond_all_bounds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cur_batch, "_MAX_ROWS", 5)
    assert [piece.reason for piece in read(SOURCE, parquet())[1]] == [Reason.TOO_LARGE]


@pytest.mark.parametrize("keep", [4, 20, 1000, -1])
def test_a_torn_parquet_file_is_refused(keep: int) -> None:
    rows, refused = read(SOURCE, parquet()[:keep])
    assert rows == []
    assert [piece.reason for piece in refused] == [Reason.UNREADABLE]


def test_a_damaged_part_of_a_parquet_file_takes_no_other_with_it() -> None:
    data = bytearray(parquet())
    begins = pq.ParquetFile(io.BytesIO(bytes(data))).metadata.row_group(1).column(14).file_offset
    group = pq.ParquetFile(io.BytesIO(bytes(data))).metadata.row_group(1).column(14)
    begins = group.dictionary_page_offset or group.data_page_offset
    data[begins : begins + group.total_compressed_size] = b"\xff" * group.total_compressed_size
    rows, refused = read(SOURCE, bytes(data))
    assert [row["line_item_usage_start_date"].hour for row in rows] == [0, 1, 2, 3, 8, 9]
    assert [piece.reason for piece in refused] == [Reason.TRUNCATED]


def test_values_that_csv_has_not_are_kept_too() -> None:
    more = {
        "extra_list": pa.array([[1]] * 10),
        "extra_bytes": pa.array([b"\x00"] * 10),
        "extra_bool": pa.array([True] * 10),
        "extra_nothing": pa.nulls(10),
        "extra_map": pa.array([[(b"k", 1)]] * 10, type=pa.map_(pa.binary(), pa.int32())),
        "extra_time": pa.array([datetime(2026, 1, 1, tzinfo=UTC)] * 10),
    }
    rows, refused = read(SOURCE, parquet(**more))
    assert refused == []
    rest = json.loads(rows[0]["rest"])
    assert {name: value for name, value in rest.items() if name.startswith("extra")} == {
        "extra_list": [1],
        "extra_bytes": "AA==",
        "extra_bool": True,
        "extra_map": {"b'k'": 1},
        "extra_time": "2026-01-01T00:00:00",
    }


# -- garbage ----------------------------------------------------------------------------------


@pytest.mark.slow
@given(garbage, line_of_garbage)
def test_garbage_never_raises_and_a_good_line_beside_it_survives(before: bytes, after: bytes) -> None:
    read(SOURCE, before)
    titles = LEGACY.splitlines()[0]
    rows, _ = read(SOURCE, b"\n".join([before, titles, after, LINE, after]))
    assert "i-0db2e26bb837c93b1" in {row["line_item_resource_id"] for row in rows}


@pytest.mark.slow
@settings(max_examples=50)
@given(st.integers(0, len(parquet()) - 1), st.binary(min_size=1, max_size=8))
def test_a_parquet_file_with_other_bytes_never_raises(at: int, other: bytes) -> None:
    data = parquet()
    read(SOURCE, data[:at] + other + data[at + len(other) :])


# -- names -------------------------------------------------------------------------------------


def test_titles_are_spelled_as_cur_2_spells_them() -> None:
    assert snake("reservation/ReservationARN") == "reservation_reservation_a_r_n"
    assert snake("product/productFamily") == "product_product_family"
    assert snake("identity/LineItemId") == "identity_line_item_id"
    header = header_of(
        ["lineItem/UsageStartDate", "product/region", "product/regionCode", "resourceTags/user:a b", "x"]
    )
    assert [(index, column.name) for index, column in header.main] == [
        (0, "line_item_usage_start_date"),
        (1, "product_region_code"),
        (2, "product_region_code"),
    ]
    assert (header.tags, header.others) == (((3, "user:a b"),), ((4, "x"),))


def test_it_knows_its_own_files_and_no_others() -> None:
    for data in (LEGACY, EXPORTS, b"\xef\xbb\xbf" + LEGACY, parquet()):
        assert SOURCE.recognises("any", data)
    for name in (
        "s3://b/p/e/data/BILLING_PERIOD=2026-10/e-00001.snappy.parquet",
        "b/p/r/r/year=2026/month=10/r-00001.snappy.parquet",
    ):
        assert SOURCE.recognises(name, b"PAR1....")
    flow = "b/AWSLogs/aws-account-id=1/aws-service=vpcflowlogs/aws-region=us-east-1/year=2026/month=10/day=01/x.parquet"
    assert not SOURCE.recognises(flow, b"PAR1....")
    for name, head in (*FOREIGN.items(), *samples_of_others("cur")):
        assert not SOURCE.recognises(name, head), name


def test_the_time_of_storing_is_used_where_the_name_tells_none() -> None:
    place = replace(STORED, modified_at=None)
    assert {row["delivered_at"] for row in read(SOURCE, LEGACY, place=place)[0]} == {None}
