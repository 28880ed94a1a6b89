"""The engine that runs declarations: services × Regions × accounts, many at a time, each unit durable once read."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final, Protocol

from sakimori.aws.door import Door
from sakimori.collect.account import region as region_table
from sakimori.collect.declaration import Declaration, Record
from sakimori.collect.memo import CallMemo
from sakimori.collect.reading import Reading
from sakimori.lake.rows import Row
from sakimori.lake.snapshot import SnapshotWriter
from sakimori.lake.table import Table
from sakimori.lake.unit import Unit
from sakimori.model.gap import Gap
from sakimori.model.words import GLOBAL, Scope

LISTING_THREADS: Final = 24
DETAIL_THREADS: Final = 24


class Progress(Protocol):
    """Told what is happening, from the thread that called `collect`."""

    def total(self, tasks: int) -> None:
        """How many service-Region tasks there are."""
        ...

    def done(self, account: str, service: str, region: str, gap_count: int) -> None:
        """One task is read."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """The tables of one service in one Region of one account: they share their calls."""

    door: Door
    service: str
    region: str
    declarations: tuple[Declaration, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one task read."""

    task: Task
    readings: tuple[tuple[Table, Unit, Sequence[Row]], ...]


def plan(
    doors: Iterable[Door], declarations: Iterable[Declaration], skip: frozenset[tuple[str, str, str]]
) -> list[Task]:
    """The tasks of a run, slow kinds first; units in `skip` (table, account, region) are left out."""
    by_service = {
        service: tuple(group)
        for service, group in groupby(
            sorted(declarations, key=lambda each: each.service), key=lambda each: each.service
        )
    }
    tasks: list[Task] = []
    for door in doors:
        for service, group in by_service.items():
            for region in (GLOBAL, *door.account.selected):
                wanted = tuple(
                    each
                    for each in group
                    if (each.table.scope is Scope.REGION) == (region != GLOBAL)
                    and (each.table.name, door.account.id, region) not in skip
                )
                if wanted:
                    tasks.append(Task(door=door, service=service, region=region, declarations=wanted))
    return sorted(tasks, key=lambda task: (task.region != GLOBAL, task.region))


def collect(
    doors: Sequence[Door],
    declarations: Sequence[Declaration],
    writer: SnapshotWriter,
    *,
    clock: Callable[[], datetime],
    progress: Progress | None = None,
) -> None:
    """Read all units into the writer's snapshot; who wants it finished, finishes it.

    On an interrupt everything that was read stays staged, the snapshot stays unfinished,
    and the same request resumes it.
    """
    writer.accounts(door.account for door in doors)
    tasks = plan(doors, declarations, writer.already_read())
    if progress:
        progress.total(len(tasks))
    left = _tables_left(tasks)
    with (
        ThreadPoolExecutor(DETAIL_THREADS, "detail") as details,
        ThreadPoolExecutor(LISTING_THREADS, "listing") as pool,
    ):
        stop = threading.Event()
        futures = [pool.submit(_run, task, details, stop, clock) for task in tasks]
        try:
            for future in as_completed(futures):
                result = future.result()
                writer.stage(result.readings)
                _seal_finished(writer, result, left)
                if progress:
                    task = result.task
                    gaps = sum(len(unit.gaps) for _, unit, _ in result.readings)
                    progress.done(task.door.account.id, task.service, task.region, gaps)
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            details.shutdown(wait=False, cancel_futures=True)
            raise
    for door in doors:
        for declaration in declarations:
            writer.seal(declaration.table, door.account.id)
    _note_opening(doors, writer, clock())


def _note_opening(doors: Iterable[Door], writer: SnapshotWriter, now: datetime) -> None:
    """Keep what was refused while an account was opened, as the `global` unit of the table of Regions."""
    table = region_table.TABLE.table
    for door in doors:
        gaps = tuple(
            Gap(table=table.name, account=door.account.id, region=GLOBAL, call=each.call, kind=each.kind,
                code=each.code, message=each.message)
            for each in door.refusals
        )  # fmt: skip
        if gaps:
            unit = Unit(table=table.name, account=door.account.id, region=GLOBAL, as_of=now, gaps=gaps)
            writer.note(unit)


def _tables_left(tasks: Iterable[Task]) -> dict[tuple[str, str], int]:
    left: dict[tuple[str, str], int] = {}
    for task in tasks:
        for declaration in task.declarations:
            key = (task.door.account.id, declaration.table.name)
            left[key] = left.get(key, 0) + 1
    return left


def _seal_finished(writer: SnapshotWriter, result: Result, left: dict[tuple[str, str], int]) -> None:
    for table, unit, _ in result.readings:
        key = (unit.account, table.name)
        left[key] -= 1
        if not left[key]:
            writer.seal(table, unit.account)


def _run(task: Task, details: ThreadPoolExecutor, stop: threading.Event, clock: Callable[[], datetime]) -> Result:
    memo = CallMemo(task.door)

    def spread(function: Callable[[Record], None], records: Sequence[Record]) -> None:
        futures: list[Future[None]] = [details.submit(function, record) for record in records]
        for future in futures:
            future.result()

    readings: list[tuple[Table, Unit, Sequence[Mapping[str, object]]]] = []
    for declaration in task.declarations:
        if stop.is_set():
            raise CancelledError
        reading = Reading(
            declaration=declaration, door=task.door, memo=memo, region=task.region, as_of=clock(), spread=spread
        )
        unit, rows = reading.read()
        readings.append((declaration.table, unit, rows))
    return Result(task=task, readings=tuple(readings))
