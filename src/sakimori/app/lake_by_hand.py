"""A person's word on logs that could not be read: given up because they are gone for good, or looked at by somebody; both can be undone."""

from pathlib import Path
from typing import Final

from sakimori.app.lake_upkeep import Clock, reading, writing
from sakimori.ingest.log_groups import SCHEME as GROUP
from sakimori.lake.quarantine import look_at, looked_at_locations, refused_locations, undo_look
from sakimori.lake.unfinished import end_by_hand, given_up_locations, missing_locations, undo_end

_LONGEST_REASON: Final = 500
_BEFORE_GROUP: Final = 4
"""Pieces of a location up to the Region: `logs:`, nothing, account, Region."""


def give_up_reading(home: Path, address: str, reason: str, *, clock: Clock) -> tuple[str, ...]:
    """The locations that are given up; nothing where none of what is missing lies there."""
    if not any(_is_meant(each, address) for each in waiting(home)):
        return ()
    with writing(home, clock) as (writer, _):
        return end_by_hand(writer.manifest, lambda each: _is_meant(each, address), reason[:_LONGEST_REASON], clock())


def read_again(home: Path, address: str, *, clock: Clock) -> tuple[str, ...]:
    """The locations that are missing again, as they were before they were given up."""
    if not any(_is_meant(each, address) for each in given_up_by_hand(home)):
        return ()
    with writing(home, clock) as (writer, _):
        return undo_end(writer.manifest, lambda each: _is_meant(each, address))


def has_looked_at(home: Path, address: str, reason: str, *, clock: Clock) -> tuple[str, ...]:
    """The locations whose refused pieces somebody has looked at; nothing where none of them lies there."""
    if not any(_is_meant(each, address) for each in refused(home)):
        return ()
    with writing(home, clock) as (writer, _):
        return look_at(writer.manifest, lambda each: _is_meant(each, address), reason[:_LONGEST_REASON], clock())


def unlook(home: Path, address: str, *, clock: Clock) -> tuple[str, ...]:
    """The locations of which nobody has looked at what was refused, after all."""
    if not any(_is_meant(each, address) for each in looked_at_by_hand(home)):
        return ()
    with writing(home, clock) as (writer, _):
        return undo_look(writer.manifest, lambda each: _is_meant(each, address))


def waiting(home: Path) -> tuple[str, ...]:
    """The locations of what no ingest has read to its end."""
    with reading(home) as reader:
        return missing_locations(reader.manifest) if reader.manifest else ()


def given_up_by_hand(home: Path) -> tuple[str, ...]:
    """The locations of what was given up."""
    with reading(home) as reader:
        return given_up_locations(reader.manifest) if reader.manifest else ()


def refused(home: Path) -> tuple[str, ...]:
    """The locations of what was refused, and could be looked at."""
    with reading(home) as reader:
        return refused_locations(reader.manifest) if reader.manifest else ()


def looked_at_by_hand(home: Path) -> tuple[str, ...]:
    """The locations of what somebody has looked at."""
    with reading(home) as reader:
        return looked_at_locations(reader.manifest) if reader.manifest else ()


def _is_meant(location: str, address: str) -> bool:
    folder = address.rstrip("/")
    if folder and (location == address or location.startswith(f"{folder}/")):
        return True
    if "://" not in address and address:
        # A person names a file as it lies before him; the lake keeps where that is.
        here = str(Path(address).absolute())
        return location == here or location.startswith(f"{here.rstrip('/')}/")
    if not address.startswith(GROUP) or not location.startswith(GROUP):
        return False
    # A person names the group alone, as for an ingest, or the account and Region before it.
    group = "/".join(location.split("/")[_BEFORE_GROUP:-1])
    wanted = address.removeprefix(GROUP).partition("?")[0]
    return wanted.strip("/") == group.partition("?")[0].strip("/")
