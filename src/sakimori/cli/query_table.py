"""Rows as a table for people: one line a row where the terminal is wide enough, or else a block a row."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final, TextIO

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from sakimori.outputs.report.plain_values import as_json
from sakimori.outputs.report.wrapping import wrap
from sakimori.texts.language import clean

_GAP: Final = 2
_LEAST: Final = 18
"""Cells that a wide column keeps in a table; with less for it, rows become blocks."""
_LONGEST: Final = 2_000
"""Characters of a value that a block shows."""
_CUT: Final = "…"
_NUMBERS: Final = ("INT", "DOUBLE", "FLOAT", "DECIMAL")
_UNKNOWN: Final = "—"


def print_rows(
    headings: Sequence[str], columns: Sequence[tuple[str, str]], rows: Sequence[tuple[Any, ...]], stream: TextIO
) -> None:
    """Print rows under headings; a value that is too wide for its column is cut in the middle.

    Where no terminal limits it, every column is as wide as its widest value.
    """
    console = Console(file=stream, highlight=False)
    cells = [[show_cell(value) for value in row] for row in rows]
    if not cells or not headings:
        return
    natural = [
        max(cell_len(heading), *(cell_len(row[place]) for row in cells)) for place, heading in enumerate(headings)
    ]
    widths = _fitting(natural, console.width) if console.is_terminal else natural
    if widths is None:
        _print_blocks(console, headings, cells)
        return
    right = [any(word in kind.upper() for word in _NUMBERS) for _, kind in columns]
    console.print(Text(_line(headings, widths, right), style="bold"), soft_wrap=True)
    for row in cells:
        console.print(Text(_line(row, widths, right)), soft_wrap=True)


def show_cell(value: object) -> str:
    """One value in one line: times in UTC to the second, structures as JSON, nothing that a terminal acts upon."""
    if value is None:
        return _UNKNOWN
    if isinstance(value, dt.datetime):
        utc = value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value
        return utc.isoformat(sep=" ", timespec="milliseconds" if utc.microsecond else "seconds")
    if isinstance(value, str | int | float | dt.date | dt.time | dt.timedelta) and not isinstance(value, bool):
        return clean(str(value), _LONGEST)
    return clean(as_json(value), _LONGEST)


def _fitting(natural: Sequence[int], room: int) -> list[int] | None:
    """The widths of columns for so many cells, the widest cut first; None where they do not fit."""
    left = room - _GAP * (len(natural) - 1)
    if sum(natural) <= left:
        return list(natural)
    most = max(natural)
    while most >= _LEAST and sum(min(width, most) for width in natural) > left:
        most -= 1
    return [min(width, most) for width in natural] if most >= _LEAST else None


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    pieces = [_padded(cell, width, is_right=side) for cell, width, side in zip(cells, widths, right, strict=True)]
    return (" " * _GAP).join(pieces).rstrip()


def _padded(text: str, width: int, *, is_right: bool) -> str:
    if cell_len(text) > width:
        text = _shortened(text, width)
    pad = " " * max(width - cell_len(text), 0)
    return pad + text if is_right else text + pad


def _shortened(text: str, width: int) -> str:
    """Beginning and end of a text: the end of an ARN says more than its middle."""
    head = (width - 1) // 2
    tail = width - 1 - head
    return set_cell_size(text, head).rstrip() + _CUT + set_cell_size(text[::-1], tail)[::-1].lstrip()


def _print_blocks(console: Console, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    lead = max(map(cell_len, headings)) + _GAP
    room = max(console.width - lead, _LEAST)
    for number, row in enumerate(rows, 1):
        console.print(Text(f"── {number} ──", style="dim"))
        for heading, cell in zip(headings, row, strict=True):
            first, *more = wrap(cell, room)
            line = Text(set_cell_size(heading, lead) + first)
            line.stylize("bold", 0, len(heading))
            console.print(line, soft_wrap=True)
            for rest in more:
                console.print(Text(" " * lead + rest), soft_wrap=True)
