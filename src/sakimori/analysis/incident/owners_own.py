"""What a suspect made from where its owner works, and nobody used from anywhere else: the owner's own, by all that events tell.

A person's user is watched with the sessions of the owner among those of the thief. A role that the owner made from the office is
not the thief's for that, and stopping it stops the owner's business. One use from a strange place, and it is followed like any other.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Final

from sakimori.analysis.incident.events import Asked, Events
from sakimori.analysis.incident.form import Credential, CredentialKind, Event
from sakimori.analysis.incident.gifts import Gift, GiftKind

_SPARED: Final = frozenset({GiftKind.USER, GiftKind.PASSWORD, GiftKind.ROLE, GiftKind.TRUST})
"""What is used by somebody with an address. Machines have addresses of their own, which tell nothing of who started them."""
_ROLES: Final = frozenset({GiftKind.ROLE, GiftKind.TRUST})


@dataclass(slots=True)
class OwnersOwn:
    """Judges what one suspect opened. `is_known` tells events from the owner's places; None where nobody knows these: then nothing is spared."""

    events: Events
    is_known: Callable[[Event], bool] | None = None
    spared: dict[str, None] = field(default_factory=dict[str, None])
    """ARNs, and ids of keys, that are left to their owner."""

    def has(self, gift: Gift) -> bool:
        """Whether it is the owner's: opened from a place of the owner's, and used from no other."""
        if gift.kind not in _SPARED or not self._is_from_there(gift.event):
            return False
        asked = Asked(since=gift.event.at, with_details=False)
        used = self.events.by_users([gift.what], asked)
        taken = self.events.by_roles([gift.what], Asked(since=gift.event.at)) if gift.kind in _ROLES else ()
        if any(map(self._is_strange, chain(used, taken))):
            return False
        self.spared[gift.what] = None
        return True

    def has_key(self, credential: Credential, event: Event, since: datetime | None) -> bool:
        """The same of a key that is valid until somebody deletes it."""
        if credential.kind is not CredentialKind.USER_KEY or credential.expires_at or not self._is_from_there(event):
            return False
        if any(map(self._is_strange, self.events.by_keys([credential.id], Asked(since=since, with_details=False)))):
            return False
        self.spared[credential.id] = None
        return True

    def _is_from_there(self, event: Event) -> bool:
        return self.is_known is not None and self.is_known(event)

    def _is_strange(self, event: Event) -> bool:
        return event.has_place and not self._is_from_there(event)
