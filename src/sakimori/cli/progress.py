"""What a long reading shows: how far it is, in which service and Region, and what was refused. On a terminal only."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from sakimori.texts.language import Language
from sakimori.texts.sentences import say

if TYPE_CHECKING:
    # It brings the lake's engine along, which a look at files has no use for.
    from sakimori.collect.engine import Progress as CollectProgress


class _Bar:
    def __init__(self, progress: Progress, language: Language) -> None:
        self._progress = progress
        self._language: Language = language
        self._gaps = 0
        self._task: TaskID | None = None

    def total(self, tasks: int) -> None:
        self._task = self._progress.add_task(say("cli.reading", self._language), total=tasks, refused="", where="")

    def done(self, account: str, service: str, region: str, gap_count: int) -> None:
        self._gaps += gap_count
        refused = say("cli.refused", self._language, count=self._gaps) if self._gaps else ""
        if self._task is not None:
            where = escape(f"{account} {service} {region}")
            self._progress.update(self._task, advance=1, where=where, refused=refused)


@contextmanager
def progress_on(stream: TextIO, language: Language) -> "Generator[CollectProgress | None]":
    """A progress display that disappears when done; None where the stream is no terminal."""
    if not stream.isatty():
        yield None
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeRemainingColumn(compact=True),
        TextColumn("[dim]{task.fields[where]}"), TextColumn("[yellow]{task.fields[refused]}"),
    )  # fmt: skip
    with Progress(*columns, console=Console(file=stream), transient=True) as progress:
        yield _Bar(progress, language)


@contextmanager
def counting_on(stream: TextIO, language: Language) -> Generator[Callable[[int, int], None] | None]:
    """A display of how much is done of how much; None where the stream is no terminal."""
    if not stream.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeRemainingColumn(compact=True))  # fmt: skip
    with Progress(*columns, console=Console(file=stream), transient=True) as progress:
        task = progress.add_task(say("cli.reading", language), total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
