"""`sakimori respond do`: one step of a case, again or for the first time."""

from pathlib import Path
from typing import Any, Final

import click

from sakimori.app.assess import AssessRequest
from sakimori.app.clock import utc_now
from sakimori.app.respond.case_files import open_case
from sakimori.app.respond.inquiry import Inquiry
from sakimori.app.respond.removal import Removal
from sakimori.app.respond.session import Desk
from sakimori.cli.access_options import access_options
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.respond_desk import desk_of, desk_options
from sakimori.cli.respond_pages import Terminal
from sakimori.cli.respond_start import told_end
from sakimori.model.errors import UsageError
from sakimori.model.exit_codes import COMPLETED, FAILED
from sakimori.texts.sentences import say

_CONTAINING: Final = frozenset({"P1", "R01", "R02", "R03", "R04", "R05", "R06", "R10", "R11", "R12", "R13", "R14"})
"""Steps that rest on one another: each of them walks them all again, and what is done already is left as it is."""


@click.command("do", cls=SpokenCommand, help=say("respond.do_help", spoken()))
@click.argument("step")
@option("--case", default="", help_="respond.option_case")
@option("--whole-account", is_flag=True, help_="respond.option_whole_account")
@desk_options
@access_options
@option("--state")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, step: str, **given: Any) -> int:
    """Do a step."""
    wanted = step.upper()
    with open_case(home, given["case"], clock=utc_now) as log:
        if log.case.closed_at:
            raise UsageError("respond.is_closed", case=log.case.id)
        desk = desk_of(home, given, Terminal(is_agreed=given["yes"]))
        with desk.walk(log, desk.enter(log.case.suspect.key_id)) as walk:
            if wanted in _CONTAINING:
                return told_end(log, is_contained=walk.contain())
            removal = Removal(hands=walk.hands)
            inquiry = Inquiry(hands=walk.hands, home=home, doors=walk.doors, since=desk.since)
            steps = {
                "R16": removal.freeze,
                "R17": walk.look_again,
                "R18": walk.notify,
                "R64": removal.sweep,
                "R40": inquiry.look,
                "R73": lambda: inquiry.prevention(_assessing(home, desk, given)),
            }
            if wanted not in steps:
                raise UsageError("respond.no_such_step", step=wanted, known=sorted({*_CONTAINING, *steps}))
            return COMPLETED if steps[wanted]() else FAILED


def _assessing(home: Path, desk: Desk, given: dict[str, Any]) -> AssessRequest:
    return AssessRequest(home=home, mutes=desk.settings.mutes, state=given["state"] or "")
