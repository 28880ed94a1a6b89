"""The clock of AWS: cutoffs and events are told by it, so a case goes by it where this machine's is wrong.

AWS refuses requests that are signed more than five minutes off (from knowledge; `sakimori doctor` looks at the same); a few
minutes are enough to let young sessions slip by a cutoff.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from sakimori.aws.account import BotoDoor
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.model.words import GLOBAL

_MATTERS: Final = timedelta(seconds=3)
"""The header tells whole seconds, and the answer takes some time."""
_CALLER: Final = "sts:GetCallerIdentity"


def skew_of(doors: Sequence[Door], clock: Callable[[], datetime]) -> timedelta:
    """How far this clock is ahead of AWS's; nothing where that is not known, or does not matter."""
    for door in doors:
        if not isinstance(door, BotoDoor):
            continue
        try:
            door.call(_CALLER, GLOBAL, {})
            found = clock() - parsedate_to_datetime(door.statistics().told_time)
        except (Refusal, ValueError, TypeError):
            continue
        return found if abs(found) > _MATTERS else timedelta(0)
    return timedelta(0)
