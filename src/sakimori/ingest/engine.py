"""Running an ingest: skip what was taken, prepare batches on all cores, commit each, tell how far it is."""

import gc
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol, TypeVar

from sakimori.ingest.ahead import Fetched, fetched
from sakimori.ingest.catalogue import AUTO, named_beside, source_named, source_of, source_whatever_it_holds
from sakimori.ingest.documents import head_of, is_foreign
from sakimori.ingest.objects import StoredObject
from sakimori.ingest.prepare import Item, Task, prepare
from sakimori.ingest.source import Reason
from sakimori.lake.across import UNMARKED_ROWS, hold_across
from sakimori.lake.log_parts import Committed, Contested, Prepared
from sakimori.lake.log_reader import LogReader
from sakimori.lake.log_writer import RETIRED_FOR, LogWriter, TakenMeanwhileError
from sakimori.lake.manifest import Manifest
from sakimori.lake.unfinished import Awaited, begin, end
from sakimori.model.errors import LakeError

BATCH_BYTES: Final = 7 << 20
"""Packed bytes of a batch: some 40,000 CloudTrail events."""
_BATCH_OBJECTS: Final = 2_000
_CONTESTED_NAMED: Final = 3
_Batch = tuple[str, Sequence[StoredObject]]
"""The name of a source, and objects of it that come together."""


class IngestProgress(Protocol):
    """What watches an ingest."""

    def total(self, objects: int, byte_count: int) -> None:
        """How much there is to read."""
        ...

    def done(self, objects: int, byte_count: int, rows: int) -> None:
        """How much more was committed."""
        ...


@dataclass(slots=True)
class Tally:
    """What one ingest did. `unrecognised` are locations that no source says are its own, `foreign_packed` those of which nobody can see whose they are."""

    objects: int = 0
    rows: int = 0
    repeated_events: int = 0
    repeated_objects: int = 0
    skipped_objects: int = 0
    partial_objects: int = 0
    """Of those that were skipped: taken only in part, by an earlier run."""
    byte_count: int = 0
    refused: dict[str, int] = field(default_factory=dict[str, int])
    unreadable: list[str] = field(default_factory=list[str])
    unrecognised: list[str] = field(default_factory=list[str])
    foreign_packed: list[str] = field(default_factory=list[str])
    contested_ids: set[int] = field(default_factory=set[int])
    """Hashes of the identities that came with other content too; `contested` are the first of them."""
    contested: list[Contested] = field(default_factory=list[Contested])
    incomplete_events: int = 0
    """Of the new rows, those without what every event has (who, what, an id), or of a time before there was such a log."""
    rows_of: dict[str, int] = field(default_factory=dict[str, int])

    def add(self, prepared: Prepared, committed: Committed) -> None:
        """Count one commit."""
        self.objects += len(prepared.objects)
        self.byte_count += sum(each.byte_count for each in prepared.objects)
        self.repeated_objects += sum(each.state == "duplicate" for each in prepared.objects)
        self.rows += committed.row_count
        self.rows_of[prepared.table] = self.rows_of.get(prepared.table, 0) + committed.row_count
        self.repeated_events += committed.repeated_count
        self.incomplete_events += committed.incomplete_count
        self.add_contested(committed.contested)
        taken = {(each.location, each.version) for each in prepared.objects}
        for piece in prepared.refused:
            self.refused[piece.reason] = self.refused.get(piece.reason, 0) + 1
            if piece.reason == Reason.UNREADABLE and (piece.location, piece.version) not in taken:
                self.unreadable.append(piece.location)

    def add_contested(self, found: Sequence[Contested]) -> None:
        """Count events whose identity came with other content too."""
        for each in found:
            if (seen := hash(each.identity)) not in self.contested_ids:
                self.contested_ids.add(seen)
                if len(self.contested) < _CONTESTED_NAMED:
                    self.contested.append(each)

    @property
    def unread(self) -> dict[str, list[str]]:
        """Locations of what nobody looked into, by why: `unreadable`, `unrecognised`, `foreign_packed`."""
        return {
            "unreadable": self.unreadable,
            "unrecognised": self.unrecognised,
            "foreign_packed": self.foreign_packed,
        }

    @property
    def contested_count(self) -> int:
        """Identities that came with other content too, each once, wherever its stories lie."""
        return len(self.contested_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestRequest:
    """What to take in. `kind` is a source's name, or `auto`. `workers` 0 means one for each core.

    `is_passing`: the lake goes away again, so that it may be large meanwhile and need not outlast a power cut.
    """

    home: Path
    kind: str
    workers: int = 0
    with_content_digest: bool = False
    is_passing: bool = False


def ingest(
    request: IngestRequest,
    objects: Iterable[StoredObject],
    *,
    clock: Callable[[], datetime],
    progress: IngestProgress | None = None,
) -> Tally:
    """Bring these objects into the lake; those that it holds already are passed over.

    Whatever is killed, and whoever else writes: a second run gives the same lake.
    """
    with opened(request, clock=clock) as intake:
        return intake.take(request.kind, objects, progress)


@contextmanager
def opened(request: IngestRequest, *, clock: Callable[[], datetime]) -> Generator["Intake"]:
    """The lake, open for objects that come little by little."""
    writer = LogWriter(request.home, clock, is_passing=request.is_passing)
    try:
        writer.sweep(retired_before=clock() - RETIRED_FOR)
        with writer.scratch() as scratch:
            intake = Intake(request, writer, scratch, clock)
            yield intake
            intake.hold_across()
    finally:
        writer.close()


class Intake:
    """Takes objects in, and counts all that it took. Use from one thread."""

    def __init__(self, request: IngestRequest, writer: LogWriter, scratch: Path, clock: Callable[[], datetime]) -> None:
        self._request = request
        self._clock = clock
        self._writer = writer
        self._scratch = scratch
        self._progress: IngestProgress | None = None
        self._kinds = set[str]()
        self.tally = Tally()

    @property
    def manifest(self) -> Manifest:
        """The lake's manifest."""
        return self._writer.manifest

    def take(self, kind: str, objects: Iterable[StoredObject], progress: IngestProgress | None = None) -> Tally:
        """Bring these objects in, durably; the tally of everything so far."""
        self._progress = progress
        listed = self._listed(kind, objects)
        self._kinds.update(listed)
        batches = [(name, batch) for name, mine in listed.items() for batch in _batches(self._new_among(name, mine))]
        if progress:
            progress.total(
                sum(len(batch) for _, batch in batches), sum(each.byte_count for _, batch in batches for each in batch)
            )
        workers = min(self._request.workers or _cores(), len(batches))
        with (
            self._told_if_cut(kind, listed, batches),
            closing(fetched(each for _, batch in batches for each in batch)) as coming,
        ):
            filled = self._fresh((name, tuple(_item(next(coming)) for _ in batch)) for name, batch in batches)
            if workers > 1:
                self._on_all_cores(filled, workers)
            else:
                with _as_in_a_worker():
                    for name, items in filled:
                        self._commit(name, items, prepare(source_named(name), self._task(items)))
        return self.tally

    def hold_across(self) -> None:
        """Hold what came in against the events of other days, Regions and accounts; what a kill leaves, the next ingest sees to."""
        tables = {table.name: table for name in self._kinds for table in (source_named(name).table,)}
        reader = LogReader(self._request.home)
        try:
            for table in tables.values():
                found = hold_across(self._writer, reader, table, UNMARKED_ROWS)
                self.tally.add_contested(found.contested)
        finally:
            reader.close()

    @contextmanager
    def _told_if_cut(
        self, typed: str, listed: Mapping[str, Sequence[StoredObject]], batches: Iterable[_Batch]
    ) -> Generator[None]:
        """What was to be taken is known until it is: whoever asks after a kill is told what is not there."""
        if self._request.is_passing:
            yield
            return
        coming: dict[str, list[Awaited]] = {}
        for name, batch in batches:
            awaited = [(each.location, each.version, each.byte_count) for each in batch if _is_file(each)]
            coming.setdefault(name, []).extend(awaited)
        kept = {
            name: begin(self.manifest, name, files, self._clock(), typed=typed)
            for name, files in coming.items()
            if files
        }
        yield
        for name, those in listed.items():
            if tried := frozenset(each.location for each in those if _is_file(each)):
                end(self.manifest, name, kept.get(name), tried)

    def _listed(self, kind: str, objects: Iterable[StoredObject]) -> dict[str, list[StoredObject]]:
        """The objects of each source, those that the lake holds too."""
        by_kind: dict[str, dict[tuple[str, str], StoredObject]] = {}
        for each in objects:
            name = self._kind_of(each) if kind == AUTO else named_beside(kind, each.location)
            if name is not None:
                # Whoever names a folder and one inside it means each file once.
                by_kind.setdefault(name, {}).setdefault((each.location, each.version), each)
        return {name: list(found.values()) for name, found in by_kind.items()}

    def _new_among(self, name: str, objects: Sequence[StoredObject]) -> list[StoredObject]:
        left, states = _not_taken(self.manifest, name, objects)
        self.tally.skipped_objects += len(states)
        self.tally.partial_objects += states.count("partial")
        return left

    def _kind_of(self, each: StoredObject) -> str | None:
        # The address alone mostly tells, and what lies far away need not be fetched twice.
        by_address = source_whatever_it_holds(each.location) if each.path else source_of(each.location, b"")
        if by_address:
            return by_address.name
        try:
            packed = _beginning(each)
        except OSError:
            self.tally.unreadable.append(each.location)
            return None
        if found := source_of(each.location, head_of(packed)):
            return found.name
        (self.tally.foreign_packed if is_foreign(packed) else self.tally.unrecognised).append(each.location)
        return None

    def _fresh(self, batches: Iterable[tuple[str, tuple[Item, ...]]]) -> Iterator[tuple[str, tuple[Item, ...]]]:
        """The batches without what another process has taken since the beginning: it need not be read."""
        if self._request.is_passing:
            # Nobody else writes into it.
            yield from batches
            return
        for name, items in batches:
            left = self._not_taken(name, items)
            self.tally.skipped_objects += len(items) - len(left)
            if self._progress and len(left) < len(items):
                fewer = sum(each.byte_count for each in items) - sum(each.byte_count for each in left)
                self._progress.done(len(items) - len(left), fewer, 0)
            if left:
                yield name, left

    def _task(self, items: tuple[Item, ...], known: frozenset[str] = frozenset()) -> Task:
        return Task(
            items=items,
            scratch=self._scratch,
            known=known,
            with_content_digest=self._request.with_content_digest,
            is_passing=self._request.is_passing,
        )

    def _on_all_cores(self, batches: Iterator[tuple[str, tuple[Item, ...]]], workers: int) -> None:
        running: dict[Future[Prepared], tuple[str, tuple[Item, ...]]] = {}
        with _pool(workers) as pool:

            def start_next() -> None:
                # One more than the workers, so that none waits for a commit.
                while len(running) <= workers and (batch := next(batches, None)):
                    running[pool.submit(_prepare_in_worker, batch[0], self._task(batch[1]))] = batch

            start_next()
            while running:
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    name, items = running.pop(future)
                    prepared = _result_of(future)
                    start_next()
                    self._commit(name, items, prepared)

    def _commit(self, name: str, items: tuple[Item, ...], prepared: Prepared) -> None:
        source, left = source_named(name), items
        while True:
            # Known from the start of what another process took: to hold it against all that the lake has would take long.
            if self._request.is_passing or len(still := self._not_taken(name, left)) == len(left):
                with suppress(TakenMeanwhileError):
                    committed = self._writer.commit(source.table, prepared, self._scratch)
                    break
                still = self._not_taken(name, left)
            # The lake holds the same bytes from elsewhere, or another process was quicker.
            for part in prepared.parts:
                part.written.unlink(missing_ok=True)
            known = self._writer.known_digests(name, [each.digest for each in prepared.objects])
            left = still
            prepared = prepare(source, self._task(left, known))
        self.tally.skipped_objects += len(items) - len(left)
        self.tally.add(prepared, committed)
        if self._progress:
            self._progress.done(len(items), sum(each.byte_count for each in items), committed.row_count)

    def _not_taken(self, name: str, items: tuple[Item, ...]) -> tuple[Item, ...]:
        return tuple(_not_taken(self.manifest, name, items)[0])


class _Found(Protocol):
    @property
    def location(self) -> str: ...
    @property
    def version(self) -> str: ...


_Each = TypeVar("_Each", bound=_Found)


def _not_taken(manifest: Manifest, name: str, found: Sequence[_Each]) -> tuple[list[_Each], list[str]]:
    """Those that the lake has not taken, and the states of those that it has."""
    taken = manifest.taken(name, [each.location for each in found])
    states = [taken[each.location, each.version] for each in found if (each.location, each.version) in taken]
    return [each for each in found if (each.location, each.version) not in taken], states


def _prepare_in_worker(source: str, task: Task) -> Prepared:
    return prepare(source_named(source), task)


def _result_of(future: Future[Prepared]) -> Prepared:
    try:
        return future.result()
    except BrokenProcessPool as error:
        # The system killed a worker, for want of memory mostly. What was committed stays.
        raise LakeError("ingest.worker_died") from error


@contextmanager
def _as_in_a_worker() -> Generator[None]:
    """This process as one that prepares batches, on one core and in little memory; afterwards as it was."""
    import pyarrow as pa  # noqa: PLC0415 - heavy

    cores, pool, thresholds = pa.cpu_count(), pa.default_memory_pool(), gc.get_threshold()
    pa.set_cpu_count(1)
    # What Arrow's own pool keeps for itself is a fifth of a worker's memory.
    pa.set_memory_pool(pa.system_memory_pool())
    # What a batch is made of has no cycles to be looked for.
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        pa.set_cpu_count(cores)
        pa.set_memory_pool(pool)
        gc.set_threshold(*thresholds)


def _start_worker() -> None:
    # Ctrl-C is the parent's business.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _LASTING.enter_context(_as_in_a_worker())
    threading.Thread(target=_leave_with_parent, args=(os.getppid(),), daemon=True).start()


def _leave_with_parent(parent: int) -> None:
    """End this worker once its parent is gone: a kill -9 of the parent tells nobody."""
    while os.getppid() == parent:
        time.sleep(_PARENT_SECONDS)
    os._exit(1)


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    # A fork would copy locks of threads that the parent may have.
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=_start_worker)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    pool.shutdown()


def _batches(objects: Sequence[StoredObject]) -> Iterator[list[StoredObject]]:
    """Objects in the order of their places, cut by size: what lies in one partition comes together."""
    batch: list[StoredObject] = []
    size = 0
    for each in sorted(objects, key=lambda found: found.location):
        if batch and (size + each.byte_count > BATCH_BYTES or len(batch) >= _BATCH_OBJECTS):
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += each.byte_count
    if batch:
        yield batch


def _is_file(each: StoredObject) -> bool:
    """Whether it lies there; what AWS is asked for little by little knows by itself how far it is."""
    return bool(each.path or each.is_delivered)


def _item(found: Fetched) -> Item:
    each = found.each
    return Item(
        location=each.location,
        version=each.version,
        byte_count=each.byte_count,
        path=each.path,
        data=found.data,
        fault=found.fault,
        modified_at=each.modified_at,
        is_delivered=each.is_delivered,
    )


_LASTING: Final = ExitStack()
"""What lasts as long as a worker process does."""
_PARENT_SECONDS: Final = 1.0
_HEAD_PACKED: Final = 256 << 10


def _beginning(each: StoredObject) -> bytes:
    """The first bytes as they lie there; OSError where it cannot be read."""
    if each.path is None:
        return each.read() if each.read else b""
    with Path(each.path).open("rb") as file:
        return file.read(_HEAD_PACKED)


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
