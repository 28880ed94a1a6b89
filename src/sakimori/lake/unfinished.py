"""Ingests that began and did not end: of their files that are not in the lake, nothing can be said.

What an ingest is to take is kept beside what the lake holds until it is there, however it came in, or was tried again.
"""

import errno
import json
import os
import zlib
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from sqlite3 import Connection
from typing import Any, Final, cast
from uuid import uuid4

from sakimori.lake.manifest import Manifest

_NAME: Final = "unfinished:"
"""The beginning of the names under which they stand in the manifest's cursors."""
_MOST: Final = 200_000
"""Files that are kept by name; an ingest of more keeps the first of them, which is enough to know that it did not end."""
_TELLING: Final = 24
"""Letters of a file's name from which on it is taken for one of its own: those of AWS's logs hold times and random letters."""
_NAMED: Final = 10_000
"""Locations that are told; as many accounts and Regions as one asks at a time."""
_BUCKET_DEPTH: Final = 3
"""Pieces of an address of S3 up to its bucket: `s3:`, nothing, the bucket."""

Awaited = tuple[str, str | None, int]
"""A file that is to be taken: its location, its version (None: any, in marks of older versions of this program), its bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """What one ingest of a kind left: how many files, and under which address they lie.

    `typed` is the kind as the person gave it, who may have said `auto`.
    """

    kind: str
    typed: str
    count: int
    root: str
    began_at: datetime
    locations: tuple[str, ...] = ()
    """The first of what is missing."""


def begin(manifest: Manifest, kind: str, files: Sequence[Awaited], now: datetime, *, typed: str = "") -> str:
    """Keep what an ingest is about to take; gives the name under which it stands."""
    with manifest.begin() as connection:
        return keep(connection, kind, files, now, typed=typed)


def keep(connection: Connection, kind: str, files: Sequence[Awaited], now: datetime, *, typed: str = "") -> str:
    """Keep, inside a transaction, what is to be taken; gives the name under which it stands."""
    name = f"{_NAME}{kind}:{uuid4().hex}"
    connection.execute("insert into log_cursor values (?, ?, ?)", (name, _packed(typed, files), now.isoformat()))
    return name


def restate(manifest: Manifest, kind: str, typed: str, files: Sequence[Awaited], now: datetime) -> None:
    """One mark in the place of all that stand for what was typed like this; none where nothing is missing."""
    over = [(name,) for name, packed, _ in _kept(manifest, kind) if _told(packed)[0] == typed]
    if over or files:
        with manifest.begin() as connection:
            connection.executemany("delete from log_cursor where name = ?", over)
            if files:
                keep(connection, kind, files, now, typed=typed)


def end(manifest: Manifest, kind: str, name: str | None, tried: Collection[str]) -> None:
    """Forget it, and of earlier ones of the kind what was tried now, or was there already."""
    over: list[str] = [name] if name else []
    fewer: list[tuple[str, str]] = []
    for each, packed, _ in _kept(manifest, kind):
        if each == name:
            continue
        missing = _missing(manifest, kind, packed)
        left = _without_moved(manifest, kind, [file for file in missing if file[0] not in tried])
        if not left:
            over.append(each)
        elif len(left) < len(missing):
            fewer.append((_packed(_told(packed)[0], left), each))
    if over or fewer:
        with manifest.begin() as connection:
            connection.executemany("update log_cursor set value = ? where name = ?", fewer)
            connection.executemany("delete from log_cursor where name = ?", [(each,) for each in over])


def give_up(manifest: Manifest, kind: str, is_gone: Callable[[str], bool], now: datetime) -> tuple[str, ...]:
    """The locations of what is missing and is no longer where it lay; of this kind, or of all where that is "".

    From now on it stands among what could not be read: what it held stays unknown.
    """
    found: list[str] = []
    for name, packed, _ in _kept(manifest, kind):
        own = name.split(":")[1]
        missing = _missing(manifest, own, packed)
        gone = _without_moved(manifest, own, [each for each in missing if is_gone(each[0])])
        if not gone:
            continue
        found += [location for location, _, _ in gone]
        left = [each for each in missing if not is_gone(each[0])]
        with manifest.begin() as connection:
            connection.executemany(
                "insert or ignore into log_refused values (?, ?, ?, 0, 'unreadable', ?, ?, ?)",
                [
                    (own, location, version or "", os.strerror(errno.ENOENT), size, now.isoformat())
                    for location, version, size in gone
                ],
            )
            _keep_left(connection, name, packed, left)
    return tuple(found)


def end_by_hand(manifest: Manifest, is_meant: Callable[[str], bool], reason: str, now: datetime) -> tuple[str, ...]:
    """The locations of what is missing that somebody gives up, because it is gone for good; nothing where none is meant.

    It stands among what could not be read from now on, with the reason: what it held stays unknown.
    """
    ended: list[str] = []
    with manifest.begin() as connection:
        for name, packed, began in _kept(manifest, ""):
            kind = name.split(":")[1]
            missing = _missing(manifest, kind, packed)
            over = [each for each in missing if is_meant(each[0])]
            if not over:
                continue
            ended += [location for location, _, _ in over]
            connection.executemany(
                "insert or replace into log_refused values (?, ?, ?, 0, 'given_up', ?, ?, ?)",
                [(kind, location, version or "", reason, size, now.isoformat()) for location, version, size in over],
            )
            connection.executemany(
                "insert or replace into log_given_up values (?, ?, ?, ?, ?)",
                [(kind, location, version or "", _told(packed)[0], began) for location, version, _ in over],
            )
            left = [each for each in missing if not is_meant(each[0])]
            _keep_left(connection, name, packed, left)
    return tuple(ended)


def undo_end(manifest: Manifest, is_meant: Callable[[str], bool]) -> tuple[str, ...]:
    """The locations that are missing again, each with the ingest that left it and when that began."""
    found = [
        row
        for row in manifest.query(
            "select source, location, version, size, coalesce(typed, ''), coalesce(began_at, seen_at) from log_refused "
            "left join log_given_up using (source, location, version) where reason = 'given_up'"
        )
        if is_meant(row[1])
    ]
    marks: defaultdict[tuple[str, str, str], list[Awaited]] = defaultdict(list)
    for source, location, version, size, typed, began_at in found:
        marks[source, typed, began_at].append((location, version or None, size))
    with manifest.begin() as connection:
        for (source, typed, began_at), files in marks.items():
            keep(connection, source, files, datetime.fromisoformat(began_at), typed=typed)
            for table, only in (("log_refused", " and reason = 'given_up'"), ("log_given_up", "")):
                connection.executemany(
                    f"delete from {table} where source = ? and location = ? and version = ?{only}",
                    [(source, location, version or "") for location, version, _ in files],
                )
    return tuple(row[1] for row in found)


def given_up_locations(manifest: Manifest) -> tuple[str, ...]:
    """What was given up by hand."""
    return tuple(
        location
        for (location,) in manifest.query(
            "select distinct location from log_refused where reason = 'given_up' order by 1"
        )
    )


def _keep_left(connection: Connection, name: str, packed: str, left: Sequence[Awaited]) -> None:
    """Of a mark what is still missing; none where nothing is."""
    if left:
        connection.execute("update log_cursor set value = ? where name = ?", (_packed(_told(packed)[0], left), name))
    else:
        connection.execute("delete from log_cursor where name = ?", (name,))


def missing_locations(manifest: Manifest) -> tuple[str, ...]:
    """What is left of all ingests that did not end."""
    return tuple(
        location
        for name, packed, _ in _kept(manifest, "")
        for location, _, _ in _missing(manifest, name.split(":")[1], packed)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """What somebody gave up for one reason: how much, the first of it, and when the last."""

    count: int
    location: str
    reason: str
    at: datetime


def given_up(manifest: Manifest, kinds: Collection[str]) -> tuple[GivenUp, ...]:
    """What was given up by hand of these kinds, the last first."""
    marks = ", ".join("?" for _ in kinds)
    return tuple(
        GivenUp(count=count, location=location, reason=reason, at=datetime.fromisoformat(at))
        for count, location, reason, at in manifest.query(
            "select count(*), min(location), detail, max(seen_at) from log_refused where reason = 'given_up' "
            f"and source in ({marks}) group by detail order by 4 desc",
            *kinds,
        )
    )


def unfinished(manifest: Manifest, kinds: Collection[str]) -> tuple[Unfinished, ...]:
    """What is left of ingests of these kinds that did not end, or are still running."""
    found: list[Unfinished] = []
    for kind in kinds:
        for _, packed, began in _kept(manifest, kind):
            if missing := _missing(manifest, kind, packed):
                found.append(
                    Unfinished(
                        kind=kind,
                        typed=_told(packed)[0] or kind,
                        count=len(missing),
                        root=_root_of([location for location, _, _ in missing]),
                        began_at=datetime.fromisoformat(began),
                        locations=tuple(location for location, _, _ in missing[:_NAMED]),
                    )
                )
    return tuple(found)


def _kept(manifest: Manifest, kind: str) -> list[tuple[Any, ...]]:
    beginning = f"{_NAME}{kind}:" if kind else _NAME
    return manifest.query(
        "select name, value, moved_at from log_cursor where substr(name, 1, ?) = ? order by moved_at", len(beginning), beginning
    )  # fmt: skip


def _packed(typed: str, files: Sequence[Awaited]) -> str:
    told = json.dumps({"typed": typed, "files": files[:_MOST]})
    return b64encode(zlib.compress(told.encode(), 1)).decode()


def _told(packed: str) -> tuple[str, list[Awaited]]:
    told: Any = json.loads(zlib.decompress(b64decode(packed)))
    if isinstance(told, list):
        return "", [(location, None, 0) for location in cast("list[str]", told)]
    return told["typed"], [(location, version, size) for location, version, size in told["files"]]


def _missing(manifest: Manifest, kind: str, packed: str) -> list[Awaited]:
    files = _told(packed)[1]
    taken = manifest.taken(kind, [location for location, _, _ in files])
    known = {location for location, _ in taken}
    return [each for each in files if (each[0] not in known if each[1] is None else (each[0], each[1]) not in taken)]


def _without_moved(manifest: Manifest, kind: str, files: Sequence[Awaited]) -> list[Awaited]:
    """Those that the lake has not got from another place either: a folder was moved, or was a copy of a bucket.

    All that was taken is gone through for it: whoever writes does that, and not every answer.
    """
    wanted = {(_name_of(location), size) for location, _, size in files if size and len(_name_of(location)) >= _TELLING}
    elsewhere: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    for location, size in (
        manifest.each("select location, byte_count from log_object where source = ?", kind) if wanted else ()
    ):
        if (same := (_name_of(location), size)) in wanted:
            elsewhere[same].add(location)
    return [each for each in files if not elsewhere.get((_name_of(each[0]), each[2]), set[str]()) - {each[0]}]


def _name_of(location: str) -> str:
    return location.rpartition("/")[2]


def _root_of(locations: Iterable[str]) -> str:
    """The folder that holds them all; where there is none that can be given to an ingest, that of the first."""
    # A name with bytes that are no text is spelled out, and cannot be typed.
    folders = [
        list(takewhile(lambda name: "\\x" not in name, location.split("/")[:-1])) or [location]
        for location in locations
    ]
    least = _BUCKET_DEPTH if folders[0][:2] == ["s3:", ""] else 2
    common = folders[0]
    for each in folders:
        while common != each[: len(common)]:
            common = common[:-1]
    return "/".join(common if len(common) >= least else folders[0]) or "/"
