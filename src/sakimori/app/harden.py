"""Hardening: plan, apply, undo; and what the journal says of what was done."""

import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from sakimori.actions.applying import Hand, Told, journaled_items, made_places
from sakimori.actions.asked_once import AskedOnce
from sakimori.actions.catalogue import every_step, fixes, guides, steps
from sakimori.actions.journal import Entry, Line, account_held, journal_path, journals, open_journal, read_journal
from sakimori.actions.plan import Item, Place, Plan, Standing, chosen, place_of
from sakimori.actions.step import Guide, Step
from sakimori.actions.wishes import Wishes
from sakimori.app.permissions import OPENING
from sakimori.app.volumes import LOOKUP
from sakimori.aws.actions import action_of
from sakimori.aws.door import Door
from sakimori.model.action import Approval
from sakimori.model.errors import ActionError, UsageError
from sakimori.model.words import GLOBAL

_TWO: Final = 2
_OLDEST: Final = timedelta(days=7)
"""A plan that is older is made anew: what it looked at may no longer be so."""
_ROOM_BYTES: Final = 1_000_000
"""What must be free where the journal lies: a run that cannot write down what it does is not begun."""


@dataclass(frozen=True, slots=True)
class Approver:
    """Who agreed, and who else did where two must. Two must only where the team lists two: who is alone is not locked out."""

    name: str
    second: str = ""
    team: tuple[str, ...] = ()

    def check(self, names: Iterable[str]) -> None:
        """UsageError where one of these steps needs two people and there is one, or somebody who is not of the team."""
        for name in names:
            if every_step()[name].approval is not Approval.TWO_PERSON or len(set(self.team)) < _TWO:
                continue
            if not self.second or self.second == self.name:
                raise UsageError("harden.needs_second", step=name)
            for each in (self.name, self.second):
                if each not in self.team:
                    raise UsageError("harden.not_of_the_team", name=each, team=list(self.team))


@dataclass(frozen=True, slots=True)
class Hardening:
    """Changes one account, journaled in one home."""

    home: Path
    door: Door
    clock: Callable[[], datetime]
    told: Told
    accepted: frozenset[str] = frozenset()
    """Ids of steps that are taken back although something still needs them."""
    revoked_before: str = ""
    """Since when what a run denied can have given out no session more, for the undo of a run that did not know it itself."""

    def check(self, plan: Plan, run: str = "") -> tuple[Item, ...]:
        """What making the plan would do now, computed from the account and not from the file. Only reads.

        UsageError for a plan that is of another account, too old, or not of this version; ActionError where the account is
        not as the plan saw it.
        """
        self._validate(plan)
        return self._looking(plan.wishes).check(plan, self._lines(plan, run or begun_run(self.home, plan)))

    def _validate(self, plan: Plan) -> None:
        if plan.account != self.door.account.id:
            raise UsageError("harden.other_account", planned=plan.account, found=self.door.account.id)
        unknown = [each.step for each in plan.to_make if each.step not in every_step()]
        if unknown:
            raise UsageError("harden.no_such_step", name=unknown[0], known=sorted(every_step()))
        strange = [each.region for each in plan.to_make if each.region not in {GLOBAL, *self.door.account.regions}]
        if strange:
            raise UsageError("harden.no_such_region", region=strange[0])
        if not plan.wishes.home_region or self.clock() - plan.made_at > _OLDEST:
            raise UsageError("harden.plan_too_old", days=_OLDEST.days)

    def apply(self, plan: Plan, approver: Approver, run: str = "", *, name: str = "") -> str:
        """Make a plan, or go on with its run that was stopped; the run. ActionError at the first failure.

        `name` is what a new run is called, where whoever asks must know it before (`new_run`).
        """
        self._validate(plan)
        approver.check(each.step for each in plan.to_make)
        self._check_room()
        begun = run or begun_run(self.home, plan)
        name = begun or name or new_run(self.clock())
        with account_held(self.home, plan.account, name):
            hand = self._hand(plan.wishes)
            # Before there is a journal: what is refused here has not begun.
            self._looking(plan.wishes).check(plan, self._lines(plan, begun))
            self._apply(plan, approver, name, hand)
        return name

    def _lines(self, plan: Plan, run: str) -> tuple[Line, ...]:
        """The lines of the run that is to go on, none for a new one; UsageError where it cannot go on with this plan."""
        if not run:
            return ()
        lines = run_lines(self.home, plan.account, run)
        begun = _begin(lines)
        if begun is not None and begun.body["plan"] != plan.id:
            raise UsageError("harden.other_plan", run=run, plan=begun.body["plan"])
        if any(line.kind is Entry.UNDO_BEGIN for line in lines):
            raise UsageError("harden.run_taken_back", run=run)
        return lines

    def _apply(self, plan: Plan, approver: Approver, name: str, hand: Hand) -> None:
        journal, lines = open_journal(self.home, plan.account, name)
        try:
            if _begin(lines) is None:
                told = {"plan": plan.id, "by": approver.name, "second": approver.second, "wishes": asdict(plan.wishes)}
                journal.write(Entry.BEGIN, self.clock(), told)
            hand.apply(plan, journal, lines)
            journal.write(Entry.END, self.clock(), {"plan": plan.id})
        finally:
            journal.close()

    def undoing(self, run: str, only: Iterable[str]) -> tuple[Item, ...]:
        """What taking a run back would do now, the last first: with the changes, and BLOCKED where somebody changed a place since.

        UsageError where there is no such run, or nothing of it to take back. Only reads.
        """
        lines = run_lines(self.home, self.door.account.id, run)
        return self._hand(self._wishes(lines)).undoing(self._chosen(lines, run, only))

    def undo(
        self, run: str, items: Sequence[Item], typed: Callable[[str], bool], approver: Approver
    ) -> tuple[Item, ...]:
        """Take back these places of a run; those that are not as before although nothing is left to do.

        `typed` asks for a name where data would be lost: whether it fits. ActionError where it does not, and where AWS refuses.
        """
        approver.check(each.step for each in items)
        with account_held(self.home, self.door.account.id, run):
            journal, lines = open_journal(self.home, self.door.account.id, run)
            try:
                hand = self._hand(self._wishes(lines))
                for item in items:
                    lost = hand.loses(item)
                    if lost and not typed(lost):
                        raise ActionError("harden.not_typed", name=lost)
                told = {"by": approver.name, "second": approver.second}
                journal.write(Entry.UNDO_BEGIN, self.clock(), told)
                left = hand.undo(items, journal, typed)
                journal.write(Entry.END, self.clock(), {"undone": [f"{each.step} {each.where}" for each in items]})
            finally:
                journal.close()
        return left

    def _chosen(self, lines: Sequence[Line], run: str, only: Iterable[str]) -> tuple[Item, ...]:
        items = journaled_items(lines)
        strange = [each.step for each in items if each.step not in every_step()]
        if strange:
            raise UsageError("harden.no_such_step", name=strange[0], known=sorted(every_step()))
        wanted = {each.id for each in chosen(every_step(), only)}
        found = tuple(each for each in items if not wanted or each.step in wanted)
        if not found:
            raise UsageError("harden.nothing_to_undo", run=run)
        return found

    def _wishes(self, lines: Sequence[Line]) -> Wishes:
        """Those of the run, for its undo."""
        wishes = _wishes(lines)
        return wishes if wishes.revoked_before else replace(wishes, revoked_before=self.revoked_before)

    def _hand(self, wishes: Wishes) -> Hand:
        return Hand(self.door, every_step(), self.clock, self.told, wishes, accepted=self.accepted)

    def _looking(self, wishes: Wishes) -> Hand:
        """The hand before it changes anything."""
        return replace(self._hand(wishes), door=AskedOnce(self.door))

    def _check_room(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(self.home).free < _ROOM_BYTES:
            raise ActionError("harden.no_room", path=self.home)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """One run of a journal; `broken_at` is the line at which its chain breaks, -1 where it cannot be read at all, 0 for a whole one."""

    account: str
    run: str
    begun_at: datetime | None = None
    by: str = ""
    second: str = ""
    plan: str = ""
    steps: tuple[str, ...] = ()
    """What it began to make; `standing` is what of it was made whole and not taken back."""
    standing: tuple[str, ...] = ()
    calls: int = 0
    is_ended: bool = False
    is_undone: bool = False
    broken_at: int = 0


def runs(home: Path) -> tuple[RunLine, ...]:
    """All runs of a home, the oldest first; one that was killed before it wrote a line did nothing and is none."""
    found = (_run(path) for path in journals(home))
    return tuple(each for each in found if each.begun_at or each.broken_at)


def run_lines(home: Path, account: str, run: str) -> tuple[Line, ...]:
    """The lines of one run; UsageError where there is no such run, ActionError where its chain is broken."""
    path = journal_path(home, account, run)
    if not path.exists():
        raise UsageError("harden.no_such_run", run=run, known=[each.run for each in runs(home)][-5:])
    return read_journal(path)


def begun_run(home: Path, plan: Plan) -> str:
    """The run of this plan that was begun and neither ended nor taken back, "" where there is none."""
    for path, lines in _readable(home, plan.account):
        kinds = {line.kind: line for line in lines}
        begun = kinds.get(Entry.BEGIN)
        if begun and begun.body["plan"] == plan.id and not kinds.keys() & {Entry.END, Entry.UNDO_BEGIN}:
            return path.stem
    return ""


def run_of_step(home: Path, account: str, step: str) -> str:
    """The newest run that changed something by this step in this account and did not take it back; UsageError where there is none."""
    for path, lines in _readable(home, account):
        if any(each.step == step for each in journaled_items(lines)):
            return path.stem
    raise UsageError("harden.step_never_made", step=step)


def home_of(home: Path, account: str) -> str:
    """The Region in which the newest run made what exists once, "" where there was none: it stays there."""
    for _, lines in _readable(home, account):
        found = _wishes(lines).home_region
        if found:
            return found
    return ""


def places_made(home: Path, account: str) -> Mapping[Place, tuple[str, Item]]:
    """What the runs of this account made and did not take back: the newest run, and how it left the place (as `target`)."""
    found: dict[Place, tuple[str, Item]] = {}
    for path, lines in reversed(list(_readable(home, account))):
        standing = made_places(lines)
        for line in lines:
            if line.kind is Entry.VERIFIED and line.body["undone"]:
                found.pop(place_of(line.body), None)
        found.update((each.place, (path.stem, each)) for each in journaled_items(lines) if each.place in standing)
    return found


def is_drifted(item: Item, made: Mapping[Place, tuple[str, Item]]) -> bool:
    """Whether a place that a run made is no longer as the run left it, by what a plan read of it."""
    if item.place not in made or item.standing is Standing.UNREADABLE:
        return False
    left = made[item.place][1].target
    return item.standing is Standing.TO_MAKE or (left is not None and item.before != left)


def _readable(home: Path, account: str) -> Iterator[tuple[Path, tuple[Line, ...]]]:
    """The journals of an account whose chains hold, the newest first and each read when it is asked for; `runs` tells of the others."""
    for path in reversed(list(journals(home))):
        if path.parent.name == account:
            try:
                yield path, read_journal(path)
            except ActionError:
                continue


def _run(path: Path) -> RunLine:
    try:
        lines = read_journal(path)
    except ActionError as error:
        return RunLine(account=path.parent.name, run=path.stem, broken_at=int(str(error.values.get("line", -1))))
    begun = _begin(lines)
    made = [line for line in lines if line.kind is Entry.RESULT]
    held = made_places(lines)
    verified = (place_of(line.body) for line in lines if line.kind is Entry.VERIFIED)
    return RunLine(
        account=path.parent.name,
        run=path.stem,
        begun_at=begun.at if begun else None,
        by=str(begun.body.get("by", "")) if begun else "",
        second=str(begun.body.get("second", "")) if begun else "",
        plan=str(begun.body.get("plan", "")) if begun else "",
        steps=tuple(dict.fromkeys(str(line.body["step"]) for line in made)),
        standing=tuple(dict.fromkeys(place[0] for place in verified if place in held)),
        calls=len(made),
        is_ended=any(line.kind is Entry.END and "plan" in line.body for line in lines),
        is_undone=bool(made) and not journaled_items(lines),
    )


def new_run(at: datetime) -> str:
    """A name that sorts by time, to the millisecond."""
    return f"{at:%Y%m%dT%H%M%S}{at.microsecond // 1000:03}Z-{uuid.uuid4().hex[:6]}"


def _begin(lines: Sequence[Line]) -> Line | None:
    return next((line for line in lines if line.kind is Entry.BEGIN), None)


def _wishes(lines: Sequence[Line]) -> Wishes:
    """What the owner had wished when the run began."""
    begun = _begin(lines)
    return Wishes() if begun is None else msgspec.convert(begun.body["wishes"], Wishes)


def permissions_of(plan: Plan) -> tuple[str, ...]:
    """The IAM actions that applying this plan needs: what its steps read, and the calls that it names with their inverse; sorted."""
    found = {action_of(each) for each in OPENING}
    for item in plan.items:
        measure: Step | Guide = every_step().get(item.step) or guides()[item.step]
        found.update(action_of(each) for each in measure.reads)
        if item.standing is Standing.TO_MAKE:
            calls = [call for change in item.changes for call in (change.call, *change.undo)]
            found.update(action_of(each.operation) for each in calls)
            found.update(every_step()[item.step].permissions)
    return tuple(sorted(found))


def actions_of_every_step() -> tuple[str, ...]:
    """The IAM actions that planning, applying and undoing every step of hardening may need; sorted."""
    return actions_of((*steps().values(), *fixes().values(), *guides().values()), (*OPENING, LOOKUP))


def actions_of(measures: Iterable[Step | Guide], besides: Iterable[str]) -> tuple[str, ...]:
    """The IAM actions that these measures may need, and these operations; sorted."""
    found = {action_of(each) for each in besides}
    for measure in measures:
        found.update(action_of(each) for each in measure.reads)
        if isinstance(measure, Step):
            found.update(action_of(each) for each in measure.writes)
            found.update(measure.permissions)
    return tuple(sorted(found))
