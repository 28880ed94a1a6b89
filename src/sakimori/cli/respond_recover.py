"""`sakimori respond recover`: lift what was denied, when nothing of the thief's can live any more."""

from pathlib import Path
from typing import Any, Final

import click

from sakimori.app.clock import utc_now
from sakimori.app.respond.case import StepState
from sakimori.app.respond.case_files import open_case
from sakimori.app.respond.hands import Measure
from sakimori.app.respond.place_words import place_words
from sakimori.app.respond.undo import Undo, is_lifted
from sakimori.cli.access_options import access_options
from sakimori.cli.harden_pages import print_told
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.respond_desk import desk_of, desk_options, entered
from sakimori.cli.respond_pages import Terminal, echo_next
from sakimori.cli.respond_undo import taken_back
from sakimori.model.errors import ActionError, UsageError
from sakimori.model.exit_codes import COMPLETED, FAILED
from sakimori.texts.sentences import say

_LIFTED: Final = ("R15", "R14", "R12", "R11")
"""In this order: the widest denial first."""


@click.command("recover", cls=SpokenCommand, help=say("respond.recover_help", spoken()))
@option("--case", default="", help_="respond.option_case")
@option("--lift-quarantine", is_flag=True, help_="respond.option_lift_quarantine")
@option("--anyway", is_flag=True, help_="harden.option_anyway")
@option("--second", default="", help_="harden.option_second")
@desk_options
@access_options
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, **given: Any) -> int:
    """Lift the measures."""
    with open_case(home, given["case"], clock=utc_now) as log:
        desk = desk_of(home, given, Terminal(is_agreed=given["yes"]), log.case)
        desk, doors = entered(desk, log.case)
        with desk.walk(log, doors) as walk:
            if given["lift_quarantine"]:
                user = log.case.suspect.user
                if not user:
                    raise UsageError("respond.no_quarantine", case=log.case.id)
                wanted = [Measure(account=log.case.suspect.account, step="quarantine-lifted", resource=user)]
                outcome = walk.hands.carry_out("R71", wanted)
                if outcome.already and not any(each.step == "R71" for each in log.case.runs):
                    walk.hands.tell("R71", StepState.SKIPPED, "respond.no_quarantine_there", user=user)
                    return COMPLETED
                is_done = walk.hands.tell_outcome("R71", outcome, len(wanted))
                return COMPLETED if is_done else FAILED
            undo = Undo(
                log, {each.account.id: each for each in doors}, desk.clock, print_told, desk.accepted, is_recovery=True
            )
            found = [
                each.kept_if(lambda item: is_lifted(log.case, item)) for step in _LIFTED for each in undo.every(step)
            ]
            found = [each for each in found if each.items]
            if not found:
                raise UsageError("respond.nothing_to_undo", case=log.case.id)
            try:
                taken = taken_back(undo, found, desk, given)
            except ActionError as error:
                if error.text == "respond.sessions_may_live":
                    walk.hands.tell("R70", StepState.OPEN, "respond.lifted_later", until=error.values["until"], case=log.case.id)  # fmt: skip
                raise
            if taken is None:
                return FAILED
            count, left = taken
            # A password or a device that is gone comes back by nobody's call: that is told, and holds the case up no longer.
            places = [place_words(each.step, each.where) for each in left]
            walk.hands.tell("R70", StepState.DONE, "respond.lifted_but" if left else "respond.lifted", count=count, left=places)  # fmt: skip
            echo_next(log.case)
            return COMPLETED
