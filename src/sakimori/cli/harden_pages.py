"""Plans and runs of hardening on a terminal."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import click
from rich.console import Console
from rich.text import Text

from sakimori.actions.catalogue import every_step, guides
from sakimori.actions.journal import Line
from sakimori.actions.plan import Item, Plan, Standing
from sakimori.app.harden import RunLine
from sakimori.cli.lazy import spoken
from sakimori.model.action import Change
from sakimori.texts.language import Language, clean, show_time
from sakimori.texts.sentences import say

_SIGNS: Final = {
    Standing.TO_MAKE: ("+", "bold green"),
    Standing.AS_WANTED: ("=", "dim"),
    Standing.ADOPTED: ("~", "cyan"),
    Standing.BLOCKED: ("!", "bold yellow"),
    Standing.UNREADABLE: ("?", "bold yellow"),
    Standing.BY_HAND: ("☞", "bold magenta"),
    Standing.UNSAID: ("…", "bold magenta"),
    Standing.ATTESTED: ("✓", "dim"),
}
_REGIONS: Final = 4


def print_plan(plan: Plan) -> None:
    """Like a pull request: step by step what is there, what is wanted, the calls, and the way back."""
    console, language = Console(highlight=False), spoken()
    for step in dict.fromkeys(each.step for each in plan.items):
        _print_step(console, step, [each for each in plan.items if each.step == step])
    counts = Counter(each.standing for each in plan.items)
    told = [f"{say(f'harden.standing_{word}', language)} {counts[word]}" for word in Standing if counts[word]]
    click.echo(say("harden.counts", language, counts=told))
    calls = sum(len(each.changes) for each in plan.to_make)
    cost = sum(each.cost.usd_month for each in plan.to_make)
    click.echo(say("harden.sum", language, calls=calls, usd=f"{cost:.2f}"))


def print_told(word: str, item: Item, change: Change | None) -> None:
    """One line as it happens."""
    language = spoken()
    what = say(change.text, language, **change.values) if change is not None and change.text else ""
    click.echo(say(f"harden.told_{word}", language, step=item.step, region=item.where, what=what), err=True)


def print_run(run: RunLine) -> None:
    """One run in two lines."""
    language = spoken()
    at = show_time(run.begun_at, language) if run.begun_at else "—"
    state = "broken" if run.broken_at else "undone" if run.is_undone else "ended" if run.is_ended else "open"
    click.echo(f"{run.run}  {run.account}  {at}  {say(f'harden.run_{state}', language, line=run.broken_at)}")
    click.echo("  " + say("harden.run_line", language, by=clean(run.by), steps=list(run.steps), calls=run.calls))


def print_line(line: Line) -> None:
    """One line of a journal."""
    language = spoken()
    place = f"{line.body.get('step', '')} {line.body.get('region', '')}".strip()
    call = line.body.get("call", {})
    operation = str(call.get("operation", "")) if isinstance(call, dict) else ""  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    kind = say(f"harden.entry_{line.kind}", language)
    click.echo(f"{line.number:>4}  {show_time(line.at, language, seconds=True)}  {kind}  {place}  {clean(operation)}")


def title_of(step: str, language: Language) -> str:
    """What a measure does, in words; its id where this version does not have it."""
    measure = every_step().get(step) or guides().get(step)
    return say(f"{measure.texts}_title", language) if measure else step


def _print_step(console: Console, step: str, items: Sequence[Item]) -> None:
    language = spoken()
    console.print(Text(f"{step}  {title_of(step, language)}", style="bold"), soft_wrap=True)
    measure = every_step().get(step) or guides().get(step)
    if measure and any(each.standing is not Standing.AS_WANTED for each in items):
        click.echo(f"    {say(f'{measure.texts}_why', language)}")
    for standing in Standing:
        of_it = [each for each in items if each.standing is standing]
        if not of_it:
            continue
        sign, style = _SIGNS[standing]
        regions = ", ".join(each.region for each in of_it[:_REGIONS])
        more = say("harden.more_regions", language, count=len(of_it) - _REGIONS) if len(of_it) > _REGIONS else ""
        word = say(f"harden.standing_{standing}", language)
        console.print(Text(f"  {sign} {word}: {regions}{more}", style=style), soft_wrap=True)
        _print_item(of_it[0])


def _print_item(item: Item) -> None:
    language = spoken()
    if item.reason:
        said = say(item.reason, language) if item.standing is Standing.UNSAID else item.reason
        click.echo(f"      {clean(said)}")
    for change in item.changes:
        words = say(change.text, language, **change.values) if change.text else change.call.operation
        click.echo(f"      {clean(words)}  ({change.call.operation})")
        back = ", ".join(each.operation for each in change.undo)
        click.echo("        " + (say("harden.back", language, calls=back) if back else say(change.lasting, language)))
    for caution in item.cautions:
        click.echo("      " + clean(say(caution.text, language, **caution.values)))
