"""Telling people at the end of a command that may have found something: with --notify now, else a line that says how."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sakimori.app.clock import utc_now
from sakimori.app.settings import read_settings
from sakimori.cli.lazy import option, spoken
from sakimori.model.errors import SakimoriError
from sakimori.texts.language import clean, show_time
from sakimori.texts.sentences import say, say_error

if TYPE_CHECKING:
    from sakimori.app.notify import Notifier
    from sakimori.outputs.notify.delivery import Delivered

notify_option = option("--notify", is_flag=True, help_="notify.option_notify")


def tell_people(home: Path, state: str | None, *, now: bool) -> None:
    """On standard error. Whether people could be told changes nothing about the command's own end."""
    settings = read_settings(home / "config.toml")
    if not (settings.notify.routes or now):
        return
    # Only where there are routes.
    from sakimori.app.notify import Notifier, untold  # noqa: PLC0415
    from sakimori.state.store import open_store  # noqa: PLC0415

    with open_store(state or home / "state.db") as store:
        if now:
            told = Notifier(store, home, settings, utc_now)
            told.chosen(())
            say_delivered(told, told.send(), err=True)
        elif count := untold(store):
            click.echo(say("notify.status_untold", spoken(), count=count), err=True)


def say_delivered(told: "Notifier", done: "Delivered", *, err: bool) -> None:
    """What a delivery did, on standard error if so asked; what it could not do, there in any case."""
    from sakimori.app.notify import put_off  # noqa: PLC0415 - where there is a notifier, it is there

    language = spoken()
    if not done.had_turn:
        say_untaken(told.broken, {})
        click.echo(say("notify.others_turn", language), err=True)
        return
    click.echo(say("notify.delivered", language, sent=done.sent, later=done.later, failed=done.failed), err=err)
    later = put_off(told.store, utc_now())
    if later.held and later.held_until:
        click.echo(say("notify.held", language, count=later.held, at=show_time(later.held_until, language)), err=True)
    if later.in_summary:
        click.echo(say("notify.in_summary", language, count=later.in_summary), err=True)
    say_untaken(told.broken, done.reasons)


def say_untaken(broken: Mapping[str, SakimoriError], reasons: Mapping[str, str]) -> None:
    """The routes that cannot be opened and those that did not take a message, each with why, on standard error."""
    language = spoken()
    for route, error in broken.items():
        click.echo(say("notify.broken", language, route=route, reason=say_error(error, language)), err=True)
    for route, reason in reasons.items():
        click.echo(say("notify.not_taken", language, route=route, reason=clean(reason)), err=True)
