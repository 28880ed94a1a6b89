"""The noise of some days: what repeats and was harmless, each with a suppression that the law takes, or why it does not."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sakimori.app.canary import RULE as CANARY
from sakimori.app.suppress import Court, Decision, Judged
from sakimori.findings.suppression.drafts import criteria_from, draft
from sakimori.findings.suppression.noise import Group, noise_of
from sakimori.findings.suppression.suppression import DEFAULT_DAYS
from sakimori.findings.suppression.suppressions import Suppressions
from sakimori.model.errors import UsageError

_MADE_FROM: Final = 20
"""Of a group, the latest findings that a proposal is made from."""
_JUDGED: Final = 200
"""Groups that a suppression is proposed for; a week's reading ends there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A settled group, with the suppression that holds for it as the law judges it; None where nothing names what it is about."""

    group: Group
    judged: Judged | None
    fault: UsageError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """What was noise, and what somebody must decide first."""

    settled: tuple[Proposal, ...]
    undecided: tuple[Group, ...]
    is_cut: bool = False


def propose(court: Court, span: timedelta, least: int) -> Proposals:
    """The noise of the last days, what an active suppression keeps quiet already left out."""
    pasts = court.history.detections_since(court.maker.at - span)
    quiet = Suppressions(court.active(), court.known.renamed)
    # Canaries are planted on purpose, week by week, and nobody is disturbed by them.
    loud = [each for each in pasts if each.subject.rule != CANARY and quiet.of(each.subject) is None]
    noise = noise_of(loud, least)
    settled = tuple(_proposal(court, each) for each in noise.settled[:_JUDGED])
    return Proposals(settled=settled, undecided=noise.undecided, is_cut=len(noise.settled) > _JUDGED)


def _proposal(court: Court, group: Group) -> Proposal:
    decision = Decision(
        reason=group.reason, owner=group.owner, expires_on=court.today + timedelta(days=DEFAULT_DAYS),
    )  # fmt: skip
    pasts = group.pasts[-_MADE_FROM:]
    try:
        criteria = criteria_from(pasts)
    except UsageError as fault:
        return Proposal(group=group, judged=None, fault=fault)
    made = draft(pasts, criteria, decision.expires_on, decision.words(court.maker), court.maker.at)
    return Proposal(group=group, judged=court.judge(made))
