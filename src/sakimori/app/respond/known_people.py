"""Who used a role of IAM Identity Center, from where, and for whom a person vouched: else one stolen session condemns all colleagues.

A role of a permission set is everybody's who has the set, and IAM lets nobody edit it. Its sessions are named by the person (IAM
Identity Center User Guide, "Referencing permission sets in resource policies"), so somebody can say that a name is a colleague at
work. That word counts for the source addresses that were told with the name, and for no other: a thief has the same name.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sakimori.analysis.incident.events import Asked, Events, session_name
from sakimori.analysis.incident.form import Credential, Event, console_id
from sakimori.app.respond.case import KNOWN_PEOPLE, PEOPLE, Case, Suspect, moment_of
from sakimori.app.respond.denied_people import denied_since
from sakimori.app.respond.looked_at import entries
from sakimori.app.respond.measures import permission_set
from sakimori.texts.language import clean

_MOST_PEOPLE: Final = 200
_MOST_ADDRESSES: Final = 100
"""Of one person; whoever has more cannot be vouched for whole, for nobody would read them."""
_SHOWN_ADDRESSES: Final = 5
_LONGEST: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One name under which sessions of the role acted; `addresses` in the order of their first use, `sessions` the newest first."""

    name: str
    addresses: tuple[str, ...]
    sessions: tuple[str, ...]
    last_at: datetime | None = None
    is_cut: bool = False

    @property
    def marks(self) -> tuple[str, ...]:
        """What a word about the person covers: the name, and each address with it."""
        return (_mark(self.name), *(_mark(self.name, each) for each in self.addresses))

    @property
    def plain(self) -> Mapping[str, Any]:
        """As the log keeps it."""
        return {
            "name": self.name, "addresses": list(self.addresses), "sessions": list(self.sessions), "is_cut": self.is_cut,
            "last_at": self.last_at.isoformat() if self.last_at else None,
        }  # fmt: skip

    @property
    def words(self) -> Mapping[str, Any]:
        """As a step of the rail tells it."""
        values = {
            "user": clean(self.name, _LONGEST), "addresses": list(self.addresses[:_SHOWN_ADDRESSES]), "count": len(self.addresses),
            "sessions": len(self.sessions), "key": self.sessions[0] if self.sessions else "—",
            "last": self.last_at.isoformat() if self.last_at else "—",
        }  # fmt: skip
        return {"text": "respond.person_seen", "values": values}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """The seeds of a closure without those of colleagues that somebody vouched for.

    `again` are names that were vouched for and act from addresses that the word does not cover: those sessions are suspect.
    """

    seeds: tuple[Credential, ...]
    people: tuple[Person, ...] = ()
    known: tuple[str, ...] = ()
    again: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])


NOBODY: Final = Vouched(seeds=())


def is_of_people(suspect: Suspect) -> bool:
    """Whether the case began with a role of a permission set, which is many people's: a single session is nobody's but its own."""
    return not suspect.key_id and bool(permission_set(suspect.role))


def people_of_role(seeds: Sequence[Credential], events: Sequence[Event]) -> tuple[Person, ...]:
    """Who they are, the latest first. What AWS did in somebody's name is from no address."""
    names = {each.id: session_name(each.principal) for each in seeds if session_name(each.principal)}
    acted: dict[str, list[Event]] = {name: [] for name in names.values()}
    for event in events:
        if name := names.get(_credential_of(event)):
            acted[name].append(event)
    found = [_person(name, those, [key for key, own in names.items() if own == name]) for name, those in acted.items()]
    return tuple(sorted(found, key=lambda each: (-(each.last_at.timestamp() if each.last_at else 0), each.name)))


def _person(name: str, events: Sequence[Event], keys: Sequence[str]) -> Person:
    ordered = sorted(events, key=lambda each: (each.at, each.event_id))
    addresses = tuple(dict.fromkeys(each.ip for each in ordered if each.has_place))
    last = {_credential_of(each): each.at for each in ordered}
    newest = sorted(keys, key=lambda key: -(last[key].timestamp() if key in last else 0))
    return Person(
        name=name, addresses=addresses[:_MOST_ADDRESSES], sessions=tuple(newest), is_cut=len(addresses) > _MOST_ADDRESSES,
        last_at=ordered[-1].at if ordered else None,
    )  # fmt: skip


def vouched(case: Case, suspect: Suspect, seeds: tuple[Credential, ...], events: Events) -> Vouched:
    """The seeds that are followed. A session is left out where each address that it acted from is covered by a person's word."""
    if not is_of_people(suspect):
        return Vouched(seeds=seeds)
    acted = _acted(suspect, seeds, events)
    covered = covered_marks(case)
    strange: dict[str, dict[str, None]] = {}
    for event in acted:
        name = session_name(event.principal)
        if event.has_place and _mark(name) in covered and _mark(name, event.ip) not in covered:
            strange.setdefault(_credential_of(event), {})[event.ip] = None
    kept: list[Credential] = []
    known: dict[str, None] = {}
    again: dict[str, list[str]] = {}
    for each in seeds:
        name = session_name(each.principal)
        if _mark(name) not in covered:
            kept.append(each)
        elif each.id in strange:
            kept.append(each)
            again.setdefault(name, []).extend(strange[each.id])
        else:
            known[name] = None
    told = {name: tuple(dict.fromkeys(found)) for name, found in again.items()}
    return Vouched(seeds=tuple(kept), people=people_of_role(seeds, acted), known=tuple(known), again=told)


def _acted(suspect: Suspect, seeds: Sequence[Credential], events: Events) -> tuple[Event, ...]:
    """What these sessions did, and the sign-ins that have no key."""
    found = tuple(events.by_keys([each.id for each in seeds if each.is_key], Asked(with_details=False)))
    if all(each.is_key for each in seeds):
        return found
    asked = Asked(names=frozenset({"ConsoleLogin"}), with_details=False)
    return (*found, *(each for each in events.by_users([suspect.role], asked) if not each.key_id))


def _credential_of(event: Event) -> str:
    """The id of the credential by which somebody acted, as seeds have it."""
    return event.key_id or console_id(event.principal, event.session_at or event.at)


def covered_marks(case: Case) -> frozenset[str]:
    """What people vouched for, without those who were denied after that: a later denial is a later word."""
    denied = denied_since(case)
    return frozenset(
        mark
        for each in entries(case, KNOWN_PEOPLE)
        for mark in each["marks"]
        if not _is_over(denied.get(mark.partition(" ")[0]), each["at"])
    )


def _is_over(denied_at: datetime | None, said_at: datetime | None) -> bool:
    return denied_at is not None and (said_at is None or said_at < denied_at)


def plain_people(people: Sequence[Person]) -> Mapping[str, Any]:
    """As the log keeps them; more than `_MOST_PEOPLE` are counted."""
    return {"people": [each.plain for each in people[:_MOST_PEOPLE]], "count": len(people)}


def people_told(case: Case) -> tuple[Person, ...]:
    """The people as the last look found them."""
    told: Mapping[str, Any] = case.answers.get(PEOPLE) or {}
    return tuple(
        Person(
            name=str(each["name"]), addresses=tuple(map(str, each["addresses"])), sessions=tuple(map(str, each["sessions"])),
            last_at=moment_of(each.get("last_at")), is_cut=bool(each.get("is_cut")),
        )
        for each in told.get("people") or ()
    )  # fmt: skip


def person_told(case: Case, name: str) -> Person | None:
    """The one of this name, as user names are compared there; None where no look found any."""
    return next((each for each in people_told(case) if each.name.casefold() == name.casefold()), None)


def people_vouched(case: Case) -> Collection[str]:
    """The names, in small letters, for which somebody's word stands."""
    return {mark for mark in covered_marks(case) if " " not in mark}


def is_about(marks: Collection[str], name: str) -> bool:
    """Whether what a word covers is of this person."""
    return _mark(name) in marks


def _mark(name: str, address: str = "") -> str:
    """A session's name has no blanks. Source: AWS STS API reference, AssumeRole, RoleSessionName."""
    return f"{name.casefold()} {address}".rstrip()
