"""The truth of the story, as data: what must be found, what must be spared."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from sakimori.simulate.drill.attacker import Attacker
from sakimori.simulate.drill.openings import Opening
from sakimori.simulate.drill.record import Held, Planted

CI_ADDRESS: Final = "203.0.113.20"
OFFICE_ADDRESS: Final = "198.51.100.10"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoy:
    """Something legitimate of the same days; `kind` is CloudFormation's type name, `by` the ARN of who made it."""

    kind: str
    id: str
    arn: str
    account: str
    region: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """`began_at` is when the key was published; `accounts` by name: production, development, management, outside (the attacker's).

    `planted` and `held` are as they were when the attack was over: the attacker's own lists go on.
    """

    seed: int
    began_at: datetime
    ended_at: datetime
    accounts: Mapping[str, str]
    victim: str
    planted: tuple[Planted, ...]
    held: tuple[Held, ...]
    roles: tuple[str, ...]
    decoys: tuple[Decoy, ...]
    empty_calls: int
    access_log: tuple[str, str]
    """The bucket and the object in which alone the listing of the data bucket stands."""
    attacker: Attacker
    leaked_key: str = ""
    """"" where the story is of no key."""
    machine: str = ""
    """The machine in the attacker's hands, where the story has one."""
    openings: Sequence[Opening] = ()
    """What stands open to the world by mistake or by the attacker; `meant` is open with reason."""
    meant: Sequence[Opening] = ()

    def told(self) -> dict[str, object]:
        """The truth as JSON has it; no secret is in it."""
        return {
            "seed": self.seed,
            "began_at": self.began_at.isoformat(),
            "ended_at": self.ended_at.isoformat(),
            "accounts": dict(self.accounts),
            "victim": self.victim,
            "leaked_key": self.leaked_key,
            "roles": list(self.roles),
            "planted": [{**asdict(each), "at": each.at.isoformat()} for each in self.planted],
            "credentials": [_told(each) for each in self.held],
            "openings": [each.name for each in self.openings],
            "meant_to_be_open": [each.name for each in self.meant],
            "decoys": [{**asdict(each), "at": each.at.isoformat()} for each in self.decoys],
        }

    @property
    def seeds(self) -> tuple[str, ...]:
        """With which keys an investigation begins."""
        return (self.leaked_key,) if self.leaked_key else ()

    @property
    def key_ids(self) -> frozenset[str]:
        """The ids of all credentials that the attacker had."""
        return frozenset(each.id for each in self.held)


def _told(held: Held) -> dict[str, object]:
    names = ("id", "kind", "account", "arn", "issued_by", "user", "role", "from_outside")
    until = held.expires_at.isoformat() if held.expires_at else None
    return {**{name: getattr(held, name) for name in names}, "expires_at": until}
