"""Sentences on a terminal: broken to its width, with what begins a line kept before what follows it."""

import shutil
import sys
from typing import Any, Final

import click

from sakimori.outputs.report.wrapping import wrap

_NARROWEST: Final = 40


def tell(line: str, *, err: bool = False, **style: Any) -> None:
    """Print a line of prose. Into a file or a pipe it goes whole, so that one line is one thing."""
    stream = sys.stderr if err else sys.stdout
    if not stream.isatty():
        click.echo(_styled(line, style), err=err)
        return
    width = max(shutil.get_terminal_size().columns, _NARROWEST)
    for part in line.split("\n"):
        text = part.lstrip(" ")
        indent = part[: len(part) - len(text)]
        for piece in wrap(text, width - len(indent)):
            click.echo(_styled(indent + piece, style), err=err)


def _styled(text: str, style: dict[str, Any]) -> str:
    return click.style(text, **style) if style else text
