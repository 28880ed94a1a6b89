"""`sakimori ingest`: logs into the lake."""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import click
from rich.filesize import decimal

from sakimori.app.access import AccessRequest, open_doors
from sakimori.app.clock import utc_now
from sakimori.app.contested import ContestedEvent, with_files
from sakimori.app.discover import discover
from sakimori.app.ingesting import LOOKUP, Ingested, Ingesting, Wanted, ingest_sources, needs_doors
from sakimori.app.settings import read_settings
from sakimori.app.when import span_of
from sakimori.cli.access_options import access_options, ask_token
from sakimori.cli.contested import plain_contested, print_contested
from sakimori.cli.ingest_discovery import plain_discovery, print_discovery
from sakimori.cli.ingest_progress import progress_on
from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.cli.progress import progress_on as collecting_progress_on
from sakimori.ingest.engine import Tally
from sakimori.model.errors import UsageError
from sakimori.model.exit_codes import BLIND, COMPLETED, FOUND
from sakimori.outputs.report.words import counted
from sakimori.texts.language import LANGUAGES, Language, clean, first_few
from sakimori.texts.sentences import say

_NAMED: Final = 3
"""Files that a sentence names."""
_FAULTS: Final = {"contested": ("contested_count",), "incomplete": ("contested_count", "incomplete_events")}
"""What of a tally `--fail-on` looks at: all of it was taken in, so that without that option it fails nothing."""


@click.command("ingest", cls=SpokenCommand, **described("ingest"))
@click.argument("kind", required=False, default="")
@click.argument("sources", nargs=-1)
@option("--lookup-events", is_flag=True)
@option("--discover", is_flag=True)
@option("--since", help_="ingest.option_since")
@option("--until", help_="ingest.option_until")
@option("--workers", type=click.IntRange(min=0), default=0)
@access_options
@option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
@option("--fail-on", type=click.Choice(list(_FAULTS)), help_="ingest.option_fail_on")
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, **given: Any) -> int:
    """Bring logs into the lake."""
    since, until = span_of(given["since"], given["until"], utc_now())
    wanted = _wanted(given)
    doors = ()
    if given["discover"] or needs_doors(wanted):
        doors = open_doors(AccessRequest.of(given, read_settings(home / "config.toml")), ask_token=ask_token)
    discovery = None
    if given["discover"]:
        with collecting_progress_on(sys.stderr, spoken()) as collecting:
            discovery = discover(home, doors, clock=utc_now, progress=collecting)
        print_discovery(discovery, spoken())
        wanted += tuple(
            Wanted(kind=each.kind, source=each.uri, region=each.region, is_guessed=True)
            for each in discovery.destinations
        )
        if not wanted:
            return BLIND
    asked = Ingesting(home=home, wanted=wanted, since=since, until=until, workers=given["workers"])
    with progress_on(sys.stderr, spoken()) as watcher:
        found = ingest_sources(asked, doors, clock=utc_now, watcher=watcher)
    contested = with_files(home, found.tally.contested)
    if given["format_"] == "json":
        told = plain_discovery(discovery) if discovery else None
        click.echo(json.dumps({**_plain(found, contested), "discovery": told}, ensure_ascii=False, indent=2))
    else:
        _print(found, spoken())
        print_contested(found.tally.contested_count, contested, spoken())
        if found.tally.rows:
            click.echo(say("ingest.next", spoken()))
        for said in dict.fromkeys(note.said(spoken()) for note in found.notes):
            click.echo(clean(said))
    if given["fail_on"] and any(getattr(found.tally, name) for name in _FAULTS[given["fail_on"]]):
        return FOUND
    return COMPLETED if found.is_whole and not (discovery and discovery.gaps) else BLIND


def _wanted(given: Mapping[str, Any]) -> tuple[Wanted, ...]:
    kind = given["kind"]
    wanted = [Wanted(kind=kind, source=source) for source in given["sources"]]
    if given["lookup_events"]:
        if kind != "cloudtrail":
            raise UsageError("ingest.lookup_is_cloudtrail")
        wanted.append(Wanted(kind=kind, source=LOOKUP))
    return tuple(wanted)


def _print(found: Ingested, language: Language) -> None:
    tally = found.tally
    if tally.objects:
        size = decimal(tally.byte_count)
        sizes = {
            "rows": counted("ingest.rows", tally.rows, language),
            "objects": counted("ingest.files", tally.objects, language),
        }
        click.echo(say("ingest.taken", language, size=size, **sizes))
    else:
        said = "nothing_new" if tally.skipped_objects else "nothing_more" if found.has_asked else "nothing_there"
        # What could not be had is no nothing: the notes tell of it.
        is_sure = found.is_complete or not found.has_asked
        if is_sure and not (tally.unreadable or tally.unrecognised or tally.foreign_packed):
            one = "_one" if said == "nothing_new" and tally.skipped_objects == 1 else ""
            click.echo(say(f"ingest.{said}{one}", language, skipped=tally.skipped_objects))
    if len(tally.rows_of) > 1:
        for table, rows in sorted(tally.rows_of.items()):
            told = counted("ingest.rows", rows, language)
            click.echo("  " + say("ingest.rows_of", language, table=table, rows=told))
    counts: Mapping[str, int] = {
        "skipped": tally.skipped_objects if tally.objects else 0,
        "partial_objects": tally.partial_objects,
        "repeated_objects": tally.repeated_objects,
        "repeated_events": tally.repeated_events,
        "incomplete_events": tally.incomplete_events,
    }
    for name, count in counts.items():
        if count:
            click.echo(counted(f"ingest.{name}", count, language))
    _print_refused(tally, language)


def _print_refused(tally: Tally, language: Language) -> None:
    if tally.refused:
        click.echo(say("ingest.refused_heading", language))
        for reason, count in sorted(tally.refused.items(), key=lambda item: -item[1]):
            told = say(f"ingest.reason_{reason}", language)
            click.echo("  " + say("ingest.refused_count", language, count=count, reason=told))
        click.echo(say("ingest.refused_next", language))
    for name, locations in tally.unread.items():
        if locations:
            names = first_few(locations, _NAMED)
            click.echo(counted(f"ingest.{name}", len(locations), language, names=names))


def _plain(found: Ingested, contested: Iterable[ContestedEvent]) -> dict[str, object]:
    tally = found.tally
    return {
        "schema": "sakimori.ingest/1",
        "objects": tally.objects,
        "rows": tally.rows,
        "rows_by_table": tally.rows_of,
        "bytes": tally.byte_count,
        "skipped_objects": tally.skipped_objects,
        "partial_objects": tally.partial_objects,
        "repeated_objects": tally.repeated_objects,
        "repeated_events": tally.repeated_events,
        "incomplete_events": tally.incomplete_events,
        "contested_events": tally.contested_count,
        "contested": [plain_contested(each) for each in contested],
        "refused": tally.refused,
        **tally.unread,
        "is_complete": found.is_complete,
        "notes": [{language: note.said(language) for language in LANGUAGES} for note in found.notes],
    }
