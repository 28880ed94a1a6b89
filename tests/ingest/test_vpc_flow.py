"""Flow logs: what the fast way reads is what a slow and simple one reads, whatever a file holds."""

from unittest.mock import patch

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.ingest.flow_reading import (
    DEFAULT,
    KNOWN,
    NUMBERS,
    PLACE,
    SAMPLES,
    at,
    lines,
    read,
    read_documents,
    rows_of,
    sample,
    simply_read,
    sorted_rows,
    told,
)

from sakimori.ingest.place import Place
from sakimori.ingest.rows import MAX_RECORD_BYTES
from sakimori.ingest.source import Document, Reason, Refused
from sakimori.ingest.vpc_flow import lines as flow_lines
from sakimori.ingest.vpc_flow import source as vpc_flow
from sakimori.ingest.vpc_flow import transit_gateway as tgw_flow
from sakimori.ingest.vpc_flow.fields import Form
from sakimori.lake.engines.arrow import arrow_type
from sakimori.lake.table import Type
from sakimori.texts.table_sentences import japanese_of

GOOD = (
    b"2 111122223333 eni-0123456789abcdef0 198.51.100.7 10.0.1.20 50412 443 6 12 4120 1790812805 1790812864 ACCEPT OK"
)
NODATA = b"2 111122223333 eni-0123456789abcdef0 - - - - - - - 1790812800 1790812860 - NODATA"


def assert_reads_as_simply(data: bytes, head: bytes = b"", offset: int = 0) -> None:
    rows, refused = read(data, head=head, offset=offset)
    expected_rows, expected_refused = simply_read(data, head, PLACE, offset)
    assert told(refused) == told(expected_refused)
    assert sorted_rows(rows) == sorted_rows(expected_rows)


# -- the fast way and the simple one -------------------------------------------------------

ODD = st.sampled_from(
    [
        b"",
        b"-",
        b"0",
        b"007",
        b"0x1F",
        b"0X1f",
        b"+5",
        b"-5",
        b"-0",
        b"1.0",
        b"1e3",
        b"\t5",
        b"5\t",
        b"\x0b5",
        b"255",
        b"256",
        b"65535",
        b"65536",
        b"9223372036854775807",
        b"9223372036854775808",
        b"18446744073709551616",
        b"0" * 40 + b"7",
        b"9" * 30,
        b"a",
        b'"',
        b'"quoted"',
        b"'",
        b"\\",
        b"\xff",
        b"\xc3\xa9",
        b"\xe7\xa6\x8f",
        b"\0",
        b"a\0b",
        b"\r",
        b"a\rb",
        b"\xef\xbb\xbf",
        b"NULL",
        b"null",
        b"nan",
        b"true",
        b"999.999.1.1",
        b"631151999",
        b"631152000",
        b"7258118399",
        b"7258118400",
        b"version",
        b"start",
        b"unknown",
        b"12345678901",
        b"1" * 13,
        b"x" * 300,
    ]
)
REGIONS = st.sampled_from([b"us-east-1", b"cn-north-1", b"-", b"../etc", b"nowhere"])
FIELDS = sorted(KNOWN - {"start"})


def value_of(name: str) -> st.SearchStrategy[bytes]:
    if name in {"start", "end"}:
        return st.integers(1790812800, 1790812800 + 200_000).map(lambda number: b"%d" % number)
    if name in NUMBERS:
        return st.integers(0, 255).map(lambda number: b"%d" % number) | st.just(b"-")
    if name == "account_id":
        return st.sampled_from([b"111122223333", b"444455556666", b"unknown", b"-", b"1111"])
    if name == "region":
        return REGIONS
    return st.sampled_from([b"-", b"ACCEPT", b"10.0.1.20", b"2001:db8::1", b"eni-0123456789abcdef0", b"web%20server"])


@st.composite
def headers(draw: st.DrawFn) -> list[str]:
    names = draw(st.lists(st.sampled_from([*FIELDS, "field_of_tomorrow", "another"]), unique=True, max_size=8))
    place = draw(st.integers(0, len(names)))
    return [*names[:place], "start", *names[place:]] if draw(st.integers(0, 9)) else names or ["version"]


@st.composite
def records(draw: st.DrawFn, names: list[str]) -> bytes:
    words = [draw(value_of(name)) for name in names]
    match draw(st.integers(0, 7)):
        case 0:
            words[draw(st.integers(0, len(words) - 1))] = draw(ODD)
        case 1:
            words.insert(draw(st.integers(0, len(words))), draw(ODD))
        case 2:
            words.pop()
        case 3:
            return draw(st.binary(max_size=20).map(lambda data: data.replace(b"\n", b"")))
        case 4:
            return draw(
                st.sampled_from([b"", b" ", b"\r", b"   ", b" " * (len(words) - 1), b"\xef\xbb\xbf" + b" ".join(words)])
            )
        case _:
            pass
    return b" ".join(words)


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A head and the lines after it, well and not."""
    written: list[bytes] = []
    names = draw(headers())
    first = " ".join(names).replace("_", "-").encode()
    for _ in range(draw(st.integers(1, 3))):
        written += draw(st.lists(records(names), max_size=8))
        if draw(st.booleans()):
            names = draw(headers())
            written.append(" ".join(names).replace("_", "-").encode())
    end = draw(st.sampled_from([b"\n", b"\r\n"]))
    data = end.join(written) + draw(st.sampled_from([b"", end]))
    return first, data


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(files(), st.sampled_from([40, 200, 128 << 10]), st.booleans())
@example((DEFAULT, lines(GOOD, b"2 1", GOOD)), 40, True)
@example((b"srcport start", b"0x1F 1790812800"), 40, False)
@example((b"account-id start", b"\xef\xbb\xbf111122223333 1790812800"), 200, False)
def test_what_is_read_is_what_a_simple_reader_reads(
    file: tuple[bytes, bytes], piece_bytes: int, is_later_piece: bool
) -> None:
    """Slow: many files are made up."""
    header, data = file
    with patch.object(flow_lines, "_PIECE_BYTES", piece_bytes):
        if is_later_piece:
            assert_reads_as_simply(data, header, offset=1000)
        else:
            assert_reads_as_simply(header + b"\n" + data)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from([GOOD, NODATA]) | records([name.replace("-", "_") for name in DEFAULT.decode().split()]))
)
def test_a_file_without_header_is_read_as_a_simple_reader_reads_it(each: list[bytes]) -> None:
    # A byte order mark before everything else is no part of the first record, here as in any other text.
    assert_reads_as_simply(b"\n" + b"\n".join(each))


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    read(data)
    read(lines(DEFAULT, GOOD) + data)
    read(b"PAR1" + data)


# -- one thing at a time -------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("vpc_flow*.log")))
def test_a_sample_is_recognised_by_its_source_alone_and_read_whole(name: str) -> None:
    data = sample(name)
    is_gateway = "transit" in name
    assert [source.recognises(name, data) for source in (vpc_flow.SOURCE, tgw_flow.SOURCE)] == [
        not is_gateway,
        is_gateway,
    ]
    form = tgw_flow.FORM if is_gateway else vpc_flow.FORM
    table, refused = read_documents([Document(location=name, data=data)], form)
    assert refused == ()
    assert table.num_rows == len(data.splitlines()) - bool(vpc_flow.SOURCE.head(data))


def test_the_default_format_with_its_header() -> None:
    rows, refused = read(sample("vpc_flow.log"))
    assert refused == []
    assert rows == sorted(rows, key=lambda row: (str(row["account_id"]), str(row["start_time"])))
    assert [row["log_status"] for row in rows].count("OK") == 4
    assert rows[0] == {
        "account_id": "111122223333", "partition": "aws", "region": "ap-northeast-1", "version": 2,
        "interface_id": "eni-0aaaabbbbccccdddd", "start_time": at(1790812800), "end_time": at(1790812860),
        "log_status": "NODATA",
    }  # fmt: skip
    # What AWS writes for interfaces of its services: the row is of the account whose log it is.
    assert rows[-1]["account_id"] == PLACE.account
    assert rows[-1]["srcaddr"] == "2001:db8::17"


def test_all_fields_in_any_order_and_what_nobody_knows() -> None:
    egress, ingress = read(sample("vpc_flow.all_fields.log"))[0]
    never = {"pkt_src_aws_service", "interface_tag_2", "asg_tag_2"}
    assert set(egress) | set(ingress) == {column.name for column in vpc_flow.FORM.table.columns} - never
    assert (egress["account_id"], egress["region"]) == ("444455556666", "eu-central-1")
    assert (egress["tcp_flags"], egress["traffic_path"], egress["encryption_status"]) == (19, 8, 2)
    assert egress["rest"] == '{"field_of_tomorrow": "new"}'
    assert (ingress["reject_reason"], ingress["resource_id"]) == ("BPA", "nat-0123456789abcdef0")
    assert not {"bytes", "packets", "interface_id", "rest"} & set(ingress)


@pytest.mark.parametrize("name", ["vpc_flow.cloudwatch.log", "vpc_flow.cloudwatch_export.log"])
def test_the_default_format_needs_no_header(name: str) -> None:
    rows, refused = read(sample(name))
    assert refused == []
    assert [row["log_status"] for row in rows] == ["OK", "NODATA"]
    assert rows == read(lines(DEFAULT, GOOD) + sample("vpc_flow.cloudwatch.log").splitlines()[1])[0]


def test_a_transit_gateway_has_a_table_of_its_own() -> None:
    table, _ = read_documents([Document(location="", data=sample("tgw_flow.log"))], tgw_flow.FORM)
    (row,) = rows_of(table)
    assert (row["tgw_src_vpc_account_id"], row["packets_lost_ttl_expired"]) == ("111122223333", 0)
    assert set(row) == {column.name for column in tgw_flow.FORM.table.columns} - {
        "rest", "pkt_src_aws_service", "pkt_dst_aws_service"
    }  # fmt: skip


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"\r\n\n", DEFAULT, DEFAULT + b"\n", DEFAULT + b"\r\n\r\n", b"\n" + DEFAULT]
)
def test_a_file_without_records_has_no_rows_and_no_faults(data: bytes) -> None:
    assert read(data) == ([], [])


def test_a_truncated_line_is_refused_and_loses_nothing_else() -> None:
    rows, refused = read(lines(DEFAULT, GOOD) + GOOD[:50])
    assert len(rows) == 1
    assert refused == [Refused(offset=len(DEFAULT) + len(GOOD) + 2, reason=Reason.CUT_OFF, size=50)]


@pytest.mark.parametrize(
    ("was", "is_", "reason", "detail"),
    [
        (b" 443 ", b" https ", Reason.BAD_LINE, "dstport"),
        (b" 443 ", b" 65536 ", Reason.BAD_LINE, "dstport"),
        (b" 443 ", b" 0x1F ", Reason.BAD_LINE, "dstport"),
        (b" 443 ", b" -1 ", Reason.BAD_LINE, "dstport"),
        (b" 443 ", b" \t443 ", Reason.BAD_LINE, "dstport"),
        (b" 4120 ", b" 9223372036854775808 ", Reason.BAD_LINE, "bytes"),
        (b" 1790812864 ", b" 99999999999 ", Reason.BAD_LINE, "end"),
        (b" 1790812805 ", b" 99999999999 ", Reason.NO_TIME, "start"),
        (b" 1790812805 ", b" - ", Reason.NO_TIME, "start"),
        (b" 1790812805 ", b" soon ", Reason.BAD_LINE, "start"),
        (b"198.51.100.7", b"198.51\xff", Reason.NOT_UTF8, ""),
        (b"198.51.100.7", b"198.51\x00", Reason.BAD_LINE, ""),
        (b"198.51.100.7", b"198.51\r100.7", Reason.BAD_LINE, ""),
        (b"198.51.100.7", b"198.51.100.7 7", Reason.BAD_LINE, ""),
        (b"198.51.100.7 ", b"", Reason.BAD_LINE, ""),
    ],
)
def test_a_bad_line_is_refused_where_it_is(was: bytes, is_: bytes, reason: Reason, detail: str) -> None:
    bad = GOOD.replace(was, is_)
    rows, refused = read(lines(DEFAULT, GOOD, bad, NODATA))
    assert len(rows) == 2
    assert refused == [Refused(offset=len(DEFAULT) + len(GOOD) + 2, reason=reason, detail=detail, size=len(bad))]


def test_what_is_no_address_stays_the_text_that_it_is() -> None:
    rows, refused = read(lines(DEFAULT, GOOD.replace(b"198.51.100.7", b'"999.1.1.1"')))
    assert (refused, rows[0]["srcaddr"]) == ([], '"999.1.1.1"')


def test_windows_line_ends_and_a_byte_order_mark_are_no_part_of_a_value() -> None:
    data = b"\xef\xbb\xbf" + lines(DEFAULT, GOOD, GOOD).replace(b"\n", b"\r\n")
    rows, refused = read(data)
    assert (refused, [row["log_status"] for row in rows]) == ([], ["OK", "OK"])
    assert len(read(b"\xef\xbb\xbf" + lines(GOOD))[0]) == 1


def test_joined_files_are_read_each_by_its_own_header() -> None:
    rows, refused = read(lines(DEFAULT, GOOD, DEFAULT, NODATA, b"start srcaddr", b"1790812900 192.0.2.1"))
    assert refused == []
    assert [row.get("srcaddr") for row in rows if row["account_id"] == PLACE.account] == ["192.0.2.1"]
    assert len(rows) == 3


def test_lines_of_an_unknown_format_are_refused_as_one_piece() -> None:
    rows, refused = read(lines(b"what is", b"this?", DEFAULT, GOOD, b"srcaddr", b"192.0.2.1", b"192.0.2.2"))
    assert len(rows) == 1
    after = 14 + len(DEFAULT) + 1 + len(GOOD) + 1 + 8
    assert refused == [
        Refused(offset=0, reason=Reason.UNKNOWN_FORMAT, size=13),
        Refused(offset=after, reason=Reason.NO_TIME, detail="start", size=19),
    ]


def test_a_header_that_says_a_field_twice_is_none() -> None:
    assert [each.reason for each in read(lines(b"start start", b"1790812805 1790812806"))[1]] == [Reason.UNKNOWN_FORMAT]


def test_a_line_longer_than_any_record_is_refused() -> None:
    long = GOOD.replace(b"198.51.100.7", b"9" * MAX_RECORD_BYTES)
    rows, refused = read(lines(DEFAULT, GOOD, long, GOOD))
    assert (len(rows), [each.reason for each in refused]) == (2, [Reason.TOO_LARGE])
    rows, refused = read(lines(DEFAULT, GOOD, GOOD.replace(b"198.51.100.7", b"9" * 3_000_000), GOOD, b"bad"))
    assert (len(rows), len(refused)) == (3, 1)


@pytest.mark.slow
def test_many_bad_lines_in_a_large_file_leave_the_others() -> None:
    data = lines(DEFAULT, *([GOOD] * 4000 + [b"bad"]) * 3)
    rows, refused = read(data)
    assert len(rows) == 12_000
    assert [data[each.offset : each.offset + 3] for each in refused] == [b"bad"] * 3


def test_the_header_reaches_the_later_pieces_of_a_file() -> None:
    source = vpc_flow.SOURCE
    data = lines(b"start srcaddr", *(b"%d 192.0.2.1" % (1790812800 + number) for number in range(100)))
    upto = source.cut(data[:700])
    assert data[upto - 1 : upto] == b"\n"
    assert (
        read(data[upto:], head=source.head(data[:upto]), offset=upto)[0]
        == read(data)[0][-len(data[upto:].splitlines()) :]
    )
    assert (source.cut(b"no end"), source.cut(b"PAR1\nx\n"), source.head(GOOD)) == (0, 0, b"")


def test_rows_come_sorted_by_account_region_and_time() -> None:
    documents = [
        Document(location="", data=lines(b"region start", *each), place=Place(account=account, region=""))
        for account, each in [
            ("999900001111", [b"us-east-1 1790812805", b"- 1790812801", b"us-east-1 1790812800"]),
            ("111122223333", [b"us-east-1 7258118399", b"eu-west-1 631152000"]),
        ]
    ]
    table, _ = read_documents(documents)
    places = [(row["account_id"], row["region"], row["start_time"]) for row in table.to_pylist()]
    assert places == sorted(places)
    assert {place[1] for place in places} == {"us-east-1", "eu-west-1", "unknown"}


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([631152000, 1790812800, 7258000000]), st.integers(0, 118_000), st.integers(0, 3)),
        min_size=1,
    )
)
def test_the_order_is_that_of_time_however_far_the_times_are_apart(each: list[tuple[int, int, int]]) -> None:
    data = lines(b"account-id start", *(b"11112222333%d %d" % (account, base + after) for base, after, account in each))
    table, _ = read_documents([Document(location="", data=data)])
    found = [(row["account_id"], row["start_time"]) for row in table.to_pylist()]
    assert found == sorted(found)


def test_the_span_is_that_of_what_came_since_it_was_asked() -> None:
    batch = vpc_flow.SOURCE.batch()
    assert batch.span() is None
    batch.add(Document(location="", data=lines(b"start", b"1790812805", b"1790812801")))
    batch.add(Document(location="", data=lines(b"start", b"1790812809")))
    assert batch.span() == (1790812801_000000, 1790812809_000000)
    batch.add(Document(location="", data=lines(b"start", b"1790812700")))
    assert batch.span() == (1790812700_000000, 1790812700_000000)
    assert batch.span() is None
    (table,) = batch.finish()
    assert (table.num_rows, batch.row_count, batch.span()) == (4, 0, None)


def test_a_batch_without_rows_is_an_empty_table() -> None:
    (table,) = vpc_flow.SOURCE.batch().finish()
    assert table.num_rows == 0
    assert table.column_names == [column.name for column in vpc_flow.FORM.table.columns]


@pytest.mark.parametrize("form", [vpc_flow.FORM, tgw_flow.FORM], ids=lambda form: form.table.name)
def test_the_table_has_the_declared_columns_and_types(form: Form) -> None:
    table, _ = read_documents([Document(location="", data=lines(b"start type", b"1790812805 IPv4"))], form)
    for column in form.table.columns:
        type_ = table.schema.field(column.name).type
        if pa.types.is_dictionary(type_):
            assert (column.type, type_.value_type) == (Type.TEXT, pa.string())
        else:
            assert type_ == arrow_type(column.type)
    japanese = japanese_of(form.table.name)
    assert list(japanese.columns) == [column.name for column in form.table.columns]


# -- files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "head", "whose"),
    [
        ("x.log.gz", GOOD + b"\n", "vpc-flow"),
        ("x.log.gz", b"start end srcaddr\n", "vpc-flow"),
        ("x.log.gz", b"start end\n", None),
        ("x.log.gz", b"type start version of my poem\nroses", "vpc-flow"),
        ("AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/10/01/x.log.gz", b"srcaddr dstaddr\n", "vpc-flow"),
        ("AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/10/01/x.log.gz", b"start tgw-id\n", "tgw-flow"),
        ("AWSLogs/aws-account-id=111122223333/aws-service=vpcflowlogs/x.log.parquet", b"PAR1\0", "vpc-flow"),
        ("x.parquet", b"PAR1\0", None),
        ("x.parquet", b"PAR1..log_status", "vpc-flow"),
        ("x.parquet", b"PAR1..log_status tgw_id", "tgw-flow"),
        ("AWSLogs/111122223333/vpcdnsquerylogs/x.log.gz", b'{"version":"1.1"}', None),
        ("x.log", b"", None),
        ("x.log", b"https 2026-10-01T00:00:00.000000Z app/my 192.0.2.1:1 -", None),
    ],
)
def test_a_file_is_recognised_by_its_first_line_or_its_name(name: str, head: bytes, whose: str | None) -> None:
    found = [source.name for source in (vpc_flow.SOURCE, tgw_flow.SOURCE) if source.recognises(name, head)]
    assert found == ([whose] if whose else [])
