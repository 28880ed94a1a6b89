"""Faults of files as lines that an editor can jump to."""

from collections.abc import Iterable

import click

from sakimori.cli.lazy import spoken
from sakimori.rules.rule import Fault
from sakimori.texts.language import clean
from sakimori.texts.sentences import say


def print_faults(faults: Iterable[Fault]) -> None:
    """One line a fault on stderr: file, line, what is wrong and the cure."""
    for fault in faults:
        sentence = say(fault.text, spoken(), **{**fault.values, "file": fault.file, "line": fault.line})
        file = clean(fault.file)
        click.echo(sentence if sentence.startswith(file) else f"{file}:{fault.line}: {sentence}", err=True)
