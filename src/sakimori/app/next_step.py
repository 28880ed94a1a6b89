"""What to do next: the three acts, the four blocks, and one step with what it brings."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sakimori.app.fix import Mending, mending_of
from sakimori.findings.score import WEIGHTS
from sakimori.findings.summary import SIGNS_OF_HARM, next_rule
from sakimori.model.assessment import Assessment, RuleSummary
from sakimori.model.framework import RequirementResult, RequirementStatus
from sakimori.model.verdict import Text
from sakimori.model.words import Status

BLOCKS: Final = "seed-four-blocks"
"""The framework of the first two days."""
_DONE: Final = frozenset({RequirementStatus.PASS, RequirementStatus.ATTESTED, RequirementStatus.NOTHING})


class Price(StrEnum):
    """What mending costs in a month."""

    FREE = "free"
    BY_VOLUME = "by_volume"
    """The plan computes it."""
    BY_HAND = "by_hand"
    """No step of ours mends it, so nobody knows."""


class Act(StrEnum):
    """The clock: one hour, two days, a month."""

    RESPOND = "respond"
    HARDEN = "harden"
    GOVERN = "govern"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One of the four blocks: what of it is done, and its requirements."""

    title: Text
    requirements: tuple[RequirementResult, ...]

    @property
    def done(self) -> int:
        """Requirements that hold."""
        return sum(requirement.status in _DONE for requirement in self.requirements)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The one step. Ratios are of the whole assessment, before and after this rule holds everywhere."""

    rule: RuleSummary
    finding: Text
    """The first open finding, or where nothing fails what could not be judged."""
    controls: tuple[float | None, float | None]
    risk_weighted: tuple[float | None, float | None]
    command: str
    price: Price


@dataclass(frozen=True, slots=True, kw_only=True)
class NextView:
    """Where the account is, and what comes next; `step` is None where nothing that a rule sees is left."""

    assessment: Assessment
    act: Act
    blocks: tuple[Block, ...]
    step: Step | None

    @property
    def to_attest(self) -> tuple[RequirementResult, ...]:
        """Requirements of the blocks for which only a person's word is missing."""
        found = (requirement for block in self.blocks for requirement in block.requirements)
        return tuple(each for each in found if each.status is RequirementStatus.TO_ATTEST)


def view(assessment: Assessment) -> NextView:
    """The view of an assessment that has answered the four blocks beside all rules."""
    framework = next(one for one in assessment.frameworks if one.id == BLOCKS)
    blocks = tuple(Block(title=title, requirements=those) for title, those in framework.sections)
    worst = next_rule(assessment.rules)
    is_harmed = worst is not None and worst.id in SIGNS_OF_HARM and worst.failed > worst.muted
    is_done = all(block.done == len(block.requirements) for block in blocks)
    act = Act.RESPOND if is_harmed else Act.GOVERN if is_done else Act.HARDEN
    step = _step(assessment, worst) if worst else None
    return NextView(assessment=assessment, act=act, blocks=blocks, step=step)


def _step(assessment: Assessment, rule: RuleSummary) -> Step:
    score = assessment.score
    judged = score.controls_passed + score.controls_failed + score.controls_unknown
    after = (score.controls_passed + 1) / judged if judged else None
    weights = [(WEIGHTS[each.severity], each) for each in assessment.rules]
    whole = sum(weight * (each.passed + each.failed - each.muted + each.unknown) for weight, each in weights)
    passed = sum(weight * each.passed for weight, each in weights)
    gained = WEIGHTS[rule.severity] * (rule.failed - rule.muted + rule.unknown)
    mine = (each for each in assessment.verdicts if each.rule == rule.id and each.mute is None)
    first = next((each for each in mine if each.status is not Status.PASS), None)
    mending = mending_of(rule.id)
    can_mend = bool(mending.steps) and rule.failed > rule.muted
    return Step(
        rule=rule,
        finding=first.message if first else rule.title,
        controls=(score.controls, after),
        risk_weighted=(score.risk_weighted, (passed + gained) / whole if whole else None),
        command=f"sakimori fix {rule.id}" if can_mend else assessment.next_command,
        price=_price(mending),
    )


def _price(mending: Mending) -> Price:
    if not mending.steps:
        return Price.BY_HAND
    return Price.FREE if all(each.is_free for each in mending.steps) else Price.BY_VOLUME
