"""Going to work on a case: the accounts, the events, and the hands that change things."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from sakimori.analysis.incident.event_history import Asking
from sakimori.app.access import AccessRequest, AskToken, open_doors, signing_keys
from sakimori.app.respond.case import Suspect, Told
from sakimori.app.respond.case_files import CaseLog, new_case
from sakimori.app.respond.clock_of_aws import skew_of
from sakimori.app.respond.hands import Conversation, Hands
from sakimori.app.respond.identify import door_for, owned
from sakimori.app.respond.intake import Trigger
from sakimori.app.respond.people import login_here
from sakimori.app.respond.preflight import check_before_start, preflight
from sakimori.app.respond.sources import PATIENCE, Sources
from sakimori.app.respond.walk import Walk
from sakimori.app.settings import Settings
from sakimori.aws.closed import ClosedDoor
from sakimori.aws.door import Door
from sakimori.aws.local_keys import local_keys
from sakimori.aws.settings import Clock
from sakimori.model.errors import AccessError


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Who works where. `accepted` are steps of the action catalogue that are made in spite of what holds them back."""

    home: Path
    access: AccessRequest
    settings: Settings
    by: str
    clock: Callable[[], datetime]
    conversation: Conversation
    ask_token: AskToken | None = None
    state: str = ""
    since: datetime | None = None
    accepted: frozenset[str] = frozenset()
    skew: timedelta = timedelta(0)
    """How far this machine's clock is ahead of that of AWS, by which `clock` goes."""
    times: Clock = field(default_factory=Clock)
    """What pacing sleeps by."""
    patience: timedelta = PATIENCE
    """For how long each look asks the event history."""
    asking: Callable[[Asking], None] = lambda _: None
    """Hears how far it is with that."""

    def enter(self, key_id: str) -> tuple[Door, ...]:
        """The accounts; UsageError where the leaked key itself would be used, before anything is asked with it."""
        check_before_start(key_id, lambda: signing_keys(self.access, ask_token=self.ask_token))
        return open_doors(self.access, ask_token=self.ask_token)

    def timed(self, doors: Sequence[Door]) -> "Desk":
        """The same desk by AWS's clock, where this machine's is wrong."""
        skew = skew_of([each for each in doors if not isinstance(each, ClosedDoor)], self.clock)
        mine = self.clock
        return replace(self, clock=lambda: mine() - skew, skew=skew) if skew else self

    def check(self, suspect: Suspect, doors: Sequence[Door]) -> None:
        """UsageError where there is nothing to begin with, or nobody who may: before there is a case."""
        entered = [each for each in doors if not isinstance(each, ClosedDoor)]
        if not entered:
            closed = [f"{each.account.id} ({each.code})" for each in doors if isinstance(each, ClosedDoor)]
            raise AccessError("respond.none_entered", accounts=closed)
        door = door_for(suspect, entered)
        preflight(door, owned(suspect, door), local_keys())

    @contextmanager
    def opened(self, trigger: Trigger, approval: str) -> Iterator[CaseLog]:
        """A new case of this trigger; `approval` is single or two_person."""
        moments = {name: at.isoformat() for name in ("occurred_at", "deadline_at") if (at := getattr(trigger, name))}
        opening = {
            "by": self.by, "trigger": trigger.words, "subject": trigger.subject, "aws_case": trigger.aws_case,
            "playbook": trigger.playbook, "approval": approval, **moments,
        }  # fmt: skip
        with new_case(self.home, opening, clock=self.clock) as log:
            log.write(Told.SUSPECT, asdict(trigger.suspect))
            yield log

    @contextmanager
    def walk(self, log: CaseLog, doors: Sequence[Door]) -> Iterator[Walk]:
        """A walk of this case through these accounts; one that could not be entered is told where it is needed."""
        entered = [each for each in doors if not isinstance(each, ClosedDoor)]
        log.go_by(self.clock)
        hands = Hands(
            log=log, doors={each.account.id: each for each in entered}, by=self.by, clock=self.clock,
            conversation=self.conversation, login=login_here(), team=self.settings.team or (), accepted=self.accepted,
        )  # fmt: skip
        with Sources(self.home, doors, self.clock, self.times, patience=self.patience, told=self.asking) as sources:
            yield Walk(
                hands=hands,
                doors=entered,
                events=sources.events,
                here=local_keys(),
                home=self.home,
                settings=self.settings,
                state=self.state,
                since=self.since,
                times=self.times,
                patience=self.patience,
            )
