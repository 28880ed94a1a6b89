"""CloudTrail's event history as it is asked: the fewest requests that answer, what they told, and what there was no time for.

AWS allows two requests of `cloudtrail:LookupEvents` a second in each account and Region, gives 50 events for each, the newest
first, keeps 90 days of management events and takes one attribute a request. Source: CloudTrail API reference, LookupEvents.

A thief may have thousands of credentials issued. One question for each would take an hour in every Region, so more than a few
are asked by counting. Sessions of one name are one question (the history calls a role's session by the session's name: the
example of `aws cloudtrail lookup-events` in the AWS CLI's reference). Where that leaves many, the time since the first was
issued is read as a whole, as long as that takes no more requests than there are questions; what lies before is asked one by
one. A time that was read as a whole answers whatever is asked later.
"""

import hashlib
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sakimori.analysis.incident.events import owner_named, session_name
from sakimori.analysis.incident.form import Event, Looked
from sakimori.analysis.incident.issued import Mark, issued, mark_of
from sakimori.analysis.incident.json_paths import parsed
from sakimori.analysis.incident.reading import event_of_record
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.ingest.lookup import CALL, PER_SECOND, REACHES_BACK
from sakimori.ingest.pace import Paces
from sakimori.model.gap import Gap
from sakimori.model.words import GapKind

MOST_PAGES: Final = 200
"""Of one question in one Region: 10,000 events, in a hundred seconds at AWS's pace."""
FEW: Final = 20
"""So many questions are asked one by one without counting: ten seconds."""
TOO_MANY: Final = "TooManyPages"
"""The code of a gap where a question had more pages than are read: the newest were."""
UNREADABLE: Final = "UnreadableEvent"
"""The code of a gap that is one event."""
_IS_UNREADABLE: Final = "is no JSON object, tells no time, or is too large"
_EVENT_ID: Final = re.compile(r"[0-9a-fA-F-]{8,64}\Z")
_PAGE: Final = 50
_AT_ONCE: Final = 40
_SKEW: Final = timedelta(minutes=5)
_SURE_AFTER: Final = 3
_FAR_TOO_MANY: Final = 4
"""A time of which so many pages for each question are to be expected is not read to its bound."""
Attribute = tuple[str, str]
KEY: Final = "AccessKeyId"
NAME: Final = "Username"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From when to when to look: no further back than AWS keeps events, and no later than now."""

    now: datetime
    since: datetime | None = None
    until: datetime | None = None

    @property
    def first(self) -> datetime:
        """The earliest moment that is asked for."""
        oldest = self.now - REACHES_BACK
        return max(self.since, oldest) if self.since else oldest

    @property
    def last(self) -> datetime:
        """The latest one."""
        return min(self.until, self.now) if self.until else self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How far a round of questions is: requests made, those that are still to make at least, and for how long at AWS's pace."""

    asked: int
    left: int
    left_for: timedelta


@dataclass(slots=True)
class _Plan:
    """What one Region of one account is still to be asked. `stands_for`: by question, what it answers."""

    door: Door
    region: str
    stands_for: dict[Attribute, list[Attribute]]
    first: datetime
    """Before it, nothing that is asked for can have happened."""

    @property
    def place(self) -> tuple[str, str]:
        return self.door.account.id, self.region


@dataclass(slots=True, kw_only=True)
class EventHistory:
    """The history behind these doors. What was answered once is remembered: the same question costs nothing again.

    `patience` is for how long requests are made at all, None without end; what was not asked then is counted, and is a Gap.
    """

    doors: Sequence[Door]
    span: Span
    paces: Paces
    most_pages: int = MOST_PAGES
    patience: timedelta | None = None
    told: Callable[[Asking], None] = lambda _: None
    known: dict[Mark, Event] = field(default_factory=dict[Mark, Event])
    gaps: dict[tuple[str, str, str, str], Gap] = field(default_factory=dict[tuple[str, str, str, str], Gap])
    unasked: set[Attribute] = field(default_factory=set[Attribute])
    asked: int = 0
    has_asked: bool = False
    is_cut: bool = False
    cut_at: datetime | None = None
    """Back to when every question was read whole although some had too many pages; None where none had."""
    _denied: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    _answered: set[tuple[tuple[str, str], Attribute]] = field(default_factory=set[tuple[tuple[str, str], Attribute]])
    _walked: dict[tuple[str, str], datetime] = field(default_factory=dict[tuple[str, str], datetime])
    _issued: dict[str, tuple[str, datetime]] = field(default_factory=dict[str, tuple[str, datetime]])
    _questions: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    _left: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    _ends: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, attributes: Iterable[Attribute]) -> None:
        """Read what is not known yet of these."""
        wanted = [each for each in dict.fromkeys(attributes) if each[1]]
        places = [(door, region) for door in self.doors for region in door.account.selected]
        self.has_asked = self.has_asked or bool(wanted and places)
        plans = [plan for door, region in places if (plan := self._plan(door, region, wanted))]
        if not plans:
            return
        self._left = {plan.place: len(plan.stands_for) for plan in plans}
        with ThreadPoolExecutor(max_workers=min(_AT_ONCE, len(plans))) as pool:
            asking = [pool.submit(self._carry_out, plan) for plan in plans]
            for each in asking:
                each.result()

    # -- which requests -----------------------------------------------------------

    def _plan(self, door: Door, region: str, wanted: Sequence[Attribute]) -> _Plan | None:
        place = (door.account.id, region)
        walked = self._walked.get(place)
        new = [
            each
            for each in wanted
            if (place, each) not in self._answered and not (walked and walked <= self._begins(each))
        ]
        if not new or place in self._denied:
            return None
        stands_for: dict[Attribute, list[Attribute]] = {}
        for each in new:
            question = self._named(each) if self._are_many(place, len(new)) else each
            stands_for.setdefault(question, []).append(each)
        return _Plan(door, region, stands_for, min(map(self._begins, new)))

    def _are_many(self, place: tuple[str, str], new: int) -> bool:
        """With those before: a chain of a few credentials at a time is long in the end."""
        return new + self._questions[place] > FEW

    def _begins(self, attribute: Attribute) -> datetime:
        """When what is asked for can have begun: with a key that was seen issued nothing was done before that."""
        name, value = attribute
        found = self._issued.get(value) if name == KEY else None
        return max(self.span.first, found[1] - _SKEW) if found else self.span.first

    def _named(self, attribute: Attribute) -> Attribute:
        name, value = attribute
        found = self._issued.get(value) if name == KEY else None
        return (NAME, found[0]) if found and found[0] else attribute

    # -- one Region ---------------------------------------------------------------

    def _carry_out(self, plan: _Plan) -> None:
        """What is known as a whole already, later than some moment, is not asked again."""
        until = self._walked.get(plan.place, self.span.last)
        if self._are_many(plan.place, len(plan.stands_for)):
            reached = self._walk(plan, until)
            if reached is None:
                return
            until = reached
        for number, (question, answers) in enumerate(plan.stands_for.items()):
            self._left[plan.place] = len(plan.stands_for) - number
            if plan.place in self._denied:
                break
            if (plan.place, question) not in self._answered:
                if self._is_over():
                    self._give_up(plan, list(plan.stands_for.values())[number:])
                    return
                self._questions[plan.place] += 1
                for events, _ in self._pages(plan, (min(map(self._begins, answers)), until), question):
                    self._keep(events)
            with self._lock:
                self._answered.update((plan.place, each) for each in answers)
        self._left[plan.place] = 0

    def _walk(self, plan: _Plan, until: datetime) -> datetime | None:
        """Read all that happened since `plan.first`; None where all of it is read, else from when on it is."""
        questions = len(plan.stands_for)
        newest, reached = None, until
        for pages, (events, is_last) in enumerate(self._pages(plan, (plan.first, until)), start=1):
            self._keep(events)
            self._left[plan.place] = max(questions - pages, 1)
            if is_last:
                with self._lock:
                    self._walked[plan.place] = plan.first
                self._left[plan.place] = 0
                return None
            newest = newest or max((each.at for each in events), default=None)
            reached = min((each.at for each in events), default=reached)
            ahead = (newest or until) - plan.first
            is_hopeless = ahead * pages > ((newest or until) - reached) * questions * _FAR_TOO_MANY
            if pages >= min(questions, self.most_pages) or (pages >= _SURE_AFTER and is_hopeless):
                break
        return reached

    def _pages(
        self, plan: _Plan, between: tuple[datetime, datetime], question: Attribute | None = None
    ) -> Iterator[tuple[list[Event], bool]]:
        """Page after page of one question, or of everything; whether it was the last. A refusal is kept, and ends it."""
        asked: dict[str, Any] = {"StartTime": between[0], "EndTime": between[1], "MaxResults": _PAGE}
        if question:
            asked["LookupAttributes"] = [{"AttributeKey": question[0], "AttributeValue": question[1]}]
        tokens, reached = set[str](), between[1]
        while len(tokens) < self.most_pages:
            if tokens and self._is_over():
                self._give_up(plan, [plan.stands_for.get(question, [])] if question else [])
                return
            try:
                answer = self._request(plan, asked)
            except Refusal as refusal:
                self._miss(plan, refusal.kind, refusal.code, refusal.message)
                return
            token = answer.get("NextToken")
            events, unread = _events(answer)
            for each in unread:
                self._miss(
                    plan,
                    GapKind.MALFORMED,
                    UNREADABLE,
                    f"{each} {_IS_UNREADABLE}",
                )
            reached = min((each.at for each in events), default=reached)
            yield events, not token
            if not token:
                return
            if token in tokens:
                self._miss(plan, GapKind.MALFORMED, "NextToken", "the same next token was received twice")
                return
            tokens.add(token)
            asked["NextToken"] = token
        with self._lock:
            self.is_cut, self.cut_at = True, max(reached, self.cut_at or reached)
        name = question[0] if question else "all events"
        self._miss(plan, GapKind.INTERRUPTED, TOO_MANY, f"more than {self.most_pages} pages of {name}")

    def _request(self, plan: _Plan, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        self.paces.of(*plan.place).wait()
        answer = plan.door.call(CALL, plan.region, asked)
        with self._lock:
            self.asked += 1
            left = tuple(self._left.values())
            most = max(left, default=0)
            now = Asking(asked=self.asked, left=sum(left), left_for=timedelta(seconds=most / PER_SECOND))
            self.told(now)
        return answer

    # -- what came of it ------------------------------------------------------------

    def _keep(self, events: Sequence[Event]) -> None:
        with self._lock:
            for event in events:
                self.known[mark_of(event)] = event
                for each in issued(event, ""):
                    name = next(iter(user_names([each.principal])), "")
                    self._issued.setdefault(each.id, (name, each.issued_at or event.at))

    def _is_over(self) -> bool:
        if self.patience is None:
            return False
        with self._lock:
            now = self.paces.clock.monotonic()
            if self._ends is None:
                self._ends = now + self.patience.total_seconds()
            return now >= self._ends

    def _give_up(self, plan: _Plan, unasked: Iterable[Sequence[Attribute]]) -> None:
        with self._lock:
            self.unasked.update(each for among in unasked for each in among)
            self.is_cut = True
        self._left[plan.place] = 0
        self._miss(plan, GapKind.INTERRUPTED, "OutOfTime", f"requests were made for {self.patience} only")

    def _miss(self, plan: _Plan, kind: GapKind, code: str, message: str) -> None:
        account, region = plan.place
        gap = Gap(table=TABLE.name, account=account, region=region, call=CALL, kind=kind, code=code, message=message)
        with self._lock:
            self.gaps[account, region, code, message] = gap
            if kind is GapKind.DENIED:
                # Whoever may not ask one question may ask none.
                self._denied.add(plan.place)


def _events(answer: Mapping[str, Any]) -> tuple[list[Event], list[str]]:
    """The events of a page, and the ids of those of which nobody can say what they were."""
    events: list[Event] = []
    unread: list[str] = []
    for each in answer.get("Events") or ():
        event = event_of_record(parsed(each.get("CloudTrailEvent")))
        if event:
            events.append(event)
        else:
            told = str(each.get("EventId") or "")
            digest = hashlib.sha256(str(each.get("CloudTrailEvent") or "").encode()).hexdigest()[:32]
            unread.append(told if _EVENT_ID.match(told) else f"sha256:{digest}")
    return events, unread


def cut_back_to(looked: Iterable[Looked]) -> datetime | None:
    """From when on all would have been read, where nothing but too many pages is what the sources lack; None elsewhere."""
    found = tuple(looked)
    codes = {gap.code for each in found for gap in each.gaps}
    is_else = codes != {TOO_MANY} or any(each.contested or each.holes or each.files_refused for each in found)
    return None if is_else else max((each.cut_at for each in found if each.cut_at), default=None)


def unreadable_in(gap: Gap) -> str:
    """What names an event of the history that could not be read: its account, Region and id. "" for a gap of another kind."""
    return f"{gap.account} {gap.region} {gap.message.partition(' ')[0]}" if gap.code == UNREADABLE else ""


def user_names(users: Iterable[str]) -> Iterator[str]:
    """What the history calls them: a session by its own name, everybody else by the last of his ARN."""
    for each in users:
        name = owner_named(each)[1]
        if session_name(each):
            yield session_name(each)
        elif name and not name.startswith("role/"):
            yield name.removeprefix("federated/")
