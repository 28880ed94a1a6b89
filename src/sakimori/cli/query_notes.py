"""What a person should know of an answer besides its rows: on standard error, so that the rows stay rows."""

import click

from sakimori.app.query import QueryAnswer
from sakimori.cli.lazy import spoken
from sakimori.cli.query_output import Target, Written
from sakimori.cli.searched import print_lines, print_searched
from sakimori.texts.sentences import say, text


def heading(column: str) -> str:
    """The heading of a saved question's column; its name where it has none."""
    try:
        text(f"query.column_{column}")
    except KeyError:
        return column
    return say(f"query.column_{column}", spoken())


def note(answer: QueryAnswer, done: Written, target: Target) -> None:
    """Say how many rows, what was left out, and after an empty answer what was looked through."""
    language = spoken()
    if done.is_cut:
        click.echo(say("query.cut", language, count=done.row_count), err=True)
    if target.path is not None:
        click.echo(say("query.written", language, count=done.row_count, path=target.path), err=True)
    if done.says_nothing:
        if not done.row_count:
            click.echo(say("query.nothing", language), err=True)
        print_searched(answer.searched, language, to_stderr=True)
        return
    if target.is_for_people and not done.is_cut:
        click.echo(say("query.rows", language, count=done.row_count), err=True)
    print_lines(answer.doubts(language), to_stderr=True)
