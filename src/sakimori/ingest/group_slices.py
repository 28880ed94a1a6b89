"""One log group of one Region, asked slice by slice: each slice holds whole milliseconds, so that no message comes twice."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.ingest.group_messages import bytes_of, files_of, logged_at
from sakimori.ingest.objects import StoredObject
from sakimori.ingest.pace import Pace, Paces
from sakimori.ingest.slices import (
    Slice,
    SliceGapError,
    microseconds_in,
    settled_at,
    version_of,
)
from sakimori.lake.instants import micros_since_epoch, moment_of
from sakimori.lake.log_proofs import Proof, Span, proofs, union
from sakimori.lake.manifest import Manifest
from sakimori.model.gap import Gap
from sakimori.model.words import GapKind

FILTER: Final = "logs:FilterLogEvents"
PER_SECOND: Final = 5.0
"""The smallest quota of FilterLogEvents in any Region; it cannot be raised (re:Post, "CloudWatch Logs throttling")."""
SLICE_BYTES: Final = 8 << 20
_WINDOW: Final = microseconds_in(timedelta(days=1))
_TIMES: Final = re.compile(r"/([0-9]{8}T[0-9]{9}Z)\.\.([0-9]{8}T[0-9]{9}Z)\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A log group, or the streams of it whose names begin with `stream`. `settled`: what is older no longer grows (µs)."""

    door: Door
    region: str
    name: str
    stream: str = ""
    source: str = ""
    table: str = ""
    settled: int = 0
    head: bytes = b""
    slice_bytes: int = SLICE_BYTES
    paces: Paces = field(default_factory=lambda: Paces(per_second=PER_SECOND))

    @property
    def address(self) -> str:
        """Where its messages lie, as the location of an object begins."""
        suffix = f"?stream={self.stream}" if self.stream else ""
        return f"logs://{self.door.account.id}/{self.region}/{self.name}{suffix}"

    def stretch(self, span: Span) -> str:
        """The location of what holds all messages of a stretch of time."""
        return f"{self.address}/{'..'.join(map(_spelled, span))}"

    @property
    def proof_kind(self) -> str:
        """The kind of its proofs."""
        return f"logs:{self.name}{f'?stream={self.stream}' if self.stream else ''}"

    def sample(self, span: Span, count: int) -> Sequence[Mapping[str, Any]]:
        """A few messages, of the latest day of that time that has any; Refusal where AWS does not give them."""
        first, last = span
        window = _WINDOW
        pace = self.paces.of(self.door.account.id, self.region)
        while first <= last:
            pace.wait()
            asked = {**self._asked((max(first, last - window + 1), last)), "limit": count}
            for page in self.door.pages(FILTER, self.region, asked):
                if events := page.get("events"):
                    return events
            last -= window
            window *= 2
        return ()

    def slices(self, span: Span) -> Iterator[Slice]:
        """The oldest first. Quiet times are asked for in ever longer stretches, busy ones a day at a time."""
        pace = self.paces.of(self.door.account.id, self.region)
        first, last = span
        window = _WINDOW
        while first <= last:
            events, reached, requests = self._collect(pace, (first, min(last, first + window - 1)))
            yield self._slice(events, (first, reached), requests)
            window = _WINDOW if events else 2 * window
            first = reached + 1

    def _collect(self, pace: Pace, span: Span) -> tuple[list[Mapping[str, Any]], int, int]:
        """Messages from the beginning of a stretch, until when all are among them (µs), and how many requests that took."""
        asked = self._asked(span)
        found: list[Mapping[str, Any]] = []
        size = 0
        seen: set[str] = set()
        while True:
            answer = self._ask(pace, asked)
            page = answer.get("events") or ()
            found += page
            size += sum(map(bytes_of, page))
            token = answer.get("nextToken")
            if not token:
                return found, span[1], len(seen) + 1
            latest = max(map(logged_at, found), default=0)
            if size >= self.slice_bytes and latest * 1000 > span[0]:
                # The next page may hold more of the latest millisecond: it is left whole to the next slice.
                kept = [event for event in found if logged_at(event) < latest]
                return kept, latest * 1000 - 1, len(seen) + 1
            if token in seen:
                raise self._refused(GapKind.MALFORMED, "nextToken", "the same next token was received twice")
            seen.add(token)
            asked["nextToken"] = token

    def _asked(self, span: Span) -> dict[str, Any]:
        asked: dict[str, Any] = {"logGroupName": self.name, "startTime": span[0] // 1000, "endTime": span[1] // 1000}
        return {**asked, "logStreamNamePrefix": self.stream} if self.stream else asked

    def _ask(self, pace: Pace, asked: Mapping[str, object]) -> Mapping[str, Any]:
        pace.wait()
        try:
            return self.door.call(FILTER, self.region, asked)
        except Refusal as refusal:
            raise SliceGapError(self.gap(refusal, self.table)) from refusal

    def gap(self, refusal: Refusal, table: str) -> Gap:
        """What AWS refused of this group."""
        return Gap(
            table=table, account=self.door.account.id, region=self.region, parent=self.name, call=refusal.call,
            kind=refusal.kind, code=refusal.code, message=refusal.message,
        )  # fmt: skip

    def _refused(self, kind: GapKind, code: str, message: str) -> SliceGapError:
        return SliceGapError(self.gap(Refusal(call=FILTER, kind=kind, code=code, message=message), self.table))

    def _slice(self, events: Sequence[Mapping[str, Any]], covered: Span, requests: int) -> Slice:
        settled = min(covered[1], self.settled)
        proof = Proof(
            table=self.table, account=self.door.account.id, region=self.region, kind=self.proof_kind,
            first_at=covered[0], last_at=settled, detail=self.name,
        )  # fmt: skip
        return Slice(
            account=self.door.account.id,
            region=self.region,
            source=self.source,
            objects=tuple(self._objects(events, covered)) if events else (),
            proof=proof if settled >= covered[0] else None,
            covered=covered,
            requests=requests,
            records=len(events),
        )

    def _objects(self, events: Sequence[Mapping[str, Any]], covered: Span) -> Iterator[StoredObject]:
        for name, data in files_of(self.source, events, self.head):
            if data == self.head:
                continue
            yield StoredObject(
                location=f"{self.stretch(covered)}{f'/{name}' if name else ''}",
                version=version_of(data),
                byte_count=len(data),
                read=lambda data=data: data,
            )


def proven_spans(manifest: Manifest, group: Group) -> tuple[Span, ...]:
    """The stretches of time that need not be asked for again; of some streams, also what is proven of the whole group."""
    found: list[Span] = []
    for each in (group, replace(group, stream="")) if group.stream else (group,):
        recorded = proofs(
            manifest, group.table, account=group.door.account.id, region=group.region, kind=each.proof_kind
        )
        found += [*(proof.span for proof in recorded), *taken_spans(manifest, each)]
    return union(found)


def taken_spans(manifest: Manifest, group: Group) -> Iterator[Span]:
    """The stretches of time whose messages are in the lake, by the places of the objects that were taken.

    They are there in the same transaction as the rows: a kill before the proof was recorded doubles nothing.
    """
    begins = f"{group.address}/"
    found = manifest.query(
        "select location, taken_at from log_object where source = ? and location >= ? and location < ?",
        group.source,
        begins,
        f"{begins}\U0010ffff",
    )
    for location, taken_at in found:
        times = _TIMES.fullmatch(location[len(begins) - 1 :])
        if times:
            settled = settled_at(datetime.fromisoformat(taken_at))
            yield _read(times[1]), min(_read(times[2]) + 999, settled)


def _spelled(at: int) -> str:
    return f"{moment_of(at):%Y%m%dT%H%M%S}{at // 1000 % 1000:03}Z"


def _read(text: str) -> int:
    whole = datetime.strptime(text[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return micros_since_epoch(whole) + int(text[15:18]) * 1000
