"""Where a step is read and made, and what it may ask there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sakimori.actions.wishes import Wishes
from sakimori.aws.door import Answer, Door
from sakimori.aws.refusal import Refusal
from sakimori.model.account import Account
from sakimori.model.words import GLOBAL


class Volume(StrEnum):
    """What there is so much of in a month that it has a price."""

    MANAGEMENT_EVENTS = "management_events"
    WRITE_EVENTS = "write_events"
    """Management events that changed something: AWS Config records about as many items."""
    DATA_EVENTS = "data_events"
    CHECKS = "checks"
    """Controls times resources, once a day."""


@dataclass(frozen=True, slots=True)
class Volumes:
    """What this account has in a month, by kind and Region; what is not in it is not known. `source` says how it was counted."""

    monthly: Mapping[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])
    source: str = ""

    def of(self, volume: Volume, region: str) -> float | None:
        """Of one Region, or of all that are known for `global`; None where nothing is known."""
        if region != GLOBAL:
            return self.monthly.get((volume, region))
        known = [count for (kind, _), count in self.monthly.items() if kind == volume]
        return sum(known) if known else None


@dataclass(frozen=True, slots=True)
class Usage:
    """How often something was used, and when last. `days` are those of which there are logs that would show it: none, nothing was seen."""

    count: int = 0
    days: int = 0
    last_at: datetime | None = None


class Logs(Protocol):
    """What the logs say of the use of things, so that nothing is closed that somebody needs."""

    def public_reads(self, bucket: str) -> Usage:
        """Requests to the bucket that S3 answered without asking who it was."""
        ...

    def accepted(self, interface: str, ports: tuple[int, int]) -> Usage:
        """Flows from outside the private networks that were let in to the network interface at these ports, the ends included."""
        ...


class NoLogs:
    """Nothing was there to look at."""

    def public_reads(self, bucket: str) -> Usage:  # noqa: ARG002 - the form of Logs
        """Unknown."""
        return Usage()

    def accepted(self, interface: str, ports: tuple[int, int]) -> Usage:  # noqa: ARG002 - the form of Logs
        """Unknown."""
        return Usage()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One Region (or `global`) of one account, or one resource in it (by the id that findings have of it)."""

    door: Door
    region: str
    resource: str = ""
    wishes: Wishes = field(default_factory=Wishes)
    volumes: Volumes = field(default_factory=Volumes)
    logs: Logs = field(default_factory=NoLogs)
    as_of: datetime | None = None
    """When the plan is made, for cautions that look back, or an undo, for `let_go`; None while a plan is carried out: nothing else may look at a clock."""

    @property
    def account(self) -> Account:
        """The account."""
        return self.door.account

    @property
    def home(self) -> str:
        """The Region where what exists once is made; the same whatever Regions a run looks at."""
        return self.wishes.home_region or next(iter(self.account.regions), GLOBAL)

    def at(self, region: str) -> "Site":
        """The same account, elsewhere."""
        return replace(self, region=region)

    def call(self, operation: str, absent: Iterable[str] = (), **parameters: object) -> Answer | None:
        """The answer; None where AWS says by one of the codes `absent` that it is not there. Refusal for any other refusal."""
        try:
            return self.door.call(operation, self.region, parameters)
        except Refusal as refusal:
            if refusal.code in tuple(absent):
                return None
            raise

    def all_of(self, operation: str, key: str, **parameters: object) -> list[Any]:
        """The items under `key` of all pages."""
        return [each for page in self.door.pages(operation, self.region, parameters) for each in page.get(key) or ()]

    def volume(self, volume: Volume) -> float | None:
        """How much of it there is here in a month; None where nothing is known."""
        return self.volumes.of(volume, self.region)
