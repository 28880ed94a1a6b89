"""R30 to R34: a leaked key is replaced, one state after the other; each look goes on from where the case says that it stands.

`need → slot → created → delivered → app_switched → old_quiet → old_deleted`, or from `need` by `role_instead`. The state lies in
the log of the case, one line a step; only its newest line of a key counts. The old user's denial (R11) is not touched: the
new key is another user's, unless somebody says otherwise and nothing is denied any more.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from sakimori.actions.respond.replace.destination import Destination, Target, check_file, parse_destination
from sakimori.actions.respond.replace.making import MadeKey
from sakimori.analysis.incident.events import Asked, Events
from sakimori.analysis.incident.uses import uses_of
from sakimori.app.respond.case import StepState, Told
from sakimori.app.respond.hands import Hands, Measure, Outcome
from sakimori.app.respond.rotate_advice import Advice, advice_of, inside_of
from sakimori.app.respond.rotate_keys import MOST_KEYS, KeyOrigin, UserKey, keys_of_thief, keys_of_user
from sakimori.app.respond.rotate_owner import KeyOwner, is_denied, owner_of
from sakimori.app.respond.rotate_rights import is_whole, left_out
from sakimori.app.respond.rotate_run import KeyRun
from sakimori.app.respond.rotate_watch import last_use, quiet_of
from sakimori.app.respond.telling import plain_error
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.model.errors import ActionError, UsageError

_MAKE: Final = "R30"
_ROOM: Final = "R31"
_DELETE: Final = "R34"
_LOOKED_BACK: Final = timedelta(days=14)
_SHOWN: Final = 5


class State(StrEnum):
    """Where a replacement stands; each has its sentence `respond_rotate.state_<value>`."""

    NEED = "need"
    ROLE_INSTEAD = "role_instead"
    SLOT = "slot"
    CREATED = "created"
    DELIVERED = "delivered"
    APP_SWITCHED = "app_switched"
    OLD_QUIET = "old_quiet"
    OLD_DELETED = "old_deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person says of one replacement. `to` is a destination as it is typed, `quiet` how long the old key must be silent."""

    to: str = ""
    to_region: str = ""
    new_user: str = ""
    same_user: bool = False
    role_instead: bool = False
    free_slot: str = ""
    is_quiet: bool = False
    """Somebody vouches that nothing uses the old key any more."""
    quiet: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What is to be done next: a sentence with its values, and what is typed for it, one way a line.

    `is_waiting`: nothing but time, or the owner's program, is waited for.
    """

    text: str
    commands: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    is_waiting: bool = False


_DONE: Final = Next(text="respond_rotate.next_done", commands=("sakimori respond rotate --all",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """How a replacement stands after a look. `line` is what the case's log says of it."""

    key_id: str
    line: Mapping[str, Any]
    next: Next
    advice: tuple[Advice, ...] = ()
    others: tuple[UserKey, ...] = ()

    @property
    def state(self) -> State:
        """Where it stands."""
        return State(self.line["state"])


@dataclass(slots=True, kw_only=True)
class Rotation:
    """The replacement of one key. `events` reads anew."""

    hands: Hands
    doors: Sequence[Door]
    events: Callable[[datetime], Events]
    key_id: str
    wanted: Wanted
    _advice: tuple[Advice, ...] = ()
    _others: tuple[UserKey, ...] = ()
    _owner: KeyOwner | None = None

    def go_on(self) -> Replacement:
        """Go as far as it goes. UsageError for what cannot be done as asked, ActionError where AWS refuses."""
        steps: dict[State, Callable[[], Next | None]] = {
            State.NEED: self._choose, State.SLOT: self._make, State.CREATED: self._make, State.DELIVERED: self._await_switch,
            State.ROLE_INSTEAD: self._await_quiet, State.APP_SWITCHED: self._await_quiet, State.OLD_QUIET: self._delete,
        }  # fmt: skip
        if not self._line:
            self._need()
        for run in self._runs.undelivered():
            # What nobody has must not stay, whatever was to come next.
            if self._runs.take_back(run):
                raise ActionError("respond_rotate.undelivered_left", user=self._line.get("new_user", ""))
        while True:
            state = State(self._line["state"])
            found = _DONE if state is State.OLD_DELETED else steps[state]()
            if found is not None:
                return Replacement(
                    key_id=self.key_id, line=self._line, next=found, advice=self._advice, others=self._others
                )  # fmt: skip

    # -- R30: a role instead -------------------------------------------------------------------

    def _need(self) -> None:
        if not self.key_id.startswith("AKIA"):
            raise UsageError("respond_rotate.no_long_key", key=self.key_id[:4])
        if self.key_id in keys_of_thief(self.hands.log.case):
            raise UsageError("respond_rotate.key_of_thief", key=self.key_id)
        owner = owner_of(self.key_id, self.hands.log.case, self.doors)
        self._write(State.NEED, user=owner.user, account=owner.door.account.id)

    def _choose(self) -> Next | None:
        self._advise()
        if self.wanted.role_instead:
            self._write(State.ROLE_INSTEAD, role_at=self._now().isoformat())
            self.hands.tell(_ROOM, StepState.SKIPPED, "respond_rotate.no_key_needed")
            self.hands.tell(_MAKE, StepState.DONE, "respond_rotate.by_role", by=self.hands.by)
            return None
        if not self.wanted.to:
            self.hands.tell(_MAKE, StepState.OPEN, "respond_rotate.asked", kinds=[{"text": f"respond_rotate.kind_{each.workload}", "values": {}} for each in self._advice])  # fmt: skip
            return self._next("next_choose", "--role-instead", "--to secretsmanager:NAME --to-region REGION")
        to = self._destination()
        if to.target is Target.FILE:
            check_file(Path(to.name))  # before a user is made for a secret that could not be written
        return self._prepare_same() if self.wanted.same_user else self._prepare_new()

    def _advise(self) -> None:
        door, now = self._door, self._now()
        asked = Asked(since=now - _LOOKED_BACK)
        found = list(self.events(now - _LOOKED_BACK).by_keys([self.key_id], asked))
        uses = uses_of(found)
        established = {each.ip for each in uses.established}
        places = dict.fromkeys(
            (each.ip, each.agent) for each in found if each.ip in established and not each.invoked_by
        )
        inside, _ = inside_of(door, established)
        self._advice = advice_of(places, inside, door.account.id, door.account.partition)

    # -- R31, R32: a user with room ------------------------------------------------------------

    def _prepare_new(self) -> Next | None:
        case, owner = self.hands.log.case, self._owned
        name = self.wanted.new_user or f"{owner.name[:61]}-r1"
        arn = f"{owner.user.rpartition('/')[0]}/{name}"
        if name == owner.name or arn in (case.closure.get("users") or ()):
            raise UsageError("respond_rotate.not_this_user", name=name)
        events = self.events(case.opened_at - _LOOKED_BACK) if case.closure else None
        left = left_out(case, owner.user, events)
        if not is_whole(case, events):
            left = (*left, "changed boundary")
        self.hands.wishes = replace(self.hands.wishes, replaces=owner.user, left_out=left)
        made = Measure(account=owner.door.account.id, step="replacement-user", resource=arn)
        outcome = self.hands.carry_out(_MAKE, [made])
        if not outcome.is_whole:
            return self._held(_MAKE, outcome)
        return self._with_room(arn)

    def _prepare_same(self) -> Next | None:
        case, owner = self.hands.log.case, self._owned
        if not case.is_done("R17"):
            raise UsageError("respond_rotate.not_quiet_yet", case=case.id)
        if is_denied(owner.door, owner.name):
            raise UsageError("respond_rotate.is_denied", user=owner.name, case=case.id)
        return self._with_room(owner.user)

    def _with_room(self, user: str) -> Next | None:
        """Whether the user may get one more key; else what the keys are that it has."""
        name = user.rpartition("/")[2]
        keys = self._keys(name)
        if len(keys) >= MOST_KEYS and self.wanted.free_slot:
            stopped = self._free(user, keys)
            if stopped is not None:
                return stopped
            keys = self._keys(name)
        own = self._keys(self._owned.name)
        self._others = tuple(each for each in (*keys, *own) if each.key_id != self.key_id)
        thief = [each.key_id for each in self._others if each.origin is KeyOrigin.THIEF and each.is_active]
        if len(keys) >= MOST_KEYS:
            told = [f"{each.key_id} ({each.origin})" for each in keys]
            self.hands.tell(_ROOM, StepState.OPEN, "respond_rotate.no_room", user=name, keys=told)
            best = next((each.key_id for each in keys if each.origin is not KeyOrigin.USED), keys[0].key_id)
            return self._next("next_free", f"--free-slot {best}")
        text = "respond_rotate.room_but_thief" if thief else "respond_rotate.room"
        self.hands.tell(_ROOM, StepState.FAILED if thief else StepState.DONE, text, user=name, thief=thief)
        to = self._destination()
        self._write(State.SLOT, new_user=user, to=to.text, to_region=to.region)
        return None

    def _free(self, user: str, keys: Sequence[UserKey]) -> Next | None:
        """R31: one of the keys that are there is deactivated and deleted, which is agreed to on its own."""
        wanted = next((each for each in keys if each.key_id == self.wanted.free_slot), None)
        if wanted is None:
            raise UsageError("respond_rotate.not_its_key", key=self.wanted.free_slot, user=user)
        outcome = self._erased(_ROOM, user, wanted.key_id)
        return None if outcome.is_whole else self._held(_ROOM, outcome)

    def _erased(self, rail: str, user: str, key_id: str) -> Outcome:
        account, place = self._door.account.id, f"{user}/{key_id}"
        off = self.hands.carry_out(rail, [Measure(account=account, step="key-deactivated", resource=place)])
        if not off.is_whole:
            return off
        return off.joined(
            self.hands.carry_out(rail, [Measure(account=account, step="access-key-erased", resource=place)])
        )

    def _keys(self, name: str) -> tuple[UserKey, ...]:
        try:
            return keys_of_user(self._door, name, self.hands.log.case)
        except Refusal as refusal:
            raise self._unread(refusal) from refusal

    # -- R33: the key --------------------------------------------------------------------------

    def _make(self) -> Next | None:
        user, to = str(self._line["new_user"]), self._destination()
        done = self._runs.delivered(str(self._line.get("new_key_id", "")))
        if done:
            self._delivered(user, str(self._line["new_key_id"]), done)
            return None
        if not self.hands.is_agreed(_MAKE, [self._runs.plan(user, to)]):
            return self._waits(_MAKE)

        def created(made: MadeKey) -> None:
            self._write(State.CREATED, new_key_id=made.key_id, digest=made.digest)

        made, run = self._runs.make(user, to, created)
        self._delivered(user, made.key_id, run)
        return None

    def _delivered(self, user: str, key_id: str, run: str) -> None:
        to = self._destination()
        self._write(State.DELIVERED, run=run, to=to.text, to_region=to.region, delivered_at=self._now().isoformat())
        name = user.rpartition("/")[2]
        self.hands.tell(_MAKE, StepState.DONE, "respond_rotate.delivered", user=name, key=key_id, to=to.text)

    def _destination(self) -> Destination:
        line, selected = self._line, self._door.account.selected
        region = self.wanted.to_region or (selected[0] if len(selected) == 1 else "")
        to = self.wanted.to or str(line.get("to", ""))
        if not self.wanted.to_region and to == line.get("to"):
            region = str(line.get("to_region", "")) or region
        found = parse_destination(to, region)
        home = self.hands.log.directory.resolve().parents[1]
        if found.target is Target.FILE and Path(found.name).resolve().is_relative_to(home):
            raise UsageError("respond_rotate.file_in_home", path=found.name)
        return found

    # -- R34: the old key ----------------------------------------------------------------------

    def _await_switch(self) -> Next | None:
        new = str(self._line["new_key_id"])
        try:
            used = last_use(self._door, new)
        except Refusal as refusal:
            raise self._unread(refusal) from refusal
        if used is None:
            self.hands.tell(_DELETE, StepState.OPEN, "respond_rotate.not_switched", key=new)
            return self._next("next_switch", is_waiting=True)
        self._write(State.APP_SWITCHED, switched_at=max(used, _moment(self._line["delivered_at"])).isoformat())
        return None

    def _await_quiet(self) -> Next | None:
        now, span = self._now(), self.wanted.quiet
        since = _moment(self._line.get("switched_at") or self._line["role_at"])
        hours = int(span.total_seconds() // 3600)
        quiet = quiet_of(self.events, self.key_id, now, span)
        if quiet.calls and not self.wanted.is_quiet:
            values = {"count": quiet.calls, "denied": quiet.denied, "last": f"{quiet.last_at:%Y-%m-%dT%H:%M:%SZ}", "hours": hours}  # fmt: skip
            self.hands.tell(_DELETE, StepState.OPEN, "respond_rotate.old_in_use", **values)
            return self._next("next_wait", is_waiting=True, hours=hours)
        if not quiet.is_whole and not self.wanted.is_quiet:
            self.hands.tell(_DELETE, StepState.OPEN, "respond_rotate.quiet_unknown", hours=hours)
            return self._next("next_vouch", "--old-is-quiet")
        if now < since + span and not self.wanted.is_quiet:
            self.hands.tell(_DELETE, StepState.OPEN, "respond_rotate.quiet_so_far", hours=hours)
            return self._next("next_wait", is_waiting=True, hours=hours)
        vouched = self.hands.by if self.wanted.is_quiet else ""
        self._write(State.OLD_QUIET, quiet_at=now.isoformat(), vouched_by=vouched)
        return None

    def _delete(self) -> Next | None:
        owner = self._owned
        outcome = self._erased(_DELETE, owner.user, self.key_id)
        if not outcome.is_whole:
            return self._held(_DELETE, outcome)
        self._write(State.OLD_DELETED, deleted_at=self._now().isoformat())
        self.hands.tell(_DELETE, StepState.DONE, "respond_rotate.deleted", key=self.key_id, user=owner.name)
        return None

    # -- what all of them need -----------------------------------------------------------------

    @property
    def _line(self) -> Mapping[str, Any]:
        return self.hands.log.case.replacements.get(self.key_id, {})

    @property
    def _owned(self) -> KeyOwner:
        if self._owner is None:
            account = str(self._line["account"])
            door = next((each for each in self.doors if each.account.id == account), None)
            if door is None:
                raise UsageError("respond.not_entered", account=account)
            self._owner = KeyOwner(user=str(self._line["user"]), door=door)
        return self._owner

    @property
    def _door(self) -> Door:
        return self._owned.door

    @property
    def _runs(self) -> KeyRun:
        return KeyRun(hands=self.hands, door=self._door)

    def _write(self, state: State, **told: object) -> None:
        body = {**self._line, **told, "key_id": self.key_id, "state": state.value, "by": self.hands.by}
        self.hands.log.write(Told.REPLACEMENT, body)

    def _now(self) -> datetime:
        return self.hands.clock()

    def _next(self, text: str, *options: str, is_waiting: bool = False, **values: object) -> Next:
        """`options` are added to the command that goes on, each in a way of its own."""
        again = f"sakimori respond rotate --case {self.hands.log.case.id} --key {self.key_id}"
        commands = tuple(f"{again} {each}".rstrip() for each in options or ("",))
        return Next(text=f"respond_rotate.{text}", commands=commands, values=values, is_waiting=is_waiting)

    def _waits(self, rail: str) -> Next:
        self.hands.tell_outcome(rail, Outcome(is_declined=True), 0)
        command = f"sakimori respond approve {rail} --case {self.hands.log.case.id}"
        return Next(text="respond.next_approve", commands=(command,), values={"step": rail})

    def _held(self, rail: str, outcome: Outcome) -> Next:
        if outcome.is_declined:
            return self._waits(rail)
        held = [each.step for each in outcome.held]
        failed = [plain_error(each) for each in outcome.failed][:_SHOWN]
        closed = [each.account for each in outcome.closed]
        count = len(outcome.made) + len(outcome.already)
        of = count + len(held) + len(failed) + len(closed)
        self.hands.tell(rail, StepState.FAILED, "respond.step_in_part", count=count, of=of, held=held, failed=failed, closed=closed)  # fmt: skip
        return self._next("next_held", steps=held or [str(each) for each in outcome.failed][:_SHOWN] or closed)

    def _unread(self, refusal: Refusal) -> ActionError:
        return ActionError("respond_rotate.unread", call=refusal.call, code=refusal.code)


def _moment(told: object) -> datetime:
    return datetime.fromisoformat(str(told))
