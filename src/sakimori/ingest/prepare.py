"""One batch of objects into parts that are ready to be committed. Runs in a worker process, and knows no manifest."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from sakimori.ingest.documents import documents_of, without_bom
from sakimori.ingest.place import UNKNOWN, Place, place_of
from sakimori.ingest.source import Batch, Reason, Refused, Source
from sakimori.ingest.wrapping import Buffer, digest_of, open_file
from sakimori.lake.engines.log_parquet import write_parts
from sakimori.lake.log_parts import LogObject, Prepared, PreparedPart, RefusedPiece

_MAX_REFUSED: Final = 1_000
"""Refusals that are kept of one object; the last one says that there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One object of a batch: its bytes, or the file that holds them; `fault` says why there are none."""

    location: str
    version: str
    byte_count: int = 0
    path: str | None = None
    data: bytes | None = None
    fault: str = ""
    modified_at: datetime | None = None
    is_delivered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a worker is given. `known` are the SHA-256 of objects that the lake holds already, of this source."""

    items: tuple[Item, ...]
    scratch: Path
    known: frozenset[str] = field(default=frozenset())
    with_content_digest: bool = False
    is_passing: bool = False


def prepare(source: Source, task: Task) -> Prepared:
    """The parts of these objects, written under the scratch directory, and what became of each object."""
    worker = _Worker(source, task)
    for item in task.items:
        worker.take(item)
    return worker.finish()


@dataclass(slots=True)
class _Reading:
    """What one object gave."""

    refused: list[Refused] = field(default_factory=list[Refused])
    row_count: int = 0
    content_digest: str = ""
    first_at: int | None = None
    last_at: int | None = None

    def widen(self, span: tuple[int, int] | None) -> None:
        """Take in the times of one more document."""
        if span is not None:
            self.first_at = span[0] if self.first_at is None else min(self.first_at, span[0])
            self.last_at = span[1] if self.last_at is None else max(self.last_at, span[1])


class _Worker:
    def __init__(self, source: Source, task: Task) -> None:
        self._source = source
        self._task = task
        self._batch: Batch = source.batch()
        self._seen = set(task.known)
        self._parts: list[PreparedPart] = []
        self._objects: list[LogObject] = []
        self._refused: list[RefusedPiece] = []
        self._repeated = 0

    def take(self, item: Item) -> None:
        """Read one object. What cannot be opened is not taken: the next run tries again."""
        try:
            packed = item.data if item.data is not None else open_file(Path(item.path)) if item.path else b""
        except OSError as error:
            self._refuse(item, [Refused(offset=0, reason=Reason.UNREADABLE, detail=error.strerror or "")])
            return
        if item.fault:
            self._refuse(item, [Refused(offset=0, reason=Reason.UNREADABLE, detail=item.fault)])
            return
        digest = digest_of(packed)
        place = replace(place_of(item.location), modified_at=item.modified_at)
        if digest in self._seen:
            self._objects.append(self._object(item, digest, place, state="duplicate", size=len(packed)))
            return
        self._seen.add(digest)
        found = self._read(item, packed, place)
        self._refuse(item, found.refused)
        self._objects.append(
            replace(
                self._object(item, digest, place, state="partial" if found.refused else "whole", size=len(packed)),
                row_count=found.row_count,
                content_digest=found.content_digest,
                first_at=found.first_at,
                last_at=found.last_at,
                delay_seconds=_delay(item, found.last_at),
            )
        )
        if self._batch.row_count >= self._source.rows_a_flush:
            self._flush()

    def _read(self, item: Item, packed: Buffer, place: Place) -> "_Reading":
        found = _Reading()
        content = hashlib.sha256()
        for document in documents_of(self._source, item.location, packed, place):
            if isinstance(document, Refused):
                found.refused.append(document)
                continue
            if self._task.with_content_digest:
                content.update(document.data)
            before = self._batch.row_count
            found.refused += self._batch.add(without_bom(document))
            found.row_count += self._batch.row_count - before
            found.widen(self._batch.span())
            if self._batch.row_count >= 2 * self._source.rows_a_flush:
                # A file of millions of rows: never more than two batches in memory.
                self._flush()
        found.content_digest = content.hexdigest() if self._task.with_content_digest else ""
        return found

    def _object(self, item: Item, digest: str, place: Place, *, state: str, size: int) -> LogObject:
        return LogObject(
            source=self._source.name,
            location=item.location,
            version=item.version,
            digest=digest,
            state=state,
            row_count=0,
            byte_count=size,
            parser=self._source.version,
            account=place.account or UNKNOWN,
            region=place.region or UNKNOWN,
            first_at=None,
            last_at=None,
        )

    def _refuse(self, item: Item, refused: Iterable[Refused]) -> None:
        for count, each in enumerate(sorted(refused, key=lambda piece: piece.offset)):
            if count == _MAX_REFUSED:
                break
            self._refused.append(
                RefusedPiece(
                    source=self._source.name,
                    location=item.location,
                    version=item.version,
                    position=each.offset,
                    reason=each.reason.value,
                    detail=each.detail,
                    size=each.size,
                )
            )

    def _flush(self) -> None:
        for rows in self._batch.finish():
            parts, repeated = write_parts(
                self._source.table, rows, self._task.scratch, is_passing=self._task.is_passing
            )
            self._parts += parts
            self._repeated += repeated

    def finish(self) -> Prepared:
        """Everything for one commit."""
        if self._batch.row_count:
            self._flush()
        return Prepared(
            table=self._source.table.name,
            parts=tuple(self._parts),
            objects=tuple(self._objects),
            refused=tuple(self._refused),
            repeated_count=self._repeated,
        )


def _delay(item: Item, last_at: int | None) -> float | None:
    """Seconds from the last event to the delivery."""
    if not item.is_delivered or item.modified_at is None or last_at is None:
        return None
    return item.modified_at.timestamp() - last_at / 1e6
