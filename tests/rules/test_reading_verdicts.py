"""What is read of a judged rule: passes at some places alone, and why a verdict is unknown."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.rules.house import CATALOGUE, DOOR, HOUSE, write_rule

from sakimori.lake.engines.duck import Engine
from sakimori.lake.facts import Facts
from sakimori.lake.unit import Unit
from sakimori.model.account import Account
from sakimori.model.gap import Gap
from sakimori.model.words import GapKind, Status
from sakimori.rules import judge as judge_module
from sakimori.rules.checked import CheckedQuery
from sakimori.rules.judge import Judge, RuleResult
from sakimori.rules.load import load_rule
from sakimori.rules.missing import Missing
from sakimori.rules.reasons import Reasons
from sakimori.rules.rule import Rule

ONE, TWO = "111111111111", "222222222222"
TOKYO = "ap-northeast-1"
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
QUERY = "select h.account_id, h.region, h.arn as resource, h.name, h.locked as compliant from aws_house as h"


def loaded(tmp_path: Path) -> tuple[Rule, CheckedQuery]:
    found = load_rule(write_rule(tmp_path, QUERY), CATALOGUE, is_own=False)
    assert found.rule is not None
    assert found.query is not None
    return found.rule, found.query


def unit(table: str, account: str, *gaps: Gap) -> Unit:
    return Unit(table=table, account=account, region=TOKYO, as_of=NOON, gaps=gaps)


def facts(*units: Unit) -> Facts:
    accounts = tuple(Account(id=each, partition="aws", regions=(TOKYO,), selected=(TOKYO,)) for each in (ONE, TWO))
    return Facts(snapshot="s", as_of=NOON, accounts=accounts, units=Facts.index(units))


@pytest.fixture(params=["few rows", "many rows"])
def judged(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Judge, RuleResult]]:
    if request.param == "many rows":
        monkeypatch.setattr(judge_module, "_FEW", 0)
    engine = Engine(threads=1)
    engine.create(HOUSE)
    houses = [(ONE, "h", True), (ONE, "i", False), (ONE, "j", True), (TWO, "h", True), (TWO, "n\x00l", True)]
    engine.insert(
        HOUSE,
        [
            {"account_id": account, "partition": "aws", "region": TOKYO, "arn": arn, "name": arn, "locked": locked}
            for account, arn, locked in houses
        ],
    )
    judge = Judge.prepare(engine, CATALOGUE, facts(unit("aws_house", ONE), unit("aws_house", TWO)), ["aws_house"])
    engine.lock()
    rule, query = loaded(tmp_path)
    yield judge, judge.judge(rule, query, rule.parameters_of("seed"))
    engine.close()


def test_passes_at_some_places_are_those_among_all_passes(judged: tuple[Judge, RuleResult]) -> None:
    judge, result = judged
    every = {(each.account, each.resource): each for each in judge.verdicts(result, Status.PASS)}
    assert len(every) == 4
    places = [(ONE, TOKYO, "h"), (ONE, TOKYO, "i"), (ONE, "us-east-1", "j"), (TWO, TOKYO, "no such")]
    assert list(judge.passes_at(result, places)) == [every[ONE, "h"]]
    assert list(judge.passes_at(result, [(TWO, TOKYO, "h")])) == [every[TWO, "h"]]
    assert list(judge.passes_at(result, [])) == []


def test_a_pass_is_found_by_the_name_under_which_the_store_holds_it(judged: tuple[Judge, RuleResult]) -> None:
    judge, result = judged
    assert [each.resource for each in judge.passes_at(result, [(TWO, TOKYO, "n\ufffdl")])] == ["n\x00l"]


def test_a_hostile_place_is_only_a_text(judged: tuple[Judge, RuleResult]) -> None:
    judge, result = judged
    assert list(judge.passes_at(result, [(ONE, TOKYO, "h'); drop table aws_house; --")])) == []
    assert len(list(judge.verdicts(result, Status.PASS))) == 4


def test_the_gap_of_the_resource_itself_is_told_before_any_other_of_its_account(tmp_path: Path) -> None:
    rule, _ = loaded(tmp_path)
    own = Gap(table="aws_house", account=ONE, region=TOKYO, parent="h", kind=GapKind.THROTTLED)
    whole = Gap(table="aws_house", account=ONE, region=TOKYO, kind=GapKind.DENIED)
    reasons = Reasons.of(facts(unit("aws_house", ONE, whole, own)), ())
    assert reasons.reason(rule, ONE, "h") == "throttled"
    assert reasons.reason(rule, ONE, "i") == "denied"
    assert reasons.reason(rule, TWO, "h") == ""


def test_what_was_never_tried_is_told_where_nothing_was_refused(tmp_path: Path) -> None:
    rule, _ = loaded(tmp_path)
    other = Missing(DOOR.name, ONE, TOKYO, "", GapKind.DENIED)
    first = Missing("aws_house", ONE, "us-east-1", "", GapKind.NOT_SELECTED)
    later = Missing("aws_house", ONE, "us-west-2", "", GapKind.INTERRUPTED)
    reasons = Reasons.of(facts(), (other, first, later))
    assert reasons.reason(rule, ONE, "h") == "not_selected"
    assert reasons.reason(rule, TWO, "h") == ""
