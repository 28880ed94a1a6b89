"""What was looked through, as a person reads it: wrapped between words on a terminal, whole lines for whoever reads on."""

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from sakimori.app.searched import Searched
from sakimori.texts.language import Language


def print_searched(searched: Searched, language: Language, *, to_stderr: bool = False) -> None:
    """The lines of the coverage."""
    print_lines(searched.said(language), to_stderr=to_stderr)


def print_lines(lines: Iterable[str], *, to_stderr: bool = False) -> None:
    """Sentences, wrapped between words on a terminal alone."""
    console = Console(stderr=to_stderr)
    for line in lines:
        console.print(Text(line), soft_wrap=not console.is_terminal)
