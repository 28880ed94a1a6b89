"""Results kept for when they are asked for again, bounded by their size and not by their number: what a policy holds may be long."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

_Key = TypeVar("_Key", bound=Hashable)
_Made = TypeVar("_Made")


class Kept(Generic[_Key, _Made]):
    """A function of one argument whose last results are kept. `weigh` tells the size of an argument, `most` bounds their sum.

    Two generations: what is not asked for while the newer one fills is forgotten. A single argument of more than a sixteenth of
    `most` is not kept, so that one policy cannot drive out all others.
    """

    __slots__ = ("_make", "_most", "_new", "_old", "_weigh", "_weight")

    def __init__(self, make: Callable[[_Key], _Made], *, weigh: Callable[[_Key], int], most: int) -> None:
        self._make, self._weigh, self._most = make, weigh, most
        self._new, self._old = dict[_Key, _Made](), dict[_Key, _Made]()
        self._weight = 0

    def __call__(self, key: _Key) -> _Made:
        """The result, made where it is not kept; raises what the function raises."""
        found = self._new.get(key)
        if found is not None:
            return found
        found = self._old.get(key)
        if found is None:
            found = self._make(key)
        weight = self._weigh(key)
        if weight <= self._most // 16:
            self._keep(key, found, weight)
        return found

    def _keep(self, key: _Key, found: _Made, weight: int) -> None:
        if self._weight + weight > self._most // 2:
            self._old, self._new, self._weight = self._new, {}, 0
        self._new[key] = found
        self._weight += weight
