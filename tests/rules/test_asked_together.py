"""Rules that ask the same with other words as thresholds are asked in one statement, and answer as if alone."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.rules.house import CATALOGUE, HOUSE, write_rule

from sakimori.lake.engines.duck import Engine
from sakimori.lake.facts import Facts
from sakimori.lake.unit import Unit
from sakimori.model.account import Account
from sakimori.model.words import Status
from sakimori.rules.judge import Asked, Judge, RuleResult
from sakimori.rules.load import load_rule

ONE, TOKYO = "111111111111", "ap-northeast-1"
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
QUERY = """\
select
  h.account_id,
  h.region,
  h.arn as resource,
  h.name,
  h.name <> $forbidden or h.locked as compliant
from aws_house as h
"""
TWICE = """\
select
  h.account_id,
  h.region,
  h.arn as resource,
  h.name = $forbidden as applies,
  h.locked as compliant
from aws_house as h
"""


@pytest.fixture
def judge() -> Iterator[Judge]:
    engine = Engine(threads=1)
    engine.create(HOUSE)
    place = {"account_id": ONE, "partition": "aws", "region": TOKYO}
    houses = {"a": ("inn", True), "b": ("inn", False), "c": ("mill", False), "d": ("mill", None)}
    engine.insert(
        HOUSE, [{**place, "arn": arn, "name": name, "locked": locked} for arn, (name, locked) in houses.items()]
    )
    account = Account(id=ONE, partition="aws", regions=(TOKYO,), selected=(TOKYO,))
    facts = Facts(
        snapshot="s",
        as_of=NOON,
        accounts=(account,),
        units=Facts.index([Unit(table="aws_house", account=ONE, region=TOKYO, as_of=NOON)]),
    )
    yield Judge.prepare(engine, CATALOGUE, facts, ["aws_house"])
    engine.close()


def asked(folder: Path, query: str, *words: str) -> list[Asked]:
    loaded = load_rule(write_rule(folder, query, more="parameters: {forbidden: inn}\n"), CATALOGUE, is_own=False)
    assert loaded.rule is not None
    assert loaded.query is not None
    return [Asked(loaded.rule, loaded.query, {"forbidden": word}) for word in words]


def statuses(judge: Judge, result: RuleResult) -> dict[str, Status]:
    return {verdict.resource: status for status in Status for verdict in judge.verdicts(result, status)}


def test_each_is_answered_by_its_own_words_and_counted_apart(judge: Judge, tmp_path: Path) -> None:
    inn, none, mill = judge.judge_all(asked(tmp_path, QUERY, "inn", "o'clock \" ; --", "mill"))
    assert statuses(judge, inn) == {"a": Status.PASS, "b": Status.FAIL, "c": Status.PASS, "d": Status.PASS}
    assert statuses(judge, none) == dict.fromkeys("abcd", Status.PASS)
    assert statuses(judge, mill) == {"a": Status.PASS, "b": Status.PASS, "c": Status.FAIL, "d": Status.UNKNOWN}
    assert [inn.count(Status.PASS), none.count(Status.PASS), mill.count(Status.UNKNOWN)] == [3, 4, 1]
    assert [each.resource for each in judge.passes_at(none, [(ONE, TOKYO, "b")])] == ["b"]
    assert list(judge.passes_at(inn, [(ONE, TOKYO, "b")])) == []
    assert inn.relation.partition(" where ")[0] == mill.relation.partition(" where ")[0]


def test_one_that_fails_takes_no_other_with_it(judge: Judge, tmp_path: Path) -> None:
    judge.engine.insert(HOUSE, [{"account_id": ONE, "partition": "aws", "region": TOKYO, "arn": "a", "name": "inn"}])
    inn, mill = judge.judge_all(asked(tmp_path, TWICE, "inn", "mill"))
    assert inn.error is not None
    assert inn.error.text == "rules.resource_twice"
    assert mill.error is None
    assert statuses(judge, mill) == {"c": Status.FAIL, "d": Status.UNKNOWN}
