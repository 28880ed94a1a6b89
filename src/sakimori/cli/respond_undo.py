"""`sakimori respond undo`: take back what a case changed."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from sakimori.actions.plan import Item
from sakimori.app.clock import utc_now
from sakimori.app.harden import Approver
from sakimori.app.respond.case_files import open_case
from sakimori.app.respond.measures import KEY_OFF
from sakimori.app.respond.session import Desk
from sakimori.app.respond.undo import Undo, Undoing
from sakimori.cli.access_options import access_options
from sakimori.cli.harden_pages import print_told, print_undoing
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.prose import tell
from sakimori.cli.respond_desk import desk_of, desk_options, entered, one_case
from sakimori.cli.respond_pages import Terminal
from sakimori.model.errors import ActionError, UsageError
from sakimori.model.exit_codes import COMPLETED, FAILED
from sakimori.texts.sentences import say

_SHOWN: Final = 3
"""Places that a refusal names; the page above has them all."""


@click.command("undo", cls=SpokenCommand, help=say("respond.undo_help", spoken()))
@click.argument("case", required=False, default="")
@option("--case", "named", default="", help_="respond.option_case")
@option("--step", default="", help_="respond.option_step")
@option("--anyway", is_flag=True, help_="harden.option_anyway")
@option("--lose", multiple=True, help_="harden.option_lose")
@option("--second", default="", help_="harden.option_second")
@desk_options
@access_options
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, case: str, **given: Any) -> int:
    """Take back."""
    with open_case(home, one_case(case, given["named"]), clock=utc_now) as log:
        desk = desk_of(home, given, Terminal(), log.case)
        desk, doors = entered(desk, log.case)
        undo = Undo(log, {each.account.id: each for each in doors}, desk.clock, print_told, desk.accepted)
        found = undo.shown(given["step"].upper())
        taken = taken_back(undo, found, desk, given)
        if taken is None:
            return FAILED
        count, left = taken
        click.echo(say("harden.undone", spoken(), count=count))
        for item in left:
            click.echo(say("harden.not_as_before", spoken(), step=item.step, where=item.where))
        return FAILED if left else COMPLETED


def taken_back(
    undo: Undo, found: Sequence[Undoing], desk: Desk, given: Mapping[str, Any]
) -> tuple[int, tuple[Item, ...]] | None:
    """Show, ask, take back: how many places are as before, and which are not. None where nobody agreed."""
    _show(found)
    changed = [f"{item.step} {item.where}" for each in found for item in each.changed_since]
    if changed and not given["anyway"]:
        more = [f"+{len(changed) - _SHOWN}"] if len(changed) > _SHOWN else []
        raise ActionError("harden.changed_since", places=[*changed[:_SHOWN], *more])
    case = undo.log.case
    if not _is_warned(undo.revived(found), desk, given, undo.verb):
        return None
    count = sum(len(each.items) for each in found)
    to_do = count - sum(len(each.needless) for each in found)
    if not agreed(given["yes"], say("respond.ask_undo", spoken(), case=case.id, count=to_do)):
        tell(say("respond.nothing_taken_back", spoken()), err=True)
        return None
    left = undo.take_back(found, Approver(desk.by, given["second"], desk.settings.team or ()), lambda name: name in given.get("lose", ()))  # fmt: skip
    return count - len(left), left


def _show(found: Sequence[Undoing]) -> None:
    """What would be done; where nothing is left to do, how many places and of what kind."""
    for each in found:
        print_undoing([item for item in each.items if item.changes])
    needless = Counter(item.step for each in found for item in each.needless)
    if needless:
        kinds = [f"{step} {count}" for step, count in needless.items()]
        tell(say("respond.undo_needless", spoken(), count=needless.total(), kinds=kinds), style="dim")


def _is_warned(keys: Sequence[str], desk: Desk, given: Mapping[str, Any], verb: str) -> bool:
    """A key that leaked is known to others for good: that it works again is agreed to apart from all else."""
    if not keys:
        return True
    click.secho(say("respond.undo_revives", spoken(), keys=[f"{each[:4]}…{each[-4:]}" for each in keys]), fg="red", bold=True, err=True)  # fmt: skip
    if KEY_OFF in desk.accepted:
        return True
    if given["yes"]:
        raise UsageError("respond.undo_revives_refused", step=KEY_OFF, verb=verb)
    return agreed(False, say("respond.ask_revive", spoken()))  # noqa: FBT003 - nobody agreed beforehand


def agreed(given: bool, question: str) -> bool:  # noqa: FBT001 - a flag of the command line
    """Whether a person at the terminal says yes."""
    if given:
        return True
    return sys.stdin.isatty() and click.confirm(question, err=True)
