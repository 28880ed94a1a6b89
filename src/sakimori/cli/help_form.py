"""Help on a terminal: click counts characters and breaks at spaces, while Japanese takes two cells and has none."""

import re
from collections.abc import Iterable
from typing import Final

import click

_AS_IT_IS: Final = "\b"
"""click's mark, alone on the first line of a paragraph that is not to be broken."""
_LEAST: Final = 10
_KANA: Final = re.compile("[\u3040-\u30ff]")


class HelpForm(click.HelpFormatter):
    """Writes no line wider than the terminal, but for what says that it is to stay as it is."""

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        super().write_text(_broken(text, self.width - self.current_indent))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write names, and beside each its sentence."""
        listed = list(rows)
        names = max((len(name) for name, _ in listed), default=0)
        room = max(self.width - min(names, col_max) - col_spacing - self.indent_increment, _LEAST)
        super().write_dl([(name, _broken(words, room)) for name, words in listed], col_max, col_spacing)


class HelpContext(click.Context):
    """What a command runs in; its help has our form."""

    formatter_class = HelpForm


def _broken(text: str, width: int) -> str:
    if not _KANA.search(text):
        return text
    from sakimori.outputs.report.wrapping import wrap  # noqa: PLC0415 - brings rich, which English help does without

    paragraphs = (each.strip("\n") for each in text.split("\n\n"))
    return "\n\n".join(
        each if each.startswith(_AS_IT_IS) else "\n".join((_AS_IT_IS, *wrap(" ".join(each.split()), width)))
        for each in paragraphs
        if each
    )
