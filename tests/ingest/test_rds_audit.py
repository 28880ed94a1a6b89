from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.service_logs import (
    FOREIGN,
    PLACE,
    garbage,
    line_of_garbage,
    read,
    read_in_pieces,
    sample,
    samples_of_others,
    told,
)

from sakimori.ingest.rds_audit.source import SOURCE
from sakimori.ingest.source import Reason

LINE = "20261001 00:00:01,ip-10-0-3-21,app,10.0.1.15,4711,88120,QUERY,shop,{},0"


def statement(quoted: str) -> object:
    [row], refused = read(SOURCE, LINE.format(quoted).encode())
    assert refused == []
    return row["statement"]


# -- the audit plugin ------------------------------------------------------------------


def test_a_query_of_the_audit_plugin_becomes_a_row() -> None:
    rows, refused = read(SOURCE, sample("rds_audit.mysql.log"))
    assert refused == []
    assert len(rows) == 10
    assert told(rows[1]) == {
        "account_id": "111122223333",
        "region": "ap-northeast-1",
        "timestamp": datetime(2026, 10, 1, 0, 0, 1),  # noqa: DTZ001
        "engine": "mysql",
        "serverhost": "ip-10-0-3-21",
        "username": "app",
        "host": "10.0.1.15",
        "connectionid": 4711,
        "queryid": 88120,
        "operation": "QUERY",
        "database": "shop",
        "statement": "select id, name from customer where email = 'hanako@example.com'",
        "retcode": 0,
        "connection_type": 4,
        "entry_id": rows[1]["entry_id"],
    }
    assert [row["operation"] for row in rows if row["retcode"] == 1045] == ["FAILED_CONNECT"]
    assert [row["statement"] for row in rows if row["retcode"] == 1051] == ["drop table 顧客_backup"]


def test_aurora_tells_microseconds_and_tables_without_quotes() -> None:
    rows, refused = read(SOURCE, sample("rds_audit.aurora.log"))
    assert refused == []
    assert rows[0]["timestamp"] == datetime(2026, 10, 1, 0, 0, 1, 123456)  # noqa: DTZ001
    assert [(row["operation"], row["object"]) for row in rows if row["object"]] == [
        ("READ", "orders"),
        ("WRITE", "customer"),
        ("CREATE", "export_tmp"),
        ("DROP", "export_tmp"),
    ]
    assert rows[1]["retcode"] is None


@pytest.mark.parametrize(
    ("quoted", "sql"),
    [
        ("'select 1, 2, 3'", "select 1, 2, 3"),
        (r"'select \'a,0\''", "select 'a,0'"),
        (r"'a\\'", "a\\"),
        (r"'line\nline\ttab'", "line\nline\ttab"),
        ("''", None),
        ("'cut off, by the plugin", "cut off, by the plugin"),
        ("'x',0,'y'", "x',0,'y"),
    ],
)
def test_sql_is_told_as_it_ran(quoted: str, sql: str | None) -> None:
    assert statement(quoted) == sql


def test_a_user_name_that_pretends_to_be_fields_stays_a_user_name() -> None:
    name = "root,10.0.0.9,1,0,CONNECT,shop,,0"
    line = f"20261001 00:00:01,ip-10-0-3-21,{name},198.51.100.9,77,0,FAILED_CONNECT,,,1045"
    [row], refused = read(SOURCE, line.encode())
    assert refused == []
    assert (row["username"], row["host"], row["operation"], row["retcode"]) == (
        name,
        "198.51.100.9",
        "FAILED_CONNECT",
        1045,
    )


def test_a_host_with_a_port_is_taken_apart() -> None:
    [row], _ = read(SOURCE, b"20261001 00:00:01,h,app,10.0.1.15:5123,1,0,CONNECT,,,0")
    assert (row["host"], row["port"]) == ("10.0.1.15", 5123)


# -- PostgreSQL --------------------------------------------------------------------------


def test_pgaudit_is_taken_apart_and_a_statement_of_several_lines_is_one_row() -> None:
    rows, refused = read(SOURCE, sample("rds_audit.postgresql.log"))
    assert refused == []
    assert len(rows) == 12
    audits = [row for row in rows if row["audit_type"]]
    assert [(row["operation"], row["command"], row["object"]) for row in audits] == [
        ("READ", "SELECT", None),
        ("WRITE", "UPDATE", "public.item"),
        ("ROLE", "CREATE ROLE", None),
        ("DDL", "DROP TABLE", "public.audit_trail"),
    ]
    assert audits[0]["statement"] == 'select "name", price\nfrom item\nwhere price > $1'
    assert (audits[0]["host"], audits[0]["port"], audits[0]["username"], audits[0]["database"]) == (
        "10.0.1.15",
        53412,
        "app",
        "shop",
    )
    assert (audits[1]["statement_id"], audits[1]["parameter"], audits[1]["message"]) == (2, "<none>", None)
    assert audits[3]["rest"] == '{"more":["0"]}'


def test_ordinary_lines_of_postgresql_stay_with_their_message() -> None:
    rows, _ = read(SOURCE, sample("rds_audit.postgresql.log"))
    [failed] = [row for row in rows if row["severity"] == "FATAL"]
    assert failed["message"] == 'password authentication failed for user "postgres"'
    assert (failed["host"], failed["operation"]) == ("2001:db8::77", None)
    [error] = [row for row in rows if row["severity"] == "ERROR"]
    assert (error["sqlstate"], error["timestamp"].microsecond) == ("42P01", 123000)


def test_an_audit_entry_that_was_cut_off_is_kept_as_its_message() -> None:
    [row], refused = read(SOURCE, b'2026-10-01 00:00:03 UTC::@:[1]:LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,"select\n')
    assert refused == []
    assert row["message"] == 'AUDIT: SESSION,1,1,READ,SELECT,,,"select'


def test_a_time_of_another_zone_is_not_taken_for_utc() -> None:
    rows, [refused] = read(SOURCE, b"2026-10-01 09:00:03 JST::@:[1]:LOG:  x")
    assert (rows, refused.reason) == ([], Reason.NO_TIME)


# -- CloudWatch Logs -----------------------------------------------------------------------


def test_the_server_is_known_by_its_log_group() -> None:
    line = b"2026-10-01 00:00:03 UTC::@:[1]:LOG:  x\n"
    [row], refused = read(SOURCE, line, location="x:/aws/rds/instance/shop-1/postgresql/shop-1")
    assert refused == []
    assert (row["message"], row["serverhost"], row["engine"]) == ("x", "shop-1", "postgresql")


@pytest.mark.parametrize(
    "line",
    [
        b"2026-10-01T00:00:05.000Z some words of the error log",
        b"2026-10-01T00:00:05.123456Z 0 [Note] [MY-010051] [Server] Event Scheduler: scheduler thread started",
        b"2026-10-01T00:00:05.123456Z\t   12 Query\tselect 1",
        b'{"eventVersion": "1.11", "eventTime": "2026-10-01T00:00:05Z", "eventName": "CreateUser"}',
        b'2026-10-01T00:00:05.000Z {"eventTime": "2026-10-01T00:00:05Z", "eventName": "CreateUser"}',
        b"# Time: 2026-10-01T00:00:05.000000Z",
    ],
)
def test_a_line_of_another_log_is_refused_and_is_no_row(line: bytes) -> None:
    good = sample("rds_audit.mysql.log").splitlines()[0] + b"\n"
    rows, [refused] = read(SOURCE, good + line + b"\n", location="x:/aws/rds/instance/shop-1/error/shop-1")
    assert len(rows) == 1
    assert (refused.reason, refused.offset) == (Reason.BAD_LINE, len(good))


def test_the_time_of_an_export_does_not_hide_that_of_the_entry() -> None:
    data = b"".join(b"2026-10-01T05:00:00.000Z " + line + b"\n" for line in sample("rds_audit.mysql.log").splitlines())
    rows, refused = read(SOURCE, data)
    assert refused == []
    assert rows == read(SOURCE, sample("rds_audit.mysql.log"))[0]


# -- files that grow, are cut, or are broken --------------------------------------------------


@pytest.mark.parametrize("name", ["rds_audit.mysql.log", "rds_audit.postgresql.log"])
@pytest.mark.parametrize("size", [64, 300, 1000])
def test_a_file_in_pieces_gives_the_same_rows(name: str, size: int) -> None:
    assert read_in_pieces(SOURCE, sample(name), size) == read(SOURCE, sample(name))


def test_an_entry_is_known_again_when_its_file_has_grown() -> None:
    data = sample("rds_audit.postgresql.log")
    half = data[: data.index(b"2026-10-01 00:00:06")]
    before = {row["entry_id"] for row in read(SOURCE, half)[0]}
    assert before < {row["entry_id"] for row in read(SOURCE, data)[0]}
    elsewhere = {row["entry_id"] for row in read(SOURCE, data, location="another")[0]}
    assert not before & elsewhere


def test_two_equal_entries_of_one_file_are_two() -> None:
    line = b"2026-10-01 00:00:03 UTC::@:[1]:LOG:  again\n"
    rows, _ = read(SOURCE, line * 3)
    assert len({row["entry_id"] for row in rows}) == 3


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"20261001 00:00:01,h,u,10.0.0.1,1,2,QUERY", Reason.BAD_LINE),
        (b"20269901 00:00:01,h,u,10.0.0.1,1,2,QUERY,d,'x',0", Reason.NO_TIME),
        (b"9999999999999999,h,u,10.0.0.1,1,2,QUERY,d,'x',0", Reason.NO_TIME),
        (b"words", Reason.BAD_LINE),
        (b"\tgoes on with nothing", Reason.BAD_LINE),
        (b"\xff\xfe", Reason.NOT_UTF8),
        (b"x" * (5 << 20), Reason.TOO_LARGE),
    ],
)
def test_a_broken_line_is_refused_and_loses_nothing_else(line: bytes, reason: Reason) -> None:
    good = LINE.format("'select 1'").encode()
    rows, [refused] = read(SOURCE, good + b"\n" + line + b"\n" + good)
    assert [row["statement"] for row in rows] == ["select 1", "select 1"]
    assert refused.reason is reason


def test_lines_that_go_on_for_ever_are_refused_beyond_the_largest_record() -> None:
    data = b"2026-10-01 00:00:03 UTC::@:[1]:LOG:  x\n" + (b"\t" + b"y" * (1 << 20) + b"\n") * 6
    [row], refused = read(SOURCE, data)
    assert len(row["message"]) < 5 << 20
    assert [piece.reason for piece in refused] == [Reason.TOO_LARGE] * 3


@pytest.mark.slow
@given(garbage, line_of_garbage)
def test_garbage_never_raises_and_a_good_line_beside_it_survives(before: bytes, after: bytes) -> None:
    read(SOURCE, before)
    good = LINE.format("'select 42'").encode()
    rows, _ = read(SOURCE, before.replace(b"\t", b"") + b"\n" + good + b"\n" + after.lstrip(b"\t"))
    assert "select 42" in [row["statement"] for row in rows]


@pytest.mark.slow
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200))
def test_any_sql_that_the_plugin_escapes_comes_back(sql: str) -> None:
    escaped = (
        sql.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    )
    assert statement(f"'{escaped}'") == sql


# -- whose a file is -------------------------------------------------------------------------


def test_it_knows_its_own_files_and_no_others() -> None:
    for name in ("rds_audit.mysql.log", "rds_audit.aurora.log", "rds_audit.postgresql.log"):
        assert SOURCE.recognises("any", sample(name))
    for name, head in (*FOREIGN.items(), *samples_of_others("rds_audit")):
        assert not SOURCE.recognises(name, head), name


def test_an_account_and_region_come_from_the_place() -> None:
    [row], _ = read(SOURCE, LINE.format("'x'").encode(), place=PLACE)
    assert (row["account_id"], row["region"], row["partition"]) == ("111122223333", "ap-northeast-1", "aws")
