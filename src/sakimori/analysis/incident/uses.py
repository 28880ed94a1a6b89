"""R06: from where the key is used, so that its owner knows what stops with it, and since when somebody else may have had it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sakimori.analysis.incident.form import Event

_ESTABLISHED_DAYS: Final = 3
"""On so many different days a place was used before it counts as the owner's."""
_ESTABLISHED_SINCE: Final = timedelta(days=7)
"""For so long it was used: a thief who comes back on three days has an address of a few days."""
_MOST_PLACES: Final = 200
BEFORE: Final = timedelta(days=1)
"""How far back is looked where nothing tells when it began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One address with one kind of program. `is_established`: used on several days over a week, as a workload's is."""

    ip: str
    agent: str
    count: int
    days: int
    first_at: datetime
    last_at: datetime
    is_established: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses:
    """All places, the most used first. `strange_at` is the first use from a place that is not established, None without one."""

    places: tuple[Place, ...]
    strange_at: datetime | None = None
    is_cut: bool = False

    @property
    def established(self) -> tuple[Place, ...]:
        """Who will miss the key."""
        return tuple(each for each in self.places if each.is_established)

    def is_established(self, event: Event) -> bool:
        """Whether an event comes from an address that is the owner's; with which program does not matter."""
        return event.ip in {each.ip for each in self.established}

    @property
    def recent(self) -> tuple[Place, ...]:
        """Those of the others that were used on several days and are new all the same: the owner's, or a thief's who comes back."""
        return tuple(each for each in self.strange if each.days >= _ESTABLISHED_DAYS)

    @property
    def strange(self) -> tuple[Place, ...]:
        """The others."""
        return tuple(each for each in self.places if not each.is_established)


def uses_of(events: Iterable[Event], began: datetime | None = None) -> Uses:
    """The places of these events of one key. What AWS did in the key's name (`invoked_by`) is from no place.

    A place is the owner's by what was before `began`, where somebody knows when the key was out.
    """
    found: dict[tuple[str, str], list[datetime]] = {}
    is_cut = False
    for event in events:
        if not event.has_place:
            continue
        place = (event.ip, _family(event.agent))
        if place not in found and len(found) >= _MOST_PLACES:
            is_cut = True
            continue
        found.setdefault(place, []).append(event.at)
    last = max((max(moments) for moments in found.values()), default=None)
    places = [_place((ip, agent), moments, last or moments[-1], began) for (ip, agent), moments in found.items()]
    strange = [each.first_at for each in places if not each.is_established]
    ordered = sorted(places, key=lambda each: (-each.count, each.ip, each.agent))
    return Uses(places=tuple(ordered), strange_at=min(strange, default=None), is_cut=is_cut)


def _place(place: tuple[str, str], moments: list[datetime], last: datetime, began: datetime | None) -> Place:
    days = {each.date() for each in moments if began is None or each < began}
    is_old = last - min(moments) >= _ESTABLISHED_SINCE
    return Place(
        ip=place[0], agent=place[1], count=len(moments), days=len({each.date() for each in moments}), first_at=min(moments),
        last_at=max(moments), is_established=is_old and len(days) >= _ESTABLISHED_DAYS,
    )  # fmt: skip


def _family(agent: str) -> str:
    """The program without its version: `aws-cli`, `Boto3`, `aws-sdk-go-v2`."""
    return agent.strip("[] ").partition("/")[0].partition(" ")[0][:60]
