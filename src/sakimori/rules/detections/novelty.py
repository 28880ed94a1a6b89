"""First-seen rules asked against habits."""
# pyright: basic

from typing import TYPE_CHECKING, Any, Final

from sakimori.analysis.behaviour.dimensions import coded_dimension
from sakimori.analysis.behaviour.habits import Habits, entity_codes
from sakimori.analysis.facts.fact import Surroundings
from sakimori.analysis.log_forms.coding import different
from sakimori.analysis.log_forms.rows import Rows
from sakimori.lake.instants import MICROS_A_DAY
from sakimori.rules.detections.rule import FirstSeen

if TYPE_CHECKING:
    from sakimori.rules.detections.batch import Places


_ODD: Final = 0x9E3779B97F4A7C1
"""Spreads days over all bits, so that a pair on one day is no other pair on another."""


class KnownHabits:
    """Answers from what was learnt."""

    def __init__(self, habits: Habits, surroundings: Surroundings) -> None:
        self._habits = habits
        self._surroundings = surroundings

    def new(self, asked: FirstSeen, rows: Rows, places: "Places") -> Any:
        """A mask of the places whose value is new for whom it is asked; each combination is asked once, at its first row."""
        import numpy as np  # noqa: PLC0415

        if not rows.form.heads:
            return np.zeros(len(places), dtype=bool)
        coded = coded_dimension(rows, asked.dimension, self._surroundings)
        codes, names = entity_codes(rows, asked.of)
        entities, values = codes[places], coded.codes[places]
        times = rows.times[places]
        both = entities.astype(np.int64) << 32 | values
        both[(entities < 0) | (values < 0)] = -1
        # Each combination is asked once a day, at its first event.
        order = np.argsort(times, kind="stable")
        days = (times // MICROS_A_DAY)[order]
        pairs = both[order]
        codes, first = different(pairs ^ (days * _ODD))
        accounts = rows.role_codes("account")
        found = np.zeros(len(first), dtype=bool)
        for at, row in enumerate(first.tolist()):
            pair = int(pairs[row])
            if pair >= 0:
                account = str(accounts.values[accounts.codes[places[order[row]]]])
                place = (account, names[pair >> 32])
                value = str(coded.values[pair & 0xFFFFFFFF])
                found[at] = self._habits.is_new((asked.dimension, asked.of), place, value, int(times[order[row]]), (asked.days, asked.learning_days))  # fmt: skip
        answers = np.zeros(len(places), dtype=bool)
        answers[order] = found[codes]
        return answers
