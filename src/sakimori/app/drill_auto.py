"""What a responder does who agrees to everything: for a pipeline, and as the pattern for a person."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sakimori.actions.plan import Item
from sakimori.app.access import AccessRequest
from sakimori.app.assess import AssessRequest, assess
from sakimori.app.clock import utc_now
from sakimori.app.drill import Drill
from sakimori.app.explain import explain
from sakimori.app.fix import FixRequest, mending_of, plan_fix
from sakimori.app.harden import Approver, Hardening
from sakimori.app.inbox import quiet_of
from sakimori.app.respond.hands import Conversation
from sakimori.app.respond.inquiry import Inquiry
from sakimori.app.respond.intake import Trigger, by_mail, by_principal
from sakimori.app.respond.removal import Removal
from sakimori.app.respond.session import Desk
from sakimori.app.respond.walk import Walk
from sakimori.app.settings import Settings, read_settings
from sakimori.aws.door import Door
from sakimori.aws.settings import Clock
from sakimori.findings.inbox import POSTURE, InboxSought, find_in_inbox
from sakimori.model.action import Change
from sakimori.state.store import open_store

_WHO: Final = "drill"
CLOSING: Final = (
    "aws.ec2.security-group-high-risk-ports-closed", "aws.s3.bucket-public-access-blocked", "aws.ec2.snapshot-private",
)  # fmt: skip
"""The rules whose findings are the doors of the drill `exposure`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Responder:
    """Works in one drill, in a process whose environment is the drill's. `leaves` are parts that a lazy one leaves out: doors, machine."""

    running: Drill
    conversation: Conversation
    times: Clock = field(default_factory=Clock)
    leaves: frozenset[str] = frozenset()

    def respond(self) -> None:
        """Everything that the drill asks for, with the attacker's rounds in between."""
        running = self.running
        if running.story.openings and "doors" not in self.leaves:
            self._close_doors()
        with self._walking() as walk:
            walk.contain()
            if running.story.machine and "machine" not in self.leaves:
                Removal(hands=walk.hands).freeze([running.machine])
            running.look()
            running.attacker_goes_on()
            # What the attacker gained while it was being shut out is followed too.
            walk.contain_again()
            Removal(hands=walk.hands).freeze()
            Inquiry(hands=walk.hands, home=self._home, doors=walk.doors, since=walk.since, times=self.times).look()
        running.attacker_goes_on()

    @property
    def _home(self) -> Path:
        return self.running.request.home

    @property
    def _settings(self) -> Settings:
        return read_settings(self._home / "config.toml")

    @contextmanager
    def _walking(self) -> Iterator[Walk]:
        desk, trigger = self._desk(), self._trigger()
        doors = desk.enter(trigger.suspect.key_id)
        with desk.opened(trigger, "single") as log, desk.walk(log, doors) as walk:
            walk.hands.begin(trigger.words)
            yield walk

    def _desk(self) -> Desk:
        settings = self._settings
        access = AccessRequest(accounts=settings.accounts, endpoint_url=self.running.endpoint_url)
        return Desk(
            home=self._home, access=access, settings=settings, by=_WHO, clock=utc_now, conversation=self.conversation,
            times=self.times,
        )  # fmt: skip

    def _trigger(self) -> Trigger:
        running = self.running
        if running.kind.has_mail:
            return by_mail(running.mail, utc_now())
        return by_principal(running.victim, "role" if running.story.machine else "user")

    # -- doors ---------------------------------------------------------------------------------

    def _close_doors(self) -> None:
        """Find what is open, and mend all of it but what is meant to be."""
        door = self._desk().enter("")[0]
        assess(AssessRequest(home=self._home, rules=CLOSING), [door], clock=utc_now)
        for finding in self._open_findings(door):
            found = explain(self._home, finding)
            # What strangers read by the door is what is meant to end.
            meant = [each.id for each in mending_of(found.rule.id).steps]
            request = FixRequest(home=self._home, settings=self._settings, found=found, accepted=meant)
            plan = plan_fix(request, door, clock=utc_now)
            if plan.to_make:
                Hardening(self._home, door, utc_now, _not_told).apply(plan, Approver(_WHO))

    def _open_findings(self, door: Door) -> Sequence[str]:
        left = {each.id for each in self.running.story.meant}
        sought = InboxSought(kinds=(POSTURE,), rules=CLOSING, accounts=(door.account.id,))
        with open_store(self._home / "state.db") as store:
            found = find_in_inbox(store, sought, quiet_of(store, (), utc_now().date()))
        return [each.id for each in found if not any(name in each.subject for name in left)]


def _not_told(_word: str, _item: Item, _change: Change | None) -> None:
    """Nothing."""
