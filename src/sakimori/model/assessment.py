"""The result of one `assess`: verdicts, gaps, coverage, score and what changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sakimori.model.account import Account
from sakimori.model.framework import FrameworkResult
from sakimori.model.gap import Gap
from sakimori.model.remedy import Remedy
from sakimori.model.verdict import Text, Verdict
from sakimori.model.words import Confidence, Severity, Story


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSummary:
    """What an output needs to say of a rule that was judged."""

    id: str
    title: Text
    why: Text
    fix: Text
    severity: Severity
    confidence: Confidence
    references: tuple[str, ...] = ()
    remedy: Remedy = field(default_factory=Remedy)
    story: Story | None = None
    frameworks: tuple[tuple[str, str], ...] = ()
    """Framework and requirement that ask for this rule, of all frameworks there are."""
    passed: int = 0
    failed: int = 0
    unknown: int = 0
    muted: int = 0
    """Of the failed ones, those kept quiet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The three numbers; each is a ratio from 0 to 1, None where there is nothing to count.

    `controls` is rules passed over all rules that had anything to judge; a rule with an
    unknown and no failure counts as not passed. `risk_weighted` weighs every verdict by
    its severity; unknown counts as not passed. `coverage` is the share of verdicts that
    could be given at all.
    """

    controls: float | None
    risk_weighted: float | None
    coverage: float | None
    controls_passed: int = 0
    controls_failed: int = 0
    controls_unknown: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCoverage:
    """What of one account was read: units are table by Region."""

    account: Account
    units_read: int
    units_wanted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Against the last run that covered the same ground: ids of findings (`Verdict.id`)."""

    previous_run_at: datetime | None = None
    new: frozenset[str] = frozenset()
    still_open: frozenset[str] = frozenset()
    fixed: tuple[Verdict, ...] = ()
    """Findings that were open and now pass, or whose resource is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One completed run over one snapshot.

    `verdicts` come worst first: failures by severity, then unknown, then passes; within
    these by rule, account, region and resource. `as_of` is the snapshot's time (UTC).
    """

    run: str
    snapshot: str
    as_of: datetime
    thresholds: str
    accounts: tuple[AccountCoverage, ...]
    rules: tuple[RuleSummary, ...]
    verdicts: Sequence[Verdict]
    gaps: tuple[Gap, ...]
    score: Score
    changes: Changes = field(default_factory=Changes)
    next_step: Text | None = None
    next_command: str = ""
    frameworks: tuple[FrameworkResult, ...] = ()
    """The frameworks that were asked for, answered."""
