"""What could not be taken of logs: which file, from which byte on, and why."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sakimori.lake.manifest import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A person's word that somebody has looked at what was refused: how much that is, the first of it, why it is settled, and when."""

    reason: str
    at: datetime
    count: int = 1
    location: str = ""


NOT_LOOKED_AT: Final = (
    "not exists (select 1 from log_looked_at as look where look.source = piece.source and look.location = piece.location "
    "and look.looked_at >= piece.seen_at and piece.reason <> 'given_up')"
)
"""SQL of pieces that nobody has looked at since they were refused. Of what is gone for good, nobody can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedPieces:
    """Pieces of one file that were refused for one reason. `position` is the first one's offset in the unpacked bytes."""

    source: str
    location: str
    reason: str
    count: int
    position: int
    byte_count: int
    detail: str
    seen_at: datetime
    looked_at: "Look | None" = None


def refused_pieces(manifest: Manifest, sources: Sequence[str] = ()) -> tuple[RefusedPieces, ...]:
    """By kind of log, file and place in it; of these kinds, or of all."""
    only = f"where source in ({', '.join('?' for _ in sources)})" if sources else ""
    return tuple(
        RefusedPieces(
            source=source,
            location=location,
            reason=reason,
            count=count,
            position=position,
            byte_count=size,
            detail=detail,
            seen_at=datetime.fromisoformat(seen_at),
            looked_at=Look(reason=why, at=datetime.fromisoformat(at))
            if at and at >= seen_at and reason != "given_up"
            else None,
        )
        for source, location, reason, count, position, size, detail, seen_at, why, at in manifest.query(
            # SQLite takes `detail` from the row of the minimum.
            "select source, location, log_refused.reason, count(*), min(position), sum(size), detail, "
            "(select max(seen_at) from log_refused as same where same.source = log_refused.source "
            "and same.location = log_refused.location and same.reason = log_refused.reason), look.reason, look.looked_at "
            "from log_refused left join log_looked_at as look using (source, location) "
            f"{only} group by source, location, log_refused.reason order by source, location, 5",
            *sources,
        )
    )


def listed_after_all(manifest: Manifest, address: str) -> None:
    """Everything under this address could be listed: what was refused of folders there, which have no version, is over.

    A file that could not be read has a version, or is read later.
    """
    with manifest.begin() as connection:
        connection.execute(
            "delete from log_refused where reason = 'unreadable' and version = '' and substr(location, 1, ?) = ?",
            (len(address), address),
        )


# -- a person's word ---------------------------------------------------------------


def look_at(manifest: Manifest, is_meant: Callable[[str], bool], reason: str, now: datetime) -> tuple[str, ...]:
    """The locations whose refused pieces somebody has looked at. What is refused of them later needs another look."""
    with manifest.begin() as connection:
        found = connection.execute(
            "select distinct source, location from log_refused where reason <> 'given_up' order by 2"
        ).fetchall()
        meant = [(source, location) for source, location in found if is_meant(location)]
        connection.executemany(
            "insert or replace into log_looked_at values (?, ?, ?, ?)",
            [(*each, reason, now.isoformat()) for each in meant],
        )
    return tuple(dict.fromkeys(location for _, location in meant))


def undo_look(manifest: Manifest, is_meant: Callable[[str], bool]) -> tuple[str, ...]:
    """The locations of which the word was taken back."""
    with manifest.begin() as connection:
        found = connection.execute("select source, location from log_looked_at order by 2").fetchall()
        meant = [(source, location) for source, location in found if is_meant(location)]
        connection.executemany("delete from log_looked_at where source = ? and location = ?", meant)
    return tuple(dict.fromkeys(location for _, location in meant))


def refused_locations(manifest: Manifest) -> tuple[str, ...]:
    """What was refused, and nobody has looked at."""
    return tuple(
        location
        for (location,) in manifest.query(
            f"select distinct location from log_refused as piece where reason <> 'given_up' and {NOT_LOOKED_AT} order by 1"
        )
    )


def looked_at_locations(manifest: Manifest) -> tuple[str, ...]:
    """What somebody has looked at."""
    return tuple(
        location for (location,) in manifest.query("select distinct location from log_looked_at order by location")
    )


def looks(manifest: Manifest, kinds: Collection[str]) -> tuple[Look, ...]:
    """What somebody has looked at of these kinds and is still refused, by its reason, the last first."""
    marks = ", ".join("?" for _ in kinds)
    return tuple(
        Look(count=count, location=location, reason=reason, at=datetime.fromisoformat(at))
        for count, location, reason, at in manifest.query(
            "select count(*), min(location), look.reason, max(look.looked_at) from log_refused as piece "
            f"join log_looked_at as look using (source, location) where source in ({marks}) "
            "and look.looked_at >= piece.seen_at and piece.reason <> 'given_up' group by look.reason order by 4 desc",
            *kinds,
        )
    )
