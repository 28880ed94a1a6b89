"""Logs that are asked for piece by piece: each piece an object for the lake, and a proof once it is there."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from sakimori.ingest.asking import together
from sakimori.ingest.objects import StoredObject
from sakimori.lake.instants import micros_since_epoch, moment_of
from sakimori.lake.log_proofs import Proof, Span, missing, record
from sakimori.lake.manifest import Manifest
from sakimori.model.gap import Gap
from sakimori.texts.language import Language
from sakimori.texts.sentences import say

SETTLES_AFTER: Final = timedelta(minutes=15)
"""What is younger may still grow: CloudTrail and others deliver "typically within" five to fifteen minutes."""
SECOND: Final = 1_000_000
_MILLISECOND: Final = 1_000
_ASKED: Final = re.compile(
    r"(?:lookup-events|logs)://.*/(?P<first>[0-9]{8}T[0-9]{6}(?:[0-9]{3})?Z)\.\.(?P<last>[0-9]{8}T[0-9]{6}(?:[0-9]{3})?Z)(?:/|\Z)",
    re.DOTALL,
)
"""The location of an object that `lookup` or `group_slices` made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """What one account and Region told of a stretch of time.

    `source` names the kind of the log in `objects`, of which there are none where there was nothing; `proof` is None where the time is too young to be proven complete. `covered`
    is the stretch that need not be asked for again in this run, `requests` how many calls it took.
    """

    account: str
    region: str
    source: str
    objects: tuple[StoredObject, ...]
    proof: Proof | None
    covered: Span
    requests: int
    records: int


class SliceProgress(Protocol):
    """What watches: seconds of log time, summed over accounts and Regions."""

    def total(self, seconds: float) -> None:
        """How much time is to be asked for."""
        ...

    def done(self, seconds: float, requests: int, records: int) -> None:
        """How much more of it is in the lake."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of questions: an account's log in one Region, and the stretches of it that are not proven yet.

    `name` tells logs of one account and Region from each other.
    """

    account: str
    region: str
    wanted: Span
    proven: tuple[Span, ...]
    name: str = ""
    ask: Callable[[Span], Iterator[Slice]]
    """Slices of one stretch, in any order; ends early with SliceGapError where AWS refuses."""

    @property
    def place(self) -> str:
        """Account, Region and name, as a person reads them."""
        return "/".join(each for each in (self.account, self.region, self.name) if each)

    @property
    def open(self) -> tuple[Span, ...]:
        """What is to be asked, in order of time."""
        return missing(self.proven, self.wanted)


class SliceGapError(Exception):
    """AWS refuses to go on; `gap` says what and why."""

    def __init__(self, gap: Gap) -> None:
        super().__init__(gap.code)
        self.gap = gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How complete one log is in the lake: `missing` holds what nobody has proven, in order of time.

    `place` is its account, Region and name with slashes between; `asked` are the stretches of these that were asked for in this run: what is missing of them is only too young.
    """

    place: str
    wanted: Span
    missing: tuple[Span, ...]
    asked: tuple[Span, ...]

    @property
    def is_answered(self) -> bool:
        """AWS has told all of it, now or before."""
        return not any(missing(self.asked, span) for span in self.missing)


@dataclass(slots=True)
class Sliced:
    """What came of it. Rows and files are counted by whoever commits."""

    requests: int = 0
    records: int = 0
    gaps: list[Gap] = field(default_factory=list[Gap])
    coverage: list[Coverage] = field(default_factory=list[Coverage])

    @property
    def is_complete(self) -> bool:
        """Everything that was wanted is told and in the lake; the youngest minutes may still grow."""
        return not self.gaps and all(each.is_answered for each in self.coverage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A sentence that belongs to a result: an id of the text catalogue with its values."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict[str, object])

    def said(self, language: Language) -> str:
        """The sentence."""
        return say(self.text, language, **self.values)


def gap_notes(found: Sliced) -> Iterator[Note]:
    """What AWS refused, and of which times the lake is therefore not complete."""
    for gap in found.gaps:
        place = "/".join(each for each in (gap.account, gap.region, gap.parent) if each)
        yield Note(text="ingest_aws.refused", values={"place": place, "call": gap.call, "code": gap.code})
    for each in found.coverage:
        if not each.is_answered:
            times = {"first": moment_of(each.missing[0][0]), "last": moment_of(each.missing[-1][1])}
            yield Note(text="ingest_aws.incomplete", values={"place": each.place, **times})


def take_in(
    lines: Sequence[Line],
    manifest: Manifest,
    commit: Callable[[str, Sequence[StoredObject]], object],
    *,
    progress: SliceProgress | None = None,
) -> Sliced:
    """Ask all lines at the same time, commit every slice, and record its proof after that.

    `commit` is called from this thread with the name of a source and objects of it, and returns once these are durably in
    the lake. Whatever stops this, what was
    committed stays, and the next run asks only for the rest.
    """
    found = Sliced()
    proven = [list(line.proven) for line in lines]
    asked: list[list[Span]] = [[] for _ in lines]
    if progress:
        progress.total(sum(_seconds(span) for line in lines for span in line.open))
    with together([_stretches(line) for line in lines]) as coming:
        for number, each in coming:
            if isinstance(each, Gap):
                found.gaps.append(each)
                continue
            if each.objects:
                commit(each.source, each.objects)
            if each.proof is not None:
                record(manifest, each.proof)
                proven[number].append(each.proof.span)
            asked[number].append(each.covered)
            found.requests += each.requests
            found.records += each.records
            if progress:
                progress.done(_seconds(each.covered), each.requests, each.records)
    found.coverage += [
        Coverage(place=line.place, wanted=line.wanted, missing=missing(known, line.wanted), asked=tuple(answered))
        for line, known, answered in zip(lines, proven, asked, strict=True)
    ]
    return found


def _stretches(line: Line) -> Iterator[Slice | Gap]:
    """The latest first: who stops early has what matters most."""
    try:
        for span in reversed(line.open):
            yield from line.ask(span)
    except SliceGapError as error:
        yield error.gap


def asked_span(location: str) -> Span | None:
    """The stretch of time of which an object of a slice holds everything, by its location; None for any other file.

    >>> asked_span("lookup-events://111122223333/us-east-1/19700101T000000Z..19700101T000002Z")
    (0, 2999999)
    >>> asked_span("logs://111122223333/us-east-1/group/19700101T000000500Z..19700101T000001999Z")
    (500000, 1999999)
    >>> asked_span("s3://bucket/19700101T000000Z..19700101T000002Z")
    """
    found = _ASKED.match(location)
    if not found:
        return None
    first, last = (_micros_of(found[name]) for name in ("first", "last"))
    return first, last + (SECOND if len(found["last"]) == len("19700101T000000Z") else _MILLISECOND) - 1


def _micros_of(text: str) -> int:
    whole, rest = text[:15], text[15:-1]
    moment = datetime.strptime(whole, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return micros_since_epoch(moment) + int(rest or 0) * _MILLISECOND


def microseconds_in(duration: timedelta) -> int:
    """How many microseconds that is."""
    return duration // timedelta(microseconds=1)


def settled_at(now: datetime) -> int:
    """The last microsecond of which nothing more comes: of a whole second."""
    at = micros_since_epoch(now - SETTLES_AFTER)
    return at - at % SECOND - 1


def version_of(data: bytes) -> str:
    """What tells one content from another."""
    return hashlib.sha256(data).hexdigest()[:16]


def _seconds(span: Span) -> float:
    return (span[1] - span[0] + 1) / SECOND
