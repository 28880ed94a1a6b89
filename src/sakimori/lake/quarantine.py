"""What could not be taken of logs: which file, from which byte on, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sakimori.lake.manifest import Manifest


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
        )
        for source, location, reason, count, position, size, detail, seen_at in manifest.query(
            # SQLite takes `detail` from the row of the minimum.
            "select source, location, reason, count(*), min(position), sum(size), detail, max(seen_at) from log_refused "
            f"{only} group by source, location, reason order by source, location, 5",
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
