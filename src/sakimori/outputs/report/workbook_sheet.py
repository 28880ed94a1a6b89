"""One sheet of a workbook, written row by row: every text is text, whatever it looks like.

A name that an outsider chose must not become a formula, and must not break the file:
cells are of the type string whatever their first sign, without characters that XML or
the workbook's own escapes (`_x000D_`) would take for something else, and bounded.
"""

import re
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

from sakimori.outputs.report.csv_table import FORMULA_SIGNS
from sakimori.texts.language import clean

Value = str | int | tuple[str, ...]
"""A text, a number, or the lines of one cell."""

LAST_ROW: Final = 1_048_576
"""A sheet of Excel has no more rows. Source: Microsoft, "Excel specifications and limits"."""
_UNITS: Final = 32_000
"""Excel takes 32,767 UTF-16 units in a cell."""
_TITLE: Final = 31
_ESCAPE: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
"""ECMA-376 (22.4.2.4, ST_Xstring): `_x` and four digits stand for a character; the sign itself is `_x005F_`."""
_NOT_IN_TITLE: Final = re.compile(r"[\[\]:*?/\\'\ufffd]")


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks; colours are RRGGBB."""

    ink: str = "1D2430"
    fill: str = ""
    size: int = 11
    is_bold: bool = False
    is_wrapped: bool = True
    """Otherwise the text runs on over empty cells beside it."""


PLAIN: Final = Look()
HEADING: Final = Look(ink="FFFFFF", fill="1F5A7A", is_bold=True)
LABEL: Final = Look(ink="566072")


def cell_text(value: str | Sequence[str]) -> str:
    r"""The text of a cell: its lines without control characters, within what a cell takes.

    >>> cell_text("a\x00b _x000D_")
    'a�b _x005F_x000D_'
    """
    lines = (value,) if isinstance(value, str) else value
    text = "\n".join(line if line.isprintable() and len(line) <= _UNITS else clean(line, _UNITS) for line in lines)
    text = _ESCAPE.sub("_x005F_", text)
    if len(text) <= _UNITS // 2:  # a character takes one unit or two
        return text
    return text.encode("utf-16-le")[: 2 * _UNITS].decode("utf-16-le", "ignore")


def sheet_title(wanted: str, taken: Iterable[str]) -> str:
    """A title that a workbook takes, and that no other sheet has."""
    known = {title.casefold() for title in taken}
    stem = _NOT_IN_TITLE.sub("-", clean(wanted)).strip()[:_TITLE] or "-"
    title, number = stem, 1
    while title.casefold() in known or title.casefold() == "history":  # Excel keeps that name for itself
        number += 1
        title = f"{stem[: _TITLE - 1 - len(str(number))]}_{number}"
    return title


class Sheet:
    """A sheet of given column widths. A cell of each look is made once and used again: styles are dear."""

    def __init__(self, book: Workbook, title: str, widths: Sequence[int], font: str) -> None:
        self._sheet = book.create_sheet(sheet_title(title, book.sheetnames))
        self._font = font
        self._cells: dict[tuple[Look, bool], Cell] = {}
        self._columns = len(widths)
        self.rows = 0
        for number, width in enumerate(widths, 1):
            self._sheet.column_dimensions[get_column_letter(number)].width = width
        self._sheet.sheet_properties.pageSetUpPr.fitToPage = True
        self._sheet.page_setup.paperSize = 9  # A4
        self._sheet.page_setup.fitToHeight = 0
        self._sheet.HeaderFooter.oddFooter.center.text = "&P / &N"

    def portrait(self) -> None:
        """For one page of paper, without lines between cells."""
        self._sheet.page_setup.fitToHeight = 1
        self._sheet.sheet_view.showGridLines = False

    def table(self) -> None:
        """For a table under one heading: on broad paper, the heading always in sight and on every page."""
        self._sheet.page_setup.orientation = "landscape"
        self._sheet.freeze_panes = "A2"
        self._sheet.print_title_rows = "1:1"

    def write(self, *values: Value, looks: Sequence[Look] = ()) -> None:
        """One row; a missing look is PLAIN."""
        self._sheet.append(self._row(values, looks))
        self.rows += 1

    def add_filter(self) -> None:
        """Let the reader choose among what stands under the first row."""
        self._sheet.auto_filter.ref = f"A1:{get_column_letter(self._columns)}{max(self.rows, 1)}"

    def _row(self, values: Sequence[Value], looks: Sequence[Look]) -> Generator[Cell | None]:
        for number, value in enumerate(values):
            look = looks[number] if number < len(looks) else PLAIN
            if not value and not isinstance(value, int) and not look.fill:
                yield None
                continue
            if isinstance(value, int):
                cell = self._cell(look, is_quoted=False)
                cell.value = value
            else:
                text = cell_text(value)
                cell = self._cell(look, is_quoted=text.lstrip(" \u3000").startswith(FORMULA_SIGNS))
                cell.value = text
                cell.data_type = "s"
            yield cell

    def _cell(self, look: Look, *, is_quoted: bool) -> Cell:
        found = self._cells.get((look, is_quoted))
        if found is None:
            found = self._cells[look, is_quoted] = WriteOnlyCell(self._sheet)
            found.font = Font(name=self._font, size=look.size, bold=look.is_bold, color=look.ink)
            found.alignment = Alignment(vertical="top", horizontal="left", wrap_text=look.is_wrapped)
            if look.fill:
                found.fill = PatternFill("solid", start_color=look.fill)
            if is_quoted:
                found.quotePrefix = True  # so that it stays text when somebody edits it
        return found
