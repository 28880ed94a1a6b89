"""AWS's own policies for a user whose key leaked: what they deny is data, with version and day.

The files under `rulebook/iam/quarantine` hold each document as AWS publishes it (AWS Managed Policy Reference Guide,
"AWSCompromisedKeyQuarantineV2" and "…V3"; their `read_from` says by which way it came). AWS changes them from time to time:
what they leave open is computed anew in each run, and is true of the version that is named.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from sakimori.analysis.iam.account import Identity
from sakimori.analysis.iam.policy import Policy, policy_of

PREFIX: Final = "AWSCompromisedKeyQuarantine"
"""How the names of all generations begin."""
GENERATIONS: Final = ("V2", "V3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """One of the policies. `generation` V2 or V3; `version` AWS's own, as v5; `updated_at` when AWS made that version."""

    generation: str
    version: str
    updated_at: str
    source: str
    policy: Policy

    @property
    def name(self) -> str:
        """As AWS calls it."""
        return self.policy.name

    def names(self, action: str) -> bool:
        """Whether one of its denials speaks of the action, in lower case."""
        return any(
            clause.names_action(action) != clause.statement.is_not_action for clause in self.policy.denies
        )  # fmt: skip


@cache
def quarantines() -> tuple[Quarantine, ...]:
    """V2 and V3, as this version of the program knows them."""
    return tuple(_read(generation) for generation in GENERATIONS)


def _read(generation: str) -> Quarantine:
    path = files("sakimori") / "rulebook" / "iam" / "quarantine" / f"{PREFIX}{generation}.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    return Quarantine(
        generation=generation,
        version=told["version"],
        updated_at=told["updated_at"],
        source=told["source"],
        policy=policy_of(told["name"], told["document"]),
    )


def attached_quarantines(who: Identity) -> tuple[str, ...]:
    """Names of the quarantine policies that the identity has itself, the first generation too; read or not."""
    told: Sequence[Mapping[str, Any]] = who.raw.get("AttachedManagedPolicies") or ()
    names = (str(each.get("PolicyArn", "")).rpartition("/")[2] for each in told)
    return tuple(sorted({name for name in names if name.startswith(PREFIX)}))
