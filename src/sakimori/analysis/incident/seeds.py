"""From what a person names to the credentials with which a closure begins."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from sakimori.analysis.incident.events import Asked, Events, Sighting, names_any, session_name, sighting_of
from sakimori.analysis.incident.form import Credential, CredentialKind, console_id
from sakimori.analysis.incident.issued import issued, latest_end
from sakimori.model.arn import Arn
from sakimori.model.detection import Detection

_NEAR: Final = timedelta(minutes=2)
KEY_ID: Final = re.compile(r"A(?:KIA|SIA)[A-Z0-9]{12,124}\Z")
"""Of a long-term or temporary key. Source: IAM API reference, AccessKey, AccessKeyId (16 to 128 characters)."""
_ID: Final = re.compile(r"ASIA\w{0,124}\Z", re.ASCII)
"""How the id of a temporary key begins."""


class SubjectKind(StrEnum):
    """What can be investigated."""

    KEY = "key"
    USER = "user"
    ROLE = "role"
    IP = "ip"
    RESOURCE = "resource"
    SESSION = "session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """`id` as the person gave it: a key id, an ARN (or for a user or role its name), an address, a session's ARN, name (`ROLE/NAME`) or id."""

    kind: SubjectKind
    id: str


def subject_of(found: Detection) -> Subject | None:
    """Whom to investigate for a detection of CloudTrail: who stands behind it, or the key; None where the log does not tell."""
    if KEY_ID.match(found.principal):
        return Subject(kind=SubjectKind.KEY, id=found.principal)
    try:
        arn = Arn.parse(found.principal)
    except ValueError:
        return None
    if session_name(found.principal):
        return Subject(kind=SubjectKind.SESSION, id=found.principal)
    if arn.service != "iam":
        return None
    kind = SubjectKind.ROLE if arn.resource.startswith("role/") else SubjectKind.USER
    return Subject(kind=kind, id=found.principal)


def seed_of_key(key_id: str, events: Events, asked: Asked) -> Credential:
    """The seed of one access key, with what its events say of it."""
    first = min(
        events.by_keys([key_id], replace(asked, with_details=False)),
        key=lambda event: (event.at, event.event_id),
        default=None,
    )
    if first is None:
        return _given(key_id, events, asked) or Credential(id=key_id, kind=_kind(key_id, "", ""))
    return _seed(sighting_of(first))


def _given(key_id: str, events: Events, asked: Asked) -> Credential | None:
    """Of a temporary key that nobody used yet, what the event says that gave it out; None where none is found."""
    if not key_id.startswith("ASIA"):
        return None
    found = (each for event in events.by_resources([key_id], asked) for each in issued(event, "") if each.id == key_id)
    return next(found, None)


def seeds_of(subject: Subject, events: Events, asked: Asked) -> tuple[Credential, ...]:
    """The credentials that the subject acted with, in the order in which they were first seen; of a resource those that changed it."""
    if subject.kind is SubjectKind.KEY or (subject.kind is SubjectKind.SESSION and _ID.match(subject.id)):
        return (seed_of_key(subject.id, events, asked),)
    if subject.kind is SubjectKind.RESOURCE:
        return _writers(subject.id, events, asked)
    found = sorted(_seen(subject, events, asked), key=lambda seen: (seen.at, seen.key_id, seen.event_id))
    seeds: dict[str, Credential] = {}
    for seen in found:
        seed = _seed(seen)
        if not seen.key_id and _has_session(seen, found):
            continue
        seeds.setdefault(seed.id, seed)
    return tuple(seeds.values())


def _writers(resource: str, events: Events, asked: Asked) -> tuple[Credential, ...]:
    """The credentials that changed a resource, each by its first change."""
    names, service = _names_of(resource)
    writes = [
        each
        for each in events.by_resources(names, replace(asked, writes=True))
        if not each.error
        and each.key_id
        # A name that people choose may be one of something else elsewhere: there the ARN itself must be named.
        and (each.source.partition(".")[0] == service or not service or names_any(each, {resource}))
    ]
    found: dict[str, Credential] = {}
    for event in sorted(writes, key=lambda each: (each.at, each.event_id)):
        found.setdefault(event.key_id, _seed(sighting_of(event)))
    return tuple(found.values())


def _names_of(resource: str) -> tuple[tuple[str, ...], str]:
    """What events call it: an ARN, and its last part, for the event history has ids and names; and the service of an ARN."""
    try:
        arn = Arn.parse(resource)
    except ValueError:
        return (resource,), ""
    return tuple(dict.fromkeys((resource, arn.resource.rpartition("/")[2].rpartition(":")[2]))), arn.service


def _seen(subject: Subject, events: Events, asked: Asked) -> Iterable[Sighting]:
    if subject.kind is SubjectKind.IP:
        return events.seen_from([subject.id], asked)
    if subject.kind is not SubjectKind.SESSION:
        is_bare_role = subject.kind is SubjectKind.ROLE and not subject.id.startswith(("arn:", "role/"))
        return events.seen_users([f"role/{subject.id}" if is_bare_role else subject.id], asked)
    principal, moment = _console(subject.id)
    name = session_name(principal) or principal
    is_arn = principal.startswith("arn:")
    if bool(moment) or (is_arn and not session_name(principal)):
        told = events.seen_users([principal], asked)
    elif is_arn:
        told = events.seen_sessions([name], asked)
    else:
        told = _by_name(principal, events, asked)
    return [
        seen
        for seen in told
        if (not is_arn or seen.principal == principal)
        and (not moment or f"{seen.session_at or seen.at:%Y-%m-%dT%H:%M:%SZ}" == moment)
    ]


def _by_name(name: str, events: Events, asked: Asked) -> Iterable[Sighting]:
    """Sessions of roles of a name (`NAME`, or `ROLE/NAME` of one role), and federated users of it."""
    role, _, session = name.rpartition("/")
    found = events.seen_sessions([session], asked)
    if role:
        end = f":assumed-role/{role.rpartition('/')[2]}/{session}"
        return [each for each in found if each.principal.endswith(end)]
    return [*found, *events.seen_users([f"federated/{name}"], asked)]


def _console(identifier: str) -> tuple[str, str]:
    """Principal and moment of `console:<principal>@<moment>`; the whole and "" of anything else."""
    if not identifier.startswith("console:"):
        return identifier, ""
    principal, _, moment = identifier.removeprefix("console:").rpartition("@")
    return principal, moment


def _seed(seen: Sighting) -> Credential:
    """Of a temporary one the end is the latest that AWS allows after it was issued; a sign-in is when its session was."""
    issued_at = seen.session_at if seen.key_id else seen.session_at or seen.at
    kind = CredentialKind.CONSOLE if seen.is_console else _kind(seen.key_id, seen.principal, seen.identity_type)
    ends = latest_end(kind, seen.key_id, issued_at)
    return Credential(
        id=seen.key_id or console_id(seen.principal, seen.session_at or seen.at),
        kind=kind,
        account=seen.account,
        principal=seen.principal,
        role=seen.session_issuer if ":role/" in seen.session_issuer else "",
        user=_user(seen.principal, seen.session_issuer),
        issued_at=issued_at,
        expires_at=ends,
        expiry_is_told=ends is None,
    )


def _has_session(seen: Sighting, among: Sequence[Sighting]) -> bool:
    """A sign-in whose session is there under its keys."""
    return any(
        each.key_id and each.principal == seen.principal and each.session_at and abs(each.session_at - seen.at) <= _NEAR
        for each in among
    )


def _user(principal: str, issuer: str) -> str:
    return next((each for each in (principal, issuer) if ":user/" in each), "")


def _kind(key_id: str, principal: str, identity_type: str) -> CredentialKind:
    if identity_type == "Root" or principal.endswith(":root"):
        return CredentialKind.ROOT
    if not key_id.startswith("ASIA"):
        return CredentialKind.USER_KEY
    if ":assumed-role/" in principal:
        return CredentialKind.ROLE_SESSION
    return CredentialKind.FEDERATION if identity_type == "FederatedUser" else CredentialKind.SESSION_TOKEN
