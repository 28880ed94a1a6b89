"""`sakimori lake`: tables, describe, coverage, refused; what changes or leaves the lake stands in `lake_keeping`."""

import json
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from sakimori.app.clock import utc_now
from sakimori.app.known_tables import kinds_of
from sakimori.app.lake_upkeep import (
    TableLine,
    coverage_record,
    coverages,
    last_validations,
    log_table,
    quarantine,
    table_lines,
)
from sakimori.app.when import span_of
from sakimori.cli.columns import print_columns
from sakimori.cli.contested import list_contested
from sakimori.cli.lake_by_hand import give_up, looked_at
from sakimori.cli.lake_coverage import as_csv, print_coverage
from sakimori.cli.lake_grid import fitting, print_grid, widths_of
from sakimori.cli.lake_keeping import athena, compact, export, retain
from sakimori.cli.lake_repair import repair_lake
from sakimori.cli.lake_verify import verify
from sakimori.cli.lazy import SpokenGroup, described, option, spoken
from sakimori.lake.coverage import doubts_of, say_doubts
from sakimori.lake.coverage_days import Coverage
from sakimori.lake.log_reader import Where
from sakimori.lake.quarantine import RefusedPieces
from sakimori.outputs.report.wrapping import wrap
from sakimori.texts.language import clean
from sakimori.texts.sentences import say
from sakimori.texts.table_sentences import TableSentences, japanese_of

_LANG = option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
_TABLE = option("--table", multiple=True, help_="lake_verbs.option_table")
_COLUMNS: Final = ("table", "rows", "files", "size", "since", "until", "accounts", "holes")
_NUMBERS: Final = frozenset({"rows", "files", "size", "accounts", "holes"})
_SHOWN: Final = 200
"""Lines of the quarantine that a terminal gets."""


def _format(*more: str) -> Any:
    choice = click.Choice(["table", "json", *more])
    return option(
        "--format", "format_", type=choice, default="table", show_default=True, help_="lake_verbs.option_format"
    )


@click.group("lake", cls=SpokenGroup, **described("lake"))
@_LANG
def command() -> None:
    """Group of the verbs on the lake of logs."""


@command.command("tables", help=say("lake_verbs.tables", spoken()))
@_format()
@_LANG
@click.pass_obj
def list_tables(home: Path, format_: str) -> None:
    """List the logs that the lake holds."""
    lines = table_lines(home, utc_now())
    if format_ == "json":
        _print_json({"schema": "sakimori.lake_tables/1", "tables": [_plain_line(line) for line in lines]})
        return
    if not lines:
        click.echo(say("lake_verbs.empty", spoken()))
        return
    headings = {name: say(f"lake_verbs.column_{name}", spoken()) for name in _COLUMNS}
    rows = [_cells(line) for line in lines]
    console = Console()
    names = fitting(widths_of(headings, rows), console.width, ("files", "accounts", "since"))
    print_grid(console, {name: headings[name] for name in names}, rows, _NUMBERS)
    for line in lines:
        for said in say_doubts(doubts_of([line.coverage]), spoken()):
            console.print(Text(said), soft_wrap=not console.is_terminal)
    click.echo(say("lake_verbs.next_describe", spoken(), table=lines[0].table.name))
    click.echo(say("lake_verbs.next_coverage", spoken()))


@command.command("describe", help=say("lake_verbs.describe", spoken()))
@click.argument("table")
@_format()
@_LANG
@click.pass_obj
def describe_table(home: Path, table: str, format_: str) -> None:
    """Show the columns of one table and what the lake holds of it."""
    found = log_table(table)
    [line] = table_lines(home, utc_now(), [found.name])
    if format_ == "json":
        japanese = japanese_of(found.name)
        columns = [
            {
                "name": column.name,
                "type": str(column.type),
                "sentence": {"en": column.sentence, "ja": japanese.columns[column.name]},
            }
            for column in found.columns
        ]
        said = {"en": found.sentence, "ja": japanese.sentence}
        _print_json({"schema": "sakimori.lake_table/1", **_plain_line(line), "sentence": said, "columns": columns})
        return
    console, sentences = Console(), _sentences(line)
    console.print(Text(found.name, style="bold"))
    console.print(Text("\n".join(wrap(sentences.sentence, console.width))))
    held = line.coverage.held
    told = [
        say("lake_verbs.holds", spoken(), rows=line.coverage.row_count, files=line.coverage.file_count,
            size=decimal(line.byte_count), first=held.first, last=held.last)
        if held else say("lake_verbs.holds_nothing", spoken()),
        say("lake_verbs.ingested_as", spoken(), kinds="|".join(kinds_of(found.name))),
    ]  # fmt: skip
    for sentence in told:
        console.print(Text("\n".join(wrap(sentence, console.width)), style="dim"))
    headings = tuple(say(f"cli.column_{heading}", spoken()) for heading in ("column", "type", "meaning"))
    rows = [(column.name, column.type.lower(), sentences.columns[column.name]) for column in found.columns]
    print_columns(console, rows, headings)


@command.command("coverage", help=say("lake_verbs.coverage", spoken()))
@_TABLE
@option("--account", multiple=True, help_="lake_verbs.option_account")
@option("--region", multiple=True, help_="lake_verbs.option_region")
@option("--since", help_="lake_verbs.option_since")
@option("--until", help_="lake_verbs.option_until")
@_format("csv")
@_LANG
@click.pass_obj
def show_coverage(home: Path, format_: str, **given: Any) -> None:
    """Show day by day what the lake holds, and where there is no record."""
    now = utc_now()
    since, until = span_of(given["since"], given["until"], now)
    where = Where(since=since, until=until, accounts=given["account"], regions=given["region"])
    found, checks = coverages(home, given["table"], where, now), last_validations(home)
    if format_ == "json":
        tables = [coverage_record(each, checks) for each in found]
        _print_json({"schema": "sakimori.lake_coverage/1", "as_of": now.isoformat(), "tables": tables})
    elif format_ == "csv":
        click.echo(as_csv(found), nl=False)
    elif not found:
        is_empty = not table_lines(home, now)
        click.echo(say("lake_verbs.empty" if is_empty else "lake_verbs.empty_there", spoken()))
    else:
        print_coverage(Console(), found, checks, spoken())
        _print_next(found)


@command.command("refused", help=say("lake_verbs.refused", spoken()))
@option("--source", multiple=True, help_="lake_verbs.option_source")
@_format()
@_LANG
@click.pass_obj
def list_refused(home: Path, source: tuple[str, ...], format_: str) -> None:
    """List what could not be taken in."""
    found = quarantine(home, source)
    if format_ == "json":
        _print_json({"schema": "sakimori.lake_refused/1", "refused": [_plain_refusal(each) for each in found]})
        return
    if not found:
        click.echo(say("lake_verbs.none_refused", spoken()))
        return
    grid = Table(box=None, pad_edge=False)
    for name in ("kind", "file", "offset", "count", "reason"):
        is_number = name in {"offset", "count"}
        grid.add_column(
            say(f"lake_verbs.column_{name}", spoken()), justify="right" if is_number else "left",
            overflow="fold", no_wrap=is_number,
        )  # fmt: skip
    for each in found[:_SHOWN]:
        told = _reason(each)
        cells = (each.source, clean(each.location, 1_000), f"{each.position:,}", f"{each.count:,}", told)
        grid.add_row(*map(Text, cells))
    Console().print(grid)
    if len(found) > _SHOWN:
        click.echo(say("lake_verbs.more_refused", spoken(), count=len(found) - _SHOWN))


for _verb in (list_contested, verify, give_up, looked_at, compact, repair_lake, retain, export, athena):
    command.add_command(_verb)


def _cells(line: TableLine) -> dict[str, Text]:
    held, holes = line.coverage.held, line.coverage.hole_count
    cells = {
        "table": line.table.name,
        "rows": f"{line.coverage.row_count:,}",
        "files": f"{line.coverage.file_count:,}",
        "size": decimal(line.byte_count),
        "since": str(held.first) if held else "",
        "until": str(held.last) if held else "",
        "accounts": str(len(line.coverage.accounts)),
        "holes": f"{holes:,}",
    }
    return {name: Text(cell, style="bold red" if name == "holes" and holes else "") for name, cell in cells.items()}


def _print_next(found: tuple[Coverage, ...]) -> None:
    """The next command to type, for what is missing."""
    missing = next((each for each in found if each.hole_count or not each.places), None)
    if missing is not None:
        is_trail = "cloudtrail" in missing.kinds and bool(missing.places)
        click.echo(
            say("lake_verbs.next_verify", spoken())
            if is_trail
            else say("lake_verbs.next_ingest", spoken(), kind=missing.kinds[0] if missing.kinds else "auto")
        )
    if any(each.refused_count or each.unplaced_count for each in found):
        click.echo(say("lake_verbs.next_refused", spoken()))


def _reason(each: RefusedPieces) -> str:
    try:
        told = say(f"ingest.reason_{each.reason}", spoken())
    except KeyError:
        # A newer version of the program refused it.
        return say("lake_verbs.unknown_reason", spoken(), reason=each.reason)
    told = f"{told} ({clean(each.detail)})" if each.detail else told
    if (look := each.looked_at) is not None:
        told += "\n" + say("lake_verbs.was_looked_at", spoken(), at=look.at, reason=clean(look.reason))
    return told


def _sentences(line: TableLine) -> TableSentences:
    if spoken() == "ja":
        return japanese_of(line.table.name)
    columns = {column.name: column.sentence for column in line.table.columns}
    return TableSentences(sentence=line.table.sentence, columns=columns)


def _plain_line(line: TableLine) -> dict[str, object]:
    held = line.coverage.held
    return {
        "table": line.table.name,
        "rows": line.coverage.row_count,
        "files": line.coverage.file_count,
        "parts": line.part_count,
        "bytes": line.byte_count,
        "first_day": held and held.first.isoformat(),
        "last_day": held and held.last.isoformat(),
        "accounts": list(line.coverage.accounts),
        "regions": list(line.coverage.regions),
        "holes": line.coverage.hole_count,
        "ingested_as": list(kinds_of(line.table.name)),
    }


def _plain_refusal(each: RefusedPieces) -> dict[str, object]:
    return {
        "kind": each.source,
        "file": each.location,
        "offset": each.position,
        "reason": each.reason,
        "count": each.count,
        "bytes": each.byte_count,
        "detail": each.detail,
        "seen_at": each.seen_at.isoformat(),
        "looked_at": {"at": look.at.isoformat(), "reason": look.reason} if (look := each.looked_at) else None,
    }


def _print_json(document: object) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
