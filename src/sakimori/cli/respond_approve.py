"""`sakimori respond approve`: another person agrees."""

import sys
from pathlib import Path
from typing import Any

import click

from sakimori.app.clock import utc_now
from sakimori.app.inbox import who_am_i
from sakimori.app.respond.case import Approved, Case, Told
from sakimori.app.respond.case_files import open_case
from sakimori.app.respond.people import caller_of, is_same_person, is_told_better, login_here, people_in
from sakimori.app.respond.rail import BY_ID, RAIL, command_of
from sakimori.cli.access_options import access_options
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.respond_desk import doors_of
from sakimori.model.action import Approval
from sakimori.model.errors import UsageError
from sakimori.texts.sentences import say

_ALL = "ALL"


@click.command("approve", cls=SpokenCommand, help=say("respond.approve_help", spoken()))
@click.argument("steps", nargs=-1, required=True, metavar="STEP...")
@option("--case", default="", help_="respond.option_case")
@option("--by", help_="triage.option_by")
@option("--as-profile", help_="respond.option_approve_as")
@access_options
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, steps: tuple[str, ...], case: str, by: str | None, **given: Any) -> None:
    """Agree to steps."""
    chosen = _chosen([piece.strip().upper() for each in steps for piece in each.split(",") if piece.strip()])
    name = who_am_i(by)
    caller = caller_of({each.account.id: each for each in doors_of(home, given)}) if given["as_profile"] else ""
    with open_case(home, case, clock=utc_now) as log:
        told = {"steps": chosen, "by": name, "is_own": False, "login": login_here(), "caller": caller}
        before = log.case
        after = log.write(Told.APPROVED, told)
        click.echo(say("respond.approved", spoken(), case=after.id, steps=chosen, by=name))
        if after.needed > 1:
            _say_who(before, after, chosen)
        for step in chosen:
            if len(people_in(after.approvals_of(step))) >= after.needed and step in after.steps and after.is_open(step):
                click.echo(say("respond.next_agreed", spoken(), step=step))
                click.echo(f"  $ {command_of(step, after.id)}")


def _chosen(wanted: list[str]) -> list[str]:
    """The steps; `all` is all but those that stop the owner's own business or cannot be taken back: these are asked for one by one."""
    known = [each.id for each in RAIL if each.approval]
    strange = [each for each in wanted if each not in {*known, _ALL}]
    if strange:
        raise UsageError("respond.no_such_step", step=strange[0], known=known)
    if _ALL not in wanted:
        return wanted
    apart = [each for each in known if BY_ID[each].approval is Approval.TWO_PERSON and each not in wanted]
    agreed = [each for each in apart if _is_asked_for(each)]
    left = [each for each in apart if each not in agreed]
    if left:
        titles = [f"{each} {say(BY_ID[each].title, spoken())}" for each in left]
        click.echo(say("respond.approved_but", spoken(), steps=titles, first=left[0]), err=True)
    return [each for each in known if each not in left]


def _is_asked_for(step: str) -> bool:
    title = say(BY_ID[step].title, spoken())
    return sys.stdin.isatty() and click.confirm(say("respond.ask_apart", spoken(), step=step, title=title), err=True)


def _say_who(before: Case, after: Case, steps: list[str]) -> None:
    """Whether this is another person than those before, by what can be told; the rest is on trust, and said."""
    me: Approved = after.approvals[-1]
    others = [each for each in before.approvals if set(steps) & set(each.steps) and not is_told_better(each, me)]
    if all(len(people_in(after.approvals_of(each))) >= after.needed for each in steps):
        others = []
    same = next((each for each in others if is_same_person(me, each)), None)
    if same is not None:
        click.echo(say("respond.approved_same", spoken(), by=me.by, other=same.by, login=me.login or "?"), err=True)
    click.echo(say("respond.approved_on_trust", spoken(), login=me.login or "?", caller=me.caller or "—"), err=True)
