"""`sakimori tables`: what is known, column by column."""

import json
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from sakimori.analysis.derived import needs_of
from sakimori.app.known_tables import kinds_of, known_tables
from sakimori.aws.actions import action_of
from sakimori.cli.columns import print_columns
from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.collect.catalogue import declarations
from sakimori.lake.table import Table
from sakimori.model.errors import UsageError
from sakimori.outputs.report.wrapping import wrap
from sakimori.texts.nearest import nearest
from sakimori.texts.sentences import say
from sakimori.texts.table_sentences import TableSentences, japanese_of


@click.command("tables", cls=SpokenCommand, **described("tables"))
@click.argument("name", required=False)
@option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(_home: Path, name: str | None, format_: str) -> None:
    """List the tables, or show one with each column's sentence."""
    known = known_tables()
    if name is not None and name not in known:
        raise UsageError("rules.unknown_table", name=name, near=nearest(name, known))
    chosen = [known[name]] if name else list(known.values())
    if format_ == "json":
        click.echo(
            json.dumps(
                {"schema": "sakimori.tables/1", "tables": [_plain(table) for table in chosen]},
                ensure_ascii=False,
                indent=2,
            )
        )
    elif name:
        _show(chosen[0])
    else:
        print_columns(Console(), [(table.name, _sentences(table).sentence) for table in chosen])


def _show(table: Table) -> None:
    console = Console()
    sentences = _sentences(table)
    console.print(Text(table.name, style="bold"))
    console.print(Text("\n".join(wrap(sentences.sentence, console.width))))
    facts = {
        "key": table.key,
        "parent": table.parent,
        "scope": say(f"cli.scope_{table.scope}", spoken()) if not table.time else "",
        "actions": ", ".join(_actions(table.name)),
        "kinds": ", ".join(f"sakimori ingest {kind}" for kind in kinds_of(table.name)),
    }
    for fact, value in facts.items():
        if value:
            console.print(Text(f"{say(f'cli.table_{fact}', spoken())}: {value}", style="dim"))
    headings = tuple(say(f"cli.column_{heading}", spoken()) for heading in ("column", "type", "meaning"))
    rows = [(column.name, column.type.lower(), sentences.columns[column.name]) for column in table.columns]
    print_columns(console, rows, headings)


def _sentences(table: Table) -> TableSentences:
    """What the table and its columns mean, in the language of this process."""
    if spoken() == "ja":
        return japanese_of(table.name)
    return TableSentences(sentence=table.sentence, columns={column.name: column.sentence for column in table.columns})


def _actions(name: str) -> list[str]:
    """What reading it needs; nothing of a log, which lies where it was delivered."""
    found = [declarations()[need] for need in needs_of([name]) if need in declarations()]
    return sorted({action_of(operation) for each in found for operation in each.operations})


def _plain(table: Table) -> dict[str, object]:
    japanese = japanese_of(table.name)
    return {
        "name": table.name,
        "sentence": {"en": table.sentence, "ja": japanese.sentence},
        "key": table.key,
        "parent": table.parent,
        "scope": str(table.scope),
        "actions": _actions(table.name),
        "ingested_as": list(kinds_of(table.name)),
        "columns": [
            {
                "name": column.name,
                "type": str(column.type),
                "sentence": {"en": column.sentence, "ja": japanese.columns[column.name]},
            }
            for column in table.columns
        ],
    }
