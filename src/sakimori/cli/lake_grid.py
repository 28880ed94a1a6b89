"""Columns of numbers and names that are never cut: where they do not fit, whole columns are left out."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

_GAP: Final = 2

Cells = Mapping[str, Text]
"""The cells of a row by the names of their columns."""


def fitting(widths: Mapping[str, int], room: int, less_important: Sequence[str]) -> tuple[str, ...]:
    """The names of the columns that fit into so many cells, the less important ones left out first, in their order.

    >>> fitting({"name": 10, "size": 5, "age": 5}, 18, ["age", "size"])
    ('name', 'size')
    """
    kept = list(widths)
    for name in less_important:
        if sum(widths[each] + _GAP for each in kept) - _GAP <= room:
            break
        kept.remove(name)
    return tuple(kept)


def widths_of(headings: Mapping[str, str], rows: Sequence[Cells]) -> Mapping[str, int]:
    """The cells that each column takes."""
    return {
        name: max(Text(heading).cell_len, *(row[name].cell_len for row in rows), 0)
        for name, heading in headings.items()
    }


def print_grid(console: Console, headings: Mapping[str, str], rows: Sequence[Cells], numbers: Collection[str]) -> None:
    """Print these columns under bold headings, the numbers to the right."""
    widths = widths_of(headings, rows)
    for row in ({name: Text(heading, style="bold") for name, heading in headings.items()}, *rows):
        line = Text()
        for name, width in widths.items():
            space = " " * (width - row[name].cell_len)
            line.append_text(Text(space) + row[name] if name in numbers else row[name] + Text(space))
            line.append(" " * _GAP)
        line.rstrip()
        console.print(line, soft_wrap=True)
