"""`sakimori simulate month`: a month of ordinary CloudTrail events as a trail's files, attacks hidden in it on request."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click
from rich.filesize import decimal

from sakimori.app.simulated_month import ATTACKS, MonthOrder, write_month
from sakimori.cli.lake_progress import bar_on
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.texts.sentences import say

_HELP: Final = "\n\n\b\n".join(
    (
        say("simulate_month.help", spoken()),
        f"{say('cli.examples', spoken())}\n{say('simulate_month.examples', spoken())}",
    )
)


def _option(name: str, **more: Any) -> Any:
    return option(name, help_=f"simulate_month.option_{name.lstrip('-')}", **more)


@click.command("month", cls=SpokenCommand, help=_HELP, short_help=say("simulate_month.short", spoken()))
@_option("--directory", type=click.Path(path_type=Path), required=True)
@_option("--days", type=click.IntRange(1, 366), default=28, show_default=True)
@_option("--events", type=click.IntRange(1, 100_000_000), default=1_000_000, show_default=True)
@_option("--attack", type=click.Choice(ATTACKS), multiple=True)
@_option("--seed", type=int, default=1, show_default=True)
@_option("--start", type=click.DateTime(["%Y-%m-%d"]), default="2026-10-01", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
def month(directory: Path, attack: tuple[str, ...], start: datetime, **numbers: int) -> None:
    """Write a month of events."""
    order = MonthOrder(start=start.date(), attacks=attack, **numbers)
    with bar_on(sys.stderr, say("simulate_month.writing", spoken()), is_bytes=False) as bar:
        if bar:
            bar.total(order.events)
        made = write_month(order, directory, bar.done if bar else lambda _: None)
    told = {"events": made.events, "files": made.files, "size": decimal(made.bytes), "directory": directory}
    click.echo(say("simulate_month.written", spoken(), **told))
    if order.attacks:
        click.echo(say("simulate_month.attacked", spoken(), count=made.attack_events, path=directory / "truth.json"))
    click.echo(say("simulate_month.next", spoken(), directory=directory))
