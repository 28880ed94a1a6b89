"""`sakimori respond list`: all cases of this home."""

from pathlib import Path

import click

from sakimori.app.respond.case_files import every_case
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.model.exit_codes import COMPLETED, FAILED
from sakimori.texts.language import clean, show_time
from sakimori.texts.sentences import say


@click.command("list", cls=SpokenCommand, help=say("respond.list_help", spoken()))
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path) -> int:
    """List cases."""
    found = every_case(home)
    if not found:
        click.echo(say("respond.no_case", spoken()))
    for name, case in found:
        if case is None:
            click.echo(say("respond.line_broken", spoken(), case=name))
            continue
        state = "closed" if case.closed_at else "contained" if case.contained_at else "open"
        told = say(f"respond.state_{state}", spoken())
        who = clean(case.suspect.user or case.suspect.role or case.suspect.name, 100)
        click.echo(f"{case.id}  {show_time(case.opened_at, spoken())}  {told}  {who}")
    return FAILED if any(case is None for _, case in found) else COMPLETED
