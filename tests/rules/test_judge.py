"""Three values: what a verdict is when something could not be read."""

from pathlib import Path

import pytest
from tests.rules.house import CATALOGUE, write_rule

from sakimori.model.words import Status
from sakimori.rules.examples import ExampleRunner, Given
from sakimori.rules.load import load_rule
from sakimori.rules.rule import Unread

KEYS = "h.account_id, h.region, h.arn as resource"
P, F, U = Status.PASS, Status.FAIL, Status.UNKNOWN
H = {"arn": "h"}


def statuses(
    runner: ExampleRunner, tmp_path: Path, query: str, given: Given, *, unread: tuple[Unread, ...] = (), more: str = "",
    judges: str = "aws_house",
) -> dict[str, Status]:  # fmt: skip
    path = write_rule(tmp_path, query, more=more, judges=judges)
    loaded = load_rule(path, CATALOGUE, is_own=False)
    assert loaded.faults == ()
    assert loaded.rule is not None
    assert loaded.query is not None
    outcome = runner.run_given(loaded.rule, loaded.query, given, unread=unread)
    assert outcome.error is None
    return dict(outcome.found)


EVERY = f"select {KEYS}, (select every(not d.is_open) from aws_door as d where d.house_arn = h.arn and d.is_front) as compliant from aws_house as h"
SOME = "select t.account_id, t.region, t.arn as resource, (select some(w.awake) from aws_watch as w where w.account_id = t.account_id) as compliant from aws_town as t"


@pytest.mark.parametrize(
    ("doors", "expected"),
    [
        ([], P),
        ([(False, True)], P),
        ([(True, True)], F),
        ([(True, False)], P),
        ([(None, True)], U),
        ([(None, False)], P),
        ([(True, None)], U),
        ([(False, None)], P),
        ([(None, None)], U),
        ([(None, True), (True, True)], F),
        ([(True, None), (False, True)], U),
    ],
)
def test_every_is_kleenes_over_rows_and_conditions(
    runner: ExampleRunner, tmp_path: Path, doors: list[tuple[bool | None, bool | None]], expected: Status
) -> None:
    rows = [
        {"id": str(n), "house_arn": "h", "is_open": is_open, "is_front": is_front}
        for n, (is_open, is_front) in enumerate(doors)
    ]
    assert statuses(runner, tmp_path, EVERY, {"aws_house": [H], "aws_door": rows}) == {"h": expected}


@pytest.mark.parametrize(
    ("awake", "expected"), [([], F), ([True], P), ([False], F), ([None], U), ([None, True], P), ([False, None], U)]
)
def test_some_is_kleenes_over_rows(
    runner: ExampleRunner, tmp_path: Path, awake: list[bool | None], expected: Status
) -> None:
    rows = [{"arn": str(n), "awake": value} for n, value in enumerate(awake)]
    given = {"aws_town": [{"arn": "t"}], "aws_watch": rows}
    assert statuses(runner, tmp_path, SOME, given, judges="aws_town") == {"t": expected}


def test_an_unread_child_table_makes_every_subject_unknown_and_an_unread_parent_only_its_own(
    runner: ExampleRunner, tmp_path: Path
) -> None:
    houses = [{"arn": "h"}, {"arn": "i"}]
    assert statuses(runner, tmp_path, EVERY, {"aws_house": houses}) == {"h": U, "i": U}
    unread = (Unread(table="aws_door", parent="h"),)
    given = {"aws_house": houses, "aws_door": []}
    assert statuses(runner, tmp_path, EVERY, given, unread=unread) == {"h": U, "i": P}


def test_an_unread_region_blinds_what_looks_there_and_nothing_else(runner: ExampleRunner, tmp_path: Path) -> None:
    near = f"select {KEYS}, (select some(w.awake) from aws_watch as w where w.account_id = h.account_id and w.region = h.region) as compliant from aws_house as h"
    far = f"select {KEYS}, (select some(w.awake) from aws_watch as w where w.account_id = h.account_id) as compliant from aws_house as h"
    given = {
        "aws_house": [{"arn": "a", "region": "us-east-1"}, {"arn": "b", "region": "eu-west-1"}],
        "aws_watch": [
            {"arn": "w", "awake": True, "region": "us-east-1"},
            {"arn": "x", "awake": False, "region": "eu-west-1"},
        ],
    }
    unread = (Unread(table="aws_watch", region="eu-west-1"),)
    assert statuses(runner, tmp_path, near, given, unread=unread) == {"a": P, "b": U}
    assert statuses(runner, tmp_path, far, given, unread=unread) == {"a": U, "b": U}


def test_settles_without_lets_one_known_good_row_settle_but_never_its_absence(
    runner: ExampleRunner, tmp_path: Path
) -> None:
    more = "settles_without: [aws_watch]\n"
    unread = (Unread(table="aws_watch", region="eu-west-1"),)
    for awake, expected in ((True, P), (False, U)):
        given = {"aws_town": [{"arn": "t"}], "aws_watch": [{"arn": "w", "awake": awake}]}
        assert statuses(runner, tmp_path, SOME, given, unread=unread, more=more, judges="aws_town") == {"t": expected}
    assert statuses(runner, tmp_path, SOME, {"aws_town": [{"arn": "t"}]}, more=more, judges="aws_town") == {"t": U}


def test_an_unread_subject_is_one_explicit_unknown_for_each_region(runner: ExampleRunner, tmp_path: Path) -> None:
    query = f"select {KEYS}, h.locked as compliant from aws_house as h"
    assert statuses(runner, tmp_path, query, {}) == {"*": U}
    unread = (Unread(table="aws_house", region="eu-west-1"),)
    given = {"aws_house": [{"arn": "h", "locked": True}]}
    assert statuses(runner, tmp_path, query, given, unread=unread) == {"h": P, "*": U}


def test_applies_leaves_out_what_does_not_apply_and_keeps_what_may(runner: ExampleRunner, tmp_path: Path) -> None:
    query = f"select {KEYS}, h.storeys > 1 as applies, h.locked as compliant from aws_house as h"
    houses = [
        {"arn": "tall", "storeys": 2, "locked": False},
        {"arn": "low", "storeys": 1, "locked": False},
        {"arn": "hidden", "locked": True},
    ]
    assert statuses(runner, tmp_path, query, {"aws_house": houses}) == {"tall": F, "hidden": U}


def test_a_left_join_that_meets_several_rows_is_a_rule_error_shown_as_unknown(
    runner: ExampleRunner, tmp_path: Path
) -> None:
    query = f"select {KEYS}, w.awake as compliant from aws_house as h left join aws_watch as w using (account_id)"
    loaded = load_rule(write_rule(tmp_path, query), CATALOGUE, is_own=False)
    assert loaded.rule is not None
    assert loaded.query is not None
    given = {"aws_house": [H], "aws_watch": [{"arn": "1", "awake": True}, {"arn": "2", "awake": True}]}
    outcome = runner.run_given(loaded.rule, loaded.query, given)
    assert outcome.error is not None
    assert outcome.error.text == "rules.resource_twice"
    assert outcome.found == {"*": U}


def test_thresholds_lists_and_days_are_written_into_the_query(runner: ExampleRunner, tmp_path: Path) -> None:
    query = f"select {KEYS}, h.built_at >= days_ago($days) and not (h.storeys in ($numbers)) and not range_contains_any(h.storeys, h.storeys, $numbers) as compliant from aws_house as h"
    more = "parameters:\n  days: {seed: 30, fsbp: 30, cis-5.0: 10}\n  numbers: [13, 4]\n"
    houses = [
        {"arn": "new", "built_at": "2026-11-01", "storeys": 2},
        {"arn": "old", "built_at": "2026-09-01", "storeys": 2},
        {"arn": "unlucky", "built_at": "2026-11-01", "storeys": 4},
        {"arn": "unknown", "storeys": 2},
    ]
    path = write_rule(tmp_path, query, more=more)
    loaded = load_rule(path, CATALOGUE, is_own=False)
    assert loaded.rule is not None
    assert loaded.query is not None
    given = {"aws_house": houses}
    seed = runner.run_given(loaded.rule, loaded.query, given)
    assert seed.found == {"new": P, "old": F, "unlucky": F, "unknown": U}
    cis = runner.run_given(loaded.rule, loaded.query, given, thresholds="cis-5.0")
    assert cis.found["new"] is F


def test_a_quote_in_a_parameter_stays_a_value(runner: ExampleRunner, tmp_path: Path) -> None:
    query = f"select {KEYS}, h.name = $word as compliant from aws_house as h"
    more = "parameters:\n  word: \"x' or true or '\"\n"
    given = {"aws_house": [{"arn": "h", "name": "y"}]}
    assert statuses(runner, tmp_path, query, given, more=more) == {"h": F}
