"""Breaking lines for terminals: English at spaces, Japanese between characters, by the width of cells."""

import re
from typing import Final

from rich.cells import cell_len

_NOT_AT_LINE_START: Final = "。、，．・：；？！）」』】〉》〕］｝ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶー々…"
_NOT_AT_LINE_END: Final = "（「『【〈《〔［｛"
_WIDE: Final = r"\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uff60"
_PIECE: Final = re.compile(rf"[{_NOT_AT_LINE_END}]*(?:[{_WIDE}]|[^\s{_WIDE}]+|\s+)[{_NOT_AT_LINE_START}]*")


def wrap(text: str, width: int) -> list[str]:
    """The lines of `text`, none wider than `width` cells; at least one line.

    A Japanese line may end after any character but neither begins with a closing mark nor
    ends with an opening one. A word wider than a line is cut.
    """
    lines: list[str] = []
    line = ""
    for piece in _PIECE.findall(text):
        if cell_len(line + piece.rstrip()) <= width:
            line += piece
            continue
        if line.strip():
            lines.append(line.rstrip())
        *full, line = _cut(piece.lstrip(), width)
        lines.extend(full)
    if line.strip() or not lines:
        lines.append(line.rstrip())
    return lines


def _cut(word: str, width: int) -> list[str]:
    """`word` in pieces of at most `width` cells; the last may have room left."""
    pieces = [""]
    for character in word:
        if cell_len(pieces[-1]) + cell_len(character) > width and pieces[-1]:
            pieces.append("")
        pieces[-1] += character
    return pieces
