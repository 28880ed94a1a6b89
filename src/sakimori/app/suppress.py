"""Suppressing: suppressions judged by the law on them, kept and ended. What they hide and they themselves stay in the store."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from sakimori.app.detection_rules import can_open_detections, find_detection, open_detections
from sakimori.app.rules import open_rules
from sakimori.app.settings import read_settings
from sakimori.findings.renames import renamed_rules
from sakimori.findings.suppression.checks import lint
from sakimori.findings.suppression.criteria import Criterion
from sakimori.findings.suppression.drafts import criteria_from, draft, draft_off
from sakimori.findings.suppression.files import Maker, read_file
from sakimori.findings.suppression.history import History, Past
from sakimori.findings.suppression.lint import Evidence, Fault, is_refused
from sakimori.findings.suppression.marks import mark_ended, mark_suppressed
from sakimori.findings.suppression.subject import OWN
from sakimori.findings.suppression.suppression import Action, Suppression
from sakimori.findings.suppression.suppressions import (
    add_suppression,
    all_suppressions,
    end_suppression,
    find_suppression,
    is_same,
    renamed_in,
)
from sakimori.findings.triage import Doing
from sakimori.model.errors import UsageError
from sakimori.model.words import Severity
from sakimori.state.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known besides the store: the team (None where nobody listed it), former ids of rules, severities of rules."""

    people: tuple[str, ...] | None = None
    renamed: Mapping[str, str] = field(default_factory=dict[str, str])
    severities: Mapping[str, Severity] = field(default_factory=dict[str, Severity])


def known_of(home: Path) -> Known:
    """As config.toml and the rules of posture say."""
    rules = open_rules().book.rules.values()
    return Known(
        people=read_settings(home / "config.toml").team,
        renamed={old: rule.id for rule in rules for old in rule.aliases},
        severities={rule.id: rule.severity for rule in rules},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A suppression with what the law says of it; `is_kept` where it is in the store already."""

    suppression: Suppression
    faults: tuple[Fault, ...]
    matches: tuple[Past, ...]
    reach_days: int
    is_kept: bool = False

    @property
    def is_refused(self) -> bool:
        """Whether it may not be."""
        return is_refused(self.faults)


class Court:
    """Judges suppressions against one store as it is now."""

    def __init__(self, connection: Connection, maker: Maker, known: Known) -> None:
        self.connection = connection
        self.maker = maker
        self.known = known
        self.history = History(connection, maker.at, known.renamed)
        self.all = all_suppressions(connection)
        self._active = tuple(each for each in self.all if each.is_active(self.today))

    @property
    def today(self) -> date:
        """The day of judgment (UTC)."""
        return self.maker.at.date()

    def judge(self, suppression: Suppression, beside: Iterable[Suppression] = ()) -> Judged:
        """What the law says; `beside` are suppressions that are to be made together with it."""
        kept = next((each for each in self.all if is_same(each, suppression)), None)
        # Judged as it will hold: under the present names of the rules that it names.
        candidate = kept or renamed_in(suppression, {**renamed_rules(self.connection), **self.known.renamed})
        replay = self.history.replay(candidate)
        origins = self.history.findings(candidate.created_from)
        evidence = Evidence(
            today=self.today,
            matches=replay.matches,
            reach_days=replay.reach_days,
            origins=origins,
            missing=tuple(sorted(set(candidate.created_from) - {each.id for each in origins})),
            others=tuple(each for each in (*self._active, *beside) if each.id != candidate.id),
            people=self.known.people,
            severities=self.known.severities if kept is not None else self._severities(candidate),
        )
        return Judged(
            suppression=candidate, faults=lint(candidate, evidence), matches=replay.matches,
            reach_days=replay.reach_days, is_kept=kept is not None,
        )  # fmt: skip

    def _severities(self, candidate: Suppression) -> Mapping[str, Severity]:
        """Those of detections too where one is turned off, which no past finding need show."""
        unknown = set(candidate.rules) - self.known.severities.keys()
        if (
            candidate.source != OWN
            or candidate.action is not Action.DISABLE
            or not unknown
            or not can_open_detections()
        ):
            return self.known.severities
        found = open_detections().detections
        heads = (*found.rules.values(), *found.correlations.values())
        return {**self.known.severities, **{each.name: each.head.severity for each in heads if each.name in unknown}}

    def judge_all(self, suppressions: Sequence[Suppression]) -> tuple[Judged, ...]:
        """Each of them, with the others beside it."""
        twice = {each.id for each in suppressions if sum(other.id == each.id for other in suppressions) > 1}
        if twice:
            raise UsageError("suppress.id_twice", ids=sorted(twice)[:10])
        return tuple(self.judge(each, suppressions) for each in suppressions)

    def active(self) -> tuple[Suppression, ...]:
        """Those that hold today."""
        return self._active


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person says with a suppression."""

    reason: str = ""
    owner: str = ""
    ticket: str = ""
    evidence: str = ""
    approved_by: str = ""
    action: Action = Action.ARCHIVE
    expires_on: date

    def words(self, maker: Maker) -> dict[str, object]:
        """As a draft takes it."""
        names = ("reason", "owner", "ticket", "evidence", "approved_by", "action")
        return {**{name: getattr(self, name) for name in names}, "created_by": maker.name}


def draft_from(court: Court, beginnings: Sequence[str], asked: Sequence[Criterion], decision: Decision) -> Suppression:
    """The finest suppression that holds for the findings whose ids begin so; UsageError where an id names none or several."""
    identifiers: list[str] = []
    for beginning in beginnings:
        found = court.history.beginning_with(beginning) if beginning.isalnum() else ()
        if len(found) != 1:
            text = "suppress.finding_ambiguous" if found else "suppress.finding_unknown"
            raise UsageError(text, given=beginning[:64], known=[each[:16] for each in found])
        identifiers += found
    pasts = court.history.findings(identifiers)
    return draft(pasts, criteria_from(pasts, asked), decision.expires_on, decision.words(court.maker), court.maker.at)


def draft_of_rule(court: Court, name: str, source: str, decision: Decision) -> Suppression:
    """The suppression that turns a rule off; UsageError for a rule of ours that there is not."""
    rule = court.known.renamed.get(name, name)
    if source == OWN and rule not in court.known.severities and can_open_detections():
        find_detection(open_detections(), rule)
    return draft_off(rule, source, decision.expires_on, decision.words(court.maker), court.maker.at)


def add_all(store: Store, suppressions: Sequence[Suppression], maker: Maker, known: Known) -> tuple[Judged, ...]:
    """Keep them, all or none: where the law refuses one, nothing is written. Those that are kept already stay as they are."""
    with store.begin() as connection:
        judged = Court(connection, maker, known).judge_all(suppressions)
        own = maker.name.strip().casefold()
        for each in judged:
            # Whoever adds a file does not approve it, whatever the file says of who wrote it.
            approver = each.suppression.approved_by
            if approver and approver.strip().casefold() == own and not each.is_kept:
                raise UsageError("suppress.second_is_maker", id=each.suppression.id, person=approver)
        if any(each.is_refused and not each.is_kept for each in judged):
            return judged
        for each in judged:
            if add_suppression(connection, each.suppression):
                mark_suppressed(connection, each.suppression, Doing(maker.name, maker.at))
    return judged


def chosen(court: Court, which: str) -> tuple[Suppression, ...]:
    """The suppressions of a file, or the one of that id; UsageError where there is neither."""
    found = find_suppression(court.connection, which)
    if found is not None:
        return (found,)
    path = Path(which)
    if path.is_file():
        return read_file(path, court.maker)
    raise UsageError("suppress.unknown", given=which[:200])


def expire(store: Store, identifier: str, reason: str, maker: Maker) -> Suppression:
    """End it now; UsageError where there is none of that id, or it is over."""
    if not reason.strip():
        raise UsageError("suppress.end_without_reason")
    with store.begin() as connection:
        found = find_suppression(connection, identifier)
        if found is None:
            raise UsageError("suppress.unknown", given=identifier[:200])
        if not found.is_active(maker.at.date()) or not end_suppression(connection, identifier, maker.at, maker.name):
            raise UsageError("suppress.over", id=found.id, day=found.expires_on)
        mark_ended(connection, found, reason, Doing(maker.name, maker.at))
        return replace(found, ended_at=maker.at, ended_by=maker.name)
