"""Telling people at the end of a command that may have found something: with --notify now, else a line that says how."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sakimori.app.clock import utc_now
from sakimori.app.settings import read_settings
from sakimori.cli.lazy import option, spoken
from sakimori.state.store import open_store
from sakimori.texts.language import clean, show_time
from sakimori.texts.sentences import say, say_error

if TYPE_CHECKING:
    from sakimori.app.notify import PutOff

notify_option = option("--notify", is_flag=True, help_="notify.option_notify")


def tell_people(home: Path, state: str | None, *, now: bool) -> None:
    """On standard error. Whether people could be told changes nothing about the command's own end."""
    settings = read_settings(home / "config.toml")
    if not (settings.notify.routes or now):
        return
    from sakimori.app.notify import Notifier, notify_status, put_off  # noqa: PLC0415 - only where there are routes

    language = spoken()
    with open_store(state or home / "state.db") as store:
        if not now:
            if untold := notify_status(store, ()).untold:
                click.echo(say("notify.status_untold", language, count=untold), err=True)
            return
        told = Notifier(store, home, settings, utc_now)
        told.chosen(())
        done = told.send()
        later = put_off(store, utc_now())
    for route, error in told.broken.items():
        click.echo(say("notify.broken", language, route=route, reason=say_error(error, language)), err=True)
    click.echo(say("notify.delivered", language, sent=done.sent, later=done.later, failed=done.failed), err=True)
    say_put_off(later)
    for route, reason in done.reasons.items():
        click.echo(say("notify.not_taken", language, route=route, reason=clean(reason)), err=True)


def say_put_off(later: "PutOff") -> None:
    """What is told at another time, on standard error; nothing where that is nothing."""
    language = spoken()
    if later.held and later.held_until:
        click.echo(say("notify.held", language, count=later.held, at=show_time(later.held_until, language)), err=True)
    if later.in_summary:
        click.echo(say("notify.in_summary", language, count=later.in_summary), err=True)
