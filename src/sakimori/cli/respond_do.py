"""`sakimori respond do`: one step of a case, again or for the first time."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import click

from sakimori.app.assess import AssessRequest
from sakimori.app.clock import utc_now
from sakimori.app.respond.case_files import open_case
from sakimori.app.respond.identity_center import IdentityCenter
from sakimori.app.respond.inquiry import Inquiry
from sakimori.app.respond.organization import FromAbove
from sakimori.app.respond.rail import BY_ID
from sakimori.app.respond.removal import Removal
from sakimori.app.respond.session import Desk
from sakimori.app.respond.sweep import sweep
from sakimori.app.respond.walk import Walk
from sakimori.cli.access_options import access_options
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.respond_desk import desk_of, desk_options, entered, say_elsewhere
from sakimori.cli.respond_pages import Terminal, echo_next
from sakimori.cli.respond_start import told_end
from sakimori.model.errors import UsageError
from sakimori.model.exit_codes import COMPLETED, FAILED
from sakimori.texts.sentences import say

_CONTAINING: Final = frozenset({"P1", "R01", "R02", "R03", "R04", "R05", "R06", "R10", "R11", "R12", "R13", "R14"})
"""Steps that rest on one another: each of them walks them all again, and what is done already is left as it is."""
_CONSOLE: Final = "R12"
_ALONE: Final[Mapping[str, Callable[[Walk, Desk, Mapping[str, Any]], bool]]] = {
    "R15": lambda walk, _, given: FromAbove(hands=walk.hands, is_whole=given["whole_account"]).stop(),
    "R16": lambda walk, _, given: Removal(hands=walk.hands).freeze(given["instance"]),
    "R17": lambda walk, *_: walk.look_again(),
    "R18": lambda walk, *_: walk.notify(),
    "R64": lambda walk, *_: sweep(walk.hands),
    "R40": lambda walk, desk, _: _inquiry(walk, desk).look(),
    "R73": lambda walk, desk, given: _inquiry(walk, desk).prevention(_assessing(desk, given)),
}
"""Steps that need no other, and what does them; whether they are done."""


@click.command("do", cls=SpokenCommand, help=say("respond.do_help", spoken()))
@click.argument("step")
@option("--case", default="", help_="respond.option_case")
@option("--whole-account", is_flag=True, help_="respond.option_whole_account")
@option("--sso-user", default="", help_="respond.option_sso_user")
@option("--instance", multiple=True, help_="respond.option_instance")
@desk_options
@access_options
@option("--state")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, step: str, **given: Any) -> int:
    """Do a step."""
    wanted = step.upper()
    _check(wanted, given["case"])
    with open_case(home, given["case"], clock=utc_now) as log:
        if log.case.closed_at:
            raise UsageError("respond.is_closed", case=log.case.id)
        say_elsewhere(home, log.directory, log.case)
        desk = desk_of(home, given, Terminal(is_agreed=given["yes"]), log.case)
        desk, doors = entered(desk, log.case)
        with desk.walk(log, doors) as walk:
            if wanted == _CONSOLE and given["sso_user"]:
                is_denied = IdentityCenter(hands=walk.hands, doors=walk.doors).deny(given["sso_user"])
                echo_next(log.case)
                return COMPLETED if is_denied else FAILED
            if wanted in _CONTAINING:
                return told_end(log, is_contained=walk.contain())
            is_done = _ALONE[wanted](walk, desk, given)
            echo_next(log.case)
            return COMPLETED if is_done else FAILED


def _check(step: str, case: str) -> None:
    """UsageError for a step that is done by another command, or that there is not."""
    if step in _CONTAINING or step in _ALONE:
        return
    other = BY_ID[step].command if step in BY_ID else ""
    if other:
        raise UsageError(
            "respond.done_by",
            step=step,
            command=other.replace("CASE", case) if case else other.replace(" --case CASE", ""),
        )
    raise UsageError("respond.no_such_step", step=step, known=sorted({*_CONTAINING, *_ALONE}))


def _inquiry(walk: Walk, desk: Desk) -> Inquiry:
    return Inquiry(
        hands=walk.hands, home=desk.home, doors=walk.doors, since=desk.since, told=_say_stage, asking=desk.asking
    )


def _say_stage(stage: str) -> None:
    """CloudTrail is asked at AWS's pace: a minute without a word looks like a halt."""
    click.secho("       " + say(f"investigate.stage_{stage}", spoken()), dim=True, err=True)


def _assessing(desk: Desk, given: Mapping[str, Any]) -> AssessRequest:
    return AssessRequest(home=desk.home, mutes=desk.settings.mutes, state=given["state"] or "")
