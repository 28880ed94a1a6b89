"""`sakimori harden`: plan, apply, undo, and the journal. Only `apply` and `undo` change an account.

As JSON: `sakimori.plan/1` is what `plan --output` writes and `apply` takes.
"""

import sys
from pathlib import Path
from typing import Any

import click

from sakimori.actions.plan import Plan, Planning, Standing, make_plan, plan_document, read_plan, write_plan
from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.clock import utc_now
from sakimori.app.harden import Approver, Hardening, measures_for, run_lines, runs
from sakimori.app.inbox import who_am_i
from sakimori.app.settings import read_settings
from sakimori.aws.door import Door
from sakimori.cli.access_options import access_options, ask_token
from sakimori.cli.harden_pages import print_line, print_plan, print_run, print_told
from sakimori.cli.lazy import SpokenGroup, described, option, spoken
from sakimori.model.action import Baseline
from sakimori.model.errors import UsageError
from sakimori.model.exit_codes import BLIND, COMPLETED, FAILED
from sakimori.texts.sentences import say

_LANG = option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
_ONLY = option("--only", multiple=True, help_="harden.option_only")
_LEVELS = [str(each) for each in Baseline]
_BY = option("--by", help_="triage.option_by")
_YES = option("--yes", is_flag=True, help_="harden.option_yes")


@click.group("harden", cls=SpokenGroup, **described("harden"))
@_LANG
def command() -> None:
    """Group of the verbs on hardening."""


@command.command("plan", help=say("harden.plan_help", spoken()))
@option("--baseline", type=click.Choice(_LEVELS), default="starter", show_default=True, help_="harden.option_baseline")
@_ONLY
@option("--output", type=click.Path(path_type=Path, dir_okay=False), help_="harden.option_output")
@access_options
@option("--format", "format_", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
@_LANG
@click.pass_obj
def plan(home: Path, **given: Any) -> int:
    """Show what would be done."""
    baseline = Baseline(given["baseline"])
    wishes = read_settings(home / "config.toml").wishes
    measures = measures_for(baseline, given["only"], wishes)
    planning = Planning(
        steps=measures.steps, guides=measures.guides, baseline=baseline.value, made_at=utc_now(), wishes=wishes
    )
    made = make_plan(_door(home, given), planning)
    if given["output"]:
        write_plan(made, given["output"])
    if given["format_"] == "json":
        sys.stdout.buffer.write(plan_document(made) + b"\n")
    else:
        print_plan(made)
        _next(made, given["output"])
    return BLIND if any(each.standing is Standing.UNREADABLE for each in made.items) else COMPLETED


@command.command("apply", help=say("harden.apply_help", spoken()))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="PLAN")
@option("--resume", help_="harden.option_resume")
@option("--second", default="", help_="harden.option_second")
@_BY
@_YES
@access_options
@_LANG
@click.pass_obj
def apply(home: Path, **given: Any) -> int:
    """Make a plan."""
    told = read_plan(given["file"])
    print_plan(told)
    if not told.to_make:
        click.echo(say("harden.nothing_to_make", spoken()))
        return COMPLETED
    if not _agreed(given["yes"], say("harden.ask_apply", spoken(), account=told.account)):
        return FAILED
    hardening = Hardening(home, _door(home, given), utc_now, print_told)
    run = hardening.apply(told, Approver(who_am_i(given["by"]), given["second"]), given["resume"] or "")
    click.echo(say("harden.applied", spoken(), run=run))
    return COMPLETED


@command.command("undo", help=say("harden.undo_help", spoken()))
@click.argument("run")
@_ONLY
@_YES
@access_options
@_LANG
@click.pass_obj
def undo(home: Path, **given: Any) -> int:
    """Take back what a run made."""
    if not _agreed(given["yes"], say("harden.ask_undo", spoken(), run=given["run"])):
        return FAILED
    hardening = Hardening(home, _door(home, given), utc_now, print_told)
    items = hardening.undo(given["run"], given["only"], _typed)
    click.echo(say("harden.undone", spoken(), count=len(items)))
    return COMPLETED


@command.command("journal", help=say("harden.journal_help", spoken()))
@click.argument("run", required=False)
@_LANG
@click.pass_obj
def journal(home: Path, run: str | None) -> int:
    """Show what was done, and whether the chain holds."""
    known = runs(home)
    if run is None:
        if not known:
            click.echo(say("harden.no_runs", spoken()))
        for each in known:
            print_run(each)
        return FAILED if any(each.broken_at for each in known) else COMPLETED
    found = next((each for each in known if each.run == run), None)
    if found is None:
        raise UsageError("harden.no_such_run", run=run, known=[each.run for each in known][-5:])
    for line in run_lines(home, found.account, run):
        print_line(line)
    return COMPLETED


def _door(home: Path, given: dict[str, Any]) -> Door:
    doors = open_doors(AccessRequest.of(given, read_settings(home / "config.toml")), ask_token=ask_token)
    if len(doors) != 1:
        raise UsageError("harden.one_account")
    return doors[0]


def _next(made: Plan, output: Path | None) -> None:
    if made.to_make:
        key = "harden.next_apply" if output else "harden.next_write"
        click.echo(say(key, spoken(), path=output or "plan.json"))


def _agreed(given: bool, question: str) -> bool:  # noqa: FBT001 - a flag of the command line
    if given:
        return True
    if not sys.stdin.isatty():
        raise UsageError("harden.needs_yes")
    return click.confirm(question, default=False)


def _typed(name: str) -> bool:
    """Whether a person types the name of what would be lost."""
    if not sys.stdin.isatty():
        return False
    return click.prompt(say("harden.ask_typed", spoken(), name=name), default="", show_default=False) == name
