"""`sakimori notify`: who is told of what, and what became of it.

As JSON: `sakimori.notify-status/1` has `routes` and `untold`, and with --messages `messages`; `sakimori.notify-test/1` has
`routes`, each with `arrived` and `reason`.
"""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.text import Text

from sakimori.app.clock import utc_now
from sakimori.app.duration import parse_duration
from sakimori.app.notify import LedgerLine, Notifier, NotifyStatus, ledger, notify_status
from sakimori.app.notify_setup import add_route, example_of
from sakimori.app.settings import read_settings
from sakimori.cli.lazy import SpokenGroup, described, option, spoken
from sakimori.cli.telling import say_delivered
from sakimori.model.errors import UsageError
from sakimori.model.exit_codes import BLIND, COMPLETED, FAILED
from sakimori.outputs.notify.delivery import Delivered
from sakimori.outputs.notify.outbox import forget_route
from sakimori.outputs.notify.route_entries import KINDS
from sakimori.outputs.report.plain_values import escaped_json, utc
from sakimori.state.store import Store, open_store
from sakimori.texts.language import clean, show_time
from sakimori.texts.nearest import nearest
from sakimori.texts.sentences import say, say_error

_LANG = option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
_STATE = option("--state")
_FORMAT = option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
_ROUTES = click.argument("routes", nargs=-1)
_SHOWN: Final = 200


@click.group("notify", cls=SpokenGroup, **described("notify"))
@_LANG
def command() -> None:
    """Group of the verbs on notification."""


@command.command("setup", help=say("notify.setup_help", spoken()))
@click.argument("kind", type=click.Choice(sorted(KINDS)))
@option("--name", help_="notify.option_name")
@option("--set", "given", multiple=True, help_="notify.option_set")
@option("--show", is_flag=True, help_="notify.option_show")
@_LANG
@click.pass_obj
def setup(home: Path, kind: str, name: str | None, given: tuple[str, ...], show: bool) -> None:  # noqa: FBT001 - click's form
    """Write a route into the configuration."""
    if show or not given:
        click.echo(example_of(kind, spoken()))
        click.echo(say("notify.setup_example", spoken(), path=home / "config.toml", kind=kind), err=True)
        return
    # A timer has no locale: the messages speak the language of whoever set the route up.
    language = () if any(each.partition("=")[0].strip() == "lang" for each in given) else (f"lang={spoken()}",)
    route = add_route(home / "config.toml", kind, name or kind, (*given, *language))
    click.echo(say("notify.setup_done", spoken(), path=home / "config.toml", name=route.name))


@command.command("test", help=say("notify.test_help", spoken()))
@_ROUTES
@_FORMAT
@_LANG
@click.pass_obj
def test(home: Path, routes: tuple[str, ...], format_: str) -> int:
    """Send a trial message."""
    with open_store(home / "state.db") as store:
        tried = _notifier(store, home).test(routes)
        done = [(route, reason if isinstance(reason, str) else say_error(reason, spoken())) for route, reason in tried]
    if format_ == "json":
        listed = [{"route": route.name, "kind": route.kind, "arrived": not reason, "reason": reason or None} for route, reason in done]  # fmt: skip
        click.echo(escaped_json({"schema": "sakimori.notify-test/1", "routes": listed}))
    else:
        for route, reason in done:
            key = "notify.test_failed" if reason else "notify.test_arrived"
            click.echo(say(key, spoken(), route=route.name, kind=route.kind, reason=clean(reason)))
    return FAILED if any(reason for _, reason in done) else COMPLETED


@command.command("send", help=say("notify.send_help", spoken()))
@option("--every", help_="notify.option_every")
@option("--again", is_flag=True, help_="notify.option_again")
@_STATE
@_LANG
@click.pass_obj
def send(home: Path, every: str | None, again: bool, state: str | None) -> int:  # noqa: FBT001 - click's form
    """Tell what is to be told."""
    pause = parse_duration(every).total_seconds() if every else None
    if pause == 0:
        raise UsageError("app.bad_duration", duration=every)
    with open_store(state or home / "state.db") as store:
        while True:
            told = _notifier(store, home)
            told.chosen(())
            if again:
                told.again()
                again = False
            done = told.send()
            say_delivered(told, done, err=False)
            if pause is None:
                return _code_of(told, done)
            time.sleep(pause)


@command.command("digest", help=say("notify.digest_help", spoken()))
@_ROUTES
@_STATE
@_LANG
@click.pass_obj
def digest(home: Path, routes: tuple[str, ...], state: str | None) -> int:
    """Send digests now."""
    with open_store(state or home / "state.db") as store:
        told = _notifier(store, home)
        count = told.digest(routes)
        if not count:
            click.echo(say("notify.digest_empty", spoken()))
        done = told.deliver()
        say_delivered(told, done, err=False)
        return _code_of(told, done)


@command.command("status", help=say("notify.status_help", spoken()))
@_ROUTES
@option("--messages", is_flag=True, help_="notify.option_messages")
@option("--limit", type=click.IntRange(1, 1_000_000), default=20, show_default=True, help_="notify.option_limit")
@_STATE
@_FORMAT
@_LANG
@click.pass_obj
def status(home: Path, routes: tuple[str, ...], messages: bool, limit: int, **given: Any) -> None:  # noqa: FBT001 - click's form
    """Show the ledger."""
    settings = read_settings(home / "config.toml")
    with open_store(given["state"] or home / "state.db") as store:
        found = _chosen(notify_status(store, settings.notify.routes), routes)
        lines = ledger(store, routes, limit) if messages else ()
    if given["format_"] == "json":
        click.echo(escaped_json(_plain(found, lines)))
        return
    _print_status(found)
    for each in lines:
        _print_line(each)


@command.command("forget", help=say("notify.forget_help", spoken()))
@click.argument("route")
@_STATE
@_LANG
@click.pass_obj
def forget(home: Path, route: str, state: str | None) -> None:
    """Drop what waits for a route that is no longer in the configuration."""
    if any(each.name == route for each in read_settings(home / "config.toml").notify.routes):
        raise UsageError("notify.still_there", name=route, path=home / "config.toml")
    with open_store(state or home / "state.db") as store, store.begin() as connection:
        count = forget_route(connection, route)
    click.echo(say("notify.forgotten", spoken(), name=route, count=count))


def _notifier(store: Store, home: Path) -> Notifier:
    return Notifier(store, home, read_settings(home / "config.toml"), utc_now)


def _code_of(told: Notifier, done: Delivered) -> int:
    return BLIND if done.had_turn and (done.later or done.failed or told.broken) else COMPLETED


def _chosen(found: NotifyStatus, names: tuple[str, ...]) -> NotifyStatus:
    """Of these routes alone; UsageError for one that neither is configured nor has messages."""
    by_name = {each.name: each for each in found.routes}
    for name in names:
        if name not in by_name:
            raise UsageError("notify.no_such_route", name=name, near=nearest(name, by_name), known=list(by_name))
    return replace(found, routes=tuple(by_name[name] for name in names)) if names else found


def _print_status(found: NotifyStatus) -> None:
    language, console = spoken(), Console(highlight=False)
    if not found.routes:
        click.echo(say("notify.status_none", language))
    for each in found.routes:
        name = f"{each.name} ({each.kind})" if each.kind else say("notify.status_gone", language, name=each.name)
        console.print(Text(clean(name), style="bold"), soft_wrap=True)
        last = show_time(each.last_sent_at, language) if each.last_sent_at else "—"
        click.echo(
            "  " + say("notify.status_line", language, sent=each.sent, last=last, waiting=each.waiting, failed=each.failed, digest=each.for_digest)
        )  # fmt: skip
        if each.oldest_waiting_at:
            click.echo("  " + say("notify.status_oldest", language, at=each.oldest_waiting_at))
        if each.reason:
            click.echo("  " + say("notify.status_reason", language, reason=clean(each.reason)))
        if each.failed and each.kind:
            click.echo("  " + say("notify.status_again", language, name=each.name))
    if found.untold:
        click.echo(say("notify.status_untold", language, count=found.untold))


def _print_line(line: LedgerLine) -> None:
    language = spoken()
    at = show_time(line.sent_at or line.created_at, language)
    state = say(f"notify.state_{line.state}", language)
    kind = say(f"notify.kind_{line.kind}", language)
    click.echo(f"{at}  {line.route}  {state}  {kind}  {line.case or '-'}  {clean(line.headline, _SHOWN)}")


def _plain(found: NotifyStatus, lines: tuple[LedgerLine, ...]) -> dict[str, object]:
    routes = [
        {
            "name": each.name, "kind": each.kind or None, "waiting": each.waiting, "sent": each.sent, "failed": each.failed,
            "for_digest": each.for_digest, "oldest_waiting_at": utc(each.oldest_waiting_at),
            "last_sent_at": utc(each.last_sent_at), "reason": each.reason or None,
        }
        for each in found.routes
    ]  # fmt: skip
    messages = [
        {
            "key": each.key, "route": each.route, "kind": each.kind, "case": each.case or None, "severity": each.severity,
            "state": each.state, "headline": each.headline, "created_at": utc(each.created_at), "sent_at": utc(each.sent_at),
            "tries": each.tries, "reason": each.reason or None, "instead_of": each.instead_of or None,
        }
        for each in lines
    ]  # fmt: skip
    return {"schema": "sakimori.notify-status/1", "routes": routes, "untold": found.untold, "messages": messages}
