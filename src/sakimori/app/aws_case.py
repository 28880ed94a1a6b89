"""What AWS asks to be set up before it closes a case about a leaked key, and the proof of it from the account itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sakimori.app.assess import AssessRequest, assess
from sakimori.aws.door import Door
from sakimori.collect.engine import Progress
from sakimori.model.framework import FrameworkResult, RequirementStatus
from sakimori.model.verdict import Verdict
from sakimori.model.words import Status

FRAMEWORK: Final = "aws-key-reply"
WATCHING: Final[Mapping[str, str]] = {
    "budgets": "aws.budgets.budget-with-notification",
    "cloudtrail": "aws.cloudtrail.multi-region-trail-records",
    "trusted-advisor": "aws.trustedadvisor.security-checks-clear",
    "cost-anomaly-detection": "aws.ce.anomaly-detection-enabled",
}
"""By requirement: the rule whose verdicts are the evidence."""
PROTECTING: Final[Mapping[str, str]] = {
    "mfa": "aws.iam.user-mfa-enabled",
    "security-hub": "aws.securityhub.hub-enabled",
    "guardduty": "aws.guardduty.detector-enabled",
}
LEAST_WATCHING: Final = 2
LEAST_PROTECTING: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One of the services. `holds` as the framework answers it, so that no other report says another thing; None where it could not be read. `names` are what AWS calls what is there; `regions` where it holds."""

    requirement: str
    holds: bool | None
    names: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    wanted_regions: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseProof:
    """All of them, for one account, as of when it was read."""

    account: str
    as_of: datetime
    watching: tuple[Proof, ...]
    protecting: tuple[Proof, ...]

    @property
    def watching_held(self) -> int:
        """How many of the services that watch are shown."""
        return _count(self.watching)

    @property
    def protecting_held(self) -> int:
        """How many of the services that protect are shown."""
        return _count(self.protecting)

    @property
    def is_enough(self) -> bool:
        """Whether what AWS asks for is shown."""
        return self.watching_held >= LEAST_WATCHING and self.protecting_held >= LEAST_PROTECTING


def prove(
    request: AssessRequest, door: Door, *, clock: Callable[[], datetime], progress: Progress | None = None
) -> CaseProof:
    """Read what the proof needs from the account, and judge it. Of the request its home, mutes and store count."""
    request = replace(request, frameworks=(FRAMEWORK,))
    found = assess(request, [door], clock=clock, progress=progress).assessment
    (framework,) = found.frameworks
    verdicts = [each for each in found.verdicts if each.account == door.account.id]
    return CaseProof(
        account=door.account.id,
        as_of=found.as_of,
        watching=tuple(_proof(name, framework, verdicts, rule) for name, rule in WATCHING.items()),
        protecting=tuple(_proof(name, framework, verdicts, rule) for name, rule in PROTECTING.items()),
    )


def _count(proofs: tuple[Proof, ...]) -> int:
    return sum(each.holds is True for each in proofs)


def _proof(name: str, framework: FrameworkResult, verdicts: list[Verdict], rule: str) -> Proof:
    requirement = next(each for each in framework.requirements if each.id == name)
    mine = [each for each in verdicts if each.rule == rule]
    passed = [each for each in mine if each.status is Status.PASS]
    status = requirement.status
    is_there = status in {RequirementStatus.PASS, RequirementStatus.ATTESTED}
    holds = True if is_there else None if status is RequirementStatus.UNKNOWN else False
    return Proof(
        requirement=name, holds=holds, names=_names(passed), regions=tuple(sorted({each.region for each in passed})),
        wanted_regions=len({each.region for each in mine}),
    )  # fmt: skip


def _names(passed: list[Verdict]) -> tuple[str, ...]:
    """What the evidence names, in the order of the rule's columns: budgets that tell, trails that are complete, monitors."""
    for column in ("budgets_that_tell", "complete_trails", "service_monitors"):
        for verdict in passed:
            value = verdict.evidence.get(column)
            if isinstance(value, str) and value:
                return tuple(value.split(", "))
    return ()
