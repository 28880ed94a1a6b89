"""What the pages for people need of an assessment, taken in one pass over its verdicts."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from sakimori.model.assessment import Assessment, RuleSummary
from sakimori.model.verdict import Verdict
from sakimori.model.words import Severity, Status

URGENT = frozenset({Severity.CRITICAL, Severity.HIGH})


@dataclass(slots=True)
class RuleResult:
    """One rule with its verdicts: counts of all, rows of the first few per kind.

    `rows` are under `fail` (open failures), `muted`, `unknown` and `pass`.
    """

    rule: str
    severity: Severity
    summary: RuleSummary | None
    counts: Counter[str] = field(default_factory=Counter)
    rows: dict[str, list[Verdict]] = field(default_factory=dict)
    new: int = 0

    def add(self, kind: str, verdict: Verdict, limit: int) -> None:
        """Count `verdict`; keep it as long as there is room."""
        self.counts[kind] += 1
        kept = self.rows.setdefault(kind, [])
        if len(kept) < limit:
            kept.append(verdict)


@dataclass(slots=True)
class Overview:
    """Rules in the order of their worst verdict, and totals over all verdicts that were looked at."""

    rules: list[RuleResult]
    open_by_severity: Counter[Severity] = field(default_factory=Counter)
    muted: int = 0
    next_expiry: date | None = None

    @property
    def open(self) -> int:
        """Failures that are not muted."""
        return self.open_by_severity.total()

    @property
    def urgent(self) -> int:
        """Of these, the critical and high ones."""
        return sum(self.open_by_severity[severity] for severity in URGENT)

    @property
    def failing(self) -> list[RuleResult]:
        """Rules with open failures, worst first."""
        return [result for result in self.rules if result.counts["fail"]]


def kind_of(verdict: Verdict) -> str:
    """`fail`, `muted` (a failure kept quiet), `unknown` or `pass`."""
    return "muted" if verdict.status is Status.FAIL and verdict.mute else verdict.status.value


def overview_of(assessment: Assessment, limits: dict[str, int]) -> Overview:
    """The overview with at most `limits[kind]` rows of each kind per rule.

    Verdicts come failures first, so the pass ends where a kind begins that `limits` does
    not ask for: a terminal need not read a million passes.
    """
    summaries = {summary.id: summary for summary in assessment.rules}
    results: dict[str, RuleResult] = {}
    overview = Overview(rules=[])
    for verdict in assessment.verdicts:
        kind = kind_of(verdict)
        if verdict.status.value not in limits:
            break
        result = results.get(verdict.rule)
        if result is None:
            result = RuleResult(verdict.rule, verdict.severity, summaries.get(verdict.rule))
            results[verdict.rule] = result
        result.add(kind, verdict, limits.get(kind, 0))
        _count(overview, result, verdict, assessment)
    order = {summary.id: place for place, summary in enumerate(assessment.rules)}
    overview.rules = sorted(results.values(), key=lambda result: order.get(result.rule, len(order)))
    return overview


def _count(overview: Overview, result: RuleResult, verdict: Verdict, assessment: Assessment) -> None:
    if verdict.status is not Status.FAIL:
        return
    if verdict.mute is None:
        overview.open_by_severity[verdict.severity] += 1
        if assessment.changes.new and verdict.id in assessment.changes.new:
            result.new += 1
        return
    overview.muted += 1
    until = verdict.mute.until
    if until is not None and (overview.next_expiry is None or until < overview.next_expiry):
        overview.next_expiry = until
