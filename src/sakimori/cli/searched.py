"""What was looked through, as a person reads it: wrapped between words on a terminal, whole lines for whoever reads on."""

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from sakimori.app.query import Searched
from sakimori.texts.language import Language


def print_searched(searched: Searched, language: Language, *, to_stderr: bool = False) -> None:
    """The lines of the coverage."""
    _print(searched.said(language), to_stderr=to_stderr)


def print_unfinished(searched: Searched, language: Language, *, to_stderr: bool = False) -> None:
    """What an answer that found something may lack."""
    _print(searched.unfinished(language), to_stderr=to_stderr)


def _print(lines: Iterable[str], *, to_stderr: bool) -> None:
    console = Console(stderr=to_stderr)
    for line in lines:
        console.print(Text(line), soft_wrap=not console.is_terminal)
