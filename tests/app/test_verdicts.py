"""Verdicts read from the judge again and again, or kept: they say the same."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.rules.house import CATALOGUE, HOUSE, write_rule

from sakimori.app import verdicts as verdicts_module
from sakimori.app.verdicts import JudgedVerdicts
from sakimori.findings.mutes import MuteEntry, Mutes, no_tags
from sakimori.lake.engines.duck import Engine
from sakimori.lake.facts import Facts
from sakimori.lake.unit import Unit
from sakimori.model.account import Account
from sakimori.model.words import Status
from sakimori.rules import judge as judge_module
from sakimori.rules.judge import Judge
from sakimori.rules.load import load_rule

ONE, TOKYO = "111111111111", "ap-northeast-1"
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
QUERY = "select h.account_id, h.region, h.arn as resource, h.name, h.locked as compliant from aws_house as h"
LOCKED = {"a": True, "b": False, "c": False, "d": None, "e": True}


@pytest.fixture(params=["kept", "read anew", "read anew from many rows"])
def verdicts(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[JudgedVerdicts]:
    if request.param != "kept":
        monkeypatch.setattr(verdicts_module, "_KEPT", 0)
    if request.param == "read anew from many rows":
        monkeypatch.setattr(judge_module, "_FEW", 0)
    loaded = load_rule(write_rule(tmp_path, QUERY), CATALOGUE, is_own=False)
    assert loaded.rule is not None
    assert loaded.query is not None
    engine = Engine(threads=1)
    engine.create(HOUSE)
    place = {"account_id": ONE, "partition": "aws", "region": TOKYO}
    engine.insert(HOUSE, [{**place, "arn": arn, "name": arn, "locked": locked} for arn, locked in LOCKED.items()])
    account = Account(id=ONE, partition="aws", regions=(TOKYO,), selected=(TOKYO,))
    unit = Unit(table="aws_house", account=ONE, region=TOKYO, as_of=NOON)
    facts = Facts(snapshot="s", as_of=NOON, accounts=(account,), units=Facts.index([unit]))
    judge = Judge.prepare(engine, CATALOGUE, facts, ["aws_house"])
    mutes = Mutes([MuteEntry(number=1, reason="known", until=NOON.date(), resource="c")], NOON.date())
    yield JudgedVerdicts(judge, (judge.judge(loaded.rule, loaded.query, {}),), mutes, no_tags)
    engine.close()


def test_failures_come_first_then_unknown_then_passes(verdicts: JudgedVerdicts) -> None:
    assert [each.resource for each in verdicts] == ["b", "c", "d", "a", "e"]
    assert [each.resource for each in verdicts.undone()] == ["b", "c", "d"]
    assert len(verdicts) == len(LOCKED)


def test_dates_reach_the_failing_ones_and_mutes_stay(verdicts: JudgedVerdicts) -> None:
    before = list(verdicts)
    dated = verdicts.with_dates({each.id: (NOON, NOON) for each in before})
    assert [(each.resource, each.first_seen) for each in dated] == [
        ("b", NOON), ("c", NOON), ("d", None), ("a", None), ("e", None),
    ]  # fmt: skip
    assert [each.resource for each in dated if each.mute] == ["c"]
    assert [each.id for each in dated] == [each.id for each in before]


def test_passes_at_places_are_asked_by_rule(verdicts: JudgedVerdicts) -> None:
    passed = [each for each in verdicts if each.status is Status.PASS]
    places = [(each.rule, each.account, each.region, each.resource) for each in verdicts]
    assert list(verdicts.passes_at(places)) == passed
    assert list(verdicts.passes_at([("another.rule", ONE, TOKYO, "a")])) == []
