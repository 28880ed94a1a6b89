"""`sakimori runbook`: what a finding of GuardDuty means, where to look first, how to contain it, how to close it."""

import json
from pathlib import Path
from typing import Final

import click

from sakimori.app.runbook import answer
from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.cli.runbook_markdown import playbook_markdown, runbook_markdown
from sakimori.cli.runbook_pages import print_choice, print_list, print_playbook, print_runbook
from sakimori.cli.runbook_record import list_record, playbook_record, runbook_record
from sakimori.rules.runbooks.library import load_library

_ALL: Final = "*"
"""What `--playbook` without a name stands for."""


@click.command("runbook", cls=SpokenCommand, **described("runbook"))
@click.argument("asked", metavar="[FINDING-TYPE|FINDING]", required=False)
@option("--playbook", is_flag=False, flag_value=_ALL, help_="runbook.option_playbook")
@option("--state")
@option("--format", "format_", type=click.Choice(["terminal", "json", "markdown"]), default="terminal", show_default=True)  # fmt: skip
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, asked: str | None, playbook: str | None, state: str | None, format_: str) -> None:
    """Show a runbook, a playbook, or what there is."""
    if playbook and playbook != _ALL:
        _show_playbook(playbook, format_)
    elif asked and not playbook:
        _show_runbook(home, asked, state or "", format_)
    else:
        _show_list(format_, with_runbooks=not playbook)


def _show_runbook(home: Path, asked: str, state: str, format_: str) -> None:
    found = answer(home, asked, state=state)
    if format_ == "json":
        _print_json(runbook_record(found, asked))
    elif format_ == "markdown":
        click.echo("\n".join(runbook_markdown(each, found, spoken()) for each in found.meant), nl=False)
    else:
        first, *others = found.meant
        if others:
            print_choice(found)
        else:
            print_runbook(first, found)


def _show_playbook(asked: str, format_: str) -> None:
    found = load_library().playbook(asked)
    if format_ == "json":
        _print_json(playbook_record(found))
    elif format_ == "markdown":
        click.echo(playbook_markdown(found, spoken()), nl=False)
    else:
        print_playbook(found)


def _show_list(format_: str, *, with_runbooks: bool) -> None:
    library = load_library()
    if format_ == "json":
        _print_json(list_record(library, with_runbooks=with_runbooks))
    else:
        print_list(library, with_runbooks=with_runbooks)


def _print_json(record: object) -> None:
    click.echo(json.dumps(record, ensure_ascii=False, indent=2))
