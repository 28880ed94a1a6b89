"""Ingesting: from what a person names as a SOURCE to rows in the lake."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from sakimori.aws.door import Answer, Door
from sakimori.aws.refusal import Refusal
from sakimori.ingest.catalogue import AUTO, source_named
from sakimori.ingest.engine import IngestProgress, IngestRequest, Intake, Tally, opened
from sakimori.ingest.log_groups import SCHEME as GROUP
from sakimori.ingest.log_groups import LogGroups, group_notes, log_group_lines
from sakimori.ingest.log_groups import told_if_cut as group_told_if_cut
from sakimori.ingest.lookup import SCHEME as LOOKUP
from sakimori.ingest.lookup import Lookup, lookup_lines, lookup_notes, told_if_cut
from sakimori.ingest.objects import StoredObject, is_gone_under, local_objects
from sakimori.ingest.s3_objects import SCHEME as S3
from sakimori.ingest.s3_objects import s3_objects
from sakimori.ingest.slices import Line, Note, Sliced, SliceProgress, take_in
from sakimori.lake.quarantine import listed_after_all
from sakimori.lake.unfinished import give_up
from sakimori.model.errors import UsageError
from sakimori.model.extras import LAKE, ensure_libraries
from sakimori.model.gap import Gap
from sakimori.texts.language import first_few

_NAMED: Final = 3
"""Files that a sentence names."""
_GUESSED: Final = {"ingest_aws.no_such_group": "ingest_aws.no_group_yet"}
"""What is said in another way where nobody typed it: whoever has the configuration looked through cannot choose a Region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """What watches: `files` those that are read, `asked` what AWS is asked for little by little."""

    files: IngestProgress
    asked: SliceProgress


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One thing to take in: `source` as a person writes it, `kind` a source's name or `auto`.

    `region` is where a log group is, "" for all Regions. Where `is_guessed`, nobody wrote it: that there is no such bucket or group is told, and the rest goes on.
    """

    kind: str
    source: str
    region: str = ""
    is_guessed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingesting:
    """What to take in, and of which time: only what lies afar is chosen by time, a file that is given is read whole.

    `is_passing`: into a lake that goes away again.
    """

    home: Path
    wanted: tuple[Wanted, ...]
    since: datetime | None = None
    until: datetime | None = None
    workers: int = 0
    is_passing: bool = False


@dataclass(slots=True)
class Ingested:
    """What came of it; `notes` are sentences about what could not be had, `is_complete` tells of what was asked for by time."""

    tally: Tally
    notes: list[Note] = field(default_factory=list[Note])
    is_complete: bool = True

    has_asked: bool = False
    """AWS was asked little by little, and has no files: that there were none says nothing."""

    @property
    def is_whole(self) -> bool:
        """Everything that was named is in the lake."""
        tally = self.tally
        return self.is_complete and not (
            tally.refused or tally.unreadable or tally.unrecognised or tally.foreign_packed or tally.partial_objects
        )


def needs_doors(wanted: Iterable[Wanted]) -> bool:
    """Whether AWS must be asked."""
    return any(each.source.startswith((S3, GROUP, LOOKUP)) for each in wanted)


def ingest_sources(
    asked: Ingesting, doors: Sequence[Door], *, clock: Callable[[], datetime], watcher: Watcher | None = None
) -> Ingested:
    """Bring what the sources name into the lake, each event once. Without an address in AWS no door is needed.

    UsageError before anything is read where a kind or a source is none.
    """
    ensure_libraries(*LAKE)
    if not asked.wanted:
        raise UsageError("ingest.no_source")
    for each in asked.wanted:
        if each.kind != AUTO:
            source_named(each.kind)
    request = IngestRequest(home=asked.home, kind=AUTO, workers=asked.workers, is_passing=asked.is_passing)
    with opened(request, clock=clock) as intake:
        run = _Run(asked=asked, doors=doors, intake=intake, now=clock(), watcher=watcher)
        return run.over()


class _OneRegion:
    """A door that shows one Region of its account."""

    def __init__(self, door: Door, region: str) -> None:
        self._door = door
        self.account = replace(door.account, selected=(region,))

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        return self._door.refusals

    def call(self, operation: str, region: str, parameters: Mapping[str, object]) -> Answer:
        return self._door.call(operation, region, parameters)

    def pages(self, operation: str, region: str, parameters: Mapping[str, object]) -> Iterator[Answer]:
        return self._door.pages(operation, region, parameters)


def _is_no_digest(found: StoredObject) -> bool:
    """Digest files lie beside a trail's logs; `sakimori lake verify` reads them."""
    return "/CloudTrail-Digest/" not in found.location


@dataclass(slots=True, kw_only=True)
class _Run:
    asked: Ingesting
    doors: Sequence[Door]
    intake: Intake
    now: datetime
    watcher: Watcher | None
    found: Ingested = field(init=False)

    def __post_init__(self) -> None:
        self.found = Ingested(self.intake.tally)

    def over(self) -> Ingested:
        """Files first, kind by kind; then what is asked for little by little."""
        by_kind: dict[str, list[Wanted]] = {}
        for each in self.asked.wanted:
            if not each.source.startswith((GROUP, LOOKUP)):
                by_kind.setdefault(each.kind, []).append(each)
        for kind, wanted in by_kind.items():
            self.intake.take(kind, self._objects(wanted), self.watcher and self.watcher.files)
        for each in self.asked.wanted:
            with self._told_if_guessed(each):
                if each.source.startswith(GROUP):
                    self._group(each)
                elif each.source.startswith(LOOKUP):
                    self._lookup()
        return self.found

    @contextmanager
    def _told_if_guessed(self, wanted: Wanted) -> Generator[None]:
        try:
            yield
        except UsageError as error:
            if not wanted.is_guessed:
                raise
            self.found.notes.append(Note(text=_GUESSED.get(error.text, error.text), values=error.values))
            self.found.is_complete = False

    def _objects(self, wanted: Iterable[Wanted]) -> Iterator[StoredObject]:
        for each in wanted:
            with self._told_if_guessed(each):
                found = self._in_bucket(each) if each.source.startswith(S3) else self._on_disk(each)
                yield from filter(_is_no_digest, found)

    def _in_bucket(self, wanted: Wanted) -> Iterator[StoredObject]:
        uri = wanted.source
        address = uri if "/" in uri.removeprefix(S3) else f"{uri}/"
        are_all, listed = self.asked.since is None and self.asked.until is None, set[str]()
        for each in s3_objects(self.doors[0], uri, since=self.asked.since, until=self.asked.until):
            are_all = are_all and each.is_delivered
            listed.add(each.location)
            yield each
        if are_all:
            listed_after_all(self.intake.manifest, address)
            self._give_up(wanted.kind, lambda location: location.startswith(address) and location not in listed)

    def _on_disk(self, wanted: Wanted) -> Iterator[StoredObject]:
        given = partial(is_gone_under, wanted.source)
        try:
            yield from local_objects(wanted.source)
        except UsageError:
            # A folder that is no more is no fault where an earlier ingest could not take all of it.
            if not self._give_up(wanted.kind, given):
                raise
        else:
            self._give_up(wanted.kind, given)

    def _give_up(self, kind: str, is_gone: Callable[[str], bool]) -> bool:
        """Whether files of ingests that did not end are no more: they are told, and stand among what could not be read."""
        gone = give_up(self.intake.manifest, "" if kind == AUTO else kind, is_gone, self.now)
        if gone:
            names = first_few(gone, _NAMED)
            self.found.notes.append(Note(text="ingest.gone", values={"count": len(gone), "names": names}))
            self.found.is_complete = False
        return bool(gone)

    def _lookup(self) -> None:
        lookup = Lookup(now=self.now, since=self.asked.since, until=self.asked.until)
        lines = lookup_lines(self.doors, lookup, self.intake.manifest)
        with told_if_cut(lines, lookup, self.intake.manifest):
            sliced = self._sliced(lines)
        self.found.notes += lookup_notes(lookup, sliced)

    def _group(self, wanted: Wanted) -> None:
        groups = LogGroups(kind=wanted.kind, now=self.now, since=self.asked.since, until=self.asked.until)
        doors = [_OneRegion(door, wanted.region) for door in self.doors] if wanted.region else self.doors
        lines = log_group_lines(doors, wanted.source, groups, self.intake.manifest)
        with group_told_if_cut(lines, wanted.kind, wanted.source, self.now, self.intake.manifest):
            sliced = self._sliced(lines.lines, lines.gaps)
        self.found.is_complete = self.found.is_complete and lines.is_known
        self.found.notes += [*lines.notes, *group_notes(sliced)]

    def _sliced(self, lines: Sequence[Line], gaps: Sequence[Gap] = ()) -> Sliced:
        sliced = take_in(lines, self.intake.manifest, self.intake.take, progress=self.watcher and self.watcher.asked)
        sliced.gaps += gaps
        self.found.has_asked = True
        self.found.is_complete = self.found.is_complete and sliced.is_complete
        return sliced
