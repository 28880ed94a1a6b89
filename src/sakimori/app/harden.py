"""Hardening: plan, apply, undo; and what the journal says of what was done."""

import shutil
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from sakimori.actions.applying import Hand, Told, journaled_items, made_places
from sakimori.actions.catalogue import every_step, guides
from sakimori.actions.journal import Entry, Line, account_held, journal_path, journals, open_journal, read_journal
from sakimori.actions.plan import Item, Place, Plan, Standing, place_of
from sakimori.actions.step import Guide, Step
from sakimori.actions.wishes import Wishes
from sakimori.app.permissions import OPENING
from sakimori.app.volumes import LOOKUP
from sakimori.aws.actions import action_of
from sakimori.aws.door import Door
from sakimori.model.action import Approval
from sakimori.model.errors import ActionError, UsageError

_TWO: Final = 2
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

    def apply(self, plan: Plan, approver: Approver, run: str = "") -> str:
        """Make a plan, or go on with its run that was stopped; the run. ActionError at the first failure."""
        if plan.account != self.door.account.id:
            raise UsageError("harden.other_account", planned=plan.account, found=self.door.account.id)
        unknown = [each.step for each in plan.to_make if each.step not in every_step()]
        if unknown:
            raise UsageError("harden.no_such_step", name=unknown[0], known=sorted(every_step()))
        approver.check(each.step for each in plan.to_make)
        self._check_room()
        name = run or begun_run(self.home, plan) or _new_run(self.clock())
        with account_held(self.home, plan.account, name):
            self._apply(plan, approver, name)
        return name

    def _apply(self, plan: Plan, approver: Approver, name: str) -> None:
        journal, lines = open_journal(self.home, plan.account, name)
        try:
            begun = next((line for line in lines if line.kind is Entry.BEGIN), None)
            if begun is not None and begun.body["plan"] != plan.id:
                raise UsageError("harden.other_plan", run=name, plan=begun.body["plan"])
            hand = self._hand(plan.wishes)
            hand.check(plan, lines)
            if begun is None:
                told = {"plan": plan.id, "by": approver.name, "second": approver.second, "wishes": asdict(plan.wishes)}
                journal.write(Entry.BEGIN, self.clock(), told)
            hand.apply(plan, journal, lines)
            journal.write(Entry.END, self.clock(), {"plan": plan.id})
        finally:
            journal.close()

    def undo(self, run: str, only: Iterable[str], typed: Callable[[str], bool], approver: Approver) -> tuple[Item, ...]:
        """Take back what a run made, the last first. `typed` asks for a name where data would be lost: whether it fits.

        ActionError where it does not, before anything is taken back.
        """
        with account_held(self.home, self.door.account.id, run):
            return self._undo(run, only, typed, approver)

    def _undo(
        self, run: str, only: Iterable[str], typed: Callable[[str], bool], approver: Approver
    ) -> tuple[Item, ...]:
        if not journal_path(self.home, self.door.account.id, run).exists():
            raise UsageError("harden.no_such_run", run=run, known=[each.run for each in runs(self.home)][-5:])
        journal, lines = open_journal(self.home, self.door.account.id, run)
        try:
            wanted = set(only)
            items = tuple(each for each in journaled_items(lines) if not wanted or each.step in wanted)
            if not items:
                raise UsageError("harden.nothing_to_undo", run=run)
            approver.check(each.step for each in items)
            hand = self._hand(_wishes(lines))
            for item in items:
                lost = hand.loses(item)
                if lost and not typed(lost):
                    raise ActionError("harden.not_typed", name=lost)
            told = {"by": approver.name, "second": approver.second}
            journal.write(Entry.UNDO_BEGIN, self.clock(), told)
            hand.undo(items, journal)
            journal.write(Entry.END, self.clock(), {"undone": [f"{each.step} {each.where}" for each in items]})
        finally:
            journal.close()
        return items

    def _hand(self, wishes: Wishes) -> Hand:
        return Hand(self.door, every_step(), self.clock, self.told, wishes)

    def _check_room(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(self.home).free < _ROOM_BYTES:
            raise ActionError("harden.no_room", path=self.home)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """One run of a journal; `broken_at` is the line at which its chain breaks, 0 for a whole one."""

    account: str
    run: str
    begun_at: datetime | None = None
    by: str = ""
    second: str = ""
    plan: str = ""
    steps: tuple[str, ...] = ()
    calls: int = 0
    is_ended: bool = False
    is_undone: bool = False
    broken_at: int = 0


def runs(home: Path) -> tuple[RunLine, ...]:
    """All runs of a home, the oldest first; one that was killed before it wrote a line did nothing and is none."""
    found = (_run(path) for path in journals(home))
    return tuple(each for each in found if each.begun_at or each.broken_at)


def run_lines(home: Path, account: str, run: str) -> tuple[Line, ...]:
    """The lines of one run; ActionError where its chain is broken."""
    return read_journal(journal_path(home, account, run))


def begun_run(home: Path, plan: Plan) -> str:
    """The run of this plan that was begun and neither ended nor taken back, "" where there is none."""
    for path in reversed(list(journals(home))):
        if path.parent.name == plan.account:
            kinds = {line.kind: line for line in read_journal(path)}
            begun = kinds.get(Entry.BEGIN)
            if begun and begun.body["plan"] == plan.id and not kinds.keys() & {Entry.END, Entry.UNDO_INTENT}:
                return path.stem
    return ""


def run_of_step(home: Path, account: str, step: str) -> str:
    """The newest run that made this step in this account and did not take it back; UsageError where there is none."""
    for path in reversed(list(journals(home))):
        if path.parent.name == account and any(place[0] == step for place in made_places(read_journal(path))):
            return path.stem
    raise UsageError("harden.step_never_made", step=step)


def places_made(home: Path, account: str) -> Mapping[Place, str]:
    """What the runs of this account made and did not take back, with the run. ActionError where a journal is broken."""
    found: dict[Place, str] = {}
    for path in journals(home):
        if path.parent.name != account:
            continue
        lines = read_journal(path)
        for place in {place_of(line.body) for line in lines if line.kind is Entry.UNDO_INTENT}:
            found.pop(place, None)
        found.update(dict.fromkeys(made_places(lines), path.stem))
    return found


def _run(path: Path) -> RunLine:
    try:
        lines = read_journal(path)
    except ActionError as error:
        return RunLine(account=path.parent.name, run=path.stem, broken_at=int(str(error.values.get("line", 0))))
    begun = next((line for line in lines if line.kind is Entry.BEGIN), None)
    made = [line for line in lines if line.kind is Entry.RESULT]
    return RunLine(
        account=path.parent.name,
        run=path.stem,
        begun_at=begun.at if begun else None,
        by=str(begun.body.get("by", "")) if begun else "",
        second=str(begun.body.get("second", "")) if begun else "",
        plan=str(begun.body.get("plan", "")) if begun else "",
        steps=tuple(dict.fromkeys(str(line.body["step"]) for line in made)),
        calls=len(made),
        is_ended=any(line.kind is Entry.END and "plan" in line.body for line in lines),
        is_undone=bool(made) and not journaled_items(lines),
    )


def _new_run(at: datetime) -> str:
    """A name that sorts by time, to the millisecond."""
    return f"{at:%Y%m%dT%H%M%S}{at.microsecond // 1000:03}Z-{uuid.uuid4().hex[:6]}"


def _wishes(lines: Sequence[Line]) -> Wishes:
    """What the owner had wished when the run began."""
    begun = next((line for line in lines if line.kind is Entry.BEGIN), None)
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
    """The IAM actions that planning, applying and undoing every step may need; sorted."""
    operations = {each for step in every_step().values() for each in (*step.reads, *step.writes)}
    operations.update(each for guide in guides().values() for each in guide.reads)
    operations.add(LOOKUP)
    besides = {each for step in every_step().values() for each in step.permissions}
    return tuple(sorted({*(action_of(each) for each in (*operations, *OPENING)), *besides}))
