"""The law of life against a slow model of it, over random sequences of random runs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from tests.findings.world import (
    BUCKET,
    FAIL,
    ONE,
    PASS,
    REGIONS,
    STATEMENT,
    TWO,
    UNKNOWN,
    VOLUME,
    account,
    rule,
    run,
    unit,
    verdict,
    with_gap,
)
from tests.stores import emptied

from sakimori.findings.life import record
from sakimori.findings.scope import JudgedRule, RunScope
from sakimori.findings.tables import FINDING
from sakimori.lake.unit import Unit
from sakimori.model.account import Account
from sakimori.model.assessment import Changes
from sakimori.model.verdict import Verdict
from sakimori.model.words import GLOBAL, GapKind, Scope, Status
from sakimori.state.store import Store

RULES = (rule(VOLUME), rule(BUCKET, days=45), rule(BUCKET, days=90), rule(STATEMENT))
UNLISTED = "me-central-1"
PLACES = {Scope.REGION: REGIONS, Scope.RESOURCE_REGION: (*REGIONS, UNLISTED), Scope.ACCOUNT: (GLOBAL,)}
SUBJECTS = [
    (each, identifier, region, resource)
    for each, identifier in product(RULES, (ONE, TWO))
    for region, resource in product(PLACES[each.subject.scope], "ab" if identifier == ONE else "a")
]


@dataclass
class Life:
    """One finding of the model."""

    is_open: bool
    first_seen: datetime
    last_seen: datetime
    reopened_at: datetime | None = None
    resolved_at: datetime | None = None


class Model:
    """The law, written to be read: every finding and every run is looked at every time."""

    def __init__(self) -> None:
        self.evidence: dict[str, Mapping[str, object]] = {}
        self.lives: dict[str, Life] = {}
        self.subjects = {verdict(FAIL, *_words(subject)).id: subject for subject in SUBJECTS}
        self.runs: list[RunScope] = []

    def record(self, scope: RunScope, verdicts: list[Verdict]) -> Changes:
        later = [known for known in self.runs if known.at > scope.at]
        heard = [
            each
            for each in verdicts
            if not any(_asked(known, each.rule, each.parameters, each.account, each.region) for known in later)
        ]
        failing = {each.id for each in heard if each.status is FAIL}
        new = {identifier for identifier in failing if not self._is_open(identifier)}
        fixed = {
            identifier
            for identifier, life in self.lives.items()
            if life.is_open and self._resolves(identifier, scope, heard, later)
        }
        self.evidence |= {each.id: each.evidence for each in reversed(heard) if each.status is FAIL}
        self._live_on(scope.at, failing, fixed)
        previous = [known.at for known in self.runs if known.at <= scope.at and _covers(known, scope)]
        self.runs.append(scope)
        return Changes(
            previous_run_at=max(previous, default=None),
            new=frozenset(new),
            still_open=frozenset(failing - new),
            fixed=tuple(self._shown(identifier) for identifier in fixed),
        )

    def _is_open(self, identifier: str) -> bool:
        return identifier in self.lives and self.lives[identifier].is_open

    def _resolves(self, identifier: str, scope: RunScope, heard: list[Verdict], later: list[RunScope]) -> bool:
        judged, identifier_of_account, region, _ = self.subjects[identifier]
        said = {each.status for each in heard if each.id == identifier}
        if said:
            return said == {PASS}
        if any(_asked(known, judged.id, judged.parameters, identifier_of_account, region) for known in later):
            return False
        if any(each.rule == judged.id and each.reason == GapKind.RULE_ERROR for each in heard):
            return False
        if not _asked(scope, judged.id, judged.parameters, identifier_of_account, region):
            return False
        where = region if judged.subject.scope is Scope.REGION else GLOBAL
        units = [
            each
            for each in scope.units
            if (each.table, each.account, each.region) == (judged.subject.name, identifier_of_account, where)
        ]
        if judged.subject is STATEMENT:
            return len(units) == 1 and not units[0].gaps
        return len(units) == 1 and units[0].is_read

    def _live_on(self, moment: datetime, failing: set[str], fixed: set[str]) -> None:
        for identifier in failing:
            life = self.lives.setdefault(identifier, Life(True, moment, moment))
            if not life.is_open:
                life.is_open, life.reopened_at, life.resolved_at = True, moment, None
            life.last_seen = moment
        for identifier in fixed:
            self.lives[identifier].is_open = False
            self.lives[identifier].resolved_at = moment

    def _shown(self, identifier: str) -> Verdict:
        life = self.lives[identifier]
        shown = verdict(FAIL, *_words(self.subjects[identifier]))
        return replace(shown, evidence=self.evidence[identifier], first_seen=life.first_seen, last_seen=life.last_seen)


def _words(subject: tuple[JudgedRule, str, str, str]) -> tuple[JudgedRule, str, str, str]:
    judged, identifier, region, resource = subject
    return judged, resource, region, identifier


def _asked(scope: RunScope, judged: str, parameters: Mapping[str, object], identifier: str, region: str) -> bool:
    """Whether the run was asked about this rule, with these thresholds, at this place."""
    accounts = [each for each in scope.accounts if each.id == identifier]
    return any((each.id, each.parameters) == (judged, parameters) for each in scope.rules) and any(
        region == GLOBAL or region in each.selected or set(each.selected) == set(each.regions) for each in accounts
    )


def _covers(earlier: RunScope, scope: RunScope) -> bool:
    rules = all(each in earlier.rules for each in scope.rules)
    return rules and all(
        any(each.id == known.id and set(each.selected) <= set(known.selected) for known in earlier.accounts)
        for each in scope.accounts
    )


@st.composite
def units_of(draw: st.DrawFn, accounts: tuple[Account, ...]) -> list[Unit]:
    units: list[Unit] = []
    for each, table in product(accounts, (VOLUME, BUCKET, STATEMENT)):
        for region in REGIONS if table.scope is Scope.REGION else (GLOBAL,):
            whole = unit(table, region, each.id)
            found = draw(st.sampled_from([whole, whole, None, with_gap(whole), with_gap(whole, "parent")]))
            units += [found] if found else []
    return units


@st.composite
def runs(draw: st.DrawFn) -> tuple[RunScope, list[Verdict]]:
    selections = st.sampled_from([REGIONS, REGIONS, REGIONS[:1], REGIONS[1:]])
    identifiers = draw(st.sampled_from([(ONE,), (ONE, TWO), (TWO,)]))
    accounts = tuple(account(each, draw(selections)) for each in identifiers)
    rules = draw(st.one_of(st.just(RULES), st.lists(st.sampled_from(RULES), min_size=1, unique_by=RULES.index)))
    hour = draw(st.integers(0, 12))
    scope = run(hour, rules, draw(units_of(accounts)), accounts)
    possible = [subject for subject in SUBJECTS if subject[0] in rules and subject[1] in identifiers]
    statuses = st.sampled_from([FAIL, FAIL, PASS, UNKNOWN, None, None])
    words = draw(st.sampled_from(["as before", "in other words"]))
    verdicts = [
        replace(verdict(status, *_words(subject)), evidence={"words": words})
        for subject in possible
        if (status := draw(statuses))
    ]
    if verdicts and draw(st.booleans()):
        again = draw(st.sampled_from(verdicts))
        verdicts.append(replace(again, status=draw(st.sampled_from(list(Status)))))
    if draw(st.integers(0, 3)) == 0:
        broken = draw(st.sampled_from(list(rules)))
        verdicts.append(replace(verdict(UNKNOWN, broken, ""), reason=GapKind.RULE_ERROR.value))
    return scope, verdicts


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_findings_live_as_the_law_says(lasting_store: Store, data: st.DataObject) -> None:
    store = emptied(lasting_store)
    model = Model()
    for number in range(data.draw(st.integers(1, 6))):
        scope, verdicts = data.draw(runs())
        is_recorded_twice = data.draw(st.booleans())
        named = replace(scope, run=f"run-{number}")
        expected = model.record(named, verdicts)
        answers = [record(store, named, verdicts) for _ in range(1 + is_recorded_twice)]
        for answer in answers:
            assert replace(answer, fixed=()) == replace(expected, fixed=())
            assert {each.id: each for each in answer.fixed} == {each.id: each for each in expected.fixed}
        assert lives_in(store) == model.lives


def lives_in(store: Store) -> dict[str, Life]:
    with store.read() as connection:
        return {
            row.id: Life(row.state == "open", row.first_seen, row.last_seen, row.reopened_at, row.resolved_at)
            for row in connection.execute(select(FINDING))
        }
