"""First-seen rules asked against habits."""
# pyright: basic

from typing import TYPE_CHECKING, Any

from sakimori.analysis.behaviour.dimensions import coded_dimension
from sakimori.analysis.behaviour.habits import Habits, entity_codes
from sakimori.analysis.facts.fact import Surroundings
from sakimori.analysis.log_forms.coding import Coded, combinations, different
from sakimori.analysis.log_forms.rows import Rows
from sakimori.lake.instants import MICROS_A_DAY
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
        entities = entity_codes(rows, asked.of)
        times = rows.times.take(places)
        order = np.argsort(times, kind="stable")
        chosen = places[order]
        accounts = rows.role_codes("account")
        days = times[order] // MICROS_A_DAY
        days = Coded((days - days.min()).astype(np.int32), list(range(int(np.ptp(days)) + 1)))
        told = [Coded(each.codes.take(chosen), each.values) for each in (entities, coded, accounts)]
        # Each combination is asked once a day, at its first event.
        same, first = different(combinations((*told, days), len(chosen)))
        found = np.zeros(len(first), dtype=bool)
        for at, row in enumerate(first.tolist()):
            entity, value, account = (each.codes[row] for each in told)
            if entity >= 0 and value >= 0:
                place = (str(accounts.values[account]), str(entities.values[entity]))
                asked_of = (asked.dimension, asked.of)
                moment = int(times[order[row]])
                found[at] = self._habits.is_new(asked_of, place, str(coded.values[value]), moment, (asked.days, asked.learning_days))  # fmt: skip
        answers = np.zeros(len(places), dtype=bool)
        answers[order] = found[same]
        return answers
