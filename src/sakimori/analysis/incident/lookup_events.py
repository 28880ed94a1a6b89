"""Events out of CloudTrail's event history: for an account without a trail, and as a second witness beside one.

`cloudtrail:LookupEvents` is asked for keys, users, roles and operations, in every Region that a door has selected, all Regions at
once and as `event_history` says. What it cannot be asked for (an address, a shared event id) is looked for among what was
answered already. Every refusal is kept as a Gap.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import timedelta

from sakimori.analysis.incident.event_history import (
    KEY,
    MOST_PAGES,
    NAME,
    UNREADABLE,
    Asking,
    EventHistory,
    Span,
    user_names,
)
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
from sakimori.analysis.incident.json_paths import text_at
from sakimori.aws.door import Door
from sakimori.aws.settings import Clock
from sakimori.ingest.lookup import PER_SECOND
from sakimori.ingest.pace import Paces


class LookupEvents:
    """The event history behind these doors. What was asked once is remembered: the same question costs nothing again.

    `patience` and `told` are those of `EventHistory`.
    """

    def __init__(  # noqa: PLR0913 - each is told by its name
        self,
        doors: Sequence[Door],
        span: Span,
        *,
        times: Clock | None = None,
        most_pages: int = MOST_PAGES,
        paces: Paces | None = None,
        patience: timedelta | None = None,
        told: Callable[[Asking], None] = lambda _: None,
    ) -> None:
        self._doors = tuple(doors)
        self._span = span
        self._history = EventHistory(
            doors=self._doors, span=span, paces=paces or Paces(per_second=PER_SECOND, clock=times or Clock()),
            most_pages=most_pages, patience=patience, told=told,
        )  # fmt: skip

    @property
    def looked(self) -> tuple[Looked, ...]:
        """The Regions that answered to everything, of those that were asked. An event that nobody can read is a gap, and no Region."""
        gaps = self._history.gaps
        places = {(door.account.id, region) for door in self._doors for region in door.account.selected}
        failed = {(gap.account, gap.region) for gap in gaps.values() if gap.code != UNREADABLE}
        days = (self._span.last - self._span.first).days + 1
        read = places - failed if self._history.has_asked else set[tuple[str, str]]()
        return (
            Looked(
                source="lookup",
                accounts=tuple(sorted({account for account, _ in read})),
                regions=tuple(sorted({region for _, region in read})),
                regions_asked=len({region for _, region in places}),
                days=days,
                days_asked=days,
                events=len(self._history.known),
                has_data_events=False,
                first_at=self._span.first,
                last_at=self._span.last,
                gaps=tuple(gaps.values()),
                unasked=len(self._history.unasked),
                cut_at=self._history.cut_at,
            ),
        )

    @property
    def is_cut(self) -> bool:
        """A question had more pages than are read, or there was no time for one."""
        return self._history.is_cut

    @property
    def requests(self) -> int:
        """How many were made."""
        return self._history.asked

    def by_keys(self, ids: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events that were signed with these access keys."""
        return self._look(KEY, ids).by_keys(ids, asked)

    def by_users(self, users: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events of these users; of a role those of the sessions that somebody opened within the time."""
        found = self._look(NAME, user_names(users))
        roles = [each for each in users if owner_named(each)[1].startswith("role/") and not session_name(each)]
        if roles:
            found = self._look(KEY, sorted({_key_in(event) for event in self.by_roles(roles)}))
        return found.by_users(users, asked)

    def by_roles(self, roles: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events by which these roles were assumed."""
        return self._look("ResourceName", roles).by_roles(roles, asked)

    def by_shared(self, ids: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """The history takes no such question: the role that one account saw assumed is looked for in the others."""
        known = self._look(KEY, ()).by_shared(ids)
        roles = {assumed_role(event) for event in known}
        return self._look("ResourceName", sorted(roles)).by_shared(ids, asked)

    def by_names(self, names: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events of these operations."""
        return self._look("EventName", names).by_names(names, asked)

    def by_resources(self, names: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events that name these resources."""
        return self._look("ResourceName", names).by_resources(names, asked)

    def seen_users(self, users: Collection[str], asked: Asked = ALL) -> Iterable[Sighting]:
        """The keys that these users, or sessions of these roles, were seen with."""
        return sightings_of(self.by_users(users, asked))

    def seen_sessions(self, names: Collection[str], asked: Asked = ALL) -> Iterable[Sighting]:
        """The keys that sessions of these names were seen with: the history calls a session's name its user."""
        return self._look(NAME, names).seen_sessions(names, asked)

    def seen_from(self, addresses: Collection[str], asked: Asked = ALL) -> Iterable[Sighting]:
        """Of what was answered already: the history takes no such question."""
        return self._look(KEY, ()).seen_from(addresses, asked)

    def _look(self, name: str, values: Iterable[str]) -> HeldEvents:
        """All that is known, once these were asked for."""
        self._history.ask((name, each) for each in values)
        return HeldEvents(self._history.known.values())


def _key_in(event: Event) -> str:
    return text_at(event.response, "credentials.accessKeyId")
