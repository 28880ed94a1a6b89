"""What `sakimori ingest --discover` found: where logs go, and what is logged nowhere."""

import click
from rich.console import Console

from sakimori.app.discover import Discovery
from sakimori.cli.columns import print_columns
from sakimori.ingest.slices import Note
from sakimori.texts.language import LANGUAGES, Language, clean
from sakimori.texts.sentences import say


def print_discovery(found: Discovery, language: Language) -> None:
    """Destinations with whose logs they hold, then what could not be read, then what nothing logs."""
    console = Console(stderr=True)
    if found.destinations:
        click.echo(say("ingest.destinations", language, count=len(found.destinations)), err=True)
        rows = [(each.kind, clean(each.uri), clean(each.reason.said(language))) for each in found.destinations]
        print_columns(console, rows)
    else:
        click.echo(say("ingest.no_destination", language), err=True)
    for each in found.elsewhere:
        told = clean(Note(text=each.why, values=dict(each.values)).said(language))
        click.echo(say("ingest.elsewhere", language, address=clean(each.address), why=told), err=True)
    for gap in found.gaps:
        place = f"{gap.account} {gap.region}"
        click.echo(say("ingest.discovery_gap", language, place=place, call=gap.call, code=gap.code), err=True)
    if found.holes:
        click.echo(say("ingest.holes", language), err=True)
        print_columns(
            console, [(each.account, each.region, clean(each.sentence.said(language))) for each in found.holes]
        )


def plain_discovery(found: Discovery) -> dict[str, object]:
    """The same for machines."""
    return {
        "destinations": [
            {
                "account": each.account,
                "kind": each.kind,
                "uri": each.uri,
                "region": each.region,
                "why": _both(each.reason),
            }
            for each in found.destinations
        ],
        "elsewhere": [
            {"account": each.account, "region": each.region, "address": each.address} for each in found.elsewhere
        ],
        "holes": [
            {
                "account": each.account,
                "region": each.region,
                "resources": list(each.resources),
                "what": _both(each.sentence),
            }
            for each in found.holes
        ],
        "gaps": [
            {"account": gap.account, "region": gap.region, "call": gap.call, "code": gap.code} for gap in found.gaps
        ],
    }


def _both(note: Note) -> dict[str, str]:
    return {language: note.said(language) for language in LANGUAGES}
