"""What long work on the lake shows: how far it is. On a terminal only."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class Bar:
    """Takes how much there is, and then how much more was done."""

    def __init__(self, progress: Progress, sentence: str) -> None:
        self._progress = progress
        self._task = progress.add_task(sentence, total=None)

    def total(self, amount: int) -> None:
        """How much there is to do."""
        self._progress.update(self._task, total=amount)

    def done(self, amount: int) -> None:
        """How much more was done."""
        self._progress.update(self._task, advance=amount)


@contextmanager
def two_bars_on(stream: TextIO, first: str, second: str) -> Generator[tuple[Bar, Bar] | tuple[None, None]]:
    """A bar for each of two things that are done one after the other; two Nones where the stream is no terminal."""
    if not stream.isatty():
        yield None, None
        return
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeRemainingColumn(compact=True))  # fmt: skip
    with Progress(*columns, console=Console(file=stream), transient=True) as progress:
        yield Bar(progress, first), Bar(progress, second)


@contextmanager
def bar_on(stream: TextIO, sentence: str, *, is_bytes: bool = True) -> Generator[Bar | None]:
    """A bar that disappears when it is done; None where the stream is no terminal."""
    if not stream.isatty():
        yield None
        return
    count = DownloadColumn() if is_bytes else MofNCompleteColumn()
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), count, TimeRemainingColumn(compact=True))
    with Progress(*columns, console=Console(file=stream), transient=True) as progress:
        yield Bar(progress, sentence)
