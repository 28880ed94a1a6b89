"""A judgement that goes on: what is new goes through the rules, and what they wait for of the day before is in memory.

What stands in memory is what a run over that day left there: hits of correlations, rows of shapes, pieces of detections.
Nothing of it is kept on disk: after a restart the day is judged once more, and all that was told of it is known.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sakimori.analysis.behaviour.roots import Roots
from sakimori.analysis.facts.answers import FactAnswers
from sakimori.analysis.facts.fact import Surroundings
from sakimori.analysis.log_forms.cloudtrail import FORM as CLOUDTRAIL
from sakimori.analysis.log_forms.form import LogForm
from sakimori.analysis.log_forms.rows import Rows
from sakimori.app.detect import DetectRequest, habits_of, scanned
from sakimori.lake.engines.log_columns import brief_memory
from sakimori.lake.instants import moment_of
from sakimori.lake.log_parts import LogPart
from sakimori.lake.log_reader import LogReader, Where
from sakimori.model.detection import Detection
from sakimori.rules.detections.engine import DetectionRun, NothingKnown, Novelty, Plans, plans_of
from sakimori.rules.detections.novelty import KnownHabits
from sakimori.rules.detections.rule import Detections, FirstSeen

LOOKED_BACK: Final = timedelta(hours=26)
"""How much before new events is judged with them: sequences of a day are seen whole. Longer ones `sakimori detect` finds."""
_KEPT: Final = 2 * LOOKED_BACK
"""How long a run may grow before another begins with the last day of it."""


class _Known:
    """What is known of chains and habits at this moment: a run asks for it as long as it goes on."""

    def __init__(self) -> None:
        self.roots = Roots({})
        self.novelty: Novelty = NothingKnown()
        self.keys: set[str] = set()
        """Access keys of the events that the run has seen."""

    def follows(self, roots: Roots) -> bool:
        """Whether all that the run has seen was done by whom these say, which are followed from now on."""
        changed = roots.changed(self.roots)
        issuers = self.roots.issuers()
        self.roots = roots
        return changed.isdisjoint(self.keys) and changed.isdisjoint(issuers)

    def root(self, principal: str | None, arn: str | None, key: str | None) -> str | None:
        """Who stands behind it."""
        if key:
            self.keys.add(key)
        return self.roots(principal, arn, key)

    def new(self, asked: FirstSeen, rows: Rows, places: Any) -> Any:
        """See `Novelty`."""
        return self.novelty.new(asked, rows, places)


@dataclass(slots=True)
class _Standing:
    """A run that goes on: since when, in whose light, and over which parts."""

    since: datetime
    surroundings: Surroundings
    known: _Known
    parts: set[str] = field(default_factory=set[str])
    _run: DetectionRun | None = None

    @property
    def run(self) -> DetectionRun:
        """The run, which must have begun."""
        assert self._run is not None  # noqa: S101 - `run_of` comes before
        return self._run

    def run_of(self, detections: Detections, plans: Plans) -> DetectionRun:
        """The run, begun if it was not yet."""
        if self._run is None:
            facts = FactAnswers(self.surroundings)
            self._run = DetectionRun(detections, facts, roots=self.known.root, novelty=self.known, plans=plans)
        return self._run

    def sees_as_own(self, accounts: set[str]) -> bool:
        """Whether these accounts are known as ours; before the run begins, they become known."""
        if self._run is None:
            self.surroundings = replace(self.surroundings, own_accounts=self.surroundings.own_accounts | accounts)
        return accounts <= self.surroundings.own_accounts


class StandingJudgement:
    """The rules over one lake. Not thread-safe."""

    def __init__(self, request: DetectRequest, detections: Detections) -> None:
        self._request = request
        self._detections = detections
        self._plans = plans_of(detections)
        self._standing: _Standing | None = None

    def over(self, fresh: Sequence[LogPart]) -> tuple[Detection, ...]:
        """All detections of the new parts and of the day before them, as they are now."""
        since = moment_of(min(part.first_at for part in fresh)) - LOOKED_BACK
        until = moment_of(max(part.last_at for part in fresh)) + timedelta(seconds=1)
        # Whatever goes wrong from here on, the next judgement begins anew.
        standing, self._standing = self._standing, None
        with closing(LogReader(self._request.home)) as reader, brief_memory():
            if standing is None or not _reaches(standing, since, until) or not self._went_on(standing, reader, until):
                standing = self._begun(since)
                self._went_on(standing, reader, until)
            found = standing.run.so_far()
        self._standing = standing
        return found

    def _begun(self, since: datetime) -> _Standing:
        return _Standing(since, self._request.surroundings, _Known())

    def _went_on(self, standing: _Standing, reader: LogReader, until: datetime) -> bool:
        """Bring what the run does not hold yet through its rules; false where it saw with other eyes what it holds."""
        where = Where(since=standing.since, until=until)
        parts = self._parts(reader, where)
        missing = [(form, part) for form, part in parts if part.name not in standing.parts]
        # Parts that were put into another would be judged twice. They are looked for after the others were listed.
        if not standing.parts <= {part.name for part in reader.every_part()}:
            return False
        accounts = {part.partition.account for form, part in parts if form is CLOUDTRAIL}
        if not standing.sees_as_own(accounts):
            return False
        with closing(habits_of(reader, self._detections, where, standing.surroundings)) as habits:
            roots = habits.roots()
            if not standing.known.follows(roots):
                return False
            standing.known.novelty = KnownHabits(habits, standing.surroundings)
            scanned(standing.run_of(self._detections, self._plans), reader, missing, Where(since=standing.since))
        standing.parts.update(part.name for _, part in missing)
        return True

    def _parts(self, reader: LogReader, where: Where) -> list[tuple[LogForm, LogPart]]:
        forms = {form.table.name: form for rule in self._detections.rules.values() for form, _ in rule.conditions}
        return [(form, part) for form in forms.values() for part in reader.parts(form.table.name, where)]


def _reaches(standing: _Standing, since: datetime, until: datetime) -> bool:
    """Whether the run holds the day before what is new, and is not too old."""
    return standing.since <= since and until - standing.since <= _KEPT
