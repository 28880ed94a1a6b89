"""What hardening would do to an account: which measures, the owner's wishes, what costs by volume, and who vouches for what."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sakimori.actions.catalogue import fixes, guides, steps
from sakimori.actions.plan import Plan, Planning, Progress, chosen, make_plan
from sakimori.actions.site import Site, Volumes
from sakimori.actions.step import Guide, Step
from sakimori.actions.terraform import Resource
from sakimori.actions.wishes import Wishes
from sakimori.app.harden import home_of
from sakimori.app.settings import Settings
from sakimori.app.usage import LakeLogs
from sakimori.app.volumes import volumes
from sakimori.aws.door import Door
from sakimori.findings.attestations import attestations, is_due
from sakimori.model.action import Baseline
from sakimori.model.words import GLOBAL
from sakimori.state.store import open_store


@dataclass(frozen=True, slots=True)
class Measures:
    """What a plan looks at: steps, and what only a person can do."""

    steps: tuple[Step, ...]
    guides: tuple[Guide, ...]


def measures_for(baseline: Baseline, only: Sequence[str], wishes: Wishes) -> Measures:
    """Those of a baseline and those that were wished for; or those that were named by id or by a posture rule that they make hold."""
    known: dict[str, Step | Guide] = {**steps(), **guides()}
    if only:
        found = chosen(known, only)
    else:
        wished = {each.upper() for each in wishes.optional}
        found = [each for each in known.values() if each.baseline.rank <= baseline.rank or each.id in wished]
    return Measures(
        tuple(each for each in found if isinstance(each, Step)),
        tuple(each for each in found if isinstance(each, Guide)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What to plan; `only` are ids of measures or posture rules, and set the baseline aside."""

    home: Path
    settings: Settings
    baseline: Baseline = Baseline.STARTER
    only: Sequence[str] = ()
    accepted: Sequence[str] = ()
    state: str = ""


def plan_account(
    request: PlanRequest, door: Door, *, clock: Callable[[], datetime], progress: Progress | None = None
) -> Plan:
    """The plan of one account. Only reads."""
    measures = measures_for(request.baseline, request.only, request.settings.wishes)
    planning = Planning(
        steps=measures.steps, guides=measures.guides, baseline=request.baseline.value, made_at=clock(),
        attested=_attested(request, door.account.id, clock()),
        accepted=frozenset(each.id for each in chosen(steps(), request.accepted)),
    )  # fmt: skip
    return make_plan(door, with_account(planning, request.home, request.settings, door, clock=clock), progress)


def with_account(
    planning: Planning, home: Path, settings: Settings, door: Door, *, clock: Callable[[], datetime]
) -> Planning:
    """The same planning with what is known of the account: the owner's wishes, the volumes behind costs, and its logs."""
    found = Volumes()
    if any(each.baseline is not Baseline.STARTER for each in planning.steps):
        with_checks = any(each.id == "HB14" for each in planning.steps)
        found = volumes(home, door, clock=clock, with_checks=with_checks, mutes=settings.mutes)
    return replace(
        planning, wishes=pinned(settings.wishes, home, door), volumes=found,
        logs=LakeLogs(home, door.account.id, planning.made_at),
    )  # fmt: skip


def pinned(wishes: Wishes, home: Path, door: Door) -> Wishes:
    """The wishes with a home Region: the one that was said, else where an earlier run made things, else the first enabled one.

    It stands in the plan, so that a Region which is enabled later moves nothing.
    """
    region = wishes.home_region or home_of(home, door.account.id) or Site(door=door, region=GLOBAL).home
    return replace(wishes, home_region=region)


def as_terraform(plan: Plan, door: Door) -> tuple[tuple[Resource, ...], tuple[str, ...]]:
    """The resources that make what the plan wants, and the ids of the steps that no code can say."""
    known = {**steps(), **fixes()}
    found: list[Resource] = []
    left: list[str] = []
    for item in plan.to_make:
        step = known[item.step]
        assert item.target is not None  # noqa: S101 - of an item to make it never is
        site = Site(door=door, region=item.region, resource=item.resource, wishes=plan.wishes)
        said = step.terraform(site, item.target) if step.terraform else ()
        found += said
        left += () if said else (item.step,)
    return tuple(found), tuple(dict.fromkeys(left))


def _attested(request: PlanRequest, account: str, now: datetime) -> frozenset[str]:
    """The questions for which a person vouches today."""
    own = request.home / "state.db"
    if not request.state and not own.exists():
        return frozenset()
    with open_store(request.state or own) as store:
        signed = attestations(store)
    return frozenset(
        question for (question, of), each in signed.items() if of == account and not is_due(each, now.date())
    )
