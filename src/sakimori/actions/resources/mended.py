"""One resource that is mended: what is said of an id that means another one, and of a resource that is no longer there."""

from collections.abc import Callable, Sequence
from typing import Final

from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Change
from sakimori.model.words import GapKind

GONE: Final[State] = {"gone": True}
"""The state of a resource that is not there any more: there is nothing to do about it, and nothing to take back."""
NOT_THIS: Final = "NotThisResource"
"""Stands in a plan where the id is of something else: another account, Region or kind, or no id at all."""


def not_this(site: Site, call: str) -> Refusal:
    """What is raised where the id is not of the kind of resource that a step mends."""
    return Refusal(call=call, kind=GapKind.MALFORMED, code=NOT_THIS, message=site.resource[:200])


def unless_gone(read: Callable[[Site], State], *codes: str) -> Callable[[Site], State]:
    """The same reading, which gives GONE where AWS says by one of these codes that the resource is not there."""

    def read_if_there(site: Site) -> State:
        try:
            return read(site)
        except Refusal as refusal:
            if refusal.code in codes:
                return GONE
            raise

    return read_if_there


def wanted_if_there(wanted: Callable[[Site, State], State]) -> Callable[[Site, State], State]:
    """The same wish, for a resource that is there."""
    return lambda site, state: state if state == GONE else wanted(site, state)


def changes_if_there(
    towards: Callable[[Site, State, State], Sequence[Change]],
) -> Callable[[Site, State, State], Sequence[Change]]:
    """The same way, for a resource that is there and is not yet as it should be."""

    def changes(site: Site, now: State, target: State) -> Sequence[Change]:
        return () if now == target or GONE in (now, target) else towards(site, now, target)

    return changes
