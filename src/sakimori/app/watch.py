"""Watching: new log files into the lake, new events through the rules, new detections out; again and again.

A cycle does three things, each safe against a kill in the middle of it:
1. What is new is taken into the lake (each object once, by the manifest).
2. Parts that were not judged yet are judged together with the day before them, so that what began earlier is seen whole:
   that day is judged by the first cycle alone, later ones have in memory what the rules still wait for (`standing`).
   Detections are written in one transaction, and only then that the parts were judged: judged again, all of it is known.
3. What is new is told. What was recorded and not told yet is told first, after a restart too.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sakimori.analysis.log_forms.catalogue import log_forms
from sakimori.app.detect import DetectRequest, chosen_rules
from sakimori.app.ingesting import Ingesting, Wanted, ingest_sources
from sakimori.app.notify import WATCHED
from sakimori.app.standing import StandingJudgement
from sakimori.aws.door import Door
from sakimori.findings.cursors import read_cursor, write_cursor
from sakimori.findings.detections import Recorded, detections_by_id
from sakimori.findings.recording import record_found
from sakimori.ingest.catalogue import AUTO
from sakimori.ingest.engine import IngestRequest, Tally, ingest
from sakimori.ingest.notifications import MOST_TRIES, Notifications
from sakimori.lake.instants import moment_of
from sakimori.lake.judged_parts import JudgedParts
from sakimori.lake.log_parts import LogPart
from sakimori.lake.log_reader import LogReader
from sakimori.model.detection import Detection
from sakimori.model.extras import DETECT, ensure_libraries
from sakimori.rules.detections.load import load_detections
from sakimori.rules.detections.rule import Detections
from sakimori.rules.rule import Fault
from sakimori.state.store import Store

_LISTED_BACK: Final = timedelta(days=2)
"""How old a file may be that is still looked for in a bucket: trails deliver within minutes, in trouble within hours."""
_UNTOLD: Final = "watch.untold"
_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRequest:
    """What to watch. Without sources and a queue: the lake alone, which others fill."""

    detect: DetectRequest
    sources: tuple[Wanted, ...] = ()
    queue_url: str = ""
    kind: str = AUTO


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """What one cycle did.

    `refused` are pieces of files that could not be read, `unrecognised` files that are no log, `odd_messages` messages that
    tell of no object, `contested` events whose id came with other content too, `incomplete` those without what every event has, `given_up` messages whose object could never be read.
    """

    objects: int = 0
    rows: int = 0
    judged_parts: int = 0
    new: tuple[Detection, ...] = ()
    grown_count: int = 0
    odd_messages: int = 0
    given_up: int = 0
    refused: int = 0
    contested: int = 0
    incomplete: int = 0
    unrecognised: int = 0
    unreadable: tuple[str, ...] = ()


@dataclass(slots=True)
class Watch:
    """One watch over one lake. Use from one thread."""

    request: WatchRequest
    store: Store
    doors: Sequence[Door]
    clock: Callable[[], datetime]
    faults: tuple[Fault, ...] = field(init=False)
    """What is wrong with rule files; the other rules run."""
    _rules: Detections = field(init=False)
    _judgement: StandingJudgement = field(init=False)
    _queue: Notifications | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        ensure_libraries(*DETECT)
        asked = self.request.detect
        loaded = load_detections(asked.rules_dir)
        self.faults = loaded.faults
        self._rules = chosen_rules(loaded, asked.rules, asked.sources)
        self._judgement = StandingJudgement(asked, self._rules)
        if self.request.queue_url:
            self._queue = Notifications(self.doors[0], self.request.queue_url)

    def untold(self) -> tuple[Detection, ...]:
        """What a watch before this one recorded and did not get to tell."""
        told = json.loads(read_cursor(self.store, _UNTOLD) or "[]")
        return tuple(found.detection for each in told for found in detections_by_id(self.store, each))

    def has_told(self) -> None:
        """All of it was told."""
        write_cursor(self.store, _UNTOLD, "[]")

    def note_beat(self) -> None:
        """Write down that somebody watches, and how many events of the last week there were to look at."""
        since = self.clock() - _WEEK
        events = sum(part.row_count for part in self._every_part() if moment_of(part.last_at) >= since)
        write_cursor(self.store, WATCHED, json.dumps({"at": self.clock().isoformat(), "events": events}))

    def cycle(self) -> Cycle:
        """Take in, judge, record. SakimoriError and Refusal where something could not be reached: the next cycle goes on."""
        with closing(JudgedParts(self._home / "lake" / "judged.db")) as judged:
            if not judged.has_begun:
                # What is there before the first cycle is not new; what that cycle takes in is.
                judged.begin(self._every_part(), self.clock().isoformat())
            taken = self._taken()
            found = self._judged(judged)
        return replace(taken, judged_parts=found.judged_parts, new=found.new, grown_count=found.grown_count)

    def _taken(self) -> Cycle:
        tallies: list[Tally] = []
        odd = given_up = 0
        if self.request.sources:
            asked = Ingesting(
                home=self._home, wanted=self.request.sources, since=self.clock() - _LISTED_BACK, workers=1
            )
            tallies.append(ingest_sources(asked, self.doors, clock=self.clock).tally)
        if self._queue is not None:
            received = self._queue.receive()
            odd = sum(not message.objects for message in received)
            objects = [each for message in received for each in message.objects]
            if objects:
                request = IngestRequest(home=self._home, kind=self.request.kind, workers=1)
                tallies.append(ingest(request, objects, clock=self.clock))
            unreadable = {location for tally in tallies for location in tally.unreadable}
            missing = [message for message in received if any(each.location in unreadable for each in message.objects)]
            lost = [message for message in missing if message.tries >= MOST_TRIES]
            given_up = len(lost)
            # Only now are they safe. A message that stays comes again, but not for ever.
            waiting = {message.receipt for message in missing} - {message.receipt for message in lost}
            self._queue.acknowledge([message.receipt for message in received if message.receipt not in waiting])
        return Cycle(
            objects=sum(tally.objects for tally in tallies),
            rows=sum(tally.rows for tally in tallies),
            odd_messages=odd,
            given_up=given_up,
            refused=sum(count for tally in tallies for count in tally.refused.values()),
            contested=sum(tally.contested_count for tally in tallies),
            incomplete=sum(tally.incomplete_events for tally in tallies),
            unrecognised=sum(len(tally.unrecognised) + len(tally.foreign_packed) for tally in tallies),
            unreadable=tuple(dict.fromkeys(location for tally in tallies for location in tally.unreadable)),
        )

    @property
    def _home(self) -> Path:
        return self.request.detect.home

    def _every_part(self) -> tuple[LogPart, ...]:
        with closing(LogReader(self._home)) as reader:
            return reader.every_part()

    def _judged(self, judged: JudgedParts) -> Cycle:
        tables = {form.table.name for form in log_forms()}
        there = self._every_part()
        fresh = judged.fresh([part for part in there if part.partition.table in tables])
        if not fresh:
            return Cycle()
        recorded = self._recorded(fresh)
        # After a kill before this they are judged again, and all of it is known.
        judged.mark(fresh, there)
        return Cycle(judged_parts=len(fresh), new=recorded.new, grown_count=len(recorded.grown))

    def _recorded(self, fresh: Sequence[LogPart]) -> Recorded:
        found = self._judgement.over(fresh)
        with self.store.begin() as connection:
            recorded = record_found(connection, found, self.clock(), self._rules.renamed)
            before = json.loads(read_cursor(connection, _UNTOLD) or "[]")
            write_cursor(connection, _UNTOLD, json.dumps([*before, *(each.id for each in recorded.new)]))
        return recorded
