"""Watching: new log files into the lake, new events through the rules, new detections out; again and again.

A cycle does three things, each safe against a kill in the middle of it:
1. What is new is taken into the lake (each object once, by the manifest).
2. Parts that were not judged yet are judged together with the day before them, so that what began earlier is seen whole.
   Detections, and which parts were judged, are written in one transaction.
3. What is new is told. What was recorded and not told yet is told first, after a restart too.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sakimori.analysis.log_forms.catalogue import log_forms
from sakimori.app.detect import DetectRequest, chosen_rules, ensure_sigma, judge
from sakimori.app.ingesting import Ingesting, Wanted, ingest_sources
from sakimori.aws.door import Door
from sakimori.findings.continuing import continued
from sakimori.findings.detections import detections_by_id, record_detections
from sakimori.findings.hits import read_cursor, write_cursor
from sakimori.ingest.catalogue import AUTO
from sakimori.ingest.engine import IngestRequest, Tally, ingest
from sakimori.ingest.notifications import Notifications
from sakimori.lake.instants import moment_of
from sakimori.lake.log_parts import LogPart
from sakimori.lake.log_reader import LogReader, Where
from sakimori.model.detection import Detection
from sakimori.rules.detections.load import LoadedDetections, load_detections
from sakimori.rules.rule import Fault
from sakimori.state.store import Store

_LOOKED_BACK: Final = timedelta(hours=26)
"""How much before new events is judged with them: sequences of a day are seen whole. Longer ones `sakimori detect` finds."""
_LISTED_BACK: Final = timedelta(days=2)
"""How old a file may be that is still looked for in a bucket: trails deliver within minutes, in trouble within hours."""
_OVERLAP: Final = timedelta(minutes=10)
"""Parts that came so shortly before the last one judged may have been committed later than it."""
_CURSOR: Final = "watch.judged"
_UNTOLD: Final = "watch.untold"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRequest:
    """What to watch. Without sources and a queue: the lake alone, which others fill."""

    detect: DetectRequest
    sources: tuple[Wanted, ...] = ()
    queue_url: str = ""
    kind: str = AUTO


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """What one cycle did. `told` are the detections that are new, or have grown graver, since the last."""

    objects: int = 0
    rows: int = 0
    judged_parts: int = 0
    new: tuple[Detection, ...] = ()
    grown_count: int = 0
    odd_messages: int = 0
    unreadable: tuple[str, ...] = ()


@dataclass(slots=True)
class Watch:
    """One watch over one lake. Use from one thread."""

    request: WatchRequest
    store: Store
    doors: Sequence[Door]
    clock: Callable[[], datetime]
    loaded: LoadedDetections = field(init=False)
    _queue: Notifications | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        ensure_sigma()
        self.loaded = load_detections(self.request.detect.rules_dir)
        if self.request.queue_url:
            self._queue = Notifications(self.doors[0], self.request.queue_url)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong with rule files; the other rules run."""
        return self.loaded.faults

    def untold(self) -> tuple[Detection, ...]:
        """What a watch before this one recorded and did not get to tell."""
        told = json.loads(read_cursor(self.store, _UNTOLD) or "[]")
        return tuple(found.detection for each in told for found in detections_by_id(self.store, each))

    def has_told(self) -> None:
        """All of it was told."""
        write_cursor(self.store, _UNTOLD, "[]")

    def cycle(self) -> Cycle:
        """Take in, judge, record. SakimoriError and Refusal where something could not be reached: the next cycle goes on."""
        taken = self._taken()
        judged = self._judged()
        return replace(judged, objects=taken.objects, rows=taken.rows, odd_messages=taken.odd_messages, unreadable=taken.unreadable)  # fmt: skip

    def _taken(self) -> Cycle:
        tallies: list[Tally] = []
        odd = 0
        if self.request.sources:
            asked = Ingesting(
                home=self._home, wanted=self.request.sources, since=self.clock() - _LISTED_BACK, workers=1
            )
            tallies.append(ingest_sources(asked, self.doors, clock=self.clock).tally)
        if self._queue is not None:
            received = self._queue.receive()
            odd = received.odd
            if received.objects:
                request = IngestRequest(home=self._home, kind=self.request.kind, workers=1)
                tallies.append(ingest(request, received.objects, clock=self.clock))
            unreadable = {location for tally in tallies for location in tally.unreadable}
            if not any(each.location in unreadable for each in received.objects):
                # Only now are they safe. A message that stays comes again.
                self._queue.acknowledge(received.receipts)
        return Cycle(
            objects=sum(tally.objects for tally in tallies),
            rows=sum(tally.rows for tally in tallies),
            odd_messages=odd,
            unreadable=tuple(dict.fromkeys(location for tally in tallies for location in tally.unreadable)),
        )

    @property
    def _home(self) -> Path:
        return self.request.detect.home

    def _judged(self) -> Cycle:
        fresh, cursor = self._fresh()
        if not fresh:
            if cursor is not None:
                write_cursor(self.store, _CURSOR, cursor)
            return Cycle()
        since = moment_of(min(part.first_at for part in fresh)) - _LOOKED_BACK
        until = moment_of(max(part.last_at for part in fresh)) + timedelta(seconds=1)
        request = replace(self.request.detect, where=Where(since=since, until=until))
        rules = chosen_rules(self.loaded, request.rules, request.sources)
        found = judge(request, rules, clock=self.clock)
        with self.store.begin() as connection:
            before = json.loads(read_cursor(connection, _UNTOLD) or "[]")
            recorded = record_detections(
                connection, continued(connection, found.detections if found else ()), self.clock()
            )
            untold = [*before, *(each.id for each in recorded.new)]
            write_cursor(connection, _UNTOLD, json.dumps(untold))
            write_cursor(connection, _CURSOR, cursor or "")
        return Cycle(judged_parts=len(fresh), new=recorded.new, grown_count=len(recorded.grown))

    def _fresh(self) -> tuple[list[LogPart], str | None]:
        """The parts that were not judged yet, and what to remember once they are; a first watch begins with now."""
        stands = json.loads(read_cursor(self.store, _CURSOR) or "null")
        tables = {form.table.name for form in log_forms()}
        with closing(LogReader(self._home)) as reader:
            if stands is None:
                parts = reader.made_since((self.clock() - _OVERLAP).isoformat())
                return [], _remembered(parts, self.clock())
            since = datetime.fromisoformat(stands["at"])
            parts = reader.made_since((since - _OVERLAP).isoformat())
        known = set(stands["parts"])
        fresh = [part for part, _ in parts if part.name not in known and part.partition.table in tables]
        return fresh, _remembered(parts, since) if fresh else None


def _remembered(parts: Sequence[tuple[LogPart, str]], at_least: datetime) -> str:
    """Up to which moment parts were judged, and which of those shortly before it."""
    latest = max([at_least, *(_moment(made) for _, made in parts)])
    recent = [part.name for part, made in parts if _moment(made) >= latest - _OVERLAP]
    return json.dumps({"at": latest.isoformat(), "parts": recent})


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
