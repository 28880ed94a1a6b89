"""What is true of a month: which events belong to an attack, and which to a story that only looks like one."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sakimori.simulate.month.calendar import spelled
from sakimori.simulate.month.company import the_company
from sakimori.simulate.month.teller import Event

SCHEMA: Final = "sakimori.simulated_month/1"


@dataclass(slots=True, kw_only=True)
class Step:
    """One thing that an attacker did: its events in order. `tactic` is one of MITRE ATT&CK's."""

    name: str
    tactic: str
    events: list[Event] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """As the file has it."""
        return {
            "name": self.name,
            "tactic": self.tactic,
            "begin": spelled(min(event.at for event in self.events)),
            "end": spelled(max(event.at for event in self.events)),
            "events": sorted({event.name for event in self.events}),
            "event_ids": [event.id for event in self.events],
        }


@dataclass(slots=True, kw_only=True)
class Attack:
    """A whole attack. `principals` are ARNs; `related`: what AWS or the company did before or after."""

    name: str
    principals: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    related: list[Event] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """As the file has it."""
        told = [event for step in self.steps for event in step.events]
        return {
            "name": self.name,
            "begin": spelled(min(event.at for event in told)),
            "end": spelled(max(event.at for event in told)),
            "event_count": len(told),
            "principals": list(dict.fromkeys(self.principals)),
            "access_key_ids": list(dict.fromkeys(self.keys)),
            "source_ips": list(dict.fromkeys(self.addresses)),
            "accounts": sorted({event.account for event in told}),
            "regions": sorted({event.region for event in told}),
            "steps": [step.plain() for step in self.steps],
            "related_event_ids": [event.id for event in self.related],
        }


@dataclass(slots=True, kw_only=True)
class Truth:
    """Gathers while a month is told."""

    stories: defaultdict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))
    attacks: list[Attack] = field(default_factory=list)


def write(truth: Truth, directory: Path, made: Mapping[str, Any]) -> None:
    """`truth.json` and `networks.csv`; `made` says which month it is."""
    document = {
        "schema": SCHEMA,
        **made,
        "attacks": [attack.plain() for attack in truth.attacks],
        "ordinary": [
            {"name": name, "event_ids": [event.id for event in events]} for name, events in truth.stories.items()
        ],
    }
    text = json.dumps(document, indent=1)
    (directory / "truth.json").write_text(text + "\n", encoding="utf-8")
    (directory / "networks.csv").write_text("\n".join(_networks()) + "\n", encoding="utf-8")


def _networks() -> Sequence[str]:
    rows = [f"{each.network},{each.country},{each.asn},{each.owner}" for each in the_company().networks.values()]
    return ["network,country,asn,name", *rows]
