"""CloudTrail's event history for an account without a trail: asked slowly, resumed where it stopped, and honest about what it lacks.

AWS allows two requests a second in each account and Region, gives 50 events for each, keeps 90 days, and tells management
events alone. Source: CloudTrail API reference, LookupEvents.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.aws.settings import Clock
from sakimori.ingest.asked_marks import AskedMarks
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.ingest.objects import StoredObject
from sakimori.ingest.pace import Pace, Paces
from sakimori.ingest.slices import (
    SECOND,
    SETTLES_AFTER,
    Line,
    Note,
    Slice,
    Sliced,
    SliceGapError,
    gap_notes,
    settled_at,
    version_of,
)
from sakimori.lake.instants import micros_since_epoch, moment_of
from sakimori.lake.log_proofs import Proof, Span, proofs
from sakimori.lake.manifest import Manifest
from sakimori.model.gap import Gap
from sakimori.model.words import GapKind

SCHEME: Final = "lookup-events://"
TYPED: Final = "cloudtrail --lookup-events"
"""What a person types after `sakimori ingest`."""
KIND: Final = "lookup"
"""The kind of the proofs in `sakimori.lake.log_proofs`."""
CALL: Final = "cloudtrail:LookupEvents"
OPERATIONS: Final = (CALL,)
REACHES_BACK: Final = timedelta(days=90)
PER_SECOND: Final = 2.0
_PAGE: Final = 50
_SLICE_EVENTS: Final = 2_000
_SOURCE: Final = "cloudtrail"
_MANAGEMENT_ONLY: Final = "management events"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """What to ask for: all the Regions that the doors have selected, the last 90 days, where nothing else is said.

    `now` is when the run began: what is younger is left to the next one. `times` is what pacing sleeps by.
    """

    now: datetime
    since: datetime | None = None
    until: datetime | None = None
    slice_events: int = _SLICE_EVENTS
    times: Clock = field(default_factory=Clock)

    @property
    def span(self) -> Span:
        """From when to when it asks, in whole seconds; AWS has nothing from before 90 days ago."""
        oldest = self.now - REACHES_BACK
        first = max(self.since, oldest) if self.since else oldest
        last = min(self.until, self.now) if self.until else self.now
        return micros_since_epoch(first.replace(microsecond=0)), micros_since_epoch(
            last.replace(microsecond=0)
        ) + SECOND - 1

    @property
    def is_cut(self) -> bool:
        """More was wanted than AWS keeps."""
        return self.since is not None and self.since < self.now - REACHES_BACK


def lookup_lines(doors: Sequence[Door], lookup: Lookup, manifest: Manifest) -> tuple[Line, ...]:
    """What is to be asked in each account and Region, for `slices.take_in`; what is proven already is left out."""
    paces = Paces(per_second=PER_SECOND, clock=lookup.times)
    return tuple(
        Line(
            account=door.account.id,
            region=region,
            wanted=lookup.span,
            proven=tuple(
                proof.span for proof in proofs(manifest, TABLE.name, account=door.account.id, region=region, kind=KIND)
            ),
            ask=_History(door=door, region=region, lookup=lookup, pace=paces.of(door.account.id, region)).slices,
        )
        for door in doors
        for region in door.account.selected
    )


def told_if_cut(lines: Sequence[Line], lookup: Lookup, manifest: Manifest) -> AbstractContextManager[None]:
    """Marks of what is to be asked of each account and Region, until it is proven."""

    def proven(address: str) -> Sequence[Span]:
        account, region = address.removeprefix(SCHEME).split("/")
        known = proofs(manifest, TABLE.name, account=account, region=region, kind=KIND)
        return [proof.span for proof in known]

    marks = AskedMarks(manifest=manifest, kind=_SOURCE, typed=TYPED, now=lookup.now, stretch=_stretch, proven=proven)
    return marks.told_if_cut({_address(line.account, line.region): line for line in lines})


def lookup_notes(lookup: Lookup, found: Sliced) -> Iterator[Note]:
    """What a person must know of what was looked up, to the most important last."""
    yield Note(text="ingest_aws.lookup_management_only")
    yield Note(text="ingest_aws.young", values={"minutes": SETTLES_AFTER // timedelta(minutes=1)})
    if lookup.is_cut:
        yield Note(text="ingest_aws.lookup_ninety_days", values={"since": moment_of(lookup.span[0])})
    yield from gap_notes(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _History:
    """The event history of one account and Region."""

    door: Door
    region: str
    lookup: Lookup
    pace: Pace

    def slices(self, span: Span) -> Iterator[Slice]:
        """The newest first. A slice ends between two seconds: what it proves it holds whole."""
        first, last = span
        while last >= first:
            events, reached, requests = self._collect(first, last)
            yield self._slice(events, (reached, last), requests)
            last = reached - 1

    def _collect(self, first: int, last: int) -> tuple[list[Mapping[str, Any]], int, int]:
        """Events from `last` back, from when on all are among them, and how many requests that took."""
        asked: dict[str, Any] = {
            "StartTime": moment_of(first),
            "EndTime": moment_of(last - last % SECOND),
            "MaxResults": _PAGE,
        }
        found: list[Mapping[str, Any]] = []
        seen: set[str] = set()
        oldest = last
        while True:
            answer = self._ask(asked)
            page = answer.get("Events") or ()
            found += page
            oldest = min([oldest, *(micros_since_epoch(each["EventTime"]) for each in page if each.get("EventTime"))])
            token = answer.get("NextToken")
            if not token:
                return found, first, len(seen) + 1
            # The next page may hold more events of the oldest second.
            reached = oldest - oldest % SECOND + SECOND
            if len(found) >= self.lookup.slice_events and reached <= last:
                return found, reached, len(seen) + 1
            if token in seen:
                raise self._refused(GapKind.MALFORMED, "NextToken", "the same next token was received twice")
            seen.add(token)
            asked["NextToken"] = token

    def _ask(self, parameters: Mapping[str, object]) -> Mapping[str, Any]:
        self.pace.wait()
        try:
            return self.door.call(CALL, self.region, parameters)
        except Refusal as refusal:
            raise self._refused(refusal.kind, refusal.code, refusal.message) from refusal

    def _refused(self, kind: GapKind, code: str, message: str) -> SliceGapError:
        return SliceGapError(
            Gap(
                table=TABLE.name, account=self.door.account.id, region=self.region, call=CALL,
                kind=kind, code=code, message=message,
            )
        )  # fmt: skip

    def _slice(self, events: Sequence[Mapping[str, Any]], covered: Span, requests: int) -> Slice:
        account = self.door.account.id
        settled = min(covered[1], settled_at(self.lookup.now))
        proof = Proof(
            table=TABLE.name, account=account, region=self.region, kind=KIND,
            first_at=covered[0], last_at=settled, detail=_MANAGEMENT_ONLY,
        )  # fmt: skip
        return Slice(
            account=account,
            region=self.region,
            source=_SOURCE,
            objects=(_object(account, self.region, covered, events),) if events else (),
            proof=proof if settled >= covered[0] else None,
            covered=covered,
            requests=requests,
            records=len(events),
        )


def _object(account: str, region: str, covered: Span, events: Sequence[Mapping[str, Any]]) -> StoredObject:
    """Events as JSON lines, each in AWS's own wrapping, so that one that is torn takes no other along."""
    data = b"".join(json.dumps(_wrapped(each), default=str).encode() + b"\n" for each in events)
    return StoredObject(
        location=_stretch(_address(account, region), covered),
        version=version_of(data),
        byte_count=len(data),
        read=lambda: data,
    )


def _address(account: str, region: str) -> str:
    return f"{SCHEME}{account}/{region}"


def _stretch(address: str, span: Span) -> str:
    return f"{address}/{'..'.join(f'{moment_of(at):%Y%m%dT%H%M%SZ}' for at in span)}"


def _wrapped(event: Mapping[str, Any]) -> Mapping[str, Any]:
    record = event.get("CloudTrailEvent")
    return {"CloudTrailEvent": record} if record else dict(event)
