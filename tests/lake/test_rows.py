"""Values on their way to disk: of the column's type, or not known."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lake.world import COLUMNS, HOUSE, column, house

from sakimori.lake.engines.duck import Engine
from sakimori.lake.rows import encode_rows, typed
from sakimori.lake.table import Type

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.datetimes(timezones=st.none() | st.timezones()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NUMBERS_AS_TEXT = (
    st.integers().map(str) | st.floats().map(str) | st.from_regex(r"\s?[+-]?[0-9_]{1,25}\s?", fullmatch=True)
)
TIMES_AS_TEXT = st.datetimes(timezones=st.none() | st.timezones()).map(datetime.isoformat)
ANYTHING = JSON | NUMBERS_AS_TEXT | TIMES_AS_TEXT
PYTHON = {Type.BOOLEAN: bool, Type.INTEGER: int, Type.DOUBLE: float, Type.TIMESTAMP: str, Type.TEXT: str}


@pytest.mark.slow
@pytest.mark.parametrize("kind", Type)
@given(value=ANYTHING)
def test_any_value_becomes_one_of_the_columns_type_or_is_not_known(kind: Type, value: object) -> None:
    found = typed(column("c", kind), value)
    assert found is None or type(found) is PYTHON[kind]
    if kind is Type.INTEGER and found is not None:
        assert -(2**63) <= found < 2**63  # type: ignore[operator]


def test_the_same_row_twice_is_one_row() -> None:
    row = {"arn": "h", "locked": True}
    assert len(encode_rows(HOUSE, [row, {**row}, {**row, "locked": None}])) == 2


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(
    rows=st.lists(
        st.fixed_dictionaries(dict.fromkeys((each.name for each in COLUMNS), ANYTHING)), min_size=1, max_size=4
    )
)
def test_whatever_aws_answers_the_engine_reads_back_every_row(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]]
) -> None:
    file = tmp_path_factory.getbasetemp() / "rows.ndjson"
    lines = encode_rows(HOUSE, rows)
    file.write_bytes(b"\n".join(lines) + b"\n")
    engine = Engine(threads=1)
    try:
        engine.load_lines(HOUSE, file)
        assert list(engine.rows("select count(*) from aws_house")) == [(len(lines),)]
    finally:
        engine.close()


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        (Type.BOOLEAN, "TRUE", True), (Type.BOOLEAN, "yes", None), (Type.BOOLEAN, 1, None), (Type.BOOLEAN, 0, None),
        (Type.INTEGER, "443", 443), (Type.INTEGER, 3.0, 3), (Type.INTEGER, 3.5, None), (Type.INTEGER, True, None),
        (Type.INTEGER, "1_000", None), (Type.INTEGER, 2**63, None), (Type.INTEGER, str(2**63), None),
        (Type.INTEGER, 1e300, None), (Type.DOUBLE, "0.5", 0.5), (Type.DOUBLE, "nan", None),
        (Type.DOUBLE, float("inf"), None), (Type.DOUBLE, False, None), (Type.DOUBLE, 10**400, None),
        (Type.TIMESTAMP, "2026-11-23T21:00:00+09:00", "2026-11-23T12:00:00.000000"),
        (Type.TIMESTAMP, datetime(2026, 11, 23, 12, tzinfo=UTC), "2026-11-23T12:00:00.000000"),
        (Type.TIMESTAMP, datetime.min.replace(tzinfo=timezone(timedelta(hours=9))), None),
        (Type.TIMESTAMP, "yesterday", None), (Type.TIMESTAMP, 1_700_000_000, None),
        (Type.TEXT, {"b": 1, "a": "堺"}, '{"a": "堺", "b": 1}'), (Type.TEXT, "", ""), (Type.TEXT, 7, "7"),
    ],
)  # fmt: skip
def test_a_value_is_never_bent_into_another(kind: Type, value: object, wanted: object) -> None:
    assert typed(column("c", kind), value) == wanted


def test_a_member_that_is_left_out_is_null_and_one_that_nobody_declared_is_dropped() -> None:
    line = json.loads(encode_rows(HOUSE, [house("h", surprise="x")])[0])
    assert line["locked"] is None
    assert "surprise" not in line


def test_the_same_rows_in_any_order_are_the_same_lines() -> None:
    rows = [house("a", locked=True), house("b", storeys=2), house("c", height=1.5)]
    assert encode_rows(HOUSE, rows) == encode_rows(HOUSE, reversed(rows))


def test_a_text_that_has_no_utf_8_still_reaches_the_disk(tmp_path: Path) -> None:
    file = tmp_path / "rows.ndjson"
    file.write_bytes(b"\n".join(encode_rows(HOUSE, [house("bad \udc80 and \x00 and \u2028")])) + b"\n")
    engine = Engine(threads=1)
    engine.load_lines(HOUSE, file)
    [(arn,)] = engine.rows("select arn from aws_house")
    assert arn == "bad ? and \x00 and \u2028"
    engine.close()
