"""`sakimori harden`: plan, apply, verify, undo, the journal and what AWS asks for. Only `apply` and `undo` change an account.

As JSON: `sakimori.plan/1` is what `plan --output` writes and `apply` takes.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from sakimori.actions.catalogue import every_step, guides
from sakimori.actions.plan import Plan, Standing, chosen, plan_document, read_plan, write_plan
from sakimori.actions.terraform import rendered
from sakimori.app.clock import utc_now
from sakimori.app.harden import Approver, Hardening, begun_run, is_drifted, places_made, run_lines, run_of_step, runs
from sakimori.app.harden_plan import PlanRequest, as_terraform, pinned, plan_account
from sakimori.app.inbox import who_am_i
from sakimori.app.settings import read_settings
from sakimori.aws.door import Door
from sakimori.cli.access_options import access_options, one_door
from sakimori.cli.harden_pages import (
    print_guide,
    print_left,
    print_line,
    print_plan,
    print_run,
    print_told,
    print_undoing,
    print_verified,
    title_of,
)
from sakimori.cli.lazy import SpokenGroup, described, option, spoken
from sakimori.cli.outputs import text_at
from sakimori.cli.progress import counting_on
from sakimori.model.action import Baseline
from sakimori.model.errors import ActionError, UsageError
from sakimori.model.exit_codes import BLIND, COMPLETED, FAILED
from sakimori.model.words import GLOBAL
from sakimori.outputs.report.plain_values import utc
from sakimori.texts.sentences import say

_LANG = option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
_ONLY = option("--only", multiple=True, help_="harden.option_only")
_BASELINE = option(
    "--baseline", type=click.Choice([str(each) for each in Baseline]), default="starter", show_default=True,
    help_="harden.option_baseline",
)  # fmt: skip
_BY = option("--by", help_="triage.option_by")
_SECOND = option("--second", default="", help_="harden.option_second")
_YES = option("--yes", is_flag=True, help_="harden.option_yes")
_STATE = option("--state")
_FULL = option("--full", is_flag=True, help_="harden.option_full")


@click.group("harden", cls=SpokenGroup, invoke_without_command=True, **described("harden"))
@option("--for-aws-case", is_flag=True, help_="harden.option_for_aws_case")
@access_options
@_STATE
@_LANG
@click.pass_context
def command(ctx: click.Context, **given: Any) -> int | None:
    """Group of the verbs on hardening; without one, the proof that AWS asks for."""
    if ctx.invoked_subcommand is not None:
        return None
    if not given["for_aws_case"]:
        click.echo(ctx.get_help())
        return COMPLETED
    from sakimori.cli.harden_case import print_case  # noqa: PLC0415 - judges, which no other verb does

    return print_case(ctx.obj, account_door(ctx.obj, given), given["state"] or "")


@command.command("plan", help=say("harden.plan_help", spoken()))
@_BASELINE
@_ONLY
@option("--output", type=click.Path(path_type=Path, dir_okay=False), help_="harden.option_output")
@_FULL
@option("--accept", multiple=True, help_="harden.option_accept")
@option("--export", type=click.Choice(["terraform"]), help_="harden.option_export")
@access_options
@_STATE
@option("--format", "format_", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
@_LANG
@click.pass_obj
def plan(home: Path, **given: Any) -> int:
    """Show what would be done."""
    door = account_door(home, given)
    made = _planned(home, door, given)
    if given["export"]:
        _export(made, door, given["output"])
        return code_of(made)
    if given["output"]:
        write_plan(made, given["output"])
    if given["format_"] == "json":
        sys.stdout.buffer.write(plan_document(made) + b"\n")
    else:
        print_plan(made, is_full=given["full"])
        if any(each.standing is Standing.UNSAID for each in made.items):
            click.echo(say("harden.write_config", spoken(), path=home / "config.toml"))
        if made.to_make:
            key = "harden.next_apply" if given["output"] else "harden.next_write"
            click.echo(say(key, spoken(), path=given["output"] or "plan.json"))
    return code_of(made)


@command.command("apply", help=say("harden.apply_help", spoken()))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="PLAN")
@option("--resume", default="", help_="harden.option_resume")
@_FULL
@_SECOND
@_BY
@_YES
@access_options
@_LANG
@click.pass_obj
def apply(home: Path, **given: Any) -> int:
    """Make a plan."""
    told = read_plan(given["file"])
    door = account_door(home, given)
    if told.wishes != pinned(read_settings(home / "config.toml").wishes, home, door):
        raise UsageError("harden.wishes_changed", path=home / "config.toml")
    return make(home, door, told, given)


def make(home: Path, door: Door, told: Plan, given: dict[str, Any]) -> int:
    """Show what a plan would do now, ask, and make it. `given` are `yes`, `by`, `second`, `full`, `resume` of the command line."""
    if not told.to_make:
        click.echo(say("harden.nothing_to_make", spoken()))
        return COMPLETED
    hardening = Hardening(home, door, utc_now, print_told)
    resume = given.get("resume") or ""
    items = hardening.check(told, resume)
    print_plan(replace(told, items=items), is_full=given.get("full", False))
    if not _agreed(given["yes"], say("harden.ask_apply", spoken(), account=told.account)):
        return FAILED
    try:
        run = hardening.apply(told, _approver(home, given), resume)
    except ActionError as error:
        stopped = begun_run(home, told)
        if stopped and error.text not in {"harden.account_in_use", "chain.in_use"}:
            click.echo(say("harden.stopped", spoken(), run=stopped), err=True)
        raise
    click.echo(say("harden.applied", spoken(), run=run))
    print_left(told)
    return COMPLETED


@command.command("verify", help=say("harden.verify_help", spoken()))
@_BASELINE
@_ONLY
@access_options
@_STATE
@option("--format", "format_", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
@_LANG
@click.pass_obj
def verify(home: Path, **given: Any) -> int:
    """Say what holds, and what this program made that no longer does."""
    door = account_door(home, given)
    made = _planned(home, door, given)
    before = places_made(home, door.account.id)
    broken = [each.run for each in runs(home) if each.account == door.account.id and each.broken_at]
    drifted = {each.place: before[each.place][0] for each in made.items if is_drifted(each, before)}
    if given["format_"] == "json":
        sys.stdout.buffer.write(plan_document(made) + b"\n")
    else:
        print_verified(made, drifted)
        if broken:
            click.echo(say("harden.journals_unread", spoken(), runs=broken))
    faulty = any(each.cautions and each.standing in {Standing.AS_WANTED, Standing.ADOPTED} for each in made.items)
    return FAILED if drifted or faulty or broken else code_of(made)


@command.command("guide", help=say("harden.guide_help", spoken()))
@click.argument("step", required=False)
@_LANG
def guide(step: str | None) -> None:
    """Show what only a person can do."""
    known = guides()
    if step is None:
        for each in known.values():
            click.echo(f"{each.id}  {title_of(each.id, spoken())}")
        return
    (found,) = chosen(known, (step,))
    print_guide(known[found.id])


@command.command("undo", help=say("harden.undo_help", spoken()))
@click.argument("what", metavar="STEP|RUN")
@_ONLY
@option("--lose", multiple=True, help_="harden.option_lose")
@option("--anyway", is_flag=True, help_="harden.option_anyway")
@_SECOND
@_BY
@_YES
@access_options
@_LANG
@click.pass_obj
def undo(home: Path, **given: Any) -> int:
    """Take back what a run made, or one step wherever it was made last."""
    door = account_door(home, given)
    step = next((each for each in every_step() if each.upper() == given["what"].upper()), "")
    run = run_of_step(home, door.account.id, step) if step else given["what"]
    hardening = Hardening(home, door, utc_now, print_told)
    found = hardening.undoing(run, (step,) if step else ids_of(given["only"]))
    if given["region"] or given["exclude_region"]:
        found = tuple(each for each in found if each.region in {GLOBAL, *door.account.selected})
    if not found:
        raise UsageError("harden.nothing_to_undo", run=run)
    print_undoing(found)
    changed = [each for each in found if each.standing is Standing.BLOCKED]
    if changed and not given["anyway"]:
        raise ActionError("harden.changed_since", places=[f"{each.step} {each.where}" for each in changed])
    if not _agreed(given["yes"], say("harden.ask_undo", spoken(), run=run, count=len(found))):
        return FAILED

    def typed(name: str) -> bool:
        return name in given["lose"] or _typed(name)

    left = hardening.undo(run, found, typed, _approver(home, given))
    click.echo(say("harden.undone", spoken(), count=len(found) - len(left)))
    for each in left:
        click.echo(say("harden.not_as_before", spoken(), step=each.step, where=each.where))
    return FAILED if left else COMPLETED


@command.command("report", help=say("harden_report.write_help", spoken()))
@option("--snapshot", default="latest", show_default=True)
@option("--output", type=click.Path(path_type=Path, dir_okay=False), help_="harden_report.option_output")
@_STATE
@_LANG
@click.pass_obj
def report(home: Path, snapshot: str, output: Path | None, state: str | None) -> None:
    """Write the completion report."""
    from sakimori.cli.harden_report import write_report  # noqa: PLC0415 - judges, which no other verb does

    write_report(home, snapshot, output, state or "")


@command.group("journal", cls=SpokenGroup, help=say("harden.journal_help", spoken()))
@_LANG
def journal() -> None:
    """Group of the verbs on the journal."""


@journal.command("show", help=say("harden.journal_show_help", spoken()))
@click.argument("run", required=False)
@_LANG
@click.pass_obj
def journal_show(home: Path, run: str | None) -> int:
    """Show the runs, or the calls of one."""
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


@journal.command("verify", help=say("harden.journal_verify_help", spoken()))
@_LANG
@click.pass_obj
def journal_verify(home: Path) -> int:
    """Say whether every chain holds."""
    known = runs(home)
    broken = [each for each in known if each.broken_at]
    for each in broken:
        print_run(each)
    key = "harden.journals_broken" if broken else "harden.journals_whole"
    click.echo(say(key, spoken(), count=len(known), broken=len(broken)))
    return FAILED if broken else COMPLETED


def account_door(home: Path, given: dict[str, Any]) -> Door:
    """The way into the one account that was chosen; UsageError where several were."""
    return one_door(home, given, "harden.one_account")


def _approver(home: Path, given: dict[str, Any]) -> Approver:
    team = read_settings(home / "config.toml").team
    return Approver(who_am_i(given["by"]), given["second"], team or ())


def _planned(home: Path, door: Door, given: dict[str, Any]) -> Plan:
    request = PlanRequest(
        home=home, settings=read_settings(home / "config.toml"), baseline=Baseline(given["baseline"]),
        only=ids_of(given["only"]), accepted=ids_of(given.get("accept", ())), state=given["state"] or "",
    )  # fmt: skip
    with counting_on(sys.stderr, spoken()) as progress:
        return plan_account(request, door, clock=utc_now, progress=progress)


def ids_of(given: tuple[str, ...]) -> tuple[str, ...]:
    """Ids, which may be separated by commas; UsageError for an option that says none: it would mean everything."""
    found = tuple(piece.strip() for each in given for piece in each.split(",") if piece.strip())
    if given and not found:
        raise UsageError("harden.empty_only")
    return found


def code_of(made: Plan) -> int:
    """The exit code of a plan: whether all of it could be read."""
    return BLIND if any(each.standing is Standing.UNREADABLE for each in made.items) else COMPLETED


def _export(made: Plan, door: Door, output: Path | None) -> None:
    resources, left = as_terraform(made, door)
    head = say("harden.terraform_head", spoken(), account=made.account, made_at=utc(made.made_at))
    if left:
        head += "\n" + say("harden.terraform_left", spoken(), steps=list(left))
    text = "\n".join(f"# {line}" for line in head.splitlines()) + "\n" + rendered(resources)
    if output is None:
        click.echo(text, nl=False)
        return
    with text_at(output) as stream:
        stream.write(text)


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
