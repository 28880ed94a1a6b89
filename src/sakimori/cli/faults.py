"""Faults of files as lines that an editor can jump to."""

from collections.abc import Iterable

import click

from sakimori.cli.lazy import spoken
from sakimori.rules.rule import Fault
from sakimori.texts.sentences import say


def print_faults(faults: Iterable[Fault]) -> None:
    """One line a fault on stderr: file, line, what is wrong and the cure."""
    for fault in faults:
        sentence = say(fault.text, spoken(), **{**fault.values, "file": fault.file, "line": fault.line})
        prefix = f"{fault.file}:{fault.line}: "
        click.echo(sentence if sentence.startswith(fault.file) else prefix + sentence, err=True)
