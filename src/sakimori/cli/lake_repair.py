"""`sakimori lake repair`: damaged parts out, their files in again."""

import sys
from pathlib import Path

import click
from rich.filesize import decimal

from sakimori.app.clock import utc_now
from sakimori.app.lake_repair import LostManifest, carry_out_repairs, lost_manifest, plan_repairs
from sakimori.cli.lake_progress import bar_on
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.lake.repair import Repair
from sakimori.model.exit_codes import BLIND, COMPLETED, FAILED
from sakimori.texts.language import clean, first_few
from sakimori.texts.sentences import say

_SHOWN = 5


@click.command("repair", cls=SpokenCommand, help=say("lake_verbs.repair", spoken()))
@option("--table", multiple=True, help_="lake_verbs.option_table")
@option("--yes", is_flag=True, help_="lake_verbs.option_yes")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def repair_lake(home: Path, table: tuple[str, ...], *, yes: bool) -> int:
    """Read every part to its end; take out those that are damaged, and forget the files that they came from."""
    with bar_on(sys.stderr, say("lake_verbs.checking", spoken())) as progress:
        plans = plan_repairs(home, table, progress)
    if not plans and (lost := lost_manifest(home)):
        _show_lost(lost)
        return BLIND
    if not plans:
        click.echo(say("lake_verbs.nothing_damaged", spoken()))
        return COMPLETED
    for plan in plans:
        _show(plan)
    if not yes and not click.confirm(say("lake_verbs.repair_confirm", spoken())):
        return COMPLETED
    if not carry_out_repairs(home, plans, clock=utc_now):
        click.echo(say("lake_verbs.repair_overtaken", spoken()), err=True)
        return FAILED
    click.echo(say("lake_verbs.repaired", spoken()))
    for kind in sorted({source for plan in plans for source, _ in plan.files}):
        click.echo(say("lake_verbs.repair_next", spoken(), kind=kind))
    return COMPLETED


def _show_lost(lost: LostManifest) -> None:
    """What is lost with the manifest, and how it comes again."""
    size = decimal(lost.byte_count)
    click.echo(say("lake_verbs.manifest_lost", spoken(), path=lost.path, files=lost.file_count, size=size), err=True)
    for name in ("what", "backup"):
        click.echo(say(f"lake_verbs.manifest_lost_{name}", spoken()), err=True)
    tables = first_few(lost.tables, _SHOWN)
    click.echo(say("lake_verbs.manifest_lost_again", spoken(), root=lost.path.parent, tables=tables), err=True)
    click.echo(say("lake_verbs.manifest_lost_warning", spoken()), err=True)


def _show(plan: Repair) -> None:
    rows = sum(part.row_count for part in plan.parts)
    counts = {"damaged": len(plan.damaged), "parts": len(plan.parts), "rows": rows, "files": len(plan.files)}
    click.echo(say("lake_verbs.repair_plan", spoken(), table=plan.table.name, **counts))
    for part in plan.damaged[:_SHOWN]:
        click.echo(f"  {part.path}")
    for _, location in plan.files[:_SHOWN]:
        click.echo(f"  {clean(location)}")
    if len(plan.files) > _SHOWN:
        click.echo("  …")
