"""`sakimori snapshots`."""

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.lake.snapshot import Lake, SnapshotLine
from sakimori.texts.language import show_value
from sakimori.texts.sentences import say


@click.command("snapshots", cls=SpokenCommand, **described("snapshots"))
@option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, format_: str) -> None:
    """List what was collected."""
    lake = Lake(home)
    try:
        lines = lake.snapshots()
    finally:
        lake.close()
    if format_ == "json":
        click.echo(
            json.dumps({"schema": "sakimori.snapshots/1", "snapshots": [_plain(line) for line in lines]}, indent=2)
        )
        return
    if not lines:
        click.echo(say("cli.no_snapshots", spoken()))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("snapshot", "time", "accounts", "rows", "gaps", "state"):
        table.add_column(
            say(f"cli.column_{column}", spoken()),
            justify="right" if column in {"rows", "gaps"} else "left",
            # The id is what a person copies.
            min_width=max(len(line.id) for line in lines) if column == "snapshot" else None,
        )
    for line in lines:
        state = say("cli.complete" if line.is_complete else "cli.unfinished", spoken())
        accounts = ", ".join(account.id for account in line.accounts[:3]) + (" …" if len(line.accounts) > 3 else "")  # noqa: PLR2004
        cells = (
            line.id,
            show_value(line.started_at, spoken()),
            accounts,
            f"{line.row_count:,}",
            str(line.gap_count),
            state,
        )
        table.add_row(*cells)
    Console().print(table)


def _plain(line: SnapshotLine) -> dict[str, object]:
    return {
        "id": line.id,
        "started_at": line.started_at.isoformat(),
        "finished_at": line.finished_at.isoformat() if line.finished_at else None,
        "accounts": [account.id for account in line.accounts],
        "rows": line.row_count,
        "gaps": line.gap_count,
    }
