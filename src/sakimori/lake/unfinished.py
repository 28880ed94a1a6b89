"""Ingests that began and did not end: of their files that are not in the lake, nothing can be said.

What an ingest is to take is kept beside what the lake holds until it is there, however it came in, or was tried again.
"""

import json
import os
import zlib
from base64 import b64decode, b64encode
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from sakimori.lake.manifest import Manifest

_NAME: Final = "unfinished:"
"""The beginning of the names under which they stand in the manifest's cursors."""
_MOST: Final = 200_000
"""Files that are kept by name; an ingest of more keeps the first of them, which is enough to know that it did not end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """What one ingest of a kind left: how many files, and under which address they lie."""

    kind: str
    count: int
    root: str
    began_at: datetime


def begin(manifest: Manifest, kind: str, locations: Sequence[str], now: datetime) -> str:
    """Keep what an ingest is about to take; gives the name under which it stands."""
    name = f"{_NAME}{kind}:{uuid4().hex}"
    packed = b64encode(zlib.compress(json.dumps(list(locations[:_MOST])).encode(), 1)).decode()
    with manifest.begin() as connection:
        connection.execute("insert into log_cursor values (?, ?, ?)", (name, packed, now.isoformat()))
    return name


def end(manifest: Manifest, kind: str, name: str, tried: Collection[str]) -> None:
    """Forget it, and earlier ones of the kind of which nothing is left but what was tried now."""
    over = [name]
    for each, packed, _ in _kept(manifest, kind):
        if each != name and not set(_missing(manifest, kind, packed)).difference(tried):
            over.append(each)
    with manifest.begin() as connection:
        connection.executemany("delete from log_cursor where name = ?", [(each,) for each in over])


def unfinished(manifest: Manifest, kinds: Collection[str]) -> tuple[Unfinished, ...]:
    """What is left of ingests of these kinds that did not end, or are still running."""
    found: list[Unfinished] = []
    for kind in kinds:
        for _, packed, began in _kept(manifest, kind):
            missing = _missing(manifest, kind, packed)
            if missing:
                root = os.path.commonprefix(missing).rpartition("/")[0] or missing[0]  # noqa: RUF071 - addresses of S3 are no paths
                found.append(
                    Unfinished(kind=kind, count=len(missing), root=root, began_at=datetime.fromisoformat(began))
                )
    return tuple(found)


def _kept(manifest: Manifest, kind: str) -> list[tuple[Any, ...]]:
    beginning = f"{_NAME}{kind}:"
    return manifest.query(
        "select name, value, moved_at from log_cursor where substr(name, 1, ?) = ? order by moved_at", len(beginning), beginning
    )  # fmt: skip


def _missing(manifest: Manifest, kind: str, packed: str) -> list[str]:
    locations: list[str] = json.loads(zlib.decompress(b64decode(packed)))
    taken = {location for location, _ in manifest.taken(kind, locations)}
    return [each for each in locations if each not in taken]
