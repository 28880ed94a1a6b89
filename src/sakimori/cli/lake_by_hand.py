"""`sakimori lake give-up` and `sakimori lake looked-at`: a person's word on logs that could not be read, with its reason, and undone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from sakimori.app.clock import utc_now
from sakimori.app.lake_by_hand import (
    give_up_reading,
    given_up_by_hand,
    has_looked_at,
    looked_at_by_hand,
    read_again,
    refused,
    unlook,
    waiting,
)
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.model.errors import UsageError
from sakimori.model.exit_codes import COMPLETED, WRONG_USAGE
from sakimori.texts.language import clean, first_few
from sakimori.texts.sentences import say

_NAMED: Final = 5


def _by_hand(name: str, verb: str) -> Callable[[Callable[..., int]], click.Command]:
    """The form of both: an address, and a reason or `--undo`."""

    def made(function: Callable[..., int]) -> click.Command:
        command: Any = click.pass_obj(function)
        for each in (
            option("--lang", type=click.Choice(["ja", "en"]), expose_value=False),
            option("--undo", is_flag=True, help_="lake_verbs.option_undo_by_hand"),
            option("--reason", default="", help_="lake_verbs.option_reason"),
            click.argument("address"),
        ):
            command = each(command)
        return click.command(name, cls=SpokenCommand, help=say(f"lake_verbs.{verb}", spoken()))(command)

    return made


@_by_hand("give-up", "give_up")
def give_up(home: Path, address: str, reason: str, undo: bool) -> int:  # noqa: FBT001 - the form of a command
    """End by hand the reading of a log that is gone for good."""
    if undo:
        return _told("given_up_undone", read_again(home, address, clock=utc_now), address, given_up_by_hand(home))
    _ensure_reason(reason)
    return _told("given_up", give_up_reading(home, address, reason, clock=utc_now), address, waiting(home))


@_by_hand("looked-at", "looked_at")
def looked_at(home: Path, address: str, reason: str, undo: bool) -> int:  # noqa: FBT001 - the form of a command
    """Say that somebody has looked at what was refused."""
    if undo:
        return _told("looked_at_undone", unlook(home, address, clock=utc_now), address, looked_at_by_hand(home))
    _ensure_reason(reason)
    return _told("has_looked_at", has_looked_at(home, address, reason, clock=utc_now), address, refused(home))


def _ensure_reason(reason: str) -> None:
    if not reason.strip():
        raise UsageError("lake_verbs.reason_missing")


def _told(done: str, meant: tuple[str, ...], address: str, left: tuple[str, ...]) -> int:
    if meant:
        click.echo(say(f"lake_verbs.{done}", spoken(), count=len(meant)))
        return COMPLETED
    if left:
        names = first_few(left, _NAMED)
        click.echo(say(f"lake_verbs.nothing_{done}", spoken(), address=clean(address), names=names), err=True)
    else:
        click.echo(say(f"lake_verbs.none_{done}", spoken()), err=True)
    return WRONG_USAGE
