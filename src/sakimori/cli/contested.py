"""Events whose id came with other content too, as people and machines are told of them."""

import json
import re
from pathlib import Path
from typing import Final

import click

from sakimori.app.clock import utc_now
from sakimori.app.contested import ContestedEvent, contested_events, hold_all_across
from sakimori.cli.lazy import SpokenCommand, option, spoken
from sakimori.lake.log_parts import Partition
from sakimori.texts.language import Language, clean
from sakimori.texts.sentences import say

_SHOWN: Final = 50
"""Events that a terminal gets."""
_PLAIN: Final = re.compile(r"[0-9A-Za-z-]{1,64}", re.ASCII)


def print_contested(count: int, named: tuple[ContestedEvent, ...], language: Language) -> None:
    """How many an ingest met, and of the first ones where both stories are told."""
    if not count:
        return
    click.echo(say("ingest.contested_one" if count == 1 else "ingest.contested", language, count=count))
    for each in named:
        identity, day = clean(each.contested.identity), each.contested.partition.day
        click.echo("  " + say("ingest.contested_event", language, id=identity, day=day))
        for other in each.places[1:]:
            click.echo("    " + say("ingest.contested_elsewhere", language, place="  ".join(_place(other))))
        for line in _file_lines(each, language):
            click.echo(f"    {line}")
    click.echo(say("ingest.contested_next", language))


@click.command("contested", cls=SpokenCommand, help=say("lake_verbs.contested", spoken()))
@option("--table", multiple=True, help_="lake_verbs.option_table")
@option(
    "--limit", type=click.IntRange(min=1), default=_SHOWN, show_default=True, help_="lake_verbs.option_contested_limit"
)
@option(
    "--format",
    "format_",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help_="lake_verbs.option_format",
)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def list_contested(home: Path, table: tuple[str, ...], limit: int, format_: str) -> None:
    """List events whose id came with other content too."""
    left = hold_all_across(home, table, clock=utc_now)
    found = contested_events(home, table, limit)
    if format_ == "json":
        document = {
            "schema": "sakimori.lake_contested/1",
            "contested": [plain_contested(each) for each in found],
            "uncompared_rows": left,
        }
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    if left:
        click.echo(say("lake_verbs.uncompared_left", spoken(), count=left), err=True)
    if not found:
        click.echo(say("lake_verbs.none_contested", spoken()))
        return
    for each in found:
        click.echo("  ".join((*_place(each.contested.partition), clean(each.contested.identity))))
        for other in each.places[1:]:
            click.echo("    " + say("ingest.contested_elsewhere", spoken(), place="  ".join(_place(other))))
        for line in _file_lines(each, spoken()):
            click.echo(f"    {line}")
    # What is to be typed holds nothing that whoever forged a log could have a shell or SQL read.
    if plain := next((each.contested.identity for each in found if _PLAIN.fullmatch(each.contested.identity)), ""):
        click.echo(say("lake_verbs.contested_next", spoken(), id=plain))


def plain_contested(each: ContestedEvent) -> dict[str, object]:
    """One of them, as machines read it; `offsets` null: this file was not looked through, and may tell one of the stories."""
    at = each.contested.partition
    return {
        "table": at.table,
        "account": at.account,
        "region": at.region,
        "day": at.day.isoformat(),
        "id": each.contested.identity,
        "places": [
            {"account": place.account, "region": place.region, "day": place.day.isoformat()} for place in each.places
        ],
        "files": [
            {"file": file.location, "offsets": None if file.offsets is None else list(file.offsets)}
            for file in each.files
        ],
        "all_files": each.is_all,
    }


def _place(at: Partition) -> tuple[str, str, str]:
    return str(at.day), at.account, at.region


def _file_lines(each: ContestedEvent, language: Language) -> list[str]:
    told: list[str] = []
    for file in each.files:
        name = clean(file.location, 1_000)
        if file.offsets is None:
            told.append(say("ingest.contested_unread", language, file=name))
        else:
            told.append(say("ingest.contested_at", language, file=name, offsets=", ".join(map(str, file.offsets))))
    if not each.is_all:
        told.append(say("ingest.contested_more_files", language))
    return told or [say("ingest.contested_nowhere", language)]
