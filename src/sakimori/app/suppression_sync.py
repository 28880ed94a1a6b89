"""What suppresses in AWS itself, beside what the store says: filters of GuardDuty and automation rules of Security Hub.

Only read. Where the two differ, the calls that would bring AWS in line are given as commands; making them is for whoever
may change the accounts. In an organisation only the administrator's account may make filters and rules.
Sources: GuardDuty API reference, ListFilters, GetFilter, CreateFilter; Security Hub API reference, ListAutomationRules,
BatchGetAutomationRules, CreateAutomationRule; GuardDuty User Guide, "Suppression rules".
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from sakimori.app.suppress import Court, Judged
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.findings.suppression.aws_forms import (
    Form,
    Untranslatable,
    guardduty_criteria,
    guardduty_form,
    hub_criteria,
    hub_form,
)
from sakimori.findings.suppression.suppression import NO_END, Action, Suppression
from sakimori.model.gap import Gap
from sakimori.state.batches import batches

OPERATIONS: Final = (
    "guardduty:ListDetectors", "guardduty:ListFilters", "guardduty:GetFilter",
    "securityhub:ListAutomationRules", "securityhub:BatchGetAutomationRules",
)  # fmt: skip
SERVICES: Final = ("guardduty", "securityhub")
_MOST_RULES: Final = 100
"""ARNs that BatchGetAutomationRules takes."""
_LAST_ORDER: Final = 1_000
_NOT_SUBSCRIBED: Final = frozenset({"InvalidAccessException", "ResourceNotFoundException"})
_PLAIN: Final = re.compile(r"[^A-Za-z0-9 .:_/(){}\[\]-]+")
"""What a description of a filter may not hold."""
_DESCRIPTION: Final = 512


class Difference(StrEnum):
    """How AWS and the store differ in one suppression, and so what would bring AWS in line."""

    SAME = "same"
    MISSING = "missing"
    """The store has it, AWS not: create."""
    CHANGED = "changed"
    """Both have it, with other criteria: update."""
    OVER = "over"
    """It ended here, and AWS goes on: delete."""
    UNKNOWN = "unknown"
    """Somebody made it in AWS, past the law: delete, or take it over."""
    UNTRANSLATABLE = "untranslatable"
    """The service has no words for its criteria; it holds here alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where filters of a service stand: the detector, or the hub, of one Region of one account."""

    service: str
    account: str
    region: str
    detector: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One that AWS has. `key` is what its calls name it by: the name of a filter, the ARN of a rule."""

    place: Place
    name: str
    key: str
    form: Form
    description: str = ""
    created_at: datetime | None = None
    order: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One suppression in one place: how the two differ, what the law says, and the command that would bring AWS in line."""

    place: Place
    name: str
    difference: Difference
    judged: Judged | None = None
    field: str = ""
    command: tuple[str, ...] = ()


@dataclass(slots=True)
class Synced:
    """What was read, and how it differs."""

    places: list[Place] = field(default_factory=list[Place])
    gaps: list[Gap] = field(default_factory=list[Gap])
    lines: list[Line] = field(default_factory=list[Line])


def compare(court: Court, doors: Sequence[Door]) -> Synced:
    """Read what these accounts suppress, judge each, and compare with the store, both ways."""
    synced = Synced()
    for door in doors:
        for region in door.account.selected:
            for service, read in _READERS.items():
                held, places = _read(read, door, region, service, synced.gaps)
                synced.places += places
                for place in places:
                    here = [each for each in held if each.place == place]
                    synced.lines += _lines(court, place, here)
    return synced


_Read = Callable[[Door, str], Iterator[Place | Held]]


def _read(read: _Read, door: Door, region: str, service: str, gaps: list[Gap]) -> tuple[list[Held], list[Place]]:
    """What stands there; nothing of a place that could not be read whole, for what is not seen is not missing."""
    found: list[Held] = []
    places: list[Place] = []
    try:
        for each in read(door, region):
            if isinstance(each, Held):
                found.append(each)
            else:
                places.append(each)
    except Refusal as refusal:
        if service == "securityhub" and refusal.code in _NOT_SUBSCRIBED:
            return [], []
        gaps.append(
            Gap(table=service, account=door.account.id, region=region, call=refusal.call, kind=refusal.kind,
                code=refusal.code, message=refusal.message)
        )  # fmt: skip
        return [], []
    return found, places


def _guardduty(door: Door, region: str) -> Iterator[Place | Held]:
    """Filters that archive; saved searches are nobody's silence."""
    for detectors in door.pages("guardduty:ListDetectors", region, {}):
        for detector in detectors.get("DetectorIds") or ():
            place = Place(service="guardduty", account=door.account.id, region=region, detector=detector)
            yield place
            for page in door.pages("guardduty:ListFilters", region, {"DetectorId": detector}):
                for name in page.get("FilterNames") or ():
                    asked = {"DetectorId": detector, "FilterName": name}
                    shown = door.call("guardduty:GetFilter", region, asked)
                    if shown.get("Action") == "ARCHIVE":
                        yield Held(
                            place=place, name=name, key=name, form=guardduty_form(shown.get("FindingCriteria") or {}),
                            description=shown.get("Description") or "", created_at=_utc(shown.get("CreatedAt")),
                            order=int(shown.get("Rank") or 0),
                        )  # fmt: skip


def _securityhub(door: Door, region: str) -> Iterator[Place | Held]:
    """Rules that are on and set findings to suppressed or resolved."""
    place = Place(service="securityhub", account=door.account.id, region=region)
    arns = [
        each["RuleArn"]
        for page in door.pages("securityhub:ListAutomationRules", region, {})
        for each in page.get("AutomationRulesMetadata") or ()
    ]
    for some in batches(arns, _MOST_RULES):
        asked = {"AutomationRulesArns": some}
        shown = door.call("securityhub:BatchGetAutomationRules", region, asked)
        for rule in shown.get("Rules") or ():
            if rule.get("RuleStatus") == "ENABLED" and _suppresses(rule):
                yield Held(
                    place=place, name=rule.get("RuleName") or "", key=rule["RuleArn"],
                    form=hub_form(rule.get("Criteria") or {}), description=rule.get("Description") or "",
                    created_at=_utc(rule.get("CreatedAt")), order=int(rule.get("RuleOrder") or 0),
                )  # fmt: skip
    yield place


def _suppresses(rule: Mapping[str, Any]) -> bool:
    updates = [action.get("FindingFieldsUpdate") or {} for action in rule.get("Actions") or ()]
    return any((each.get("Workflow") or {}).get("Status") in {"SUPPRESSED", "RESOLVED"} for each in updates)


_READERS: Final[Mapping[str, _Read]] = {"guardduty": _guardduty, "securityhub": _securityhub}


def _lines(court: Court, place: Place, held: Sequence[Held]) -> Iterator[Line]:
    known = {each.id: each for each in court.all}
    names = {each.name for each in held}
    for each in held:
        yield _line_of(court, each, known.get(each.name))
    order = max((each.order for each in held), default=0)
    for wanted in court.active():
        if wanted.id in names or not _belongs(wanted, place):
            continue
        order = min(order + 1, _LAST_ORDER)
        try:
            command = _create(wanted, place, order)
        except Untranslatable as error:
            yield Line(place=place, name=wanted.id, difference=Difference.UNTRANSLATABLE, field=str(error))
            continue
        yield Line(place=place, name=wanted.id, difference=Difference.MISSING, command=command)


def _line_of(court: Court, held: Held, known: Suppression | None) -> Line:
    judged = court.judge(_as_suppression(held, known, court.maker.at))
    told = Line(place=held.place, name=held.name, difference=Difference.UNKNOWN, judged=judged, command=_delete(held))
    if known is None or known.source != held.place.service:
        return told
    if not known.is_active(court.today) or not _belongs(known, held.place):
        return replace(told, difference=Difference.OVER)
    try:
        if _compared(_wanted_form(known, held.place)) == _compared(held.form):
            return replace(told, difference=Difference.SAME, command=())
        return replace(told, difference=Difference.CHANGED, command=_update(known, held))
    except Untranslatable as error:
        return replace(told, difference=Difference.UNTRANSLATABLE, field=str(error), command=())


def _belongs(suppression: Suppression, place: Place) -> bool:
    """Whether it should stand there: only what is archived; what is told in a digest must still come to us."""
    return (
        suppression.source == place.service
        and suppression.action is Action.ARCHIVE
        and (not suppression.accounts or place.account in suppression.accounts)
        and (not suppression.regions or place.region in suppression.regions)
    )


def _as_suppression(held: Held, known: Suppression | None, now: datetime) -> Suppression:
    """What AWS has, with the words of the store where it is one of ours; nobody's, and without an end, where it is not."""
    place = held.place
    form = {
        "criteria": held.form.criteria,
        "accounts": held.form.accounts,
        "regions": held.form.regions or (place.region,),
    }
    if known is not None and known.source == place.service:
        return replace(known, **form)
    return Suppression(
        id=held.name, source=place.service, reason=held.description, owner="", created_at=held.created_at or now,
        expires_on=NO_END, **form,
    )  # fmt: skip


def _wanted_form(known: Suppression, place: Place) -> Form:
    """The form that the service would give back of what the store wants there; where a filter stands, it need not say."""
    if place.service == "guardduty":
        return guardduty_form(guardduty_criteria(known))
    return hub_form(hub_criteria(known))


def _compared(form: Form) -> tuple[frozenset[Any], frozenset[str], frozenset[str]]:
    """What it asks for, in whatever order."""
    entries = frozenset((each.field, each.operator, frozenset(each.values)) for each in form.criteria.entries)
    return entries, frozenset(form.accounts), frozenset(form.regions)


def _create(wanted: Suppression, place: Place, order: int) -> tuple[str, ...]:
    if place.service == "guardduty":
        where = ("--region", place.region, "--detector-id", place.detector, "--name", wanted.id)
        what = ("--action", "ARCHIVE", "--description", _description(wanted), "--finding-criteria", _json(guardduty_criteria(wanted)))  # fmt: skip
        return ("aws", "guardduty", "create-filter", *where, *what)
    actions = [{"Type": "FINDING_FIELDS_UPDATE", "FindingFieldsUpdate": {"Workflow": {"Status": "SUPPRESSED"}}}]
    where = ("--region", place.region, "--rule-name", wanted.id, "--rule-order", str(order), "--rule-status", "ENABLED")
    what = (
        "--description",
        _description(wanted),
        "--criteria",
        _json(hub_criteria(wanted)),
        "--actions",
        _json(actions),
    )
    return ("aws", "securityhub", "create-automation-rule", *where, *what)


def _update(wanted: Suppression, held: Held) -> tuple[str, ...]:
    place = held.place
    if place.service == "guardduty":
        where = ("--region", place.region, "--detector-id", place.detector, "--filter-name", held.key)
        return ("aws", "guardduty", "update-filter", *where, "--finding-criteria", _json(guardduty_criteria(wanted)))
    items = [{"RuleArn": held.key, "Criteria": hub_criteria(wanted)}]
    return (
        "aws", "securityhub", "batch-update-automation-rules", "--region", place.region,
        "--update-automation-rules-request-items", _json(items),
    )  # fmt: skip


def _delete(held: Held) -> tuple[str, ...]:
    place = held.place
    if place.service == "guardduty":
        where = ("--region", place.region, "--detector-id", place.detector, "--filter-name", held.key)
        return ("aws", "guardduty", "delete-filter", *where)
    return ("aws", "securityhub", "batch-delete-automation-rules", "--region", place.region, "--automation-rules-arns", held.key)  # fmt: skip


def _description(suppression: Suppression) -> str:
    """Whose it is and until when, in the letters that GuardDuty takes; the reason itself stands in the store."""
    told = f"sakimori {suppression.id} until {suppression.expires_on.isoformat()} ({suppression.owner}) {suppression.ticket}"
    return " ".join(_PLAIN.sub(" ", told).split())[:_DESCRIPTION]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True)


def _utc(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    return None


def open_commands(lines: Iterable[Line]) -> Iterator[Line]:
    """Those that something would have to be done for, the deletions first: they make room for what is to be made."""
    yield from (each for each in lines if each.command and each.difference in {Difference.OVER, Difference.UNKNOWN})
    yield from (each for each in lines if each.command and each.difference in {Difference.CHANGED, Difference.MISSING})
