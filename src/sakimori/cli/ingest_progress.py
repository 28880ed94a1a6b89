"""What a long ingest shows: how much is read, how fast, and how long it will take. On a terminal only."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from sakimori.app.ingesting import Watcher
from sakimori.texts.language import Language
from sakimori.texts.sentences import say


class _Bar:
    """A bar that begins anew whenever a total is told."""

    def __init__(self, progress: Progress, language: Language, said: str) -> None:
        self._progress = progress
        self._language: Language = language
        self._said = said
        self._rows = 0
        self._task: TaskID | None = None

    def begin(self, total: float) -> None:
        self._rows = 0
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(say(self._said, self._language), total=total, told="")

    def advance(self, done: float, rows: int) -> None:
        if self._task is None:
            return
        self._rows += rows
        elapsed = next((task.elapsed for task in self._progress.tasks if task.id == self._task), None)
        told = say("ingest.rate", self._language, rows=int(self._rows / elapsed)) if elapsed else ""
        self._progress.update(self._task, advance=done, told=told)


class _Files(_Bar):
    def total(self, objects: int, byte_count: int) -> None:  # noqa: ARG002 - the form of an IngestProgress
        self.begin(byte_count)

    def done(self, objects: int, byte_count: int, rows: int) -> None:  # noqa: ARG002
        self.advance(byte_count, rows)


class _Asked(_Bar):
    def total(self, seconds: float) -> None:
        self.begin(seconds)

    def done(self, seconds: float, requests: int, records: int) -> None:  # noqa: ARG002 - the form of a SliceProgress
        self.advance(seconds, records)


@contextmanager
def progress_on(stream: TextIO, language: Language) -> Generator[Watcher | None]:
    """A bar with the rate in rows and the time left; None where the stream is no terminal."""
    if not stream.isatty():
        yield None
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(bar_width=24), TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(compact=True), TextColumn("[dim]{task.fields[told]}"),
    )  # fmt: skip
    with Progress(*columns, console=Console(file=stream), transient=True) as progress:
        yield Watcher(
            files=_Files(progress, language, "ingest.reading"), asked=_Asked(progress, language, "ingest.asking")
        )
