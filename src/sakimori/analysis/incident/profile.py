"""How a set of credentials behaved: from where, in which sessions, what was let through, and what was new about it."""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final

from sakimori.analysis.incident.form import Event

GAP: Final = timedelta(minutes=30)
"""Without an event for longer than this, a new session begins."""
MOST_SESSIONS: Final = 500
MOST_FIRST: Final = 300
_MOST_SEEN: Final = 20
_AGENT: Final = re.compile(r"[\[(]?([A-Za-z][A-Za-z0-9_.-]*)")
_STEADY: Final = timedelta(days=1)
_FEW_DAYS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """Where events came from: a network (/24, /48, or the name of a service) and the program that made them."""

    network: str
    program: str
    count: int
    first_at: datetime
    last_at: datetime
    is_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Events of one principal from one network without a gap of more than half an hour."""

    begin: datetime
    end: datetime
    principal: str
    network: str
    count: int
    denied_count: int
    write_count: int
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """How often AWS let a service's calls in a Region through, and how often it refused."""

    service: str
    region: str
    ok: int
    denied: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSeen:
    """Something that the baseline never had. `what` is `network`, `program`, `region`, `service` or `call`."""

    what: str
    value: str
    at: datetime
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """`baseline_count` events from before are what first-seen things are new against; with none of them nothing is new."""

    event_count: int
    denied_count: int
    write_count: int
    baseline_count: int
    fingerprints: tuple[Fingerprint, ...]
    sessions: tuple[Session, ...]
    session_count: int
    matrix: tuple[Cell, ...]
    first_seen: tuple[FirstSeen, ...]


@lru_cache(maxsize=50_000)
def network_of(ip: str) -> str:
    """The /24 of an IPv4 address, the /48 of an IPv6 one, the text itself of anything else."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip[:100]
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False))  # noqa: PLR2004


@lru_cache(maxsize=50_000)
def program_of(agent: str) -> str:
    """The name with which a user agent begins, without its version."""
    found = _AGENT.match(agent)
    return found[1][:60] if found else ""


def fingerprint_of(event: Event) -> tuple[str, str]:
    """Network and program."""
    return network_of(event.ip), program_of(event.agent)


def first_unknown(events: Iterable[Event]) -> datetime | None:
    """When a credential was first used from where it is not usually used; None where no use stands out.

    Usual is where it was seen on more than three days; a use stands out that begins a day or more after the record does. A
    credential whose record is shorter, or that was nowhere for so long, has no habits to tell anything by.
    """
    days: dict[tuple[str, str], set[object]] = {}
    first: dict[tuple[str, str], datetime] = {}
    begin: datetime | None = None
    for event in events:
        mark = fingerprint_of(event)
        days.setdefault(mark, set()).add(event.at.date())
        first[mark] = min(first.get(mark, event.at), event.at)
        begin = min(begin, event.at) if begin else event.at
    if begin is None or all(len(each) <= _FEW_DAYS for each in days.values()):
        return None
    odd = [at for mark, at in first.items() if len(days[mark]) <= _FEW_DAYS and at >= begin + _STEADY]
    return min(odd, default=None)


def profile_of(events: Sequence[Event], baseline: Iterable[Event]) -> Profile:
    """The profile of events against those from before."""
    ordered = sorted(events, key=lambda each: (each.at, each.event_id))
    known = _Known.of(baseline)
    sessions = sorted(_sessions(ordered), key=lambda each: each.begin)
    return Profile(
        event_count=len(ordered),
        denied_count=sum(bool(each.error) for each in ordered),
        write_count=sum(not each.read_only for each in ordered),
        baseline_count=known.count,
        fingerprints=tuple(_fingerprints(ordered, known)),
        sessions=tuple(sessions[:MOST_SESSIONS]),
        session_count=len(sessions),
        matrix=tuple(_matrix(ordered)),
        first_seen=tuple(_first_seen(ordered, known))[:MOST_FIRST] if known.count else (),
    )


@dataclass(frozen=True, slots=True)
class _Known:
    count: int
    values: Mapping[str, frozenset[str]]
    fingerprints: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, baseline: Iterable[Event]) -> "_Known":
        values: dict[str, set[str]] = {}
        marks = set[tuple[str, str]]()
        count = 0
        for event in baseline:
            count += 1
            marks.add(fingerprint_of(event))
            for what, value in _traits(event):
                values.setdefault(what, set()).add(value)
        return cls(count, {what: frozenset(found) for what, found in values.items()}, frozenset(marks))


def _traits(event: Event) -> Iterator[tuple[str, str]]:
    service = event.source.partition(".")[0]
    yield "network", network_of(event.ip)
    yield "program", program_of(event.agent)
    yield "region", event.region
    yield "service", service
    yield "call", f"{service}:{event.name}"


def _first_seen(events: Iterable[Event], known: _Known) -> Iterator[FirstSeen]:
    told = set[tuple[str, str]]()
    for event in events:
        for what, value in _traits(event):
            if value and (what, value) not in told and value not in known.values.get(what, frozenset()):
                told.add((what, value))
                yield FirstSeen(what=what, value=value, at=event.at, event_id=event.event_id)


def _fingerprints(events: Iterable[Event], known: _Known) -> Iterator[Fingerprint]:
    found: dict[tuple[str, str], list[datetime]] = {}
    for event in events:
        found.setdefault(fingerprint_of(event), []).append(event.at)
    for (network, program), times in sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        yield Fingerprint(
            network=network,
            program=program,
            count=len(times),
            first_at=times[0],
            last_at=times[-1],
            is_known=(network, program) in known.fingerprints,
        )


def _matrix(events: Iterable[Event]) -> Iterator[Cell]:
    counts: dict[tuple[str, str], list[int]] = {}
    for event in events:
        cell = counts.setdefault((event.source.partition(".")[0], event.region), [0, 0])
        cell[bool(event.error)] += 1
    for (service, region), (ok, denied) in sorted(counts.items()):
        yield Cell(service=service, region=region, ok=ok, denied=denied)


def _sessions(events: Iterable[Event]) -> Iterator[Session]:
    by_place: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        by_place.setdefault((event.principal, network_of(event.ip)), []).append(event)
    for (principal, network), those in by_place.items():
        begin = 0
        cuts = [index + 1 for index, (one, other) in enumerate(pairwise(those)) if other.at - one.at > GAP]
        for end in [*cuts, len(those)]:
            yield _session(principal, network, those[begin:end])
            begin = end


def _session(principal: str, network: str, events: Sequence[Event]) -> Session:
    return Session(
        begin=events[0].at,
        end=events[-1].at,
        principal=principal,
        network=network,
        count=len(events),
        denied_count=sum(bool(each.error) for each in events),
        write_count=sum(not each.read_only for each in events),
        regions=tuple(sorted({each.region for each in events}))[:_MOST_SEEN],
    )
