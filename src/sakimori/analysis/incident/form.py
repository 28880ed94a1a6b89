"""What happened, in the words of an incident: events, credentials and how one came from another, and what was made with them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sakimori.model.gap import Gap

NOTHING: Final[Mapping[str, object]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of CloudTrail. `principal` and `session_issuer` are ARNs, "" where the event does not tell them.

    `account` is the account that recorded it, `caller_account` the caller's. `error` is "" where the call succeeded (for a
    sign-in: where it was let in). `request` and `response` are what the event says, {} where that was too large to be read.
    `session_at` is when the credentials of the session were issued; `is_console`: they are those of a console session.
    """

    at: datetime
    account: str
    region: str
    source: str
    name: str
    key_id: str
    principal: str
    session_issuer: str = ""
    identity_type: str = ""
    ip: str = ""
    agent: str = ""
    error: str = ""
    event_id: str
    shared_event_id: str = ""
    read_only: bool = False
    resources: tuple[str, ...] = ()
    request: Mapping[str, object] = field(default_factory=dict[str, object], hash=False)
    response: Mapping[str, object] = field(default_factory=dict[str, object], hash=False)
    caller_account: str = ""
    caller_name: str = ""
    invoked_by: str = ""
    on_behalf_of: str = ""
    session_at: datetime | None = None
    is_console: bool = False
    is_data: bool = False

    @property
    def has_place(self) -> bool:
        """Whether it came from an address of the caller's: what AWS does in somebody's name is from no place."""
        return bool(self.ip) and not self.invoked_by


class CredentialKind(StrEnum):
    """What a credential is; each has its sentence `investigate.kind_<value>`."""

    USER_KEY = "user_key"
    ROLE_SESSION = "role_session"
    SESSION_TOKEN = "session_token"  # noqa: S105 - the name of a kind
    FEDERATION = "federation"
    CONSOLE = "console"
    ROOT = "root"


def console_id(principal: str, at: datetime) -> str:
    """The id of a console session, which has no key: who signed in, and when."""
    return f"console:{principal}@{at:%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A credential of the closure. `id` is an access key id, or `console:<principal>@<UTC>` for a console session.

    `principal` is the ARN that acts with it. `issued_by` and `event_id` say how it came from another one ("" for a seed).
    `expires_at` is None for what never expires, and for a temporary one (ASIA…) of which nothing tells it; where the event does not
    tell it, it is the longest that AWS allows, and `expiry_is_told` is false. `account_is_ours` is None where nothing tells it.
    `is_outlived`: it was used from somewhere after that end, so that it counts as one without; either that or the log is wrong.
    `opened_by` is who opened a session that is a seed, as `openers` names them, "" where that was not asked or is not told.
    """

    id: str
    kind: CredentialKind
    account: str = ""
    principal: str = ""
    role: str = ""
    user: str = ""
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    issued_by: str = ""
    event_id: str = ""
    account_is_ours: bool | None = None
    expiry_is_told: bool = True
    opened_by: str = ""
    is_outlived: bool = False

    @property
    def is_key(self) -> bool:
        """It signs requests with an access key id."""
        return not self.id.startswith("console:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """The seeds, and every credential that events prove to come from them.

    `credentials`: the seeds first, then by time. `users`: ARNs of users that the closure made, so that all that they do is
    the thief's. `roles`: ARNs of roles that it assumed; `made_roles` those of them, and others, that it made or opened.
    `suspects`: users and roles that it gave something to (a key, a password, an opened trust) while others use them too.
    `unread` are ids of texts `investigate.unread_<id>`: what could not be followed, so that the closure may be larger.
    `spared` are users and roles (ARNs) and keys (ids) that were made and used from the owner's places alone, and not followed.
    """

    seeds: tuple[str, ...]
    credentials: tuple[Credential, ...]
    users: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    made_roles: tuple[str, ...] = ()
    suspects: tuple[str, ...] = ()
    external_accounts: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    rounds: int = 0
    spared: tuple[str, ...] = ()

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The access key ids among the credentials."""
        return tuple(each.id for each in self.credentials if each.is_key)

    @property
    def is_cut(self) -> bool:
        """Bounds stopped it before its end."""
        return bool({"rounds", "credentials", "events"} & set(self.unread))

    def live(self, now: datetime) -> tuple[Credential, ...]:
        """Those that can still act, as far as events tell: what was deactivated or revoked since is not considered."""
        return tuple(each for each in self.credentials if each.expires_at is None or each.expires_at > now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Something that was created (`is_created`) or changed by a credential of a closure.

    `kind` is a type name of CloudFormation, `other` where the catalogue has none for the event. `id` is by what the service
    names it, `arn` "" where it is not known. `change` is the event's name. `told` is what the event says of it, flat
    (`path.of.member`: value) and bounded: what restores it or tells its price. `at` is the first of its events, of which
    `event_ids` holds some and `count` the number. `is_from_known_origin`: made from where the key's owner usually works, so
    that it may well be his. `address` is where the first of its events came from.
    """

    kind: str
    id: str
    arn: str = ""
    account: str
    region: str
    is_created: bool
    event_ids: tuple[str, ...]
    at: datetime
    by: str
    change: str
    told: Mapping[str, object] = field(default_factory=dict[str, object], hash=False)
    count: int = 1
    is_from_known_origin: bool = False
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was looked through by one source (`lake` or `lookup`), so that "none" can be said with its limits.

    Of Regions, days and files those with a record, of those that should have one. `has_data_events` is None where nobody
    looked. `holes` are account × Region × days without a record. `gaps` is what AWS refused. `files` and `events` are None where the source does not count them.
    `contested` are events whose id came with other content too. `unasked` counts the questions (what did this key do?) that there was no time for.
    `cut_at`: before it a question had more events than are read, None where none had.
    """

    source: str
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    regions_asked: int = 0
    days: int = 0
    days_asked: int = 0
    files: int | None = None
    files_refused: int = 0
    holes: int = 0
    contested: int = 0
    events: int | None = None
    has_data_events: bool | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None
    gaps: tuple[Gap, ...] = ()
    unasked: int = 0
    cut_at: datetime | None = None

    @property
    def is_complete(self) -> bool:
        """Nothing that was asked for is missing or contested, as far as the source can know."""
        return self.lacks_nothing and not self.contested

    @property
    def lacks_nothing(self) -> bool:
        """Nothing that was asked for is missing, whether it can be believed or not."""
        whole = len(self.regions) >= self.regions_asked and self.days >= self.days_asked
        return bool(self.regions) and whole and not (self.gaps or self.files_refused or self.holes)


def newest_told(looked: Iterable[Looked]) -> tuple[Looked, ...]:
    """Those of the sources that tell of the last hours too: a lake holds what was brought in, and a day half of which it has is one.

    All of them where none does.
    """
    found = tuple(looked)
    return tuple(each for each in found if each.source != "lake") or found


def questions_unasked(looked: Iterable[Looked]) -> int:
    """How many questions there was no time for, in all sources."""
    return sum(each.unasked for each in looked)


def regions_looked(looked: Iterable[Looked]) -> tuple[int, int]:
    """The Regions looked at, of those that should have been, by the source that reached most."""
    found = tuple(looked)
    return max((len(each.regions) for each in found), default=0), max((each.regions_asked for each in found), default=0)
