import io
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from sakimori.model.assessment import Assessment
from sakimori.outputs.report import workbook
from sakimori.outputs.report.csv_table import COLUMNS
from sakimori.outputs.report.workbook import write_xlsx
from sakimori.texts.language import LANGUAGES, Language


def written(assessment: Assessment, language: Language = "ja") -> io.BytesIO:
    stream = io.BytesIO()
    write_xlsx(assessment, stream, language)
    stream.seek(0)
    return stream


def book_of(assessment: Assessment, language: Language = "ja") -> Workbook:
    return openpyxl.load_workbook(written(assessment, language))


def rows(book: Workbook, sheet: str) -> list[tuple[object, ...]]:
    return list(book[sheet].iter_rows(values_only=True))


def test_the_first_sheet_tells_a_superior_everything_on_one_page(framed: Assessment) -> None:
    book = book_of(framed)
    told = rows(book, "概要")
    words = "\n".join(str(value) for row in told for value in row if value is not None)
    for expected in (
        "production（111122223333）", "2026-11-23 14:02 JST", "6 件中 1 件（16%）", "29%", "48%",
        "まず対処するものが 14 件あります。", "ルートユーザーに有効なアクセスキーがあり", "ほか 12 件",
        "例示ベースライン（2.0）", "不適合 1", "guardduty:ListDetectors", "ルートユーザーのアクセスキーを無効化し",
    ):  # fmt: skip
        assert expected in words
    assert next(row for row in told if row[0] == "高")[1] == 13
    assert book["概要"].page_setup.fitToHeight == 1


def test_each_framework_has_a_sheet_with_its_requirements(framed: Assessment) -> None:
    heading, first, *others = rows(book_of(framed, "en"), "example-baseline")
    assert heading == (
        "Requirement",
        "Title",
        "Status",
        "Rules",
        "Counts",
        "What fails",
        "Attested by, until",
        "Remarks",
    )
    assert first[:3] == ("1.1", "[Identity · level 1]\nRequirement 1.1", "Not met")
    assert [row[2] for row in others[:7]] == [
        "Unknown", "To be attested", "Attested", "Met", "Nothing to check", "Not assessable", "Withdrawn",
    ]  # fmt: skip
    assert "suzuki, until 2027-03-31" in str(others[2][6])
    assert others[5][7] == "A matter of contracts."


def test_all_results_stand_in_a_table_to_filter(framed: Assessment) -> None:
    sheet = book_of(framed)["全結果"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:T{len(framed.verdicts) + 1}"
    assert sheet.max_row == len(framed.verdicts) + 1
    assert [cell.value for cell in sheet[1]][:3] == ["結果", "重要度", "点検項目"]
    assert len(COLUMNS) == sheet.max_column
    critical = sheet["B2"]
    assert (critical.value, critical.fill.start_color.rgb[-6:], critical.alignment.wrap_text) == (
        "重大",
        "F8D7DA",
        True,
    )


def test_gaps_stand_in_a_sheet_of_their_own(framed: Assessment) -> None:
    heading, first, *_ = rows(book_of(framed, "en"), "Not read")
    assert heading[:3] == ("Accounts", "Region", "Table")
    assert first[:6] == ("production", "ap-northeast-1", "aws_guardduty_detector", None, "access denied", "guardduty:ListDetectors")  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hostile_workbook_holds_no_formula_no_link_and_no_script(
    hostile_framed: Assessment, language: Language, hostile_texts: Sequence[str]
) -> None:
    stream = written(hostile_framed, language)
    with zipfile.ZipFile(stream) as parts:
        assert not [name for name in parts.namelist() if "externalLink" in name or "vba" in name.lower()]
        for name in parts.namelist():
            content = parts.read(name)
            assert b"<!DOCTYPE" not in content
            root = ET.fromstring(content)  # noqa: S314 - our own file, and it may have no DOCTYPE
            tags = {element.tag.rpartition("}")[2] for element in root.iter()}
            assert not tags & {"f", "hyperlink", "externalReference"}, name
            assert 'TargetMode="External"' not in content.decode()
    book = openpyxl.load_workbook(stream)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert {cell.data_type for cell in cells} == {"s"}
    dangerous = [cell for cell in cells if cell.value.startswith(("=", "＝"))]
    assert len(dangerous) > 5
    assert all(cell.quotePrefix for cell in dangerous)
    assert any(hostile_texts[0] in cell.value for cell in cells), "and it is there to be read"


def test_what_a_sheet_cannot_hold_is_told(sample: Assessment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "LAST_ROW", 5)
    told = rows(book_of(replace(sample, gaps=()), "en"), "All results")
    assert len(told) == 5
    assert str(told[-1][0]).startswith(f"{len(sample.verdicts) - 3} more are not shown here.")


@pytest.mark.slow
def test_memory_does_not_grow_with_the_results(many: Callable[[int], Assessment]) -> None:
    """Slow: many thousands of rows."""

    def peak(size: int) -> int:
        tracemalloc.start()
        try:
            write_xlsx(many(size), _Nowhere(), "ja")
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(2_000)  # what is loaded and remembered once
    assert peak(2_000) < peak(200) + 200_000


class _Nowhere(io.BytesIO):
    def write(self, data: object, /) -> int:
        return len(memoryview(data))  # pyright: ignore[reportArgumentType]


def test_a_run_with_nothing_in_it_is_a_workbook(build: Callable[..., Assessment]) -> None:
    empty = build([], rules=(), gaps=(), accounts=(), next_step=None, next_command="")
    assert "点検する対象がありませんでした。" in str(rows(book_of(empty), "概要"))
