"""Mending what a rule found: the step that can, for the resources that the store holds open findings of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sakimori.actions.catalogue import every_step, fixes, guides, steps
from sakimori.actions.plan import Plan, Planning, Progress, chosen, make_plan
from sakimori.actions.step import Guide, Step
from sakimori.app.explain import Explanation
from sakimori.app.harden_plan import with_account
from sakimori.app.inbox import quiet_of
from sakimori.app.settings import Settings
from sakimori.aws.door import Door
from sakimori.findings.inbox import POSTURE, InboxSought, find_in_inbox
from sakimori.model.errors import UsageError
from sakimori.model.words import GLOBAL
from sakimori.state.store import open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class Mending:
    """What mends a rule: steps for single resources where there are some, else steps of the baseline; guides beside them."""

    of_resources: tuple[Step, ...] = ()
    of_account: tuple[Step, ...] = ()
    guides: tuple[Guide, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """What would be made."""
        return self.of_resources or self.of_account


def mending_of(rule: str) -> Mending:
    """What mends this posture rule; empty where only a person can."""
    return Mending(
        of_resources=tuple(each for each in fixes().values() if rule in each.rules),
        of_account=tuple(each for each in steps().values() if rule in each.rules),
        guides=tuple(each for each in guides().values() if rule in each.rules),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FixRequest:
    """What to mend: a rule, or one finding of it."""

    home: Path
    settings: Settings
    found: Explanation
    accepted: Sequence[str] = ()
    """Ids of steps that are meant, whatever would hold them back."""
    state: str = ""


def resources_of(request: FixRequest, account: str, now: datetime) -> tuple[tuple[str, str], ...]:
    """The (Region, id) pairs of the finding, or of all open findings of the rule in this account; UsageError where it is of another."""
    finding = request.found.finding
    if finding is not None:
        if finding.account != account:
            raise UsageError("harden.other_finding", found=finding.account, account=account)
        return ((finding.region, finding.resource),)
    sought = InboxSought(kinds=(POSTURE,), rules=(request.found.rule.id,), accounts=(account,))
    with open_store(request.state or request.home / "state.db") as store:
        inbox = find_in_inbox(store, sought, quiet_of(store, request.settings.mutes, now.date()))
    return tuple(dict.fromkeys((each.told.region, each.subject) for each in inbox))


def plan_fix(
    request: FixRequest, door: Door, *, clock: Callable[[], datetime], progress: Progress | None = None
) -> Plan:
    """The plan that mends it. Only reads; without any step for it the plan is empty."""
    mending = mending_of(request.found.rule.id)
    open_ = resources_of(request, door.account.id, clock())
    resources = [each for each in open_ if each[0] in {GLOBAL, *door.account.selected}]
    planning = Planning(
        steps=mending.steps, baseline="fix", made_at=clock(),
        resources={each.id: resources for each in mending.of_resources},
        regions=tuple(region for region, _ in resources) if request.found.finding else (),
        accepted=frozenset(each.id for each in chosen(every_step(), request.accepted)),
    )  # fmt: skip
    return make_plan(door, with_account(planning, request.home, request.settings, door, clock=clock), progress)
