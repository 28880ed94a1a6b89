"""By what the sessions with which a closure begins were opened: whoever has that way takes new ones, however many are revoked.

A session that a credential of the closure opened is stopped with that. One that began it came from somewhere else: a service
of AWS gives new ones to whatever runs with the role (a task, a build, a job), a provider of identities to whoever signs in
there, and a user or another role may assume it again. What they can do with that nobody has looked at. Machines and functions
are named by `own_machines` and `own_functions`, people of IAM Identity Center by R12.
Source: IAM User Guide, "Compare methods to request temporary security credentials"; who opened a session says `openers`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sakimori.analysis.incident.events import session_name, user_key
from sakimori.analysis.incident.form import Credential, CredentialKind, Event
from sakimori.analysis.incident.openers import opened_by, opener
from sakimori.app.respond.case import WAYS_IN, Case
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
    """One way to sessions of a role. `who` is a service's name, what a provider calls somebody, an ARN or an account; "" of UNKNOWN."""

    kind: WayKind
    role: str
    who: str = ""

    @property
    def mark(self) -> str:
        """By which a person's answer is found again."""
        return f"{self.kind} {self.who} {self.role}"

    @property
    def words(self) -> Mapping[str, Any]:
        """As a log keeps it, said when it is read."""
        values = {"who": self.who, "role": self.role.rpartition("/")[2]}
        return {"text": f"respond.way_{self.kind}", "values": values}


def ways_in(seen: Seen, stopped: Collection[str], *, named: Collection[str] = ()) -> tuple[Way, ...]:
    """The ways that are not stopped. `stopped` are ARNs that may do nothing, `named` session names that are told elsewhere."""
    inside = {each.id for each in seen.closure.credentials}
    heads = [each for each in seen.closure.credentials if _is_head(each, inside)]
    if not heads:
        return ()
    opened = opened_by(seen.events, {each.role for each in heads})
    silent = {user_key(each) for each in stopped} - {("", "")}
    found = (_way(each, opened.get(each.id), named) for each in heads)
    return tuple(dict.fromkeys(each for each in found if each is not None and user_key(each.who) not in silent))


def closed_ways(case: Case) -> frozenset[str]:
    """The marks of what a person said to be closed, or not to be in a thief's hands."""
    told: Mapping[str, Any] = case.answers.get(WAYS_IN) or {}
    return frozenset(str(each) for each in told.get("ways") or ())


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
