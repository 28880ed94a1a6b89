"""`sakimori respond approve`: another person agrees."""

from pathlib import Path

import click

from sakimori.app.clock import utc_now
from sakimori.app.inbox import who_am_i
from sakimori.app.respond.case import Told
from sakimori.app.respond.case_files import open_case
from sakimori.app.respond.rail import RAIL
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.model.errors import UsageError
from sakimori.texts.sentences import say

_ALL = "ALL"


@click.command("approve", cls=SpokenCommand, help=say("respond.approve_help", spoken()))
@click.argument("steps", nargs=-1, required=True, metavar="STEP...")
@option("--case", default="", help_="respond.option_case")
@option("--by", help_="triage.option_by")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, steps: tuple[str, ...], case: str, by: str | None) -> None:
    """Agree to steps."""
    known = [each.id for each in RAIL if each.approval]
    wanted = [each.upper() for each in steps]
    strange = [each for each in wanted if each not in {*known, _ALL}]
    if strange:
        raise UsageError("respond.no_such_step", step=strange[0], known=known)
    chosen = known if _ALL in wanted else wanted
    name = who_am_i(by)
    with open_case(home, case, clock=utc_now) as log:
        log.write(Told.APPROVED, {"steps": chosen, "by": name, "is_own": False})
        click.echo(say("respond.approved", spoken(), case=log.case.id, steps=chosen, by=name))
