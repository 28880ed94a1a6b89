"""`sakimori lake` compact, retain, export, athena-ddl: what changes the lake, or leaves it."""

import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from sakimori.app.clock import utc_now
from sakimori.app.duration import parse_duration
from sakimori.app.lake_export import FORMS, ExportRequest, form_of
from sakimori.app.lake_export import export as export_rows
from sakimori.app.lake_upkeep import (
    Retirement,
    carry_out_retention,
    compact_lake,
    coverages,
    ddl,
    forget_objects,
    log_table,
    plan_retention,
    retention_cut,
    tables_named,
)
from sakimori.app.when import span_of
from sakimori.cli.lake_progress import bar_on
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.lake.coverage import doubts_of, say_doubts
from sakimori.lake.log_reader import Where
from sakimori.model.exit_codes import COMPLETED, WRONG_USAGE
from sakimori.texts.language import clean
from sakimori.texts.sentences import say

_LANG = option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
_TABLE = option("--table", multiple=True, help_="lake_verbs.option_table")
_MOST_DAYS: Final = 36_500


@click.command("compact", cls=SpokenCommand, help=say("lake_verbs.compact", spoken()))
@_TABLE
@option("--older-than", default="1d", show_default=True, help_="lake_verbs.option_older_than")
@_LANG
@click.pass_obj
def compact(home: Path, table: tuple[str, ...], older_than: str) -> None:
    """Make one part of many in each account × Region × day."""
    age = timedelta() if older_than.strip() in {"0", "0d"} else parse_duration(older_than)
    with bar_on(sys.stderr, say("lake_verbs.compacting", spoken())) as progress:
        done = compact_lake(home, table, age, clock=utc_now, progress=progress)
    if done.partitions:
        sizes = {"before": decimal(done.bytes_before), "after": decimal(done.bytes_after)}
        click.echo(say("lake_verbs.compacted", spoken(), partitions=done.partitions, parts=done.parts_before, **sizes))
    elif not (done.overtaken or done.damaged or done.foreign_parts):
        click.echo(say("lake_verbs.nothing_to_compact", spoken()))
    for name in ("overtaken", "foreign_parts"):
        if count := getattr(done, name):
            click.echo(say(f"lake_verbs.{name}", spoken(), count=count), err=True)
    for path in done.damaged:
        click.echo(say("lake_verbs.damaged_part", spoken(), path=path), err=True)


@click.command("retain", cls=SpokenCommand, help=say("lake_verbs.retain", spoken()))
@option("--days", type=click.IntRange(min=1, max=_MOST_DAYS), required=True, help_="lake_verbs.option_days")
@_TABLE
@option("--forget", is_flag=True, help_="lake_verbs.option_forget")
@option("--yes", is_flag=True, help_="lake_verbs.option_yes")
@_LANG
@click.pass_obj
def retain(home: Path, days: int, **given: Any) -> int:
    """Keep only the rows of the last days, after showing what would go."""
    before = retention_cut(days, utc_now())
    plan = plan_retention(home, given["table"], before)
    if not plan and not given["forget"]:
        click.echo(say("lake_verbs.nothing_to_retain", spoken(), first=before))
        return COMPLETED
    click.echo(say("lake_verbs.retain_plan", spoken(), first=before))
    _print_plan(plan)
    click.echo(say("lake_verbs.retain_warning_forget" if given["forget"] else "lake_verbs.retain_warning", spoken()))
    if not given["yes"]:
        if not sys.stdin.isatty():
            click.echo(say("lake_verbs.retain_needs_yes", spoken(), days=days, more=_more(given)), err=True)
            return WRONG_USAGE
        if not click.confirm(say("lake_verbs.retain_ask", spoken()), err=True):
            click.echo(say("lake_verbs.retain_kept", spoken()))
            return COMPLETED
    with bar_on(sys.stderr, say("lake_verbs.retaining", spoken())) as progress:
        rows = carry_out_retention(home, plan, clock=utc_now, progress=progress)
    size = decimal(sum(each.byte_count for each in plan))
    click.echo(say("lake_verbs.retained", spoken(), rows=rows, size=size))
    if given["forget"]:
        names = [table.name for table in tables_named(given["table"])]
        count = forget_objects(home, names, before, clock=utc_now)
        click.echo(say("lake_verbs.forgotten", spoken(), count=count))
    return COMPLETED


def _more(given: Mapping[str, Any]) -> str:
    """What else was typed: the command that is named removes nothing that was not shown."""
    typed = [*(f"--table {name}" for name in given["table"]), *(["--forget"] if given["forget"] else [])]
    return "".join(f" {each}" for each in typed)


def _print_plan(plan: Sequence[Retirement]) -> None:
    grid = Table(box=None, pad_edge=False)
    for name in ("table", "since", "until", "rows", "size"):
        heading = say(f"lake_verbs.column_{name}", spoken())
        grid.add_column(heading, justify="right" if name in {"rows", "size"} else "left")
    for each in plan:
        size = decimal(each.byte_count)
        grid.add_row(each.table, str(each.days.first), str(each.days.last), f"{each.row_count:,}", size)
    if plan:
        Console().print(grid)


@click.command("export", cls=SpokenCommand, help=say("lake_verbs.export", spoken()))
@click.argument("table")
@option("--output", required=True, help_="lake_verbs.option_export_output")
@option("--format", "format_", type=click.Choice(FORMS), help_="lake_verbs.option_export_format")
@option("--since", help_="lake_verbs.option_since")
@option("--until", help_="lake_verbs.option_until")
@option("--account", multiple=True, help_="lake_verbs.option_account")
@option("--region", multiple=True, help_="lake_verbs.option_region")
@_LANG
@click.pass_obj
def export(home: Path, table: str, **given: Any) -> None:
    """Write the rows of one log to a directory, a file, or standard output."""
    since, until = span_of(given["since"], given["until"], utc_now())
    request = ExportRequest(
        home=home,
        table=log_table(table),
        where=Where(since=since, until=until, accounts=given["account"], regions=given["region"]),
        output=given["output"],
        form=form_of(given["format_"], given["output"]),
    )
    with bar_on(sys.stderr, say("lake_verbs.exporting", spoken())) as progress:
        done = export_rows(request, sys.stdout.buffer, progress)
    if done.path is not None:
        click.echo(say("lake_verbs.exported", spoken(), rows=done.row_count, path=done.path), err=True)
        if done.path.is_dir():
            click.echo(say("lake_verbs.exported_next", spoken(), path=done.path, table=table), err=True)
    for said in say_doubts(doubts_of(coverages(home, (table,), request.where, utc_now())), spoken()):
        click.echo(clean(said), err=True)


@click.command("athena-ddl", cls=SpokenCommand, help=say("lake_verbs.athena_ddl", spoken()))
@option("--location", required=True, help_="lake_verbs.option_location")
@_TABLE
@_LANG
@click.pass_obj
def athena(home: Path, location: str, table: tuple[str, ...]) -> None:
    """Print the tables as Athena sees them."""
    statements = ddl(home, table, location)
    if not statements.strip():
        click.echo(say("lake_verbs.no_rows_for_ddl", spoken()), err=True)
        return
    click.echo(statements, nl=False)
    click.echo(say("lake_verbs.ddl_note", spoken()), err=True)
