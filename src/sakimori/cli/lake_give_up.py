"""`sakimori lake give-up`: what can never be read is ended by a person, with a reason."""

from pathlib import Path

import click

from sakimori.app.clock import utc_now
from sakimori.app.given_up import give_up_reading, waiting
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.model.exit_codes import COMPLETED, WRONG_USAGE
from sakimori.texts.language import clean, first_few
from sakimori.texts.sentences import say

_NAMED = 5


@click.command("give-up", cls=SpokenCommand, help=say("lake_verbs.give_up", spoken()))
@click.argument("address")
@option("--reason", required=True, help_="lake_verbs.option_reason")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def give_up(home: Path, address: str, reason: str) -> int:
    """End by hand the reading of a log that is gone for good."""
    ended = give_up_reading(home, address, reason, clock=utc_now)
    if ended:
        click.echo(say("lake_verbs.given_up", spoken(), count=len(ended)))
        return COMPLETED
    left = [clean(each) for each in waiting(home)]
    if left:
        names = first_few(left, _NAMED)
        click.echo(say("lake_verbs.nothing_given_up", spoken(), address=clean(address), names=names), err=True)
    else:
        click.echo(say("lake_verbs.nothing_waits", spoken()), err=True)
    return WRONG_USAGE
