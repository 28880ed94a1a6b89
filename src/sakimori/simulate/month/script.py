"""A story as a list of steps: calls one after another, with words that keep their meaning from step to step."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sakimori.simulate.month.scope import Scope
from sakimori.simulate.month.teller import Caller, Event, Teller

Step = str | Mapping[str, Any]
_BETWEEN: Final = (2, 40)
"""Seconds between two steps, at least and at most."""


def played(
    teller: Teller, caller: Caller, at: int, steps: Sequence[Step], scope: Scope | None = None
) -> Iterator[Event]:
    """The events of the steps, from `at` on.

    A step is a call, or a mapping: `call`; `minutes` before it; `with` words that mean something from then on; `fresh`
    words that mean something else each time; `times`; `region`.
    """
    within = scope or teller.scope(caller, at)
    when = at
    for step in steps:
        told: Mapping[str, Any] = {"call": step} if isinstance(step, str) else step
        when += round(60 * told.get("minutes", 0))
        within.set(**told.get("with", {}))
        for _ in range(told.get("times", 1)):
            when += teller.chance.randrange(*_BETWEEN)
            within.set(**dict.fromkeys(told.get("fresh", ())))
            yield teller.tell(caller, told["call"], when, scope=within, region=told.get("region", ""))
