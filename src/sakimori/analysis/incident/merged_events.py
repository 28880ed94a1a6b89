"""Two sources as one, and whether they agree: what both could have seen, both must have seen."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sakimori.analysis.incident.events import ALL, Asked, Events, Sighting
from sakimori.analysis.incident.form import Event, Looked
from sakimori.analysis.incident.issued import Mark, mark_of

LAG: Final = timedelta(minutes=15)
"""In which CloudTrail usually delivers. Source: CloudTrail user guide, "How CloudTrail works"."""
_MOST_NAMED: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Management events of the same keys and the same time, as each source counts them.

    `only_first` and `only_second` are some of the ids that only one has; the counts say how many there are.
    """

    first: str
    second: str
    since: datetime
    until: datetime
    first_count: int
    second_count: int
    only_first_count: int
    only_second_count: int
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]

    @property
    def agree(self) -> bool:
        """Both have seen the same events."""
        return not self.only_first_count and not self.only_second_count


class MergedEvents:
    """Events of several sources, each once: the first source that has one tells it, where both tell the same of it."""

    def __init__(self, sources: Sequence[Events]) -> None:
        self.sources = tuple(sources)

    @property
    def looked(self) -> tuple[Looked, ...]:
        """What each source looked through."""
        return tuple(each for source in self.sources for each in source.looked)

    @property
    def is_cut(self) -> bool:
        """Some source cut an answer."""
        return any(source.is_cut for source in self.sources)

    def by_keys(self, ids: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events that were signed with these keys."""
        return self._each(lambda source: source.by_keys(ids, asked))

    def by_users(self, users: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events of these users or roles."""
        return self._each(lambda source: source.by_users(users, asked))

    def by_roles(self, roles: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events by which these roles were assumed."""
        return self._each(lambda source: source.by_roles(roles, asked))

    def by_shared(self, ids: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events that have one of these shared ids."""
        return self._each(lambda source: source.by_shared(ids, asked))

    def by_names(self, names: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events of these operations."""
        return self._each(lambda source: source.by_names(names, asked))

    def by_resources(self, names: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events that name these resources."""
        return self._each(lambda source: source.by_resources(names, asked))

    def seen_users(self, users: Collection[str], asked: Asked = ALL) -> Iterable[Sighting]:
        """The keys that these users were seen with."""
        return self._first(lambda source: source.seen_users(users, asked))

    def seen_sessions(self, names: Collection[str], asked: Asked = ALL) -> Iterable[Sighting]:
        """The keys that sessions of these names were seen with."""
        return self._first(lambda source: source.seen_sessions(names, asked))

    def seen_from(self, addresses: Collection[str], asked: Asked = ALL) -> Iterable[Sighting]:
        """The keys that were used from there."""
        return self._first(lambda source: source.seen_from(addresses, asked))

    def _each(self, ask: Callable[[Events], Iterable[Event]]) -> Iterator[Event]:
        told = set[Mark]()
        for source in self.sources:
            for event in ask(source):
                mark = mark_of(event)
                if mark not in told:
                    told.add(mark)
                    yield event

    def _first(self, ask: Callable[[Events], Iterable[Sighting]]) -> Iterable[Sighting]:
        found: dict[tuple[object, ...], Sighting] = {}
        for source in self.sources:
            for seen in ask(source):
                mark = (seen.principal, seen.key_id, seen.session_at, "" if seen.key_id else seen.event_id)
                if mark not in found or seen.at < found[mark].at:
                    found[mark] = seen
        return found.values()


def compared(first: Events, second: Events, ids: Collection[str], *, since: datetime, until: datetime) -> Compared:
    """Whether both sources have the same management events of these keys, up to `LAG` before `until`.

    Only accounts and Regions count that both have read: an account without a trail is no difference, but a want of coverage.
    """
    both = _both(first, second)
    end = until - LAG
    asked = Asked(since=since, until=end, with_data=False, with_details=False)
    one, other = (
        {each.event_id for each in source.by_keys(ids, asked) if (each.account in both[0] and each.region in both[1])}
        for source in (first, second)
    )
    return Compared(
        first=first.looked[0].source if first.looked else "",
        second=second.looked[0].source if second.looked else "",
        since=since,
        until=end,
        first_count=len(one),
        second_count=len(other),
        only_first_count=len(one - other),
        only_second_count=len(other - one),
        only_first=tuple(sorted(one - other)[:_MOST_NAMED]),
        only_second=tuple(sorted(other - one)[:_MOST_NAMED]),
    )


def _both(first: Events, second: Events) -> tuple[set[str], set[str]]:
    accounts = [{each for looked in source.looked for each in looked.accounts} for source in (first, second)]
    regions = [{each for looked in source.looked for each in looked.regions} for source in (first, second)]
    return accounts[0] & accounts[1], regions[0] & regions[1]
