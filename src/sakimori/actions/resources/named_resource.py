"""The one resource that a fix is made for: its id as findings have it, and what to do where it is gone or another's.

Source: AWS General Reference, "Amazon Resource Names (ARNs)"; Service Authorization Reference, the resource types of each
service.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sakimori.actions.resources.mended import GONE, not_this
from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.model.arn import Arn

_BELONGS_TO: Final = "belongs_to"
_NAME: Final = r"[A-Za-z0-9][A-Za-z0-9._/+=,@-]{0,511}"
_LONGEST: Final = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How the ARNs of one kind of resource are made: `arn:partition:service:region:account:` and `prefix` and its name.

    `call` is the operation that looks for one. `pattern` is of the whole name. `has_region` and `has_account` say whether the ARN holds them.
    """

    service: str
    call: str
    prefix: str = ""
    pattern: str = _NAME
    has_region: bool = True
    has_account: bool = True

    def name(self, site: Site) -> str:
        """The resource's name, without the prefix; Refusal where the id is none of this kind, here."""
        return self._parsed(site)[0]

    def state_of_others(self, site: Site) -> State | None:
        """The state of a resource that another account owns (and shares with this one); None for the account's own."""
        owner = self._parsed(site)[1]
        return belonging_to(owner) if owner not in ("", site.account.id) else None

    def _parsed(self, site: Site) -> tuple[str, str]:
        try:
            arn = Arn.parse(site.resource[:_LONGEST])
        except ValueError as error:
            raise not_this(site, self.call) from error
        name = arn.resource.removeprefix(self.prefix)
        is_here = (arn.partition, arn.service) == (site.account.partition, self.service) and (
            arn.region == (site.region if self.has_region else "")
        )
        is_this = arn.resource.startswith(self.prefix) and re.fullmatch(self.pattern, name) is not None
        if not is_here or not is_this or bool(arn.account_id) is not self.has_account:
            raise not_this(site, self.call)
        return name, arn.account_id


def unless_others(kind: Kind, read: Callable[[Site, str], State | None]) -> Callable[[Site], State]:
    """The reading of the resource of this name, GONE where it gives None; of another account's only whose it is."""

    def read_own(site: Site) -> State:
        others = kind.state_of_others(site)
        if others is not None:
            return others
        found = read(site, kind.name(site))
        return GONE if found is None else found

    return read_own


def belonging_to(owner: str) -> State:
    """The state of a resource of which nothing matters but whose it is: another account's, or of what manages it."""
    return {_BELONGS_TO: owner}


def owner(state: State) -> str:
    """Whose the resource is, where it is not for this account to change; for `Step.owner`."""
    return str(state.get(_BELONGS_TO, ""))


def is_there(state: State) -> bool:
    """Whether the state is of a resource that is there and this account's own."""
    return state != GONE and _BELONGS_TO not in state
