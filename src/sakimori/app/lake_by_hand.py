"""A person's word on logs that could not be read: given up because they are gone for good, or looked at by somebody; both can be undone."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from sakimori.app.lake_upkeep import Clock, reading, writing
from sakimori.ingest.log_groups import SCHEME as GROUP
from sakimori.lake.manifest import Manifest
from sakimori.lake.quarantine import look_at, looked_at_locations, refused_locations, undo_look
from sakimori.lake.unfinished import end_by_hand, given_up_locations, missing_locations, undo_end

_Locations = Callable[[Manifest], tuple[str, ...]]
_Change = Callable[[Manifest, Callable[[str], bool]], tuple[str, ...]]
_LONGEST_REASON: Final = 500
_BEFORE_GROUP: Final = 4
"""Pieces of a location up to the Region: `logs:`, nothing, account, Region."""


def give_up_reading(home: Path, address: str, reason: str, *, clock: Clock) -> tuple[str, ...]:
    """The locations that are given up; nothing where none of what is missing lies there."""
    return _changed(
        home, address, clock, missing_locations,
        lambda manifest, is_meant: end_by_hand(manifest, is_meant, reason[:_LONGEST_REASON], clock()),
    )  # fmt: skip


def read_again(home: Path, address: str, *, clock: Clock) -> tuple[str, ...]:
    """The locations that are missing again, as they were before they were given up."""
    return _changed(home, address, clock, given_up_locations, undo_end)


def has_looked_at(home: Path, address: str, reason: str, *, clock: Clock) -> tuple[str, ...]:
    """The locations whose refused pieces somebody has looked at; nothing where none of them lies there."""
    return _changed(
        home, address, clock, refused_locations,
        lambda manifest, is_meant: look_at(manifest, is_meant, reason[:_LONGEST_REASON], clock()),
    )  # fmt: skip


def unlook(home: Path, address: str, *, clock: Clock) -> tuple[str, ...]:
    """The locations of which nobody has looked at what was refused, after all."""
    return _changed(home, address, clock, looked_at_locations, undo_look)


def waiting(home: Path) -> tuple[str, ...]:
    """The locations of what no ingest has read to its end."""
    return _found(home, missing_locations)


def given_up_by_hand(home: Path) -> tuple[str, ...]:
    """The locations of what was given up."""
    return _found(home, given_up_locations)


def refused(home: Path) -> tuple[str, ...]:
    """The locations of what was refused, and could be looked at."""
    return _found(home, refused_locations)


def looked_at_by_hand(home: Path) -> tuple[str, ...]:
    """The locations of what somebody has looked at."""
    return _found(home, looked_at_locations)


def _found(home: Path, locations: _Locations) -> tuple[str, ...]:
    with reading(home) as reader:
        return locations(reader.manifest) if reader.manifest else ()


def _changed(home: Path, address: str, clock: Clock, locations: _Locations, change: _Change) -> tuple[str, ...]:
    """The lake is opened for writing only where something of these locations lies at the address."""
    if not any(_is_meant(each, address) for each in _found(home, locations)):
        return ()
    with writing(home, clock) as (writer, _):
        return change(writer.manifest, lambda each: _is_meant(each, address))


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
