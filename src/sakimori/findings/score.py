"""The three numbers, counted as verdicts pass by.

*Unknown* never counts as passed. A muted failure is neither passed nor failed: it is left
out above and below the line of `controls` and `risk_weighted`, counted apart as muted, and
counts for coverage as what it is, a verdict that could be given.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sakimori.model.assessment import Score
from sakimori.model.verdict import Verdict
from sakimori.model.words import Severity, Status

WEIGHTS: Final[Mapping[Severity, int]] = {
    Severity.CRITICAL: 10,
    Severity.HIGH: 5,
    Severity.MEDIUM: 2,
    Severity.LOW: 1,
    Severity.INFORMATIONAL: 0,
}
"""What one verdict of a severity weighs in `risk_weighted`."""


@dataclass(slots=True)
class Counts:
    """Of one rule: verdicts by status; `muted` is a part of `failed`."""

    passed: int = 0
    failed: int = 0
    unknown: int = 0
    muted: int = 0

    @property
    def open(self) -> int:
        """Failures that nobody muted."""
        return self.failed - self.muted


class Tally:
    """A count of verdicts by rule that keeps none of them."""

    def __init__(self) -> None:
        self._rules: dict[str, Counts] = {}
        self._weight_passed = 0
        self._weight_all = 0

    def add(self, verdict: Verdict) -> None:
        """Count one verdict."""
        counts = self._rules.setdefault(verdict.rule, Counts())
        weight = WEIGHTS[verdict.severity]
        if verdict.status is Status.PASS:
            counts.passed += 1
            self._weight_passed += weight
        elif verdict.status is Status.UNKNOWN:
            counts.unknown += 1
        else:
            counts.failed += 1
            if verdict.mute is not None:
                counts.muted += 1
                return
        self._weight_all += weight

    def add_passes(self, rule: str, severity: Severity, count: int) -> None:
        """Count that many passes of one rule, which need not be read for it."""
        if count:
            self._rules.setdefault(rule, Counts()).passed += count
            self._weight_passed += WEIGHTS[severity] * count
            self._weight_all += WEIGHTS[severity] * count

    def counting(self, verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
        """The same verdicts, each counted as it passes."""
        for verdict in verdicts:
            self.add(verdict)
            yield verdict

    def counts_of(self, rule: str) -> Counts:
        """What was counted for the rule; zeros where it had no verdict."""
        return self._rules.get(rule, Counts())

    def score(self) -> Score:
        """The three numbers of all that was counted."""
        judged = [counts for counts in self._rules.values() if counts.passed or counts.unknown or counts.open]
        failed = sum(1 for counts in judged if counts.open)
        unknown = sum(1 for counts in judged if counts.unknown and not counts.open)
        passed = len(judged) - failed - unknown
        decided = sum(counts.passed + counts.failed for counts in self._rules.values())
        undecided = sum(counts.unknown for counts in self._rules.values())
        return Score(
            controls=_ratio(passed, len(judged)),
            risk_weighted=_ratio(self._weight_passed, self._weight_all),
            coverage=_ratio(decided, decided + undecided),
            controls_passed=passed,
            controls_failed=failed,
            controls_unknown=unknown,
        )


def score_of(verdicts: Iterable[Verdict]) -> Score:
    """The three numbers of these verdicts."""
    tally = Tally()
    for verdict in verdicts:
        tally.add(verdict)
    return tally.score()


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
