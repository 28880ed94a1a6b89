"""`sakimori fix`: mend what one rule or one finding shows, by the same plan, journal and undo as `harden`."""

import sys
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.text import Text

from sakimori.actions.plan import plan_document, write_plan
from sakimori.app.clock import utc_now
from sakimori.app.explain import Explanation, explain
from sakimori.app.fix import FixRequest, Mending, mending_of, plan_fix
from sakimori.app.settings import read_settings
from sakimori.cli.access_options import access_options
from sakimori.cli.harden import account_door, code_of, ids_of, make
from sakimori.cli.harden_pages import print_guide, print_plan
from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.cli.progress import counting_on
from sakimori.model.exit_codes import COMPLETED
from sakimori.outputs.report.rule_help import sections
from sakimori.outputs.report.wrapping import wrap
from sakimori.texts.language import clean
from sakimori.texts.sentences import say

_BY_HAND: Final = ("console", "breaks", "undo")


@click.command("fix", cls=SpokenCommand, **described("fix"))
@click.argument("identifier", metavar="RULE|FINDING")
@option("--plan-only", is_flag=True, help_="harden.option_plan_only")
@option("--output", type=click.Path(path_type=Path, dir_okay=False), help_="harden.option_output")
@option("--accept", multiple=True, help_="harden.option_accept")
@option("--second", default="", help_="harden.option_second")
@option("--by", help_="triage.option_by")
@option("--yes", is_flag=True, help_="harden.option_yes")
@access_options
@option("--state")
@option("--format", "format_", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, identifier: str, **given: Any) -> int:
    """Mend what a rule or a finding shows."""
    found = explain(home, identifier, state=given["state"] or "")
    mending = mending_of(found.rule.id)
    if not mending.steps:
        _print_by_hand(found, mending)
        return COMPLETED
    door = account_door(home, given)
    request = FixRequest(
        home=home, settings=read_settings(home / "config.toml"), found=found, accepted=ids_of(given["accept"]),
        state=given["state"] or "",
    )  # fmt: skip
    with counting_on(sys.stderr, spoken()) as progress:
        made = plan_fix(request, door, clock=utc_now, progress=progress)
    if given["output"]:
        write_plan(made, given["output"])
    if given["format_"] == "json":
        sys.stdout.buffer.write(plan_document(made) + b"\n")
    elif not made.items:
        click.echo(say("harden.no_finding_to_fix", spoken(), rule=found.rule.id))
    elif given["plan_only"] or given["output"] or not made.to_make:
        print_plan(made)
    if given["plan_only"] or given["output"] or given["format_"] == "json" or not made.to_make:
        if given["output"] and made.to_make:
            click.echo(say("harden.next_apply", spoken(), path=given["output"]))
        return code_of(made)
    return make(home, door, made, given)


def _print_by_hand(found: Explanation, mending: Mending) -> None:
    """What a person does, where no API can do it safely."""
    console, language = Console(highlight=False), spoken()
    console.print(Text(found.rule.title.in_(language), style="bold"))
    for line in wrap(say("harden.only_by_hand", language), console.width):
        console.print(Text(line), soft_wrap=True)
    if mending.guides:
        for guide in mending.guides:
            print_guide(guide)
        return
    for name, text in sections(found.rule, language):
        if name not in _BY_HAND:
            continue
        console.print(Text(f"\n{say(f'story.{name}', language)}", style="bold"))
        for line in (piece for each in text.split("\n") for piece in wrap(clean(each, 2_000), console.width - 2)):
            console.print(Text(f"  {line}"), soft_wrap=True)
    click.echo("\n" + say("harden.more_in_explain", language, rule=found.rule.id))
