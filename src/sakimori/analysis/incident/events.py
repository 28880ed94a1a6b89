"""Where events come from, asked in the few ways in which credentials lead from one to the next."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from sakimori.analysis.incident.form import Event, Looked
from sakimori.analysis.incident.json_paths import flat
from sakimori.model.arn import Arn

MOST_EVENTS: Final = 200_000
"""Events that one question gives at most: of more the newest ones, and the source says that it cut."""

_MOST_NAMES: Final = 20_000
"""Members of one event that may name a resource: eight instances alone have some five hundred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which events of those. `names`: only these operations. `since` (held) and `until` (not held) are UTC.

    `writes`: True for those that may change something, False for reads, None for both. Events of data (objects in a
    bucket, items of a table) are left out unless `with_data`; what was asked and answered unless `with_details`.
    """

    names: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    writes: bool | None = None
    with_data: bool = True
    with_details: bool = True


ALL: Final = Asked()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """An access key id that one principal was seen with ("" for a sign-in), and when first."""

    principal: str
    key_id: str
    account: str
    identity_type: str
    session_issuer: str
    session_at: datetime | None
    is_console: bool
    at: datetime
    event_id: str


class Events(Protocol):
    """Events of some source. Every answer may come in any order; what could not be read is in `looked`.

    Users are meant by ARN: their path does not matter, for logs do not always have it. `is_cut`: an answer was larger than
    its bounds, so that something may be missing.
    """

    @property
    def looked(self) -> tuple[Looked, ...]:
        """What was looked through so far, by source."""
        ...

    @property
    def is_cut(self) -> bool:
        """Some answer was cut at its bounds."""
        ...

    def by_keys(self, ids: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events that were signed with these access keys."""
        ...

    def by_users(self, users: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events of these users and of sessions of theirs; of a role (its ARN), those of all its sessions."""
        ...

    def by_roles(self, roles: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events by which somebody, or a service, assumed these roles."""
        ...

    def by_shared(self, ids: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events of one action that several accounts recorded."""
        ...

    def by_names(self, names: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events of these operations, whoever called them: for those that are rare."""
        ...

    def by_resources(self, names: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events that name these resources, by ARN or by a name or id that is all of what a member of the request says."""
        ...

    def seen_users(self, users: Collection[str], asked: Asked = ALL) -> Iterable[Sighting]:
        """With which keys and sessions these users, or sessions of these roles, were seen."""
        ...

    def seen_sessions(self, names: Collection[str], asked: Asked = ALL) -> Iterable[Sighting]:
        """The same of sessions of roles by their own name: the id of an instance, a function, a person of IAM Identity Center."""
        ...

    def seen_from(self, addresses: Collection[str], asked: Asked = ALL) -> Iterable[Sighting]:
        """The same of all that came from these IP addresses."""
        ...


def user_key(arn: str) -> tuple[str, str]:
    """The account and the name of a user or role, whatever its path; ("", "") for anything else."""
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        return "", ""
    kind, _, rest = parsed.resource.partition("/")
    if parsed.resource == "root":
        return parsed.account_id, "root"
    if kind == "assumed-role":
        return parsed.account_id, f"role/{rest.split('/')[0]}"
    if kind == "federated-user":
        return parsed.account_id, f"federated/{rest}"
    if kind == "user":
        return parsed.account_id, rest.rsplit("/", 1)[-1]
    return (parsed.account_id, f"role/{rest.rsplit('/', 1)[-1]}") if kind == "role" else ("", "")


def owner_named(text: str) -> tuple[str, str]:
    """The same of an ARN, or of a mere name (`NAME`, `role/NAME`), which is one of any account ("")."""
    return user_key(text) if text.startswith("arn:") else ("", text)


def is_owned(arns: Iterable[str], wanted: Collection[tuple[str, str]]) -> bool:
    """Whether one of these ARNs is of an owner that is wanted, as `owner_named` names them."""
    for arn in arns:
        account, name = user_key(arn)
        if name and ((account, name) in wanted or ("", name) in wanted):
            return True
    return False


def session_name(arn: str) -> str:
    """The name of a role's session, "" for what is none."""
    head, _, name = arn.rpartition("/")
    return name if ":assumed-role/" in head else ""


def sightings_of(events: Iterable[Event]) -> tuple[Sighting, ...]:
    """The different keys and sessions among events that were let in, each at its first."""
    first: dict[tuple[object, ...], Event] = {}
    for event in events:
        if (event.name == "ConsoleLogin" and event.error) or not (event.key_id or event.name == "ConsoleLogin"):
            continue
        # Each sign-in is one of its own.
        mark = (event.principal, event.key_id, event.session_at, "" if event.key_id else event.event_id)
        if mark not in first or (event.at, event.event_id) < (first[mark].at, first[mark].event_id):
            first[mark] = event
    return tuple(map(sighting_of, first.values()))


def sighting_of(event: Event) -> Sighting:
    """What one event tells of the key that signed it."""
    return Sighting(
        principal=event.principal,
        key_id=event.key_id,
        account=event.caller_account or event.account,
        identity_type=event.identity_type,
        session_issuer=event.session_issuer,
        session_at=event.session_at,
        is_console=event.is_console or not event.key_id,
        at=event.at,
        event_id=event.event_id,
    )


ASSUMING: Final = frozenset({"AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"})


class HeldEvents:
    """Events that are in memory."""

    def __init__(self, events: Iterable[Event], looked: Sequence[Looked] = ()) -> None:
        self.events = tuple(events)
        self._looked = tuple(looked)

    @property
    def looked(self) -> tuple[Looked, ...]:
        """What these events are out of."""
        return self._looked

    @property
    def is_cut(self) -> bool:
        """All are here."""
        return False

    def by_keys(self, ids: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events that were signed with these keys."""
        wanted = set(ids) - {""}
        return [each for each in self._of(asked) if each.key_id in wanted]

    def by_users(self, users: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events of these users or roles."""
        wanted = {owner_named(each) for each in users}
        return [each for each in self._of(asked) if is_owned((each.principal, each.session_issuer), wanted)]

    def by_roles(self, roles: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events by which these roles were assumed."""
        wanted = {user_key(each) for each in roles} - {("", "")}
        return [each for each in self._of(asked) if each.name in ASSUMING and user_key(assumed_role(each)) in wanted]

    def by_shared(self, ids: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events that have one of these shared ids."""
        wanted = set(ids) - {""}
        return [each for each in self._of(asked) if each.shared_event_id in wanted]

    def by_names(self, names: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events of these operations."""
        return [each for each in self._of(asked) if each.name in set(names)]

    def by_resources(self, names: Collection[str], asked: Asked = ALL) -> Iterable[Event]:
        """Events that name these resources."""
        return [each for each in self._of(asked) if names_any(each, set(names))]

    def seen_users(self, users: Collection[str], asked: Asked = ALL) -> Iterable[Sighting]:
        """The keys that these users were seen with."""
        return sightings_of(self.by_users(users, asked))

    def seen_sessions(self, names: Collection[str], asked: Asked = ALL) -> Iterable[Sighting]:
        """The keys that sessions of these names were seen with."""
        wanted = set(names) - {""}
        return sightings_of(each for each in self._of(asked) if session_name(each.principal) in wanted)

    def seen_from(self, addresses: Collection[str], asked: Asked = ALL) -> Iterable[Sighting]:
        """The keys that were used from there."""
        wanted = set(addresses) - {""}
        return sightings_of(each for each in self._of(asked) if each.ip in wanted)

    def _of(self, asked: Asked) -> Iterable[Event]:
        return (each for each in self.events if is_asked(each, asked))


def is_asked(event: Event, asked: Asked) -> bool:
    """Whether an event is among those."""
    if (asked.since and event.at < asked.since) or (asked.until and event.at >= asked.until):
        return False
    if asked.names and event.name not in asked.names:
        return False
    return (asked.with_data or not event.is_data) and (asked.writes is None or asked.writes is not event.read_only)


def names_any(event: Event, names: Collection[str]) -> bool:
    """Whether the event names one of these resources."""
    if any(each in names for each in event.resources):
        return True
    told = (*flat(event.request, most=_MOST_NAMES).values(), *flat(event.response, most=_MOST_NAMES).values())
    return any(str(each) in names for each in told)


def assumed_role(event: Event) -> str:
    """The ARN of the role that the event assumes, "" where it tells none."""
    told = event.request.get("roleArn")
    if isinstance(told, str) and told:
        return told
    return next((each for each in event.resources if ":role/" in each), "")
