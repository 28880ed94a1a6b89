"""The attacks that can be hidden in a month, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sakimori.simulate.month.attacks import exposed_service, leaked_key, stolen_password
from sakimori.simulate.month.calendar import Day
from sakimori.simulate.month.truth import Attack


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """`part`: how much of the month is over when it begins."""

    part: float
    tell: Callable[[Day, int], Attack]


ATTACKS: Final[Mapping[str, Hidden]] = {
    "exposed-service": Hidden(part=0.45, tell=exposed_service.tell),
    "leaked-key": Hidden(part=0.62, tell=leaked_key.tell),
    "stolen-password": Hidden(part=0.74, tell=stolen_password.tell),
}
