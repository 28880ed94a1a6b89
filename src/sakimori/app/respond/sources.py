"""Where a case's events come from: the lake where there is one, and CloudTrail's event history of every account entered.

Each look reads anew, at one pace for all of them: AWS counts requests, not looks.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sakimori.analysis.incident.event_history import Asking, Span
from sakimori.analysis.incident.events import Events
from sakimori.analysis.incident.lake_events import LakeEvents
from sakimori.analysis.incident.lookup_events import LookupEvents
from sakimori.analysis.incident.merged_events import MergedEvents
from sakimori.app.known_tables import kinds_of
from sakimori.aws.door import Door
from sakimori.aws.settings import Clock
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.ingest.lookup import PER_SECOND
from sakimori.ingest.pace import Paces
from sakimori.lake.engines.duck import Engine
from sakimori.lake.log_reader import LogReader, Where

PATIENCE: Final = timedelta(minutes=3)
"""For which each look asks: a thief who has credentials issued by the thousand must not hold up what stops those that are known."""


class Sources:
    """Use as a context: the lake stays open meanwhile. `patience` and `told` are those of `EventHistory`, for each look."""

    def __init__(  # noqa: PLR0913 - each is told by its name
        self,
        home: Path,
        doors: Sequence[Door],
        clock: Callable[[], datetime],
        times: Clock | None = None,
        *,
        patience: timedelta = PATIENCE,
        told: Callable[[Asking], None] = lambda _: None,
    ) -> None:
        self._home = home
        self._doors = tuple(doors)
        self._clock = clock
        self._paces = Paces(per_second=PER_SECOND, clock=times or Clock())
        self._patience = patience
        self._told = told
        self._opened = ExitStack()
        self._lake: tuple[Engine, LogReader] | None = None

    def __enter__(self) -> Self:
        if (self._home / "lake" / "manifest.db").exists():
            reader = self._opened.enter_context(closing(LogReader(self._home)))
            self._lake = (self._opened.enter_context(closing(Engine())), reader)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._opened.close()

    def events(self, since: datetime) -> Events:
        """What happened since then, read anew."""
        now = self._clock()
        lookup = LookupEvents(
            self._doors, Span(now=now, since=since), paces=self._paces, patience=self._patience, told=self._told
        )
        if self._lake is None:
            return lookup
        lake = LakeEvents(*self._lake, now, Where(since=since), kinds_of(TABLE.name))
        if not any(each.regions for each in lake.looked):
            # A lake of configuration alone is no witness, and none that failed either.
            return lookup
        return MergedEvents((lake, lookup))
