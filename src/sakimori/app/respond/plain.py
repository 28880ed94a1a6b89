"""What a case's log keeps of what was found: plain values, bounded, and no secret."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sakimori.analysis.incident.events import Events
from sakimori.analysis.incident.form import Closure, Credential, Looked, Made

_MOST: Final = 2_000
"""Credentials and made things that a line holds; more are counted."""
_LONGEST: Final = 500
_MOST_IDS: Final = 20
_WORDS: Final = (
    "kind",
    "id",
    "arn",
    "account",
    "region",
    "is_created",
    "by",
    "change",
    "count",
    "is_from_known_origin",
    "address",
)


def plain_closure(closure: Closure, events: Events, now: datetime) -> Mapping[str, Any]:
    """The closure, and what was looked through for it."""
    return {
        "seeds": list(closure.seeds),
        "credentials": [_credential(each) for each in closure.credentials[:_MOST]],
        "credential_count": len(closure.credentials),
        "users": list(closure.users[:_MOST]),
        "roles": list(closure.roles[:_MOST]),
        "made_roles": list(closure.made_roles[:_MOST]),
        "suspects": list(closure.suspects[:_MOST]),
        "external_accounts": list(closure.external_accounts[:_MOST]),
        "unread": list(closure.unread),
        "rounds": closure.rounds,
        "spared": list(closure.spared[:_MOST]),
        "looked": [plain_looked(each) for each in events.looked],
        "as_of": now.isoformat(),
    }


def plain_looked(looked: Looked) -> Mapping[str, Any]:
    """What one source was looked through for."""
    return {
        "source": looked.source,
        "accounts": list(looked.accounts),
        "regions": len(looked.regions),
        "regions_asked": looked.regions_asked,
        "days": looked.days,
        "days_asked": looked.days_asked,
        "files": looked.files,
        "events": looked.events,
        "has_data_events": looked.has_data_events,
        "unasked": looked.unasked,
        "cut_at": looked.cut_at.isoformat() if looked.cut_at else None,
        "gaps": [f"{each.call} {each.code}" for each in looked.gaps[:_MOST]],
        "is_complete": looked.is_complete,
    }


def plain_made(made: Made) -> Mapping[str, Any]:
    """One line of list A."""
    told = {key: value if not isinstance(value, str) else value[:_LONGEST] for key, value in made.told.items()}
    words = {name: getattr(made, name) for name in _WORDS}
    return {**words, "at": made.at.isoformat(), "event_ids": list(made.event_ids[:_MOST_IDS]), "told": told}


def _credential(credential: Credential) -> Mapping[str, Any]:
    moments = {name: at.isoformat() for name in ("issued_at", "expires_at") if (at := getattr(credential, name))}
    return {**asdict(credential), "issued_at": None, "expires_at": None, **moments, "kind": credential.kind.value}
