"""`sakimori respond start`: open a case and walk its first hour."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from sakimori.app.clock import utc_now
from sakimori.app.respond.case import TWO_PERSON, Told
from sakimori.app.respond.case_files import CaseLog, every_case, open_about, open_case
from sakimori.app.respond.intake import Trigger, by_finding, by_key, by_mail, by_principal
from sakimori.app.respond.people import login_here
from sakimori.app.respond.rail import RAIL, Phase
from sakimori.app.respond.session import Desk
from sakimori.app.settings import read_settings
from sakimori.aws.door import Door
from sakimori.cli.access_options import access_options
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.cli.prose import tell
from sakimori.cli.respond_desk import by_clock_of_aws, desk_of, desk_options, entered
from sakimori.cli.respond_pages import Terminal, echo_next, elapsed, not_contained_lines
from sakimori.model.errors import UsageError
from sakimori.model.exit_codes import COMPLETED, FAILED
from sakimori.state.store import open_store
from sakimori.texts.sentences import say

_FILE = click.Path(path_type=Path, dir_okay=False)
_GIVEN: Final = ("key", "user", "role", "mail", "finding")
_ALL: Final = "contain"


@click.command("start", cls=SpokenCommand, help=say("respond.start_help", spoken()))
@option("--key", help_="respond.option_key")
@option("--user", help_="respond.option_user")
@option("--role", help_="respond.option_role")
@option("--mail", type=_FILE, help_="respond.option_mail")
@option("--finding", help_="respond.option_finding")
@option("--believe", is_flag=True, help_="respond.option_believe")
@option("--new-case", is_flag=True, help_="respond.option_new_case")
@option("--approve", multiple=True, help_="respond.option_approve")
@option("--approval", type=click.Choice(["single", "two_person"]), default="single", show_default=True, help_="respond.option_approval")  # fmt: skip
@desk_options
@access_options
@option("--state")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, **given: Any) -> int:
    """Open a case and contain."""
    approved = _approved(given["approve"])
    trigger = _trigger(home, given)
    before = "" if given["new_case"] else _before(home, trigger)
    if before:
        with open_case(home, before, clock=utc_now) as log:
            if given["approval"] == TWO_PERSON and log.case.approval != TWO_PERSON:
                raise UsageError("respond.is_single", case=log.case.id)
            click.echo(say("respond.goes_on", spoken(), case=log.case.id, at=log.case.opened_at), err=True)
            desk = desk_of(home, given, Terminal(is_agreed=given["yes"]), log.case)
            desk, doors = entered(desk, log.case)
            return _contained(desk, doors, log, approved, trigger)
    desk = desk_of(home, given, Terminal(is_agreed=given["yes"]))
    # What refuses to begin must not leave an empty case behind.
    doors = desk.enter(trigger.suspect.key_id)
    desk.check(trigger.suspect, doors)
    desk = by_clock_of_aws(desk, doors)
    with desk.opened(trigger, given["approval"]) as log:
        click.echo(say("respond.opened", spoken(), case=log.case.id, path=log.directory), err=True)
        return _contained(desk, doors, log, approved, trigger)


def _before(home: Path, trigger: Trigger) -> str:
    """The open case that began so, "" where there is none; those of which nobody can tell are named."""
    for name, case in every_case(home):
        if case is None:
            click.echo(say("respond.line_broken", spoken(), case=name), err=True)
    return open_about(home, trigger.suspect)


def _contained(desk: Desk, doors: Sequence[Door], log: CaseLog, approved: Sequence[str], trigger: Trigger) -> int:
    if approved:
        told = {"steps": approved, "by": desk.by, "is_own": log.case.needed == 1, "login": login_here()}
        log.write(Told.APPROVED, told)
    with desk.walk(log, doors) as walk:
        walk.hands.begin(trigger.words)
        return told_end(log, is_contained=walk.contain())


def told_end(log: CaseLog, *, is_contained: bool) -> int:
    """How it ended, and what is next."""
    case = log.case
    if is_contained and case.contained_at:
        click.echo(say("respond.contained", spoken(), minutes=elapsed(case.contained_at - case.opened_at)))
    else:
        first, *more = not_contained_lines(case, spoken())
        click.echo(first)
        for line in more:
            tell(line.strip(), indent=2)
    echo_next(case)
    return COMPLETED if is_contained else FAILED


def _trigger(home: Path, given: dict[str, Any]) -> Trigger:
    told = [name for name in _GIVEN if given[name]]
    if not told:
        raise UsageError("respond.nothing_given")
    if len(told) > 1:
        raise UsageError("respond.one_given")
    if given["key"]:
        return by_key(given["key"])
    if given["mail"]:
        return by_mail(given["mail"], utc_now(), is_believed=given["believe"])
    if given["finding"]:
        mutes = read_settings(home / "config.toml").mutes
        with open_store(given["state"] or home / "state.db") as store:
            return by_finding(store, given["finding"], mutes, utc_now)
    return by_principal(given["user"] or given["role"], told[0])


def _approved(told: tuple[str, ...]) -> list[str]:
    """The steps that are agreed to beforehand; UsageError for one that there is not."""
    steps = [piece.strip() for each in told for piece in each.split(",") if piece.strip()]
    known = [each for each in RAIL if each.approval]
    strange = [each for each in steps if each != _ALL and each.upper() not in {one.id for one in known}]
    if strange:
        raise UsageError("respond.no_such_step", step=strange[0], known=[_ALL, *(each.id for each in known)])
    if _ALL in steps:
        steps += [each.id for each in known if each.phase is Phase.CONTAIN and not each.is_only_by_name]
    return [each.upper() for each in steps if each != _ALL]
