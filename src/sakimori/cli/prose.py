"""Sentences on a terminal: broken to its width, with what begins a line kept before what follows it."""

from typing import Final

from rich.console import Console
from rich.text import Text

from sakimori.outputs.report.wrapping import wrap

_NARROWEST: Final = 30


def tell(text: str, *, indent: int = 0, err: bool = False, style: str = "") -> None:
    """Print prose, `indent` blanks further in. Into a file or a pipe a line goes whole, so that one line is one thing."""
    console = Console(highlight=False, stderr=err)
    for line in text.split("\n"):
        words = line.lstrip(" ")
        lead = " " * (indent + len(line) - len(words))
        pieces = wrap(words, max(console.width - len(lead), _NARROWEST)) if console.is_terminal else [words]
        for piece in pieces:
            console.print(Text(lead + piece, style=style), soft_wrap=True)
