import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.model.assessment import Assessment
from sakimori.outputs.report.csv_table import COLUMNS, cell, write_csv
from sakimori.texts.language import Language


def table(assessment: Assessment, language: Language) -> list[list[str]]:
    stream = io.StringIO(newline="")
    write_csv(assessment, stream, language)
    text = stream.getvalue()
    assert text[0] == "\ufeff", "Excel reads Japanese only after the mark"
    return list(csv.reader(io.StringIO(text[1:], newline=""), strict=True))


def test_one_row_a_verdict_under_headings_of_the_language(sample: Assessment) -> None:
    heading, *rows = table(sample, "ja")
    assert heading[:5] == ["結果", "重要度", "点検項目", "内容", "アカウント ID"]
    assert len(rows) == len(sample.verdicts)
    first = dict(zip(COLUMNS, rows[0], strict=True))
    assert (first["status"], first["severity"], first["alias"], first["change"]) == (
        "不合格",
        "重大",
        "production",
        "継続",
    )
    assert first["first_seen"] == "2026-11-23 14:02 JST"
    assert json.loads(first["evidence"])["blocked"] is False


def test_headings_are_as_many_in_english(sample: Assessment) -> None:
    heading, first, *_ = table(sample, "en")
    assert len(heading) == len(set(heading)) == len(COLUMNS)
    assert first[0] == "Failed"


def test_unknown_says_why_and_muted_says_until_when(sample: Assessment) -> None:
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in table(sample, "en")[1:]]
    assert rows[16]["reason"] == "access denied"
    assert (rows[15]["muted"], rows[15]["muted_until"]) == ("Registered with the reseller", "2026-12-31")


def test_no_cell_of_a_hostile_assessment_is_a_formula(hostile: Assessment) -> None:
    cells = [each for row in table(hostile, "ja") for each in row]
    assert "'=HYPERLINK(" in " ".join(cells)
    assert not [each for each in cells if each.lstrip().startswith(("=", "+", "-", "@", "＝"))]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_formula_signs_are_neutralised(sign: str) -> None:
    assert cell(f"{sign}1").startswith("'")
    assert cell(f" {sign}1").startswith("'")


@pytest.mark.slow
@given(st.text(max_size=40))
def test_any_text_survives_the_csv_reader_on_one_line(text: str) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerow([cell(text), "end"])
    assert next(csv.reader(io.StringIO(stream.getvalue(), newline=""), strict=True)) == [cell(text), "end"]
    assert not any(control in cell(text) for control in "\r\n\x00\x1b")


def test_very_long_text_fits_a_cell_of_excel() -> None:
    assert len(cell("x" * 100_000)) <= 32_767


def test_a_row_names_the_requirements_that_ask_for_its_rule(framed: Assessment) -> None:
    heading, first, *_ = table(framed, "en")
    assert (heading[-1], first[-1]) == ("Requirements", "example-baseline 1.1; other-guide A-2")
