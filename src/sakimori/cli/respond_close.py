"""`sakimori respond close`: the end of a case."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from sakimori.app.clock import utc_now
from sakimori.app.inbox import who_am_i
from sakimori.app.respond.case import CLOSING, Case, StepState, Told
from sakimori.app.respond.case_files import open_case
from sakimori.app.respond.rail import RAIL, concerns
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.prose import tell
from sakimori.cli.respond_pages import timers
from sakimori.model.errors import UsageError
from sakimori.texts.language import clean
from sakimori.texts.sentences import say

_LONGEST = 4_000
_LOOKS = ("R13", "R17")
"""What says whether anything still acts: later than the containment it may say otherwise."""


@click.command("close", cls=SpokenCommand, help=say("respond.close_help", spoken()))
@option("--case", default="", help_="respond.option_case")
@option("--lesson", default="", help_="respond.option_lesson")
@option("--by", help_="triage.option_by")
@option("--yes", is_flag=True, help_="harden.option_yes")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, case: str, lesson: str, by: str | None, *, yes: bool) -> None:
    """Close a case."""
    with open_case(home, case, clock=utc_now) as log:
        if log.case.closed_at:
            raise UsageError("respond.is_closed", case=log.case.id)
        acts = any(line.state is StepState.FAILED for step in _LOOKS if (line := log.case.steps.get(step)))
        if (acts or not log.case.contained_at) and not yes:
            raise UsageError("respond.close_uncontained", case=log.case.id)
        left = _left(log.case)
        if left and not yes and not _is_meant(log.case.id, left):
            raise UsageError("respond.close_open", case=log.case.id)
        name = who_am_i(by)
        if lesson:
            log.write(Told.NOTE, {"text": clean(lesson, _LONGEST), "by": name})
        log.write(Told.CLOSED, {"by": name})
        if left and yes:
            tell(say("respond.closed_with_open", spoken(), left=left), err=True)
        times = [f"{each.upper()} {value}" for each, value in timers(log.case)]
        click.echo(say("respond.closed", spoken(), case=log.case.id, times=times))


def _left(case: Case) -> list[str]:
    """The steps that nobody did, nor left out with a reason."""
    return [
        f"{each.id} {say(each.title, spoken())}"
        for each in RAIL
        if not each.is_only_by_name
        and each.id != CLOSING
        and case.is_open(each.id)
        and concerns(each, case.suspect.key_id)
    ]


def _is_meant(case: str, left: Sequence[str]) -> bool:
    """Show what is open and ask; without a terminal nobody means it."""
    tell(say("respond.closing_with_open", spoken(), case=case), err=True)
    for each in left:
        tell(each, indent=2, err=True)
    return sys.stdin.isatty() and click.confirm(say("respond.ask_close", spoken()), err=True)
