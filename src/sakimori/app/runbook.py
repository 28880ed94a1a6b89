"""What to do about a finding of GuardDuty, and the playbooks of whole stories, with what is known filled in.

What is filled into commands comes out of findings, which outsiders can influence: only texts of the plainest form are taken.
Where a value is missing or is not of that form, the command keeps a word in capitals in its place.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sakimori.findings.detections import detections_by_id
from sakimori.findings.native_ids import detections_by_native_id
from sakimori.model.detection import Detection
from sakimori.model.errors import UsageError
from sakimori.rules.runbooks.form import VARIABLES
from sakimori.rules.runbooks.library import Meant, load_library
from sakimori.state.store import Store, open_store
from sakimori.texts.template import fill

_ID: Final = re.compile(r"[0-9a-f]{6,64}\Z|arn:aws[a-z-]*:guardduty:[!-~]{1,300}\Z")
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.:/@+=,][A-Za-z0-9_.:/@+=,-]{0,255}\Z")
_ID_SHOWN: Final = 12
_IP: Final = re.compile(r"[0-9a-f.:]{3,45}\Z", re.IGNORECASE)
_BY_RESOURCE: Final = (
    ("instance", re.compile(r"(?:\A|:instance/)(i-[0-9a-f]{8,17})\Z")),
    ("snapshot", re.compile(r"(?:\A|:snapshot/)(snap-[0-9a-f]{8,17})\Z")),
    ("bucket", re.compile(r"\Aarn:aws[a-z-]*:s3:::([^/]+)(?:/|\Z)")),
    ("cluster", re.compile(r":(?:eks|ecs):[^:]*:[^:]*:cluster/([^/]+)\Z")),
    ("function", re.compile(r":lambda:[^:]*:[^:]*:function:([^:]+)")),
    ("database", re.compile(r":rds:[^:]*:[^:]*:(?:db|cluster):([^:]+)\Z")),
)
"""What a resource's ARN, or its bare id, tells of the places in commands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was meant, the surest reading alone; one runbook is told whole, several are to be chosen from.

    `values` are those of a finding of the store, by variable; without a finding there are none.
    """

    meant: tuple[Meant, ...]
    finding: Detection | None = None
    values: Mapping[str, str] = field(default_factory=dict[str, str])


def answer(home: Path, asked: str, *, state: str = "") -> Answer:
    """The runbook for a finding type, a part of one or a word, or for a finding of the store by its id or GuardDuty's.

    UsageError where nothing is meant, where an id fits several findings, and for findings of others than GuardDuty.
    """
    library = load_library()
    found = _finding(home, asked.strip(), state) if _ID.match(asked.strip().lower()) else None
    if found is None:
        return Answer(meant=library.meant(asked))
    if found.producer != "guardduty":
        raise UsageError("runbook.not_guardduty", id=found.id[:_ID_SHOWN])
    meant = library.of_type(found.rule) or library.near(found.rule)
    return Answer(meant=meant, finding=found, values=dict(_values(found)))


def filled(command: str, values: Mapping[str, str]) -> str:
    """The command with what is known; a word in capitals stands for what is not."""
    return fill(command, {**VARIABLES, **values}, str)


def _finding(home: Path, identifier: str, state: str) -> Detection | None:
    if not state and not (home / "state.db").exists():
        return None
    with open_store(state or home / "state.db") as store:
        found = _found(store, identifier)
    if len(found) > 1:
        raise UsageError("found.ambiguous_id", given=identifier, known=[each.id[:16] for each in found])
    return found[0] if found else None


def _found(store: Store, identifier: str) -> tuple[Detection, ...]:
    if not identifier.startswith("arn:"):
        own = tuple(each.detection for each in detections_by_id(store, identifier.lower()))
        if own:
            return own
    return detections_by_native_id(store, "guardduty", identifier)


def _values(found: Detection) -> Iterator[tuple[str, str]]:
    """What a finding tells of the places in commands, the first of each that has the plain form."""
    taken: set[str] = set()
    for name, value in _told(found):
        if name not in taken and _PLAIN.match(value):
            taken.add(name)
            yield name, value


def _told(found: Detection) -> Iterator[tuple[str, str]]:
    yield from (("finding", found.id[:_ID_SHOWN]), ("type", found.rule))
    yield from (("account", found.account), ("region", found.region), ("principal", found.principal))
    yield "key_id", str(found.evidence.get("access_key_id") or "")
    profile = str(found.evidence.get("instance_profile") or "")
    for kind, name in (("user", "user"), ("role", "role"), ("assumed-role", "role")):
        _, marker, rest = found.principal.partition(f":{kind}/")
        if marker:
            yield name, rest.split("/")[0] if kind == "assumed-role" else rest.rsplit("/", 1)[-1]
    if ":instance-profile/" in profile:
        yield "role", profile.rsplit("/", 1)[-1]
    yield from (("ip", each) for each in found.origins if _IP.match(each))
    for resource in found.resources:
        for name, pattern in _BY_RESOURCE:
            told = pattern.search(resource)
            if told:
                yield name, told.group(1)
    yield from (("resource", each) for each in found.resources)
