"""Applying and undoing: from what is there to what is wanted, or back to what was there, one journaled call after the other.

Before a call the journal holds the intent with the state before it, after it the result with what takes it back. After a
kill between the two nothing is repeated blindly: the state is read, and what is still missing is made.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import msgspec

from sakimori.actions.journal import Entry, Journal, Line
from sakimori.actions.plan import Item, Place, Plan, Standing, place_of
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.actions.wishes import Wishes
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Call, Change
from sakimori.model.errors import ActionError

_LOOKS: Final = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds between readings until a change shows itself, then the last again and again: AWS is consistent after a while."""
_MOST_ROUNDS: Final = 4
"""What a step makes may show what it still lacks; more rounds than this lead nowhere."""

_LONGEST_NAME: Final = 2048
_CALLS: Final = frozenset({Entry.INTENT, Entry.RESULT, Entry.FAILED, Entry.SETTLED})

_LEAVING: Final = frozenset(
    {Entry.INTENT, Entry.FAILED, Entry.SETTLED, Entry.VERIFIED, Entry.UNDO_INTENT, Entry.UNDO_FAILED}
)
"""Lines after which a place is as they say in `now`; where they do not say it, nobody looked since."""

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
    accepted: frozenset[str] = frozenset()
    """Ids of steps that are taken back although something still needs them: somebody said that it is meant."""

    def check(self, plan: Plan, lines: Sequence[Line]) -> tuple[Item, ...]:
        """What there is to do now at each place of the plan; ActionError naming the first that is not as the plan saw it.

        A run that goes on has changed the account itself: there a place may have changed, as long as nothing is left to be
        done about it that the plan did not show. What the file says is not believed: changes and cautions are computed anew.
        """
        begun = {place_of(line.body) for line in lines if line.kind is Entry.INTENT}
        found: list[Item] = []
        for item in plan.to_make:
            now = self._read(item)
            self._check_place(item, now, is_run_begun=bool(begun), is_begun=item.place in begun)
            # A plan is a file: what it wants must be what the step wants, whoever wrote it.
            if now == item.before and not self._is_shown(item, now):
                raise ActionError("harden.plan_not_ours", step=item.step, region=item.where)
            cautions = self._cautions(item, now) if item.place not in begun else ()
            known = [msgspec.to_builtins(each) for each in item.cautions]
            if any(each.blocks and msgspec.to_builtins(each) not in known for each in cautions):
                raise ActionError("harden.held_back_since", step=item.step, region=item.where)
            assert item.target is not None  # noqa: S101 - of an item to make it never is
            found.append(replace(item, changes=tuple(self._towards(item, now, item.target)), cautions=tuple(cautions)))
        return tuple(found)

    def apply(self, plan: Plan, journal: Journal, lines: Sequence[Line]) -> None:
        """Make the plan, going on where `lines` end. ActionError at the first failure: what was made stays, and is journaled."""
        done, begun = made_places(lines), frozenset(journal.begun)
        self._settle(plan, journal, lines)
        for item in plan.to_make:
            if item.place not in done:
                assert item.target is not None  # noqa: S101 - of an item to make it never is
                # Steps that came before may have changed it, and somebody else since the plan was looked at.
                self._check_place(item, self._read(item), is_run_begun=True, is_begun=item.place in begun)
                self._bring(item, item.target, journal, Entry.INTENT)

    def undoing(self, items: Sequence[Item]) -> tuple[Item, ...]:
        """What taking these back would do now: with the changes, and standing BLOCKED where somebody changed a place since."""
        found: list[Item] = []
        for item in items:
            assert item.before is not None  # noqa: S101 - what was journaled has one
            now = self._read(item)
            is_ours = now in (item.target, item.before) or (item.target is None and not self._is_strange(item, now))
            standing = Standing.TO_MAKE if is_ours else Standing.BLOCKED
            found.append(
                replace(item, standing=standing, changes=tuple(self._towards(item, now, item.before)), cautions=())
            )
        return tuple(found)

    def _is_strange(self, item: Item, now: State) -> bool:
        """Whether a place that a run was killed at holds something that the run neither found nor was bringing there.

        Nobody read it after the kill. But a part that the run has yet to change, and that is not as it was before, somebody else changed.
        """
        assert item.before is not None  # noqa: S101 - what was journaled has one
        if now == item.before:
            return False
        target = self._wanted(item, item.before)
        left = [each.call for each in self._towards(item, now, target)]
        back = [each.call for each in self._towards(item, now, item.before)]
        planned = self._towards(item, item.before, target)
        return any(each.call in left and any(undo in back for undo in each.undo) for each in planned)

    def undo(self, items: Sequence[Item], journal: Journal, typed: Callable[[str], bool]) -> tuple[Item, ...]:
        """Bring each place back to its `before`, in this order; those that are not as before although nothing is left to do.

        `typed` asks for a name where data would be lost; ActionError where it does not fit.
        """
        left: list[Item] = []
        for item in items:
            assert item.before is not None  # noqa: S101 - what was journaled has one
            lost = self.loses(item)
            if lost and not typed(lost):
                raise ActionError("harden.not_typed", name=lost)
            self._wait_until_seen(item)
            if item.step not in self.accepted:
                with _told_as_refused(item):
                    site = replace(self._site(item), as_of=self.clock())
                    self.steps[item.step].let_go(site, item.before, self._read(item))
            self._bring(item, item.before, journal, Entry.UNDO_INTENT)
            if self._read(item) != item.before:
                left.append(item)
        return tuple(left)

    def loses(self, item: Item) -> str:
        """What must be typed before this place is brought back, "" where nothing is lost."""
        assert item.before is not None  # noqa: S101 - what was journaled has one
        now = self._read(item)
        with _told_as_refused(item):
            return self.steps[item.step].loses(self._site(item), item.before, now)

    def _check_place(self, item: Item, now: State, *, is_run_begun: bool, is_begun: bool) -> None:
        """ActionError where a place is neither as the plan saw it nor on the way from there to what the plan wants.

        A run that has begun may have changed it by other steps: then only calls that the plan showed may be left. One that has
        begun at this place may have left it in the midst, where calls can follow that nobody could know before.
        """
        if now in (item.before, item.target):
            return
        is_on_the_way = (is_begun and self._leads_there(item, now)) or (is_run_begun and self._is_shown(item, now))
        if not is_on_the_way:
            raise ActionError("harden.account_changed", step=item.step, region=item.where)

    def _leads_there(self, item: Item, now: State) -> bool:
        """Whether the step wants from here what the plan wants.

        What AWS adds by itself stands in a state that was read and in none that was planned: the step knows what counts.
        """
        assert item.target is not None  # noqa: S101 - of an item to make it never is
        return not self._towards(item, self._wanted(item, now), item.target)

    def _is_shown(self, item: Item, now: State) -> bool:
        """Whether the step wants from here what the plan wants, by calls that the plan showed."""
        assert item.target is not None  # noqa: S101 - of an item to make it never is
        planned = [msgspec.to_builtins(each.call) for each in item.changes]
        left = self._towards(item, now, item.target)
        return self._leads_there(item, now) and all(msgspec.to_builtins(each.call) in planned for each in left)

    def _wait_until_seen(self, item: Item) -> None:
        """AWS may not show yet what was made a moment ago: an undo that sees nothing looks again before it believes it."""
        for pause in _pauses(self.steps[item.step].shown_within):
            if pause is None or self._read(item) != item.before:
                return
            self.sleep(pause)

    def _settle(self, plan: Plan, journal: Journal, lines: Sequence[Line]) -> None:
        """An intent without a result: the account says whether the call was made."""
        last = next((line for line in reversed(lines) if line.kind in _CALLS), None)
        if last is None or last.kind is not Entry.INTENT:
            return
        item = next(each for each in plan.items if each.place == place_of(last.body))
        now = self._read(item)
        journal.write(Entry.SETTLED, self.clock(), {**_place(item), "change": last.body["change"], "now": now})

    def _bring(self, item: Item, target: State, journal: Journal, intent: Entry) -> None:
        """Go from what is there to `target`, and look whether it is."""
        for _ in range(_MOST_ROUNDS):
            now = self._read(item)
            changes = self._towards(item, now, target)
            if not changes:
                break
            self._make(item, now, target, changes, journal, intent)
            self._wait_until_shown(item, target, frozenset(each.name for each in changes))
        now = self._read(item)
        holds = not self._towards(item, now, target)
        journal.write(
            Entry.VERIFIED,
            self.clock(),
            {**_place(item), "holds": holds, "now": now, "undone": intent is Entry.UNDO_INTENT},
        )
        if not holds:
            raise ActionError("harden.not_verified", step=item.step, region=item.where)
        self.told("verified", item, None)

    def _make(  # noqa: PLR0913, PLR0917 - from where to where, by what, and how it is told
        self,
        item: Item,
        before: State,
        target: State,
        changes: Sequence[Change],
        journal: Journal,
        intent: Entry,
    ) -> None:
        ended, failed = (
            (Entry.RESULT, Entry.FAILED) if intent is Entry.INTENT else (Entry.UNDO_RESULT, Entry.UNDO_FAILED)
        )
        for number, change in enumerate(changes):
            call = change.call
            body = {**_place(item), "change": change.name, "call": asdict(call)}
            undo = [asdict(each) for each in change.undo]
            told: dict[str, Any] = {**body, "undo": undo}
            if intent is Entry.INTENT and item.place not in journal.begun:
                told["before"] = before
                journal.begun.add(item.place)
            journal.write(intent, self.clock(), told)
            self.told("making", item, change)
            answer: Mapping[str, Any] = {}
            try:
                answer = self._call(call, self.steps[item.step].shown_within)
                self._wait_until_over(item, call, answer)
            except Refusal as refusal:
                if refusal.code not in call.settled:
                    left = self._left(item, target, [each.name for each in changes[:number]])
                    journal.write(failed, self.clock(), {**body, **left, "code": refusal.code, "message": refusal.message})  # fmt: skip
                    raise ActionError(
                        "harden.refused", step=item.step, region=item.where, call=call.operation, code=refusal.code
                    ) from refusal
            journal.write(ended, self.clock(), {**body, "undo": undo, "answer": _named(answer)})
            self.told("made", item, change)

    def _left(self, item: Item, target: State, made: Sequence[str]) -> Mapping[str, Any]:
        """How a refusal leaves the place, once AWS shows what was made: by that an undo knows whether somebody changed it later."""
        try:
            if made:
                self._wait_until_shown(item, target, frozenset(made))
            return {"now": self._read(item)}
        except ActionError:
            return {}

    def _call(self, call: Call, seconds: float) -> Mapping[str, Any]:
        """The answer; asked again for so long where AWS does not see yet what was made a moment ago."""
        for pause in _pauses(seconds):
            try:
                return self.door.call(call.operation, call.region, call.parameters)
            except Refusal as refusal:
                if refusal.code not in call.not_yet or pause is None:
                    raise
                self.sleep(pause)
        raise AssertionError  # the last pause is None

    def _wait_until_over(self, item: Item, call: Call, answer: Mapping[str, Any]) -> None:
        """What AWS goes on with after its answer: Refusal where that failed."""
        step = self.steps[item.step]
        for pause in _pauses(step.shown_within):
            if pause is None or step.has_ended(self._site(item), call, answer):
                return
            self.sleep(pause)

    def _wait_until_shown(self, item: Item, target: State, made: frozenset[str]) -> None:
        """Until the account no longer lacks what was just made; what it lacks besides is for another round."""
        for pause in _pauses(self.steps[item.step].shown_within):
            lacks = {each.name for each in self._towards(item, self._read(item), target)}
            if pause is None or not lacks & made:
                return
            self.sleep(pause)

    def _read(self, item: Item) -> State:
        with _told_as_refused(item):
            return self.steps[item.step].read(self._site(item))

    def _cautions(self, item: Item, now: State) -> Sequence[Caution]:
        with _told_as_refused(item):
            return self.steps[item.step].cautions(self._site(item), now)

    def _wanted(self, item: Item, now: State) -> State:
        with _told_as_refused(item):
            return self.steps[item.step].wanted(self._site(item), now)

    def _towards(self, item: Item, now: State, target: State) -> Sequence[Change]:
        with _told_as_refused(item):
            return self.steps[item.step].towards(self._site(item), now, target)

    def _site(self, item: Item) -> Site:
        return Site(door=self.door, region=item.region, resource=item.resource, wishes=self.wishes)


@contextmanager
def _told_as_refused(item: Item) -> Iterator[None]:
    """What AWS refuses while a place is looked at stops the run with a sentence."""
    try:
        yield
    except Refusal as refusal:
        values = {"call": refusal.call, "code": refusal.code}
        raise ActionError("harden.refused", step=item.step, region=item.where, **values) from refusal


def _pauses(seconds: float) -> Iterator[float | None]:
    """Growing pauses that together last so long, and None when the time is over."""
    looks = iter(_LOOKS)
    while seconds > 0:
        pause = min(next(looks, _LOOKS[-1]), seconds)
        seconds -= pause
        yield pause
    yield None


def journaled_items(lines: Sequence[Line]) -> tuple[Item, ...]:
    """The places that a run changed and has not brought back, the latest first: the order of undoing.

    Each with the state before its first change, and as `target` the state in which the run, or a refused call of it or of its
    undo, left it; None where it was killed in the midst. A place of which every call was refused was not changed.
    """
    found: dict[Place, Item] = {}
    is_changed: dict[Place, bool] = {}
    for line in lines:
        match line.kind:
            case Entry.INTENT:
                _begin_at(found, line)
                is_changed.setdefault(place_of(line.body), False)
            case Entry.RESULT:
                is_changed[place_of(line.body)] = True
            case Entry.SETTLED:
                place = place_of(line.body)
                is_changed[place] |= place in found and line.body["now"] != found[place].before
            case Entry.VERIFIED if line.body["undone"] and line.body["holds"]:
                found.pop(place_of(line.body), None)
            case _:
                pass
        if line.kind in _LEAVING and (place := place_of(line.body)) in found:
            found[place] = replace(found[place], target=line.body.get("now"))
    last = next((line for line in reversed(lines) if line.kind in _CALLS), None)
    open_ = place_of(last.body) if last and last.kind is Entry.INTENT else None
    return tuple(item for place, item in reversed(found.items()) if is_changed.get(place) or place == open_)


def _begin_at(found: dict[Place, Item], line: Line) -> None:
    """The place of an intent, with the state before the first."""
    step, region, resource = place = place_of(line.body)
    if "before" in line.body:
        before = line.body["before"]
        found.setdefault(place, Item(step=step, region=region, resource=resource, standing=Standing.TO_MAKE, before=before))  # fmt: skip


def made_places(lines: Sequence[Line]) -> frozenset[Place]:
    """The places that a run verified and did not take back later."""
    found: set[Place] = set()
    for line in lines:
        if line.kind is Entry.VERIFIED and line.body["holds"]:
            change = found.discard if line.body["undone"] else found.add
            change(place_of(line.body))
    return frozenset(found)


def _place(item: Item) -> dict[str, Any]:
    return {"step": item.step, "region": item.region, "resource": item.resource}


def _named(answer: Mapping[str, Any]) -> dict[str, str]:
    """What AWS named in its answer: ids that no one could know before."""
    return {key: value for key, value in answer.items() if isinstance(value, str) and len(value) <= _LONGEST_NAME}
