"""CloudTrail documents into columns, fast where they are as a trail writes them, carefully where they are not."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Final

import msgspec

from sakimori.ingest.cloudtrail.columns import Gathered
from sakimori.ingest.cloudtrail.csv_export import csv_events, header_of
from sakimori.ingest.cloudtrail.event import Event, loose_event, strict_event, with_rest
from sakimori.ingest.cloudtrail.moments import is_usual_time, micros_of
from sakimori.ingest.cloudtrail.records import again_inside, spans
from sakimori.ingest.cloudtrail.usual import UsualRecords
from sakimori.ingest.cloudtrail.wrapped import inner_events
from sakimori.ingest.place import Place, account_or_unknown, partition_of, region_or_unknown
from sakimori.ingest.rows import as_time
from sakimori.ingest.source import Document, Reason, Refused

if TYPE_CHECKING:
    import pyarrow as pa

_BOM: Final = b"\xef\xbb\xbf"
_by_time: Final = attrgetter("eventTime")
_account_of: Final = attrgetter("recipientAccountId")
_region_of: Final = attrgetter("awsRegion")
_place_of: Final = attrgetter("recipientAccountId", "awsRegion")


class CloudTrailBatch:
    """Events by account and Region, each group sorted by time when the batch is finished."""

    def __init__(self) -> None:
        self._groups: defaultdict[tuple[str, str], Gathered] = defaultdict(Gathered)
        self.row_count = 0
        self._spans: list[tuple[int, int]] = []

    def add(self, document: Document) -> tuple[Refused, ...]:
        """Take the events of one document, or of a piece of one."""
        reading = UsualRecords(document)
        for events, times in reading:
            self._take(events, times, document.place)
        if reading.is_whole:
            return ()
        refused: list[Refused] = []
        careful: list[Event] = []
        for each in _carefully(reading.rest()):
            if isinstance(each, Refused):
                refused.append(each)
            else:
                careful.append(each)
        self._take(careful, set(map(_by_time, careful)), document.place)
        return tuple(refused)

    def _take(self, events: list[Event], times: set[str], place: Place) -> None:
        """Take these events; `times` are theirs, which in the usual form are in the order of their letters."""
        if not events:
            return
        self.row_count += len(events)
        self._spans.append((micros_of(min(times)) or 0, micros_of(max(times)) or 0))
        places = _places_of(events)
        for account, region in places:
            key = (account_or_unknown(account or place.account), region_or_unknown(region or place.region))
            of_it = events if len(places) == 1 else [each for each in events if _place_of(each) == (account, region)]
            self._groups[key].add(of_it)

    def span(self) -> tuple[int, int] | None:
        """First and last time of the events added since this was last asked."""
        spans, self._spans = self._spans, []
        return (min(first for first, _ in spans), max(last for _, last in spans)) if spans else None

    def finish(self) -> "Iterator[pa.Table]":
        """The events as columns, a table for each account, Region and day, sorted by time."""
        groups = sorted(self._groups.items())
        self._groups.clear()
        self.row_count = 0
        for (account, region), gathered in groups:
            yield from gathered.tables((account, partition_of(region), region))


def _places_of(events: list[Event]) -> set[tuple[str, str]]:
    """The accounts and Regions of these events: of a document of a trail, there is one."""
    accounts, regions = set(map(_account_of, events)), set(map(_region_of, events))
    if len(accounts) == len(regions) == 1:
        return {(accounts.pop(), regions.pop())}
    return set(map(_place_of, events))


def _carefully(document: Document) -> Iterator[Event | Refused]:
    """Every event that can be had, one by one."""
    data = document.data
    if data.startswith(_BOM):
        # Read again without it: as blanks, so that offsets stay.
        document = replace(document, data=b"   " + data[len(_BOM) :])
        data = document.data
    if document.head or header_of(data):
        yield from _of_csv(document)
        return
    for found in spans(data):
        if isinstance(found, Refused):
            yield replace(found, offset=document.offset + found.offset)
            continue
        begin, end = found
        try:
            inside = list(_events_in(data[begin:end], document.offset + begin))
            if _is_no_record(inside) and again_inside(data, begin, end):
                # What held the records was damaged, and not they.
                yield from _after_a_torn_one(document, begin, end, Reason.NOT_A_RECORD)
            else:
                yield from inside
        except RecursionError:
            yield Refused(offset=document.offset + begin, reason=Reason.TOO_DEEP, size=end - begin)
        except msgspec.DecodeError:
            yield from _after_a_torn_one(document, begin, end, Reason.NOT_JSON)
        except UnicodeDecodeError:
            yield from _after_a_torn_one(document, begin, end, Reason.NOT_UTF8)


def _of_csv(document: Document) -> Iterator[Event | Refused]:
    for found in csv_events(document.data, document.head):
        if isinstance(found, Refused):
            yield replace(found, offset=document.offset + found.offset)
            continue
        offset, record = found
        try:
            yield from _events_in(record, document.offset + offset)
        except RecursionError:
            yield Refused(offset=document.offset + offset, reason=Reason.TOO_DEEP, size=len(record))
        except msgspec.DecodeError:
            yield Refused(offset=document.offset + offset, reason=Reason.NOT_JSON, size=len(record))


def _is_no_record(found: list[Event | Refused]) -> bool:
    return len(found) == 1 and isinstance(found[0], Refused) and found[0].reason is Reason.NOT_A_RECORD


def _after_a_torn_one(document: Document, begin: int, end: int, reason: Reason) -> Iterator[Event | Refused]:
    """The torn piece refused, and what is whole behind it inside the same braces."""
    again = again_inside(document.data, begin, end)
    upto = again or end
    yield Refused(offset=document.offset + begin, reason=reason, size=upto - begin)
    if again:
        inner = Document(
            location=document.location,
            data=document.data[again:end],
            place=document.place,
            offset=document.offset + again,
        )
        yield from _carefully(inner)


def _events_in(record: bytes, offset: int) -> Iterator[Event | Refused]:
    """The event, or those that another wrapping holds."""
    record.decode()
    try:
        event = strict_event(record)
    except msgspec.DecodeError:
        event = loose_event(record)
    if event.eventTime is None and event.eventName is None:
        yield from inner_events(record, offset, _events_in)
        return
    if event.eventTime is None or not is_usual_time(event.eventTime):
        moment = as_time(event.eventTime)
        if moment is None or not is_usual_time(_spelled(moment)):
            yield Refused(offset=offset, reason=Reason.NO_TIME, detail="eventTime", size=len(record))
            return
        with_rest(event, "eventTime", event.eventTime)
        event.eventTime = _spelled(moment)
    yield event


def _spelled(moment: datetime) -> str:
    return moment.replace(microsecond=0).isoformat() + "Z"
