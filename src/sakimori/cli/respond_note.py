"""`sakimori respond note`: something that a person knows and no log tells."""

from pathlib import Path

import click

from sakimori.app.clock import utc_now
from sakimori.app.inbox import who_am_i
from sakimori.app.respond.case import Told
from sakimori.app.respond.case_files import open_case
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.texts.language import clean
from sakimori.texts.sentences import say

_LONGEST = 4_000


@click.command("note", cls=SpokenCommand, help=say("respond.note_help", spoken()))
@click.argument("text")
@option("--case", default="", help_="respond.option_case")
@option("--by", help_="triage.option_by")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, text: str, case: str, by: str | None) -> None:
    """Write a note."""
    with open_case(home, case, clock=utc_now) as log:
        log.write(Told.NOTE, {"text": clean(text, _LONGEST), "by": who_am_i(by)})
        click.echo(say("respond.noted", spoken(), case=log.case.id))
