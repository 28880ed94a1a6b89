"""`sakimori respond note`: something that a person knows and no log tells."""

from pathlib import Path
from typing import Final

import click

from sakimori.app.clock import utc_now
from sakimori.app.inbox import who_am_i
from sakimori.app.respond.case import StepState, Told
from sakimori.app.respond.case_files import open_case
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.respond_pages import echo_next
from sakimori.model.errors import UsageError
from sakimori.texts.language import clean
from sakimori.texts.sentences import say

_LONGEST = 4_000
_NOTHING_SAID: Final = frozenset({"", "TEXT"})
"""The place holder of the command that is printed says of nobody that they were told."""
_TELLING: Final = "R18"
_BY_PERSON: Final = (_TELLING, "R16", "R80", "R81")
"""Steps that nobody but a person does, outside of this program."""


@click.command("note", cls=SpokenCommand, help=say("respond.note_help", spoken()))
@click.argument("text")
@option("--case", default="", help_="respond.option_case")
@option("--step", default="", help_="respond.option_note_step")
@option("--by", help_="triage.option_by")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, text: str, case: str, step: str, by: str | None) -> None:
    """Write a note."""
    if text.strip() in _NOTHING_SAID:
        raise UsageError("respond.note_empty")
    wanted, name, words = step.upper(), who_am_i(by), clean(text, _LONGEST)
    if wanted and wanted not in _BY_PERSON:
        raise UsageError("respond.not_by_note", step=clean(wanted, 40), known=list(_BY_PERSON))
    with open_case(home, case, clock=utc_now) as log:
        log.write(Told.NOTE, {"text": words, "by": name})
        if wanted:
            values = {"by": name, "text": words}
            log.write(Told.STEP, {"step": wanted, "state": StepState.DONE.value, "by": name, "detail": "respond.by_person", "values": values, "evidence": []})  # fmt: skip
        if wanted == _TELLING:
            log.write(Told.NOTIFIED, {"by": name})
        click.echo(say("respond.noted", spoken(), case=log.case.id))
        if wanted:
            echo_next(log.case)
