import io
import re

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.outputs.report.workbook_sheet import Look, Sheet, cell_text, sheet_title


def written(*values: str | int | tuple[str, ...], look: Look | None = None) -> openpyxl.Workbook:
    book = openpyxl.Workbook(write_only=True)
    sheet = Sheet(book, "One", (10, 20), "Calibri")
    sheet.table()
    sheet.write(*values, looks=(look,) if look else ())
    sheet.add_filter()
    stream = io.BytesIO()
    book.save(stream)
    return openpyxl.load_workbook(stream)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "＝1", "#N/A", "TRUE", "1", " =1"])
def test_what_looks_like_something_else_stays_text(text: str) -> None:
    cell = written(text)["One"]["A1"]
    assert (cell.value, cell.data_type) == (text, "s")
    assert cell.quotePrefix == text.lstrip().startswith(("=", "+", "-", "@", "＝"))


def test_numbers_are_numbers_and_nothing_is_nothing() -> None:
    sheet = written(0, "", ())["One"]
    assert [cell.value for cell in sheet[1]] == [0]


def test_a_coloured_cell_keeps_its_text_its_colour_and_its_place() -> None:
    sheet = written("High", "next", look=Look(ink="8A2A06", fill="FBE3D6", is_bold=True))["One"]
    first, second = sheet["A1"], sheet["B1"]
    assert (first.value, first.fill.start_color.rgb[-6:], first.font.b) == ("High", "FBE3D6", True)
    assert (second.value, second.font.b) == ("next", False)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_fits_a_cell(text: str, other: str) -> None:
    shown = cell_text((text, other))
    assert all(line.isprintable() or set(line) & {"\u3000", "\u00a0", "\u200d"} for line in shown.split("\n"))
    assert shown.count("\n") == 1
    assert not re.search(r"_x(?!005F_x)[0-9A-Fa-f]{4}_", shown)


@pytest.mark.parametrize("text", ["x" * 100_000, "😀" * 100_000, "_x000D_" * 20_000, "<>&" * 100_000])
def test_a_cell_takes_no_more_than_excel_does(text: str) -> None:
    assert len(cell_text(text).encode("utf-16-le")) <= 2 * 32_767


@given(st.lists(st.text(max_size=40), max_size=8))
def test_any_names_become_titles_that_excel_takes(names: list[str]) -> None:
    taken: list[str] = []
    for name in names:
        title = sheet_title(name, taken)
        assert 0 < len(title) <= 31
        assert not set(title) & set("[]:*?/\\'")
        taken.append(title)
    assert len({title.casefold() for title in taken}) == len(names)


def test_excel_keeps_one_title_for_itself() -> None:
    assert sheet_title("History", []) == "History_2"
