"""What can still act, as a step tells it: sessions by whoever holds them, for a role of many has more of them than anybody reads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sakimori.analysis.incident.events import Asked, Events, session_name
from sakimori.analysis.incident.form import Credential, CredentialKind, Event
from sakimori.app.respond.place_words import place_words
from sakimori.texts.language import clean

_SHOWN: Final = 5
_MOST: Final = 2_000
_END: Final = 4
_LONGEST: Final = 200
Holder = tuple[CredentialKind, str, str]
Door = tuple[str, str]
"""A step of the action catalogue, and where it is not taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLarge:
    """Credentials that no measure covers, and `doors` by which new ones can be taken."""

    credentials: tuple[Credential, ...] = ()
    doors: tuple[Door, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.credentials or self.doors)

    def and_doors(self, doors: Iterable[Door]) -> "AtLarge":
        """The same, with these doors."""
        return AtLarge(credentials=self.credentials, doors=tuple(dict.fromkeys((*self.doors, *doors))))

    def told(self, name: str, events: Events, case: str) -> Mapping[str, Any]:
        """Values of a line: under `name` what a person reads, under `all_left` every one of them as machines read it."""
        last = _last_seen(self.credentials, events)
        found = _by_holder(self.credentials, last)
        shown = found[:_SHOWN]
        words = [_words(holder, among, last) for holder, among in shown]
        doors = self.doors[: max(_SHOWN - len(shown), 1)]
        words += [place_words(step, where, is_open=True) for step, where in doors]
        count = sum(len(among) for _, among in found[_SHOWN:]) + len(self.doors) - len(doors)
        if count or any(len(among) > 1 for _, among in shown):
            text = "respond.left_more" if count else "respond.left_each"
            words.append({"text": text, "values": {"count": count, "case": case}})
        return {name: words, "all_left": self._plain(last)}

    def _plain(self, last: Mapping[str, datetime]) -> Sequence[Mapping[str, Any]]:
        credentials = [
            {
                "kind": each.kind.value, "id": each.id, "principal": each.principal, "role": each.role, "user": each.user,
                "issued_at": _iso(each.issued_at), "expires_at": _iso(each.expires_at), "last_at": _iso(last.get(each.id)),
            }
            for each in self.credentials[:_MOST]
        ]  # fmt: skip
        return [
            *credentials,
            *({"kind": "measure", "step": step, "resource": where} for step, where in self.doors[:_MOST]),
        ]


def acting_words(events: Sequence[Event], case: str) -> Sequence[Mapping[str, Any]]:
    """Calls that should not have succeeded, by whoever made them, the latest first: `case` says where all are."""
    found: dict[tuple[str, str, str], list[datetime]] = {}
    for each in events:
        found.setdefault((_who(each.principal), each.source.partition(".")[0], each.name), []).append(each.at)
    told = sorted(found.items(), key=lambda one: (max(one[1]), one[0]), reverse=True)
    words: list[Mapping[str, Any]] = []
    for (who, service, name), at in told[:_SHOWN]:
        values = {"who": who, "call": f"{service}:{name}", "count": len(at), "last": max(at).isoformat()}
        words.append({"text": "respond.calls_of", "values": values})
    if rest := len(told) - len(words):
        words.append({"text": "respond.calls_more", "values": {"count": rest, "case": case}})
    return words


def few(names: Sequence[str], case: str) -> Sequence[Any]:
    """The first of many names, and where the others are."""
    rest = len(names) - _SHOWN
    more = {"text": "respond.left_more", "values": {"count": rest, "case": case}}
    return [*names[:_SHOWN], *([more] if rest > 0 else [])]


def _by_holder(
    credentials: Iterable[Credential], last: Mapping[str, datetime]
) -> list[tuple[Holder, list[Credential]]]:
    """Sessions of one name and one role together, keys each for itself; the latest first."""
    found: dict[Holder, list[Credential]] = {}
    for each in credentials:
        own = each.id if each.kind in {CredentialKind.USER_KEY, CredentialKind.ROOT} else ""
        found.setdefault((each.kind, each.principal, own or each.role), []).append(each)
    newest = {holder: _newest(among, last) for holder, among in found.items()}
    return sorted(found.items(), key=lambda one: (newest[one[0]], *one[0]), reverse=True)


def _newest(credentials: Iterable[Credential], last: Mapping[str, datetime]) -> str:
    """When one of them was seen last, else when it was given out; "" where neither is known."""
    return max((at.isoformat() for each in credentials if (at := last.get(each.id) or each.issued_at)), default="")


def _words(holder: Holder, credentials: Sequence[Credential], last: Mapping[str, datetime]) -> Mapping[str, Any]:
    kind = {"text": f"investigate.kind_{holder[0]}", "values": {}}
    who, newest = _who(holder[1]), _newest(credentials, last)
    if len(credentials) > 1:
        values = {"kind": kind, "who": who or "—", "count": len(credentials), "last": newest}
        return {"text": "respond.credentials_left" if newest else "respond.credentials_left_undated", "values": values}
    values = {"kind": kind, "end": credentials[0].id[-_END:], "who": who}
    return {"text": "respond.credential_left" if who else "respond.credential_of_nobody_left", "values": values}


def _who(principal: str) -> str:
    """A session by its name and its role, anybody else by what ends the ARN."""
    if name := session_name(principal):
        return clean(f"{name} ({principal.split('/')[-2]})", _LONGEST)
    return clean(principal.rpartition(":")[2], _LONGEST)


def _last_seen(credentials: Iterable[Credential], events: Events) -> Mapping[str, datetime]:
    """When each key was used last, by what was looked through already: the closure asked for all of them."""
    keys = sorted({each.id for each in credentials if each.is_key})
    last: dict[str, datetime] = {}
    for each in events.by_keys(keys, Asked(with_details=False)) if keys else ():
        last[each.key_id] = max(each.at, last.get(each.key_id, each.at))
    return last


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
