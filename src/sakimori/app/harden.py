"""Hardening: plan, apply, undo; and what the journal says of what was done."""

import shutil
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from sakimori.actions.applying import Hand, Told, journaled_items
from sakimori.actions.catalogue import every_step, guides, steps
from sakimori.actions.journal import Entry, Line, account_held, journal_path, journals, open_journal, read_journal
from sakimori.actions.plan import Item, Plan, Standing, chosen
from sakimori.actions.step import Guide, Step
from sakimori.actions.wishes import Wishes
from sakimori.app.permissions import OPENING
from sakimori.aws.actions import action_of
from sakimori.aws.door import Door
from sakimori.model.action import Approval, Baseline
from sakimori.model.errors import ActionError, UsageError

_ROOM_BYTES: Final = 1_000_000
"""What must be free where the journal lies: a run that cannot write down what it does is not begun."""


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


@dataclass(frozen=True, slots=True)
class Approver:
    """Who agreed to a plan, and who else did where two must."""

    name: str
    second: str = ""

    def check(self, plan: Plan) -> None:
        """UsageError where a step needs two people and there is one."""
        for item in plan.to_make:
            if every_step()[item.step].approval is Approval.TWO_PERSON and (
                not self.second or self.second == self.name
            ):
                raise UsageError("harden.needs_second", step=item.step)


@dataclass(frozen=True, slots=True)
class Hardening:
    """Changes one account, journaled in one home."""

    home: Path
    door: Door
    clock: Callable[[], datetime]
    told: Told

    def apply(self, plan: Plan, approver: Approver, run: str = "") -> str:
        """Make a plan, or go on with the run of that name; the run. ActionError at the first failure."""
        if plan.account != self.door.account.id:
            raise UsageError("harden.other_account", planned=plan.account, found=self.door.account.id)
        unknown = [each.step for each in plan.to_make if each.step not in every_step()]
        if unknown:
            raise UsageError("harden.no_such_step", name=unknown[0], known=sorted(every_step()))
        approver.check(plan)
        self._check_room()
        name = run or f"{self.clock():%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:6]}"
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

    def undo(self, run: str, only: Iterable[str], typed: Callable[[str], bool]) -> tuple[Item, ...]:
        """Take back what a run made, the last first. `typed` asks for a name where data would be lost: whether it fits.

        ActionError where it does not, before anything is taken back.
        """
        with account_held(self.home, self.door.account.id, run):
            return self._undo(run, only, typed)

    def _undo(self, run: str, only: Iterable[str], typed: Callable[[str], bool]) -> tuple[Item, ...]:
        if not journal_path(self.home, self.door.account.id, run).exists():
            raise UsageError("harden.no_such_run", run=run, known=[each.run for each in runs(self.home)][-5:])
        journal, lines = open_journal(self.home, self.door.account.id, run)
        try:
            wanted = set(only)
            items = tuple(each for each in journaled_items(lines) if not wanted or each.step in wanted)
            if not items:
                raise UsageError("harden.nothing_to_undo", run=run)
            hand = self._hand(_wishes(lines))
            for item in items:
                lost = hand.loses(item)
                if lost and not typed(lost):
                    raise ActionError("harden.not_typed", name=lost)
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
    plan: str = ""
    steps: tuple[str, ...] = ()
    calls: int = 0
    is_ended: bool = False
    is_undone: bool = False
    broken_at: int = 0


def runs(home: Path) -> tuple[RunLine, ...]:
    """All runs of a home, the oldest first."""
    return tuple(_run(path) for path in journals(home))


def run_lines(home: Path, account: str, run: str) -> tuple[Line, ...]:
    """The lines of one run; ActionError where its chain is broken."""
    return read_journal(journal_path(home, account, run))


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
        plan=str(begun.body.get("plan", "")) if begun else "",
        steps=tuple(dict.fromkeys(str(line.body["step"]) for line in made)),
        calls=len(made),
        is_ended=any(line.kind is Entry.END and "plan" in line.body for line in lines),
        is_undone=any(line.kind is Entry.END and "undone" in line.body for line in lines),
    )


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
    return tuple(sorted(found))


def actions_of_every_step() -> tuple[str, ...]:
    """The IAM actions that planning, applying and undoing every step may need; sorted."""
    operations = {each for step in every_step().values() for each in (*step.reads, *step.writes)}
    operations.update(each for guide in guides().values() for each in guide.reads)
    return tuple(sorted({action_of(each) for each in (*operations, *OPENING)}))
