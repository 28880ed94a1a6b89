"""Text for Markdown (CommonMark with GitHub's tables) in which nothing is markup but what we write.

A name that an outsider chose must not become a heading, a link, an image, a cell or HTML,
nor may a bare address in it become a link.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from sakimori.texts.language import clean

_LIMIT: Final = 1000
_INLINE: Final = re.compile(r"([\\`*_\[\]{}|~@#!$])")
_HTML: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ADDRESS: Final = re.compile(r"://|(?<=www)\.", re.IGNORECASE)
_LINE_START: Final = re.compile(r"[-+=]|\d{1,9}(?=[.)](?:\s|$))")
_FENCE: Final = re.compile(r"`+")


def escaped(text: str, limit: int = _LIMIT) -> str:
    r"""One line of text, to stand anywhere: at the start of a line, in a list, in a cell.

    >>> escaped("a|b <b> *c*")
    'a\\|b &lt;b&gt; \\*c\\*'
    """
    shown = _INLINE.sub(r"\\\1", clean(text, limit).strip()).translate(_HTML)
    shown = _ADDRESS.sub(lambda match: "\\" + match.group(), shown)
    start = _LINE_START.match(shown)
    if start is None:
        return shown
    return f"{shown[: start.end()]}\\{shown[start.end() :]}" if shown[0].isdigit() else f"\\{shown}"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of texts that are `escaped` already, ended by a newline."""
    lines = [_row(headings), _row(["---"] * len(headings)), *(_row(row) for row in rows)]
    return "\n".join(lines) + "\n"


def block(text: str, name: str = "") -> str:
    """A block of code, ended by a newline; its fence is longer than any in it."""
    lines = [clean(line, _LIMIT * 4) for line in text.strip("\n").split("\n")]
    longest = max((len(run) for line in lines for run in _FENCE.findall(line)), default=0)
    fence = "`" * max(longest + 1, 3)
    return "\n".join((f"{fence}{name}", *lines, fence)) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
