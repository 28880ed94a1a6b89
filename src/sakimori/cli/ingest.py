"""`sakimori ingest`: logs into the lake."""

import json
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from sakimori.app.clock import utc_now
from sakimori.app.ingesting import Ingesting, ingest_sources
from sakimori.cli.lazy import SpokenCommand, described, option, spoken
from sakimori.ingest.engine import IngestProgress, Tally
from sakimori.model.exit_codes import BLIND, COMPLETED
from sakimori.texts.language import Language
from sakimori.texts.sentences import say


@click.command("ingest", cls=SpokenCommand, **described("ingest"))
@click.argument("kind")
@click.argument("sources", nargs=-1)
@option("--workers", type=click.IntRange(min=0), default=0)
@option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
@option("--lang", type=click.Choice(["ja", "en"]), expose_value=False)
@click.pass_obj
def command(home: Path, **given: Any) -> int:
    """Bring logs into the lake."""
    asked = Ingesting(home=home, kind=given["kind"], sources=given["sources"], workers=given["workers"])
    with _progress_on(sys.stderr, spoken()) as progress:
        tally = ingest_sources(asked, clock=utc_now, progress=progress)
    if given["format_"] == "json":
        click.echo(json.dumps(_plain(tally), ensure_ascii=False, indent=2))
    else:
        _print(tally, spoken())
    return BLIND if tally.refused or tally.unreadable or tally.unrecognised else COMPLETED


def _print(tally: Tally, language: Language) -> None:
    if tally.objects:
        size = human_bytes(tally.byte_count)
        click.echo(say("ingest.taken", language, rows=tally.rows, objects=tally.objects, size=size))
    else:
        said = "nothing_new" if tally.skipped_objects else "nothing_there"
        click.echo(say(f"ingest.{said}", language, skipped=tally.skipped_objects))
    if len(tally.rows_of) > 1:
        for table, rows in sorted(tally.rows_of.items()):
            click.echo("  " + say("ingest.rows_of", language, table=table, rows=rows))
    counts: Mapping[str, int] = {
        "skipped": tally.skipped_objects if tally.objects else 0,
        "repeated_objects": tally.repeated_objects,
        "repeated_events": tally.repeated_events,
    }
    for name, count in counts.items():
        if count:
            click.echo(say(f"ingest.{name}", language, count=count))
    _print_refused(tally, language)
    if tally.rows:
        click.echo(say("ingest.next", language))


def _print_refused(tally: Tally, language: Language) -> None:
    if tally.refused:
        click.echo(say("ingest.refused_heading", language))
        for reason, count in sorted(tally.refused.items(), key=lambda item: -item[1]):
            told = say(f"ingest.reason_{reason}", language)
            click.echo("  " + say("ingest.refused_count", language, count=count, reason=told))
        click.echo(say("ingest.refused_next", language))
    for name, locations in (("unreadable", tally.unreadable), ("unrecognised", tally.unrecognised)):
        if locations:
            click.echo(say(f"ingest.{name}", language, count=len(locations), first=_printable(locations[0])))


def _printable(text: str) -> str:
    """Without what would move a terminal's cursor: a file's name is whatever its maker wanted."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def human_bytes(count: int) -> str:
    """A size for people.

    >>> human_bytes(37401765)
    '37.4 MB'
    """
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:  # noqa: PLR2004 - the step between units
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _plain(tally: Tally) -> dict[str, object]:
    return {
        "schema": "sakimori.ingest/1",
        "objects": tally.objects,
        "rows": tally.rows,
        "rows_by_table": tally.rows_of,
        "bytes": tally.byte_count,
        "skipped_objects": tally.skipped_objects,
        "repeated_objects": tally.repeated_objects,
        "repeated_events": tally.repeated_events,
        "refused": tally.refused,
        "unreadable": tally.unreadable,
        "unrecognised": tally.unrecognised,
    }


class _Bar:
    def __init__(self, progress: Progress, language: Language) -> None:
        self._progress = progress
        self._language: Language = language
        self._rows = 0
        self._task: TaskID | None = None

    def total(self, objects: int, byte_count: int) -> None:  # noqa: ARG002 - the form of a progress
        self._task = self._progress.add_task(say("ingest.reading", self._language), total=byte_count, rate="")

    def done(self, objects: int, byte_count: int, rows: int) -> None:  # noqa: ARG002
        if self._task is None:
            return
        self._rows += rows
        elapsed = self._progress.tasks[self._task].elapsed or 0
        rate = say("ingest.rate", self._language, rows=int(self._rows / elapsed)) if elapsed else ""
        self._progress.update(self._task, advance=byte_count, rate=rate)


@contextmanager
def _progress_on(stream: TextIO, language: Language) -> Generator[IngestProgress | None]:
    """A bar of bytes with the rate in rows and the time left; None where the stream is no terminal."""
    if not stream.isatty():
        yield None
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(bar_width=24), DownloadColumn(), TimeRemainingColumn(compact=True),
        TextColumn("[dim]{task.fields[rate]}"),
    )  # fmt: skip
    with Progress(*columns, console=Console(file=stream), transient=True) as progress:
        yield _Bar(progress, language)
