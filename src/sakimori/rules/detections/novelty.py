"""First-seen rules asked against habits."""
# pyright: basic

from typing import TYPE_CHECKING, Any

from sakimori.analysis.behaviour.dimensions import coded_dimension
from sakimori.analysis.behaviour.habits import Habits, entity_codes
from sakimori.analysis.facts.fact import Surroundings
from sakimori.analysis.log_forms.rows import Rows
from sakimori.rules.detections.rule import FirstSeen

if TYPE_CHECKING:
    from sakimori.rules.detections.batch import Places


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
        both = entities.astype(np.int64) << 32 | values
        both[(entities < 0) | (values < 0)] = -1
        pairs, first, inverse = np.unique(both, return_index=True, return_inverse=True)
        times = rows.times[places]
        accounts = rows.role_codes("account")
        answers = np.zeros(len(pairs), dtype=bool)
        for at, (pair, row) in enumerate(zip(pairs.tolist(), first.tolist(), strict=True)):
            if pair >= 0:
                account = accounts.values[accounts.codes[places[row]]]
                place = (account, names[pair >> 32])
                value = str(coded.values[pair & 0xFFFFFFFF])
                answers[at] = self._habits.is_new((asked.dimension, asked.of), place, value, int(times[row]), (asked.days, asked.learning_days))  # fmt: skip
        return answers[inverse.reshape(-1)]
