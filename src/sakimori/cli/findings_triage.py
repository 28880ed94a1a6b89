"""`sakimori findings assign|comment|close|reopen`: what people do about findings, each with its reason."""

from datetime import date
from pathlib import Path
from typing import Any, Final

import click

from sakimori.app.clock import utc_now
from sakimori.app.inbox import Desk, who_am_i
from sakimori.app.settings import read_settings
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.findings.triage import Doing
from sakimori.model.errors import UsageError
from sakimori.model.triage import Disposition
from sakimori.state.store import open_store
from sakimori.texts.sentences import say

_IDS = click.argument("ids", nargs=-1, required=True, metavar="ID…")
_REASON = option("--reason", default="", help_="triage.option_reason")
_BY = option("--by", help_="triage.option_by")
_STATE = option("--state")
_LANG = option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
_ME: Final = "me"
_NOBODY: Final = "none"


@click.command("assign", cls=SpokenCommand, help=say("triage.assign_help", spoken()))
@_IDS
@option("--to", "owner", required=True, help_="triage.option_to")
@option("--due", type=click.DateTime(["%Y-%m-%d"]), help_="triage.option_due")
@_REASON
@_BY
@_STATE
@_LANG
@click.pass_obj
def _assign(home: Path, **given: Any) -> None:
    owner = who_am_i(given["by"]) if given["owner"] == _ME else "" if given["owner"] == _NOBODY else given["owner"]
    due: date | None = given["due"].date() if given["due"] else None
    if due is not None and not owner:
        raise UsageError("triage.due_without_owner")
    if due is not None and due < utc_now().date():
        raise UsageError("triage.due_passed", day=due.isoformat())
    count = _desk(home, given, lambda desk: desk.give(given["ids"], owner, due_on=due, reason=given["reason"]))
    click.echo(say("triage.assigned" if owner else "triage.unassigned", spoken(), count=count, owner=owner))


@click.command("comment", cls=SpokenCommand, help=say("triage.comment_help", spoken()))
@_IDS
@option("--text", required=True, help_="triage.option_text")
@_BY
@_STATE
@_LANG
@click.pass_obj
def _comment(home: Path, **given: Any) -> None:
    count = _desk(home, given, lambda desk: desk.say(given["ids"], given["text"]))
    click.echo(say("triage.commented", spoken(), count=count))


@click.command("close", cls=SpokenCommand, help=say("triage.close_help", spoken()))
@_IDS
@option(
    "--as",
    "disposition",
    required=True,
    type=click.Choice([str(each) for each in Disposition]),
    help_="triage.option_as",
)
@_REASON
@_BY
@_STATE
@_LANG
@click.pass_obj
def _close(home: Path, **given: Any) -> None:
    disposition = Disposition(given["disposition"])
    count = _desk(home, given, lambda desk: desk.close(given["ids"], disposition, given["reason"]))
    click.echo(say("triage.closed", spoken(), count=count, word=say(f"found.disposition_{disposition}", spoken())))


@click.command("reopen", cls=SpokenCommand, help=say("triage.reopen_help", spoken()))
@_IDS
@_REASON
@_BY
@_STATE
@_LANG
@click.pass_obj
def _reopen(home: Path, **given: Any) -> None:
    count = _desk(home, given, lambda desk: desk.reopen(given["ids"], given["reason"]))
    click.echo(say("triage.reopened", spoken(), count=count))


VERBS: Final = (_assign, _comment, _close, _reopen)


def _desk(home: Path, given: Any, act: Any) -> int:
    with open_store(given["state"] or home / "state.db") as store:
        doing = Doing(who_am_i(given["by"]), utc_now())
        return act(Desk(store, read_settings(home / "config.toml").mutes, doing))
