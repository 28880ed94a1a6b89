"""The one way in which a case changes an account: measures become a plan, the plan is shown, agreed to, journaled and made.

The journal of a case lies in the case's own directory: whoever has the directory can go on, and can undo.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Protocol

from sakimori.actions.catalogue import every_step
from sakimori.actions.journal import journal_path
from sakimori.actions.plan import Item, Plan, Planning, Standing, make_plan
from sakimori.actions.wishes import Wishes
from sakimori.app.harden import Approver, Hardening, new_run
from sakimori.app.respond.case import Approved, StepLine, StepState, Told
from sakimori.app.respond.case_files import CaseLog
from sakimori.app.respond.people import caller_of, is_same_person, people_in
from sakimori.app.respond.place_words import place_words
from sakimori.app.respond.rail import command_of
from sakimori.app.respond.telling import plain_error
from sakimori.aws.door import Door
from sakimori.model.action import Change
from sakimori.model.errors import ActionError
from sakimori.model.words import GLOBAL
from sakimori.outputs.evidence.store import EvidenceStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One step of the action catalogue at one resource of one account."""

    account: str
    step: str
    resource: str
    region: str = GLOBAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of measures. `held` are items that a caution holds back or that could not be read; `failed` what AWS refused."""

    made: tuple[Item, ...] = ()
    already: tuple[Item, ...] = ()
    held: tuple[Item, ...] = ()
    failed: tuple[ActionError, ...] = ()
    closed: tuple[Measure, ...] = ()
    """Measures in accounts that could not be entered."""
    is_declined: bool = False
    shown: tuple[str, ...] = ()
    """The plans that were not agreed to by enough."""

    @property
    def is_whole(self) -> bool:
        """Everything that was to be done is done."""
        return not (self.held or self.failed or self.closed or self.is_declined)

    def joined(self, other: "Outcome") -> "Outcome":
        """Both together."""
        return Outcome(
            made=self.made + other.made, already=self.already + other.already, held=self.held + other.held,
            failed=self.failed + other.failed, closed=self.closed + other.closed,
            is_declined=self.is_declined or other.is_declined, shown=self.shown + other.shown,
        )  # fmt: skip


class Conversation(Protocol):
    """Whoever is spoken with while a case goes on."""

    def said(self, step: str, line: StepLine) -> None:
        """A step of the rail stands so now."""
        ...

    def changing(self, word: str, item: Item, change: Change | None) -> None:
        """A change is being made, as `actions.applying.Told`."""
        ...

    def show(self, step: str, plans: Sequence[Plan]) -> None:
        """What would be done."""
        ...

    def agree(self, step: str) -> bool:
        """Whether whoever is here agrees to what was shown."""
        ...


@dataclass(slots=True, kw_only=True)
class Hands:
    """Changes the accounts of one case, for whoever works on it under this name."""

    log: CaseLog
    doors: Mapping[str, Door]
    by: str
    clock: Callable[[], datetime]
    conversation: Conversation
    login: str = ""
    """Of this machine."""
    team: tuple[str, ...] = ()
    accepted: frozenset[str] = field(default_factory=frozenset[str])
    """Steps of the action catalogue that are made in spite of what holds them back."""
    wishes: Wishes = field(default_factory=Wishes)
    """What measures need to know besides the case."""
    evidence: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """By step of the rail, the pieces of evidence that show what was done for it in this walk."""
    _caller: str = ""

    def begin(self, words: str) -> None:
        """R00: what set it off."""
        self.tell("R00", StepState.DONE, "respond.taken_in", words=words)

    def carry_out(self, rail: str, measures: Sequence[Measure], *, revoked_before: str = "") -> Outcome:
        """Plan, ask, make. An account in which one change failed does not hold up the others."""
        plans, closed = self._plans(measures, revoked_before)
        outcome = Outcome(closed=closed).joined(_unmade(plans))
        wanted = [plan for plan in plans if plan.to_make]
        if wanted or outcome.held:
            self.conversation.show(rail, plans)
        if not wanted:
            return outcome
        if not self._is_agreed(rail, wanted):
            return replace(outcome, is_declined=True, shown=tuple(each.id for each in wanted))
        for plan in wanted:
            outcome = outcome.joined(self._make(rail, plan))
        return outcome

    def is_agreed(self, rail: str, plans: Sequence[Plan]) -> bool:
        """Show what would be done and ask, unless enough agreed before; whether it may be done."""
        self.conversation.show(rail, plans)
        return self._is_agreed(rail, plans)

    def looked_at(self, measures: Sequence[Measure], *, revoked_before: str = "") -> tuple[Item, ...]:
        """How these places stand now. Only reads."""
        plans, _ = self._plans(measures, revoked_before)
        return tuple(item for plan in plans for item in plan.items)

    def tell(self, step: str, state: StepState, detail: str = "", **values: object) -> None:
        """Write down where a step stands, and say it."""
        pieces = list(self.evidence.get(step, ()))
        body = {
            "step": step,
            "state": state.value,
            "by": self.by,
            "detail": detail,
            "values": values,
            "evidence": pieces,
        }
        case = self.log.write(Told.STEP, body)
        self.conversation.said(step, case.steps[step])

    def tell_outcome(self, step: str, outcome: Outcome, count: int, before: int = 0) -> bool:
        """Say what came of so many measures, after those that earlier rounds of the step took; whether all of it is done."""
        values: dict[str, Any] = {
            "count": len(outcome.made) + len(outcome.already), "of": count,
            "held": [place_words(each.step, each.where) for each in outcome.held],
            "failed": [plain_error(error) for error in outcome.failed], "closed": sorted({each.account for each in outcome.closed}),
        }  # fmt: skip
        if outcome.is_declined:
            command = command_of(step, self.log.case.id)
            people = sorted({each.by for each in people_in(self.log.case.agreed_to(step, outcome.shown))})
            text = "step_declined_second" if self.log.case.needed > 1 else "step_declined"
            values |= {"step_id": step, "command": command, "people": people}
            self.tell(step, StepState.WAITING, f"respond.{text}", **values)
        elif outcome.is_whole:
            text = "step_done_at_last" if before else "step_done"
            self.tell(step, StepState.DONE, f"respond.{text}", **values, total=before + values["count"])
        else:
            self.tell(step, StepState.FAILED, "respond.step_in_part", **values)
        return outcome.is_whole

    def keep(  # noqa: PLR0913 - as `EvidenceStore.add`
        self, step: str, name: str, *, call: str, account: str, payload: Any, rows: int, coverage: str
    ) -> str:
        """Keep a piece of evidence of no one Region that shows what was done for a step; its id."""
        store = EvidenceStore(self.log.directory, self.clock)
        kept = store.add(name, call=call, region=GLOBAL, account=account, payload=payload, rows=rows, coverage=coverage)
        self.evidence.setdefault(step, []).append(kept.id)
        return kept.id

    def _plans(self, measures: Sequence[Measure], revoked_before: str) -> tuple[list[Plan], tuple[Measure, ...]]:
        by_account: dict[str, list[Measure]] = defaultdict(list)
        for each in dict.fromkeys(measures):
            by_account[each.account].append(each)
        closed = tuple(each for name, found in by_account.items() if name not in self.doors for each in found)
        plans = [
            self._plan(self.doors[name], found, revoked_before)
            for name, found in by_account.items()
            if name in self.doors
        ]
        return plans, closed

    def _plan(self, door: Door, measures: Sequence[Measure], revoked_before: str) -> Plan:
        resources: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for each in measures:
            resources[each.step].append((each.region, each.resource))
        home = next(iter(door.account.regions), GLOBAL)
        wishes = replace(self.wishes, case=self.log.case.id, revoked_before=revoked_before, home_region=home)
        known = every_step()
        return make_plan(
            door,
            Planning(
                steps=[known[name] for name in resources], baseline=self.log.case.id, made_at=self.clock(),
                resources=resources, wishes=wishes, accepted=self.accepted,
            ),
        )  # fmt: skip

    def _is_agreed(self, rail: str, plans: Sequence[Plan]) -> bool:
        """Whoever says yes at the terminal agrees to what was shown, and to nothing that a later look finds."""
        case, shown = self.log.case, [each.id for each in plans]
        if len(people_in(case.agreed_to(rail, shown))) >= case.needed:
            return True
        if not self.conversation.agree(rail):
            return False
        me = self.me
        is_own = case.needed == 1 or self.by == case.opened_by
        told = {"steps": [rail], "by": me.by, "is_own": is_own, "plans": shown, "login": me.login, "caller": me.caller}
        self.log.write(Told.APPROVED, told)
        return len(people_in(self.log.case.agreed_to(rail, shown))) >= case.needed

    @property
    def me(self) -> Approved:
        """Whoever works here, as far as that can be told."""
        if not self._caller and self.log.case.needed > 1:
            self._caller = caller_of(self.doors)
        return Approved(steps=(), by=self.by, at=self.clock(), login=self.login, caller=self._caller)

    def second(self, rail: str) -> str:
        """Another person who agreed to the step, "" where there is none."""
        me = self.me
        found = (each for each in self.log.case.approvals if rail in each.steps and not is_same_person(each, me))
        return next((each.by for each in found), "")

    def _make(self, rail: str, plan: Plan) -> Outcome:
        """Make a plan; what comes after a change that AWS refused is planned anew and made too."""
        failed: list[ActionError] = []
        made: list[Item] = []
        while plan.to_make:
            error = self._run(rail, plan)
            if error is None:
                made += plan.to_make
                break
            failed.append(error)
            left = [each for each in plan.to_make if (each.step, each.where) != _place_of(error)]
            if len(left) == len(plan.to_make):
                break
            door = self.doors[plan.account]
            wanted = [Measure(account=plan.account, step=each.step, resource=each.resource, region=each.region) for each in left]  # fmt: skip
            plan = self._plan(door, wanted, plan.wishes.revoked_before)
            made += [each for each in plan.items if each.standing is Standing.AS_WANTED]
        return Outcome(made=tuple(made), failed=tuple(failed))

    def _run(self, rail: str, plan: Plan) -> ActionError | None:
        run = new_run(self.clock())
        self.log.write(Told.RUN, {"account": plan.account, "run": run, "step": rail, "plan": plan.id})
        second = self.second(rail)
        door = self.doors[plan.account]
        hardening = Hardening(self.log.directory, door, self.clock, self.conversation.changing)
        try:
            hardening.apply(plan, Approver(self.by, second, self.team), name=run)
        except ActionError as error:
            return error
        finally:
            self._keep_journal(rail, plan.account, run)
        return None

    def _keep_journal(self, rail: str, account: str, run: str) -> None:
        """What was done is evidence too: the run's journal as it stands when it ends."""
        path = journal_path(self.log.directory, account, run)
        if path.exists():
            raw = path.read_bytes()
            self.keep(
                rail, f"journal-{rail.lower()}", call="journal", account=account, payload=raw,
                rows=raw.count(b"\n"), coverage="whole",
            )  # fmt: skip


def _unmade(plans: Sequence[Plan]) -> Outcome:
    """What there is no need, or no way, to make."""
    items = [item for plan in plans for item in plan.items]
    return Outcome(
        already=tuple(each for each in items if each.standing is Standing.AS_WANTED),
        held=tuple(each for each in items if each.standing not in _FINE),
    )


def _place_of(error: ActionError) -> tuple[str, str]:
    """The step and the place of which a run said that it failed."""
    return str(error.values.get("step", "")), str(error.values.get("region", ""))


_FINE: Final = frozenset({Standing.TO_MAKE, Standing.AS_WANTED})
