"""`sakimori respond cause`: the questionnaire by which a person finds how the key got out, and the answer."""

from pathlib import Path
from typing import Any

import click

from sakimori.app.clock import utc_now
from sakimori.app.inbox import who_am_i
from sakimori.app.respond.case import StepState, Told
from sakimori.app.respond.case_files import open_case
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.prose import tell
from sakimori.cli.respond_pages import echo_next
from sakimori.model.words import GLOBAL
from sakimori.outputs.case.causes import find_cause, load_causes
from sakimori.outputs.evidence.store import EvidenceStore
from sakimori.texts.language import clean
from sakimori.texts.sentences import say

_LONGEST = 2_000


@click.command("cause", cls=SpokenCommand, help=say("respond.cause_help", spoken()))
@click.argument("cause", required=False)
@option("--fix", default="", help_="respond.option_fix")
@option("--note", default="", help_="respond.option_cause_note")
@option("--case", default="", help_="respond.option_case")
@option("--by", help_="triage.option_by")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, cause: str | None, **given: Any) -> None:
    """Ask, or write down the answer."""
    language = spoken()
    if cause is None:
        for group in load_causes():
            click.secho(group.title.in_(language), bold=True)
            for each in group.causes:
                click.echo(f"  {each.id}: {each.title.in_(language)}")
                tell(each.ask.in_(language), indent=6)
                tell(each.look.in_(language), indent=6, style="dim")
        click.echo(say("respond.next_cause", language))
        return
    found = find_cause(cause)
    name = who_am_i(given["by"])
    with open_case(home, given["case"], clock=utc_now) as log:
        answer = {
            "cause": found.id,
            "fix": clean(given["fix"], _LONGEST),
            "note": clean(given["note"], _LONGEST),
            "by": name,
        }
        kept = EvidenceStore(log.directory, utc_now).add(
            "cause", call="a person's answer", region=GLOBAL, account=log.case.suspect.account, payload=answer, rows=1,
            coverage=name,
        )  # fmt: skip
        log.write(Told.ANSWER, {"question": "cause", "answer": {**answer, "evidence": kept.id}})
        step = {"step": "R4B", "state": StepState.DONE.value, "by": name, "detail": "respond.cause_found", "values": {"cause": found.id}, "evidence": [kept.id]}  # fmt: skip
        log.write(Told.STEP, step)
        click.echo(say("respond.cause_written", language, cause=found.title.in_(language), case=log.case.id))
        echo_next(log.case)
