"""Ingesting: which objects a person's SOURCE stands for, into the lake."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sakimori.ingest.catalogue import AUTO, source_named
from sakimori.ingest.engine import IngestProgress, IngestRequest, Tally, ingest
from sakimori.ingest.objects import StoredObject, local_objects
from sakimori.model.errors import UsageError

_LIBRARIES: Final = ("pyarrow", "numpy", "isal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingesting:
    """What to take in: `kind` a source's name or `auto`; `sources` as a person writes them."""

    home: Path
    kind: str
    sources: tuple[str, ...]
    workers: int = 0


def ensure_libraries() -> None:
    """UsageError where the libraries of the extra `lake` are not installed."""
    for name in _LIBRARIES:
        if find_spec(name) is None:
            raise UsageError("ingest.extra_missing", name=name)


def ingest_sources(asked: Ingesting, *, clock: Callable[[], datetime], progress: IngestProgress | None = None) -> Tally:
    """Bring what the sources name into the lake, each event once."""
    ensure_libraries()
    if asked.kind != AUTO:
        source_named(asked.kind)
    if not asked.sources:
        raise UsageError("ingest.no_source")
    request = IngestRequest(home=asked.home, kind=asked.kind, workers=asked.workers)
    return ingest(request, _objects(asked.sources), clock=clock, progress=progress)


def _objects(sources: Iterable[str]) -> Iterator[StoredObject]:
    for source in sources:
        yield from local_objects(source)
