"""Flow logs as Parquet: the rows that text gives, whatever types the writer chose, and nothing of a damaged file."""

import io
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ingest.flow_reading import NUMBERS, at, read, read_documents, sample

from sakimori.ingest.source import Document, Reason
from sakimori.ingest.vpc_flow import parquet as flow_parquet


def parquet(columns: dict[str, Any]) -> bytes:
    written = io.BytesIO()
    pq.write_table(pa.table(columns), written, compression="gzip", row_group_size=3)
    return written.getvalue()


def as_parquet(data: bytes, *, text: bool = False) -> bytes:
    header, *records = data.decode().splitlines()
    columns: dict[str, Any] = {}
    for name, words in zip(
        header.replace("-", "_").split(), zip(*(line.split() for line in records), strict=True), strict=True
    ):
        is_number = name in NUMBERS and not text
        wide = pa.int64() if name in {"packets", "bytes", "start", "end"} else pa.int32()
        columns[name] = pa.array([None if word == "-" else int(word) for word in words], wide) if is_number else words
    return parquet(columns)


@pytest.mark.parametrize("name", ["vpc_flow.log", "vpc_flow.all_fields.log"])
@pytest.mark.parametrize("text", [False, True])
def test_parquet_gives_the_rows_that_text_gives(name: str, text: bool) -> None:
    assert read(as_parquet(sample(name), text=text)) == read(sample(name))


def test_parquet_and_text_go_into_one_table() -> None:
    data = sample("vpc_flow.log")
    table, refused = read_documents([Document(location="", data=each) for each in (as_parquet(data), data)])
    assert (table.num_rows, refused) == (12, ())


def test_bad_rows_of_parquet_are_refused_and_the_others_stay() -> None:
    data = parquet(
        {
            "start": pa.array([1790812805, None, 5, 1790812806, 1790812807, 1790812808, 1790812809, 1790812810]),
            "dstport": ["443", "443", "443", "https", "65536", "80", "-", "0"],
            "srcaddr": pa.array([b"a", b"b", b"c", b"d", b"e", b"\xff", b"f", b"\0"], pa.binary()),
            "type": ["IPv4"] * 8,
        }
    )
    rows, refused = read(data)
    assert [row.get("dstport") for row in rows] == [443, None]
    assert sorted((each.reason.value, each.detail) for each in refused) == [
        ("bad_line", "dstport"), ("bad_line", "srcaddr"), ("no_time", "start"), ("not_utf8", "srcaddr")
    ]  # fmt: skip


def test_times_and_unknown_columns_of_other_writers_are_understood() -> None:
    moments = [datetime(2026, 10, 1, 0, 0, 5, tzinfo=UTC)]
    rows, refused = read(
        parquet(
            {
                "start": moments,
                "end": pa.array([1790812864], pa.uint64()),
                "New-Field": [7],
                "srcaddr": pa.array(["a"], pa.large_string()),
            }
        )
    )
    assert refused == []
    assert rows[0]["start_time"] == at(1790812805)
    assert rows[0]["rest"] == '{"new_field": "7"}'


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PAR1", Reason.UNREADABLE),
        (b"PAR1" + b"\0" * 100 + b"PAR1", Reason.UNREADABLE),
        (parquet({"start": [1790812805]})[:-40] + b"PAR1", Reason.UNREADABLE),
        (parquet({"a": [1]}), Reason.UNKNOWN_FORMAT),
        (parquet({"srcaddr": ["192.0.2.1"]}), Reason.NO_TIME),
        (parquet({"start": pa.array([1.5])}), Reason.BAD_LINE),
        (parquet({"start": pa.array([2**64 - 1], pa.uint64())}), Reason.NO_TIME),
    ],
)
def test_parquet_that_cannot_be_taken_is_refused(data: bytes, reason: Reason) -> None:
    rows, refused = read(data)
    assert rows == []
    assert reason in {each.reason for each in refused}


def test_parquet_of_more_rows_than_any_log_has_is_refused_unread() -> None:
    with patch.object(flow_parquet, "_MAX_CELLS", 5):
        rows, refused = read(parquet({"start": [1790812805] * 6}))
    assert (rows, [each.reason for each in refused]) == ([], [Reason.TOO_LARGE])


def test_lists_in_parquet_are_told_and_lose_nothing_else() -> None:
    rows, refused = read(parquet({"start": [1790812805], "srcaddr": [["a", "b"]]}))
    assert (len(rows), refused[0].reason, refused[0].detail) == (1, Reason.UNKNOWN_FORMAT, "srcaddr")


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.data())
def test_damaged_parquet_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(as_parquet(sample("vpc_flow.log")))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(4, len(whole) - 1))] = data.draw(st.integers(0, 255))
    read(bytes(whole))
