"""Columns whose last one holds sentences, broken as each language breaks its lines: no word of Japanese is lost."""

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from sakimori.outputs.report.wrapping import wrap

_GAP: Final = 2
_LEAST: Final = 20
"""A sentence gets this many cells even where the terminal is too narrow for the columns before it."""


def print_columns(console: Console, rows: Sequence[tuple[str, ...]], headings: tuple[str, ...] = ()) -> None:
    """Print `rows` under bold `headings`; without headings the first cell of each row is bold."""
    every = [headings, *rows] if headings else list(rows)
    widths = [max(map(cell_len, cells)) + _GAP for cells in list(zip(*every, strict=True))[:-1]]
    room = max(console.width - sum(widths), _LEAST)
    for row in every:
        *before, sentence = row
        lead = "".join(set_cell_size(cell, width) for cell, width in zip(before, widths, strict=True))
        first, *more = wrap(sentence, room)
        line = Text(lead + first)
        line.stylize("bold", 0, len(line) if row is headings else 0 if headings else len(row[0]))
        console.print(line, soft_wrap=True)
        for rest in more:
            console.print(Text(" " * sum(widths) + rest), soft_wrap=True)
