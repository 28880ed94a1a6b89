"""Rules with their counts, worst first, and the one next step."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from sakimori.findings.score import Tally
from sakimori.model.assessment import RuleSummary
from sakimori.model.verdict import Text, Verdict
from sakimori.model.words import Confidence, Status
from sakimori.texts.sentences import say

SIGNS_OF_HARM: Final = frozenset({"aws.iam.user-not-quarantined"})
"""Rules whose failure means that somebody is at work now: they come before every door that stands open."""
NOTHING: Final = Text(en="", ja="")
_STATUS_ORDER: Final = {Status.FAIL: 0, Status.UNKNOWN: 1, Status.PASS: 2}
_CONFIDENCE_ORDER: Final = {confidence: place for place, confidence in enumerate(Confidence)}


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do now: a sentence, and the command that helps."""

    text: Text
    command: str


def verdict_order(verdict: Verdict) -> tuple[int, bool, int, str, str, str, str, str]:
    """The key that sorts verdicts worst first.

    Failures by severity, then unknown by severity, then passes; within these by rule,
    account, Region, resource and, for one rule judged by several thresholds, id.
    """
    severity = 0 if verdict.status is Status.PASS else -verdict.severity.rank
    place = (verdict.rule, verdict.account, verdict.region, verdict.resource)
    is_calm = verdict.status is not Status.FAIL or verdict.rule not in SIGNS_OF_HARM
    return _STATUS_ORDER[verdict.status], is_calm, severity, *place, verdict.id if verdict.parameters else ""


def summarise(rules: Iterable[RuleSummary], tally: Tally) -> tuple[RuleSummary, ...]:
    """The rules with what was counted of them, worst first.

    Rules with a failure that nobody muted come first, by severity; of one severity those
    with few such failures before those with many: one open door before a setting that is
    off in every Region. Then rules with something unknown, with muted failures only, that passed, and
    that had nothing to judge.
    """
    counted = (_with_counts(rule, tally) for rule in rules)
    return tuple(sorted(counted, key=rule_order))


def rule_order(rule: RuleSummary) -> tuple[int, bool, int, int, str]:
    """The key that sorts rules worst first."""
    open_ = rule.failed - rule.muted
    if open_:
        return 0, rule.id not in SIGNS_OF_HARM, -rule.severity.rank, open_, rule.id
    if rule.unknown:
        return 1, False, -rule.severity.rank, -rule.unknown, rule.id
    if rule.muted:
        return 2, False, -rule.severity.rank, -rule.muted, rule.id
    return (3 if rule.passed else 4), False, 0, 0, rule.id


def next_rule(rules: Iterable[RuleSummary]) -> RuleSummary | None:
    """The rule of the worst open failure, of several the surest; else of what could not be judged; None where all is well."""
    known = tuple(rules)
    failing = [rule for rule in known if rule.failed > rule.muted]
    if failing:
        return min(failing, key=_urgency)
    return min((rule for rule in known if rule.unknown), key=rule_order, default=None)


def next_step(rules: Iterable[RuleSummary], undone: Iterable[Verdict] = ()) -> NextStep | None:
    """What to do about the rule that comes next, naming its first open finding; None where all is well."""
    worst = next_rule(rules)
    if worst is None:
        return None
    if worst.failed <= worst.muted:
        return _step("findings.next_see", worst, worst.unknown)
    open_ = (each for each in undone if each.rule == worst.id and each.status is Status.FAIL and each.mute is None)
    first = next(open_, None)
    return _step("findings.next_fix", worst, worst.failed - worst.muted, first.message if first else worst.title)


def _urgency(rule: RuleSummary) -> tuple[bool, int, int, int, str]:
    confidence = _CONFIDENCE_ORDER[rule.confidence]
    return rule.id not in SIGNS_OF_HARM, -rule.severity.rank, confidence, rule.failed - rule.muted, rule.id


def _step(sentence: str, rule: RuleSummary, count: int, finding: Text = NOTHING) -> NextStep:
    return NextStep(
        text=Text(
            en=say(sentence, "en", title=rule.title.en, fix=rule.fix.en, count=count, finding=finding.en),
            ja=say(
                sentence, "ja", title=rule.title.ja, fix=_ended(rule.fix.ja), count=count, finding=_ended(finding.ja)
            ),
        ),
        command=f"sakimori explain {shlex.quote(rule.id)}",
    )


def _ended(sentence: str) -> str:
    """A Japanese sentence that another may follow: one that ends in a list has no 。 of its own."""
    return sentence if not sentence or sentence.endswith(("。", "！", "？")) else f"{sentence}。"


def _with_counts(rule: RuleSummary, tally: Tally) -> RuleSummary:
    counts = tally.counts_of(rule.id)
    return replace(rule, passed=counts.passed, failed=counts.failed, unknown=counts.unknown, muted=counts.muted)
