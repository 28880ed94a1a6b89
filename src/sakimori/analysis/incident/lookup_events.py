"""Events out of CloudTrail's event history: for an account without a trail, and as a second witness beside one.

`cloudtrail:LookupEvents` is asked for one key, user, role or operation at a time, in every Region that a door has selected, all
Regions at once and at AWS's pace of two requests a second for each account and Region. It keeps 90 days of management events,
50 on a page, and takes one attribute. Source: CloudTrail API reference, LookupEvents. What it cannot be asked for (an address,
a shared event id) is looked for among what was answered already. Every refusal is kept as a Gap.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sakimori.analysis.incident.events import (
    ALL,
    Asked,
    HeldEvents,
    Sighting,
    assumed_role,
    owner_named,
    session_name,
    sightings_of,
)
from sakimori.analysis.incident.form import Event, Looked
from sakimori.analysis.incident.json_paths import parsed, text_at
from sakimori.analysis.incident.reading import event_of_record
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.aws.settings import Clock
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.ingest.lookup import CALL, PER_SECOND, REACHES_BACK
from sakimori.ingest.pace import Paces
from sakimori.model.gap import Gap
from sakimori.model.words import GapKind

MOST_PAGES: Final = 200
"""Of one question in one Region: 10,000 events, in a hundred seconds at AWS's pace."""
_PAGE: Final = 50
_AT_ONCE: Final = 40
Attribute = tuple[str, str]


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


class LookupEvents:
    """The event history behind these doors. What was asked once is remembered: the same question costs nothing again."""

    def __init__(
        self,
        doors: Sequence[Door],
        span: Span,
        *,
        times: Clock | None = None,
        most_pages: int = MOST_PAGES,
        paces: Paces | None = None,
    ) -> None:
        self._doors = tuple(doors)
        self._span = span
        self._paces = paces or Paces(per_second=PER_SECOND, clock=times or Clock())
        self._most_pages = most_pages
        self._answers: dict[Attribute, tuple[Event, ...]] = {}
        self._known: dict[str, Event] = {}
        self._gaps: dict[tuple[str, str, str, str], Gap] = {}
        self._is_cut = False

    @property
    def looked(self) -> tuple[Looked, ...]:
        """The Regions that answered to everything, of those that were asked."""
        places = {(door.account.id, region) for door in self._doors for region in door.account.selected}
        failed = {(gap.account, gap.region) for gap in self._gaps.values()}
        days = (self._span.last - self._span.first).days + 1
        read = places - failed if self._answers else set[tuple[str, str]]()
        return (
            Looked(
                source="lookup",
                accounts=tuple(sorted({account for account, _ in read})),
                regions=tuple(sorted({region for _, region in read})),
                regions_asked=len({region for _, region in places}),
                days=days,
                days_asked=days,
                events=len(self._known),
                has_data_events=False,
                first_at=self._span.first,
                last_at=self._span.last,
                gaps=tuple(self._gaps.values()),
            ),
        )

    @property
    def is_cut(self) -> bool:
        """A question had more pages than are read."""
        return self._is_cut

    def by_keys(self, ids: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events that were signed with these access keys."""
        found = self._look(("AccessKeyId", each) for each in ids)
        return HeldEvents(found).by_keys(ids, asked)

    def by_users(self, users: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events of these users; of a role those of the sessions that somebody opened within the time."""
        found = list(self._look(("Username", name) for name in _user_names(users)))
        roles = [each for each in users if owner_named(each)[1].startswith("role/") and not session_name(each)]
        keys = {_key_in(event) for event in self.by_roles(roles)} if roles else set[str]()
        found += self._look(("AccessKeyId", key) for key in keys)
        return HeldEvents(found).by_users(users, asked)

    def by_roles(self, roles: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events by which these roles were assumed."""
        return HeldEvents(self._look(("ResourceName", each) for each in roles)).by_roles(roles, asked)

    def by_shared(self, ids: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """The history takes no such question: the role that one account saw assumed is looked for in the others."""
        known = HeldEvents(self._known.values()).by_shared(ids)
        roles = {assumed_role(event) for event in known}
        told = [*known, *self._look(("ResourceName", each) for each in sorted(roles))]
        found = {event.event_id: event for event in told}
        return HeldEvents(found.values()).by_shared(ids, asked)

    def by_names(self, names: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events of these operations."""
        return HeldEvents(self._look(("EventName", each) for each in names)).by_names(names, asked)

    def by_resources(self, names: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events that name these resources."""
        return HeldEvents(self._look(("ResourceName", each) for each in names)).by_resources(names, asked)

    def seen_users(self, users: Collection[str], asked: Asked = ALL) -> Iterable[Sighting]:
        """The keys that these users, or sessions of these roles, were seen with."""
        return sightings_of(self.by_users(users, asked))

    def seen_sessions(self, names: Collection[str], asked: Asked = ALL) -> Iterable[Sighting]:
        """The keys that sessions of these names were seen with: the history calls a session's name its user."""
        return HeldEvents(self._look(("Username", each) for each in names)).seen_sessions(names, asked)

    def seen_from(self, addresses: Collection[str], asked: Asked = ALL) -> Iterable[Sighting]:
        """Of what was answered already: the history takes no such question."""
        return HeldEvents(self._known.values()).seen_from(addresses, asked)

    # -- asking ------------------------------------------------------------------

    def _look(self, attributes: Iterable[Attribute]) -> Iterator[Event]:
        wanted = [each for each in dict.fromkeys(attributes) if each[1]]
        new = [each for each in wanted if each not in self._answers]
        places = [(door, region) for door in self._doors for region in door.account.selected]
        if new and places:
            with ThreadPoolExecutor(max_workers=min(_AT_ONCE, len(places))) as pool:
                asking = [pool.submit(self._ask_place, door, region, new) for door, region in places]
                answers = [each.result() for each in asking]
            for index, attribute in enumerate(new):
                events: dict[str, Event] = {event.event_id: event for answer in answers for event in answer[index]}
                self._answers[attribute] = tuple(events.values())
                self._known.update(events)
        found = {event.event_id: event for each in wanted for event in self._answers.get(each, ())}
        yield from found.values()

    def _ask_place(self, door: Door, region: str, attributes: Sequence[Attribute]) -> list[list[Event]]:
        return [list(self._ask(door, region, each)) for each in attributes]

    def _ask(self, door: Door, region: str, attribute: Attribute) -> Iterator[Event]:
        name, value = attribute
        asked: dict[str, Any] = {
            "LookupAttributes": [{"AttributeKey": name, "AttributeValue": value}],
            "StartTime": self._span.first,
            "EndTime": self._span.last,
            "MaxResults": _PAGE,
        }
        tokens = set[str]()
        while len(tokens) < self._most_pages:
            self._paces.of(door.account.id, region).wait()
            try:
                answer = door.call(CALL, region, asked)
            except Refusal as refusal:
                self._keep(door, region, refusal.kind, refusal.code, refusal.message)
                return
            yield from _events(answer)
            token = answer.get("NextToken")
            if not token:
                return
            if token in tokens:
                self._keep(door, region, GapKind.MALFORMED, "NextToken", "the same next token was received twice")
                return
            tokens.add(token)
            asked["NextToken"] = token
        self._is_cut = True
        self._keep(door, region, GapKind.INTERRUPTED, "TooManyPages", f"more than {self._most_pages} pages of {name}")

    def _keep(self, door: Door, region: str, kind: GapKind, code: str, message: str) -> None:
        mark = (door.account.id, region, code, message)
        self._gaps[mark] = Gap(
            table=TABLE.name, account=door.account.id, region=region, call=CALL, kind=kind, code=code, message=message
        )


def _events(answer: Mapping[str, Any]) -> Iterator[Event]:
    for each in answer.get("Events") or ():
        event = event_of_record(parsed(each.get("CloudTrailEvent")))
        if event:
            yield event


def _user_names(users: Iterable[str]) -> Iterator[str]:
    """What the history calls them: a session by its own name, everybody else by the last of his ARN."""
    for each in users:
        name = owner_named(each)[1]
        if session_name(each):
            yield session_name(each)
        elif name and not name.startswith("role/"):
            yield name.removeprefix("federated/")


def _key_in(event: Event) -> str:
    return text_at(event.response, "credentials.accessKeyId")
