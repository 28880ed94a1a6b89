"""Bringing logs into the lake: every object and every event exactly once, whoever else writes and whenever a kill comes.

A commit is one transaction of the manifest. Parts are moved to their place inside it, so what lies in the lake and is
not in the manifest was left by a kill, and may be swept by whoever holds the transaction.
"""

import os
import secrets
import shutil
import sqlite3
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sakimori.lake.contested import keep_contested
from sakimori.lake.engines.log_agreement import Comparison, read_pieces
from sakimori.lake.engines.log_marks import Rows, marks_of
from sakimori.lake.engines.log_parquet import read_part, write_part
from sakimori.lake.instants import moment_of
from sakimori.lake.log_parts import Committed, LogObject, LogPart, Partition, Prepared, PreparedPart, part_path
from sakimori.lake.manifest import Manifest, marks_for, portions
from sakimori.lake.part_notes import forget_notes, keep_merged_note, keep_notes
from sakimori.lake.table import Table
from sakimori.model.errors import LakeError
from sakimori.state.durable import sync

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SCRATCH: Final = ".ingesting-"
_KNOWN_MARKS: Final = 4_000_000
"""Marks that are remembered, of the parts that were met last: 8 bytes an event."""


RETIRED_FOR: Final = timedelta(hours=1)
"""How long a reader may have listed a part that is not in use any more."""


class TakenMeanwhileError(Exception):
    """The lake has changed under this batch: prepare it again.

    Another process has taken one of its objects, or has taken out a part because of which events were left out.
    """


@dataclass(frozen=True, slots=True)
class _Compared:
    """What a batch was held against, by partition: all `seen` parts, and those that `held` events of the batch."""

    seen: defaultdict[Partition, set[str]] = field(default_factory=lambda: defaultdict(set))
    held: defaultdict[Partition, set[str]] = field(default_factory=lambda: defaultdict(set))


class LogWriter:
    """Writes logs into the lake under one home. One a process; use from one thread.

    `is_passing`: nobody will look for the lake after this run, and nothing waits for the disk.
    """

    def __init__(self, home: Path, clock: Callable[[], datetime], *, is_passing: bool = False) -> None:
        self._root = home / "lake"
        self._clock = clock
        self._is_passing = is_passing
        for directory in (home, self._root):
            _make_directory(directory)
        self._manifest = Manifest(self._root / "manifest.db")
        # A batch that was told as taken is on the disk: unlike a snapshot's unit, nobody would read it again.
        self._manifest.query(f"pragma synchronous = {'off' if is_passing else 'full'}")
        self._digests: set[tuple[str, str]] | None = None
        """Of a passing lake, source and SHA-256 of all that was taken: an index of them is half of what it costs to enter an object."""
        if is_passing:
            self._digests = set()
            self._manifest.query("drop index if exists log_object_by_digest")
        self._marks: OrderedDict[str, NDArray[np.uint64]] = OrderedDict()
        self._marks_held = 0

    def close(self) -> None:
        """Release the manifest."""
        self._manifest.close()

    @property
    def manifest(self) -> Manifest:
        """The lake's manifest."""
        return self._manifest

    def now(self) -> str:
        """The moment under which what is kept now stands."""
        return self._clock().isoformat()

    @contextmanager
    def scratch(self) -> Generator[Path]:
        """A directory of this process for parts on their way. What others that did not come to their end left is swept first."""
        for lock in self._root.glob(f"{_SCRATCH}*.lock"):
            self._sweep_after(lock)
        with _locked_new(self._root) as lock:
            directory = lock.with_suffix("")
            directory.mkdir(mode=0o700)
            try:
                yield directory
            finally:
                shutil.rmtree(directory, ignore_errors=True)
            # Only here: whoever finds the lock of a writer that failed or was killed sweeps after it.
            lock.unlink(missing_ok=True)

    def _sweep_after(self, lock: Path) -> None:
        """Remove what the owner of this lock left, where it is dead: its directory, and parts without a line in the manifest."""
        import fcntl  # noqa: PLC0415 - POSIX only, and only writers need it

        try:
            with lock.open() as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
                self._sweep_strays()
                lock.unlink(missing_ok=True)
        except OSError:
            # Its owner lives.
            return

    def _sweep_strays(self) -> None:
        # Listed before the manifest is locked, for it may take long: what is committed meanwhile is known by then.
        found = list(self._root.glob("*/account=*/region=*/day=*/*.parquet"))
        with self._manifest.begin() as connection:
            known = {row[0] for row in connection.execute("select part from log_part")}
            # Committers move files only inside this transaction: what is not known now is nobody's.
            for path in found:
                if path.stem not in known:
                    path.unlink(missing_ok=True)

    # -- what is known -----------------------------------------------------

    def known_digests(self, source: str, digests: Sequence[str]) -> frozenset[str]:
        """Those of these SHA-256 of which the lake holds an object of this source."""
        if self._digests is not None:
            return frozenset(digest for digest in digests if (source, digest) in self._digests)
        return frozenset(
            digest
            for some in portions(digests)
            for (digest,) in self._manifest.query(
                f"select distinct digest from log_object where source = ? and digest in ({marks_for(some)})",
                source,
                *some,
            )
        )

    def parts(self, partition: Partition) -> tuple[LogPart, ...]:
        """The parts of one partition that are in use."""
        return tuple(
            LogPart(
                name=name,
                partition=partition,
                row_count=rows,
                byte_count=size,
                first_at=first,
                last_at=last,
                form=form,
            )
            for name, rows, size, first, last, form in self._manifest.query(
                "select part, row_count, byte_count, first_at, last_at, form from log_part where table_name = ? and "
                "account = ? and region = ? and day = ? and retired_at is null",
                *_place(partition),
            )
        )

    # -- committing --------------------------------------------------------

    def commit(self, table: Table, prepared: Prepared, scratch: Path) -> Committed:
        """Bring one batch in, durably. TakenMeanwhileError where another process was quicker."""
        compared = _Compared()
        parts, repeated = self._new_of(table, prepared.parts, scratch, compared)
        while True:
            try:
                return self._try(table, replace(prepared, parts=parts), repeated, compared)
            except _MovedOnError:
                parts, more = self._new_of(table, parts, scratch, compared)
                repeated += more

    def _new_of(
        self, table: Table, parts: Iterable[PreparedPart], scratch: Path, compared: _Compared
    ) -> tuple[tuple[PreparedPart, ...], int]:
        """Parts without the events that the lake holds already; `compared` remembers which parts they were held against."""
        kept: list[PreparedPart] = []
        repeated = 0
        for prepared in parts:
            partition = prepared.part.partition
            others = [part for part in self.parts(partition) if part.name not in compared.seen[partition]]
            compared.seen[partition].update(part.name for part in others)
            remaining, dropped, held = self._against(table, prepared, others, scratch)
            compared.held[partition] |= held
            repeated += dropped
            if remaining is not None:
                kept.append(remaining)
        return tuple(kept), repeated

    def _against(
        self, table: Table, prepared: PreparedPart, others: Iterable[LogPart], scratch: Path
    ) -> tuple[PreparedPart | None, int, set[str]]:
        """The part without copies of what the others hold, how many those were, and the names of the others that it met."""
        met: set[str] = set()
        if prepared.marks is None:
            return prepared, 0, met
        import numpy as np  # noqa: PLC0415 - heavy, and only writers need it

        comparison: Comparison | None = None
        for other in others:
            if other.last_at < prepared.part.first_at or prepared.part.last_at < other.first_at:
                continue
            common = np.intersect1d(prepared.marks, self._marks_of(table, other), assume_unique=False)
            if not len(common):
                continue
            comparison = comparison or Comparison(table, read_part(prepared.written))
            for piece in read_pieces(self._root / other.path, table):
                if comparison.hold_against(piece, common):
                    met.add(other.name)
        if comparison is None or not met:
            return prepared, 0, met
        return *self._left(table, prepared, comparison, scratch), met

    def _left(
        self, table: Table, prepared: PreparedPart, comparison: Comparison, scratch: Path
    ) -> tuple[PreparedPart | None, int]:
        """What is left of the part after a comparison, and how many copies were not."""
        import numpy as np  # noqa: PLC0415

        kept, contested = comparison.kept(), comparison.contested(prepared.contested)
        dropped = prepared.part.row_count - kept.num_rows
        if not dropped:
            return replace(prepared, contested=contested), 0
        prepared.written.unlink()
        if not kept.num_rows:
            return None, dropped
        part = write_part(table, prepared.part.partition, kept, scratch, is_passing=self._is_passing)
        return replace(part, marks=np.sort(marks_of(table, kept)), contested=contested), dropped

    def _marks_of(self, table: Table, part: LogPart) -> "NDArray[np.uint64]":
        if part.name not in self._marks:
            import numpy as np  # noqa: PLC0415

            self._remember(part.name, np.sort(marks_of(table, self._identities_of(table, part))))
        self._marks.move_to_end(part.name)
        return self._marks[part.name]

    def _remember(self, name: str, marks: "NDArray[np.uint64]") -> None:
        self._marks_held -= len(self._marks.pop(name, ()))
        self._marks[name] = marks
        self._marks_held += len(marks)
        while self._marks_held > _KNOWN_MARKS and len(self._marks) > 1:
            _, oldest = self._marks.popitem(last=False)
            self._marks_held -= len(oldest)

    def _identities_of(self, table: Table, part: LogPart) -> Rows:
        return read_part(self._root / part.path, list(table.identity))

    def _try(self, table: Table, prepared: Prepared, repeated: int, compared: _Compared) -> Committed:
        now = self._clock().isoformat()
        places = {each.part.partition for each in prepared.parts}
        with self._manifest.begin() as connection:
            for partition, seen in compared.seen.items() if table.identity else ():
                found = connection.execute(
                    "select part from log_part where table_name = ? and account = ? and region = ? and day = ? "
                    "and retired_at is null",
                    _place(partition),
                )
                in_use = {name for (name,) in found}
                if compared.held[partition] - in_use:
                    raise TakenMeanwhileError
                # Where the lake has every event of the batch, it matters not what else came.
                if partition in places and in_use - seen:
                    raise _MovedOnError
            for source, fresh in _fresh_digests(prepared.objects).items():
                if self.known_digests(source, fresh):
                    raise TakenMeanwhileError
            _insert_objects(connection, prepared.objects, now)
            self._move(prepared.parts)
            _insert_parts(connection, [each.part for each in prepared.parts], now)
            connection.executemany(
                "insert or ignore into log_refused values (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (each.source, each.location, each.version, each.position, each.reason, each.detail, each.size, now)
                    for each in prepared.refused
                ],
            )
            contested = keep_contested(connection, prepared.parts, now)
            keep_notes(connection, table, prepared.parts)
            _count_delivery(connection, table.name, prepared)
        if self._digests is not None:
            self._digests.update((each.source, each.digest) for each in prepared.objects)
        for each in prepared.parts:
            if each.marks is not None:
                self._remember(each.part.name, each.marks)
        return Committed(
            row_count=sum(each.part.row_count for each in prepared.parts),
            repeated_count=repeated + prepared.repeated_count,
            contested=contested,
            incomplete_count=sum(each.incomplete_count for each in prepared.parts),
            parts=tuple(each.part for each in prepared.parts),
        )

    def _move(self, parts: Iterable[PreparedPart]) -> None:
        """Parts to their place, and the place to the disk: the manifest names nothing that a power cut could take."""
        directories: set[Path] = set()
        for each in parts:
            target = self._root / each.part.path
            directories |= _make_directory(target.parent)
            try:
                each.written.replace(target)
            except OSError as error:
                raise LakeError("lake.not_writable", path=target, reason=error.strerror or str(error)) from error
        for directory in () if self._is_passing else directories:
            sync(directory)

    # -- compacting and retiring ---------------------------------------------

    def replace_parts(self, old: Sequence[LogPart], new: PreparedPart | None) -> bool:
        """One part in the place of others, or nothing in it; whether they were still there.

        The old files stay for readers that have just listed them, until `sweep`.
        """
        now = self._clock().isoformat()
        with self._manifest.begin() as connection:
            if not retire_parts(connection, [part.name for part in old], now):
                return False
            if new is not None:
                self._move([new])
                _insert_parts(connection, [new.part], now)
                keep_merged_note(connection, [part.name for part in old], new.part.name)
        return True

    def sweep(self, *, retired_before: datetime) -> int:
        """How many files were removed: those of parts that were retired before that moment.

        One that cannot be removed stays known as retired, for the next sweep: whoever ingests need not wait for that.
        """
        removed: list[tuple[str]] = []
        with self._manifest.begin() as connection:
            rows = connection.execute(
                "select part, table_name, account, region, day from log_part where retired_at < ?",
                (retired_before.isoformat(),),
            ).fetchall()
            for name, table, account, region, day in rows:
                place = Partition(table=table, account=account, region=region, day=date.fromisoformat(day))
                # Files first: after a kill in between they are still known to be retired.
                with suppress(OSError):
                    (self._root / part_path(place, name)).unlink(missing_ok=True)
                    removed.append((name,))
            connection.executemany("delete from log_part where part = ?", removed)
            forget_notes(connection, removed)
        return len(removed)


def retire_parts(connection: sqlite3.Connection, names: Sequence[str], now: str) -> bool:
    """Take parts out of use, inside a transaction; False, and nothing done, where one of them is not in use any more."""
    in_use = sum(
        connection.execute(
            f"select count(*) from log_part where retired_at is null and part in ({marks_for(some)})", some
        ).fetchone()[0]
        for some in portions(names)
    )
    if in_use != len(names):
        return False
    connection.executemany("update log_part set retired_at = ? where part = ?", [(now, name) for name in names])
    return True


def forget_digests(connection: sqlite3.Connection, source: str, digests: Iterable[str]) -> int:
    """How many objects with these bytes were forgotten, inside a transaction, with what was refused of them.

    A copy under another name was told apart by its digest alone, and would stand in the way of the first.
    """
    count = 0
    for digest in digests:
        connection.execute(
            "delete from log_refused where source = ? and (location, version) in "
            "(select location, version from log_object where source = ? and digest = ?)",
            (source, source, digest),
        )
        count += connection.execute("delete from log_object where source = ? and digest = ?", (source, digest)).rowcount
    return count


@contextmanager
def _locked_new(root: Path) -> Generator[Path]:
    """A lock file that nobody else holds; the kernel drops the lock when the process dies."""
    import fcntl  # noqa: PLC0415 - POSIX only, and only writers need it

    while True:
        path = root / f"{_SCRATCH}{os.getpid()}-{secrets.token_hex(4)}.lock"
        with path.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            # A sweeper may have been quicker than our lock, and then this file is nobody's.
            if path.exists():
                yield path
                return


class _MovedOnError(Exception):
    """The partition has got parts that this batch was not held against."""


def _place(partition: Partition) -> tuple[str, str, str, str]:
    return partition.table, partition.account, partition.region, partition.day.isoformat()


def _insert_objects(connection: sqlite3.Connection, objects: Iterable[LogObject], now: str) -> None:
    taken = tuple(objects)
    try:
        connection.executemany(
            "insert into log_object values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    each.source, each.location, each.version, each.digest, each.state, each.row_count, each.byte_count,
                    each.parser, each.account, each.region, each.first_at, each.last_at, each.content_digest, now,
                )
                for each in taken
            ),
        )  # fmt: skip
    except sqlite3.IntegrityError as error:
        # This location in this version.
        raise TakenMeanwhileError from error
    if connection.execute("select 1 from log_refused where reason = 'unreadable' limit 1").fetchone():
        # They could be opened this time.
        connection.executemany(
            "delete from log_refused where source = ? and location = ? and version in (?, '') and reason = 'unreadable'",
            ((each.source, each.location, each.version) for each in taken),
        )


def _fresh_digests(objects: Iterable[LogObject]) -> dict[str, list[str]]:
    """By source: the SHA-256 of objects that nothing else had the bytes of."""
    found: dict[str, list[str]] = {}
    for each in objects:
        if each.state != "duplicate":
            found.setdefault(each.source, []).append(each.digest)
    return found


def _insert_parts(connection: sqlite3.Connection, parts: Iterable[LogPart], now: str) -> None:
    connection.executemany(
        "insert into log_part values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null)",
        [
            (part.name, *_place(part.partition), part.row_count, part.byte_count, part.first_at, part.last_at, part.form, now)
            for part in parts
        ],
    )  # fmt: skip


def _count_delivery(connection: sqlite3.Connection, table: str, prepared: Prepared) -> None:
    """Rows of each day as they lie in the parts, and files by the day of their first event."""
    counted: dict[tuple[str, str, str], list[float]] = {}
    for each in prepared.parts:
        place = (each.part.partition.account, each.part.partition.region, each.part.partition.day.isoformat())
        counted.setdefault(place, [0, 0, 0, 0, 0])[1] += each.part.row_count
    for each in prepared.objects:
        if each.state == "duplicate" or each.first_at is None:
            continue
        place = (each.account, each.region, moment_of(each.first_at).date().isoformat())
        count = counted.setdefault(place, [0, 0, 0, 0, 0])
        count[0] += 1
        if each.delay_seconds is not None:
            count[2] = max(count[2], each.delay_seconds)
            count[3] += each.delay_seconds
            count[4] += 1
    connection.executemany(
        """insert into log_delivery values (?, ?, ?, ?, ?, ?, ?, ?, ?)
        on conflict do update set file_count = file_count + excluded.file_count, row_count = row_count + excluded.row_count,
        delay_seconds_max = max(coalesce(delay_seconds_max, excluded.delay_seconds_max), coalesce(excluded.delay_seconds_max,
        delay_seconds_max)), delay_seconds_sum = delay_seconds_sum + excluded.delay_seconds_sum,
        delay_count = delay_count + excluded.delay_count""",
        [
            (table, *place, int(files), int(rows), longest if known else None, total, int(known))
            for place, (files, rows, longest, total, known) in counted.items()
        ],
    )


def _make_directory(path: Path) -> set[Path]:
    """The directory, and those whose entries changed: it and every one above that was made."""
    changed = {path}
    above = path
    while not above.exists():
        above = above.parent
        changed.add(above)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LakeError("lake.not_writable", path=path, reason=error.strerror or str(error)) from error
    return changed
