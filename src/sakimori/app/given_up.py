"""Ending by hand what can never be read to its end: a log group, folder or bucket that is gone for good."""

from pathlib import Path
from typing import Final

from sakimori.app.lake_upkeep import Clock, reading, writing
from sakimori.ingest.log_groups import SCHEME as GROUP
from sakimori.lake.unfinished import end_by_hand, missing_locations

_LONGEST_REASON: Final = 500
_BEFORE_GROUP: Final = 4
"""Pieces of a location up to the Region: `logs:`, nothing, account, Region."""


def give_up_reading(home: Path, address: str, reason: str, *, clock: Clock) -> tuple[str, ...]:
    """The locations that are given up; nothing where none of what is missing lies there."""
    if not any(_is_meant(each, address) for each in waiting(home)):
        return ()
    with writing(home, clock) as (writer, _):
        return end_by_hand(writer.manifest, lambda each: _is_meant(each, address), reason[:_LONGEST_REASON], clock())


def waiting(home: Path) -> tuple[str, ...]:
    """The locations of what no ingest has read to its end."""
    with reading(home) as reader:
        return missing_locations(reader.manifest) if reader.manifest else ()


def _is_meant(location: str, address: str) -> bool:
    folder = address.rstrip("/")
    if folder and (location == address or location.startswith(f"{folder}/")):
        return True
    if not address.startswith(GROUP) or not location.startswith(GROUP):
        return False
    # A person names the group alone, as for an ingest, or the account and Region before it.
    group = "/".join(location.split("/")[_BEFORE_GROUP:-1])
    wanted = address.removeprefix(GROUP).partition("?")[0]
    return wanted.strip("/") == group.partition("?")[0].strip("/")
