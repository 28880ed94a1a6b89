"""Applying and undoing: from what is there to what is wanted, or back to what was there, one journaled call after the other.

Before a call the journal holds the intent with the state before it, after it the result with what takes it back. After a
kill between the two nothing is repeated blindly: the state is read, and what is still missing is made.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from sakimori.actions.journal import Entry, Journal, Line
from sakimori.actions.plan import Item, Place, Plan, Standing
from sakimori.actions.site import Site
from sakimori.actions.step import State, Step
from sakimori.actions.wishes import Wishes
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Change
from sakimori.model.errors import ActionError

_LOOKS: Final = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds between readings until a change shows itself: AWS is consistent after a while."""
_MOST_ROUNDS: Final = 4
"""What a step makes may show what it still lacks; more rounds than this lead nowhere."""

_LONGEST_NAME: Final = 2048
_CALLS: Final = frozenset({Entry.INTENT, Entry.RESULT, Entry.FAILED, Entry.SETTLED})

Told = Callable[[str, Item, Change | None], None]
"""Told of what happens: a word (`making`, `made`, `verified`), the item, and the change."""


@dataclass(frozen=True, slots=True)
class Hand:
    """What changes an account: a door that may write, the steps, the clock."""

    door: Door
    steps: Mapping[str, Step]
    clock: Callable[[], datetime]
    told: Told
    wishes: Wishes = field(default_factory=Wishes)
    sleep: Callable[[float], None] = time.sleep

    def check(self, plan: Plan, lines: Sequence[Line]) -> None:
        """ActionError naming the first place that is not as the plan saw it, unless this run has begun to change it."""
        begun = {_place_of(line) for line in lines if line.kind is Entry.INTENT}
        for item in plan.to_make:
            if item.place in begun:
                continue
            now = self._read(item)
            if now not in (item.before, item.target):
                raise ActionError("harden.account_changed", step=item.step, region=item.where)
            # A plan is a file: what it wants must be what the step wants, whoever wrote it.
            if now == item.before and self.steps[item.step].wanted(self._site(item), now) != item.target:
                raise ActionError("harden.plan_not_ours", step=item.step, region=item.where)

    def apply(self, plan: Plan, journal: Journal, lines: Sequence[Line]) -> None:
        """Make the plan, going on where `lines` end. ActionError at the first failure: what was made stays, and is journaled."""
        done = {_place_of(line) for line in lines if line.kind is Entry.VERIFIED and line.body["holds"]}
        self._settle(plan, journal, lines)
        for item in plan.to_make:
            if item.place not in done:
                assert item.target is not None  # noqa: S101 - of an item to make it never is
                self._bring(item, item.target, journal, Entry.INTENT)

    def undo(self, items: Sequence[Item], journal: Journal) -> None:
        """Bring each place back to its `before`, in this order."""
        for item in items:
            assert item.before is not None  # noqa: S101 - what was journaled has one
            self._bring(item, item.before, journal, Entry.UNDO_INTENT)

    def loses(self, item: Item) -> str:
        """What must be typed before this place is brought back, "" where nothing is lost."""
        assert item.before is not None  # noqa: S101 - what was journaled has one
        return self.steps[item.step].loses(item.before, self._read(item))

    def _settle(self, plan: Plan, journal: Journal, lines: Sequence[Line]) -> None:
        """An intent without a result: the account says whether the call was made."""
        last = next((line for line in reversed(lines) if line.kind in _CALLS), None)
        if last is None or last.kind is not Entry.INTENT:
            return
        item = next(each for each in plan.items if each.place == _place_of(last))
        now = self._read(item)
        journal.write(Entry.SETTLED, self.clock(), {**_place(item), "change": last.body["change"], "now": now})

    def _bring(self, item: Item, target: State, journal: Journal, intent: Entry) -> None:
        """Go from what is there to `target`, and look whether it is."""
        step, site = self.steps[item.step], self._site(item)
        for _ in range(_MOST_ROUNDS):
            now = self._read(item)
            changes = step.towards(site, now, target)
            if not changes:
                break
            self._make(item, now, changes, journal, intent)
            self._wait_for(item, target)
        now = self._read(item)
        holds = not step.towards(site, now, target)
        journal.write(Entry.VERIFIED, self.clock(), {**_place(item), "holds": holds, "now": now})
        if not holds:
            raise ActionError("harden.not_verified", step=item.step, region=item.where)
        self.told("verified", item, None)

    def _make(self, item: Item, before: State, changes: Sequence[Change], journal: Journal, intent: Entry) -> None:
        ended, failed = (
            (Entry.RESULT, Entry.FAILED) if intent is Entry.INTENT else (Entry.UNDO_RESULT, Entry.UNDO_FAILED)
        )
        for change in changes:
            call = change.call
            body = {**_place(item), "change": change.name, "call": asdict(call)}
            undo = [asdict(each) for each in change.undo]
            journal.write(intent, self.clock(), {**body, "before": before, "undo": undo})
            self.told("making", item, change)
            answer: Mapping[str, Any] = {}
            try:
                answer = self.door.call(call.operation, call.region, call.parameters)
            except Refusal as refusal:
                if refusal.code not in call.settled:
                    journal.write(failed, self.clock(), {**body, "code": refusal.code, "message": refusal.message})
                    raise ActionError(
                        "harden.refused", step=item.step, region=item.where, call=call.operation, code=refusal.code
                    ) from refusal
            journal.write(ended, self.clock(), {**body, "undo": undo, "answer": _named(answer)})
            self.told("made", item, change)

    def _wait_for(self, item: Item, target: State) -> None:
        step, site = self.steps[item.step], self._site(item)
        for seconds in _LOOKS:
            if seconds:
                self.sleep(seconds)
            if not step.towards(site, self._read(item), target):
                return

    def _read(self, item: Item) -> State:
        try:
            return self.steps[item.step].read(self._site(item))
        except Refusal as refusal:
            raise ActionError(
                "harden.refused", step=item.step, region=item.where, call=refusal.call, code=refusal.code
            ) from refusal

    def _site(self, item: Item) -> Site:
        return Site(door=self.door, region=item.region, resource=item.resource, wishes=self.wishes)


def journaled_items(lines: Sequence[Line]) -> tuple[Item, ...]:
    """The places that a run began to change, each with the state before its first change, the latest first: the order of undoing."""
    found: dict[Place, Item] = {}
    for line in lines:
        if line.kind is Entry.INTENT:
            step, region, resource = place = _place_of(line)
            before = line.body["before"]
            item = Item(step=step, region=region, resource=resource, standing=Standing.TO_MAKE, before=before)
            found.setdefault(place, item)
    return tuple(reversed(found.values()))


def _place(item: Item) -> dict[str, Any]:
    return {"step": item.step, "region": item.region, "resource": item.resource}


def _place_of(line: Line) -> Place:
    return line.body["step"], line.body["region"], line.body["resource"]


def _named(answer: Mapping[str, Any]) -> dict[str, str]:
    """What AWS named in its answer: ids that no one could know before."""
    return {key: value for key, value in answer.items() if isinstance(value, str) and len(value) <= _LONGEST_NAME}
