"""By what the sessions with which a closure begins were opened: whoever has that way takes new ones, however many are revoked.

A session that a credential of the closure opened is stopped with that. One that began it came from somewhere else: a service
of AWS gives new ones to whatever runs with the role (a task, a build, a job), a provider of identities to whoever signs in
there, and a user or another role may assume it again. What they can do with that nobody has looked at. Machines and functions
are named by `own_machines` and `own_functions`, people of IAM Identity Center by R12.
Source: IAM User Guide, "Compare methods to request temporary security credentials"; who opened a session says `openers`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sakimori.analysis.incident.events import Asked, session_name, user_key
from sakimori.analysis.incident.form import Credential, CredentialKind, Event
from sakimori.analysis.incident.openers import opened_by, opener
from sakimori.app.respond.case import WAYS_IN, Case, moment_of
from sakimori.app.respond.contain import Seen
from sakimori.app.respond.measures import permission_set
from sakimori.app.respond.own_machines import is_machine
from sakimori.texts.language import clean

_NAMED_ELSEWHERE: Final = frozenset({"ec2.amazonaws.com", "lambda.amazonaws.com"})
_LONGEST: Final = 200


class WayKind(StrEnum):
    """Who gave the session."""

    SERVICE = "service"
    PROVIDER = "provider"
    PRINCIPAL = "principal"
    UNKNOWN = "unknown"
    """No event tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to sessions of a role. `who` is a service's name, what a provider calls somebody, an ARN or an account; "" of UNKNOWN.

    Of the sessions that were opened by it: how many, how many of them made something of list A, how many were used from a place
    that is not the owner's, and the last.
    """

    kind: WayKind
    role: str
    who: str = ""
    sessions: int = field(default=0, compare=False)
    making: int = field(default=0, compare=False)
    strange: int = field(default=0, compare=False)
    last_at: datetime | None = field(default=None, compare=False)

    @property
    def mark(self) -> str:
        """By which a person's answer is found again."""
        return f"{self.kind} {self.who} {self.role}"

    @property
    def has_signs(self) -> bool:
        """Whether anything of it looks like a thief's: of a role that many use, these ways come first."""
        return bool(self.making or self.strange)

    @property
    def plain(self) -> Mapping[str, Any]:
        """As a machine reads it."""
        return {
            "kind": self.kind.value, "who": self.who, "role": self.role, "sessions": self.sessions, "making": self.making,
            "strange": self.strange, "last_at": self.last_at.isoformat() if self.last_at else None,
        }  # fmt: skip

    @property
    def words(self) -> Mapping[str, Any]:
        """As a log keeps it, said when it is read."""
        values: dict[str, Any] = {"who": self.who, "role": self.role.rpartition("/")[2]}
        way = {"text": f"respond.way_{self.kind}", "values": values}
        if not self.has_signs:
            return way
        signs = {"sessions": self.sessions, "making": self.making, "strange": self.strange}
        return {"text": "respond.way_with_signs", "values": {"way": way, **signs}}


def ways_in(
    seen: Seen,
    stopped: Collection[str],
    *,
    named: Collection[str] = (),
    is_known: Callable[[Event], bool] | None = None,
) -> tuple[Way, ...]:
    """The ways that are not stopped, those with signs of a thief first, then the latest.

    `stopped` are ARNs that may do nothing, `named` session names that are told elsewhere; `is_known` says of an event whether it
    comes from where the owner works.
    """
    inside = {each.id for each in seen.closure.credentials}
    heads = [each for each in seen.closure.credentials if _is_head(each, inside)]
    if not heads:
        return ()
    opened = opened_by(seen.events, {each.role for each in heads})
    silent = {user_key(each) for each in stopped} - {("", "")}
    found: dict[Way, list[Credential]] = {}
    for each in heads:
        way = _way(each, opened.get(each.id), named)
        if way is not None and user_key(way.who) not in silent:
            found.setdefault(way, []).append(each)
    if not found:
        return ()
    making = {each.by for each in seen.made if each.is_created and not each.is_from_known_origin}
    strange = _strange(seen, [each.id for among in found.values() for each in among], is_known)
    told = [_weighed(way, [each.id for each in among], making, strange) for way, among in found.items()]
    told = [replace(way, last_at=max((opened[each.id].at for each in found[way] if each.id in opened), default=None)) for way in told]  # fmt: skip
    return tuple(sorted(told, key=lambda each: (-each.strange, -each.making, -(each.last_at.timestamp() if each.last_at else 0), each.mark)))  # fmt: skip


def _strange(seen: Seen, keys: Collection[str], is_known: Callable[[Event], bool] | None) -> frozenset[str]:
    """Of these keys, those that were used from where the owner does not work; () where nobody knows where that is."""
    if is_known is None:
        return frozenset()
    events = seen.events.by_keys(sorted(keys), Asked(with_details=False))
    return frozenset(each.key_id for each in events if each.has_place and not is_known(each))


def _weighed(way: Way, keys: Collection[str], making: Collection[str], strange: Collection[str]) -> Way:
    counts = {"making": sum(each in making for each in keys), "strange": sum(each in strange for each in keys)}
    return replace(way, sessions=len(keys), **counts)


def closed_ways(case: Case) -> frozenset[str]:
    """The marks of what a person said to be closed, or not to be in a thief's hands."""
    told: Mapping[str, Any] = case.answers.get(WAYS_IN) or {}
    return frozenset(str(each) for each in told.get("ways") or ())


def used_again(case: Case, ways: Iterable[Way]) -> tuple[Way, ...]:
    """Of the ways that a person closed, those by which sessions were opened after that word: it was about what was there then."""
    told: Mapping[str, Any] = (case.answers.get(WAYS_IN) or {}).get("since") or {}
    said = {str(mark): at for mark, each in told.items() if (at := moment_of(each)) is not None}
    return tuple(each for each in ways if each.last_at and each.mark in said and each.last_at > said[each.mark])


def _is_head(credential: Credential, inside: Collection[str]) -> bool:
    is_session = credential.kind is CredentialKind.ROLE_SESSION and bool(credential.role)
    return is_session and credential.issued_by not in inside and not permission_set(credential.role)


def _way(credential: Credential, event: Event | None, named: Collection[str]) -> Way | None:
    """None where it is told elsewhere: by the machine, the function or the person."""
    name = session_name(credential.principal)
    if is_machine(name) or name in named:
        return None
    if event is None:
        return Way(kind=WayKind.UNKNOWN, role=credential.role)
    kind, who = opener(event)
    return None if who in _NAMED_ELSEWHERE else Way(kind=WayKind(kind), role=credential.role, who=clean(who, _LONGEST))
