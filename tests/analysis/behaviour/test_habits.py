"""Habits: what is new for whom, what is still being learnt, and that no kill and no order changes an answer."""

import pickle
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analysis.behaviour.learnt import ALICE, NOBODY, SERVICE, event, is_new, write_parts

from sakimori.analysis.behaviour.habits import Habits
from sakimori.analysis.facts.answers import FactAnswers
from sakimori.analysis.facts.fact import Surroundings
from sakimori.analysis.facts.networks import Networks
from sakimori.analysis.log_forms.cloudtrail import FORM
from sakimori.analysis.log_forms.rows import Rows
from sakimori.lake.engines.log_columns import JoinedGroup, part_groups
from sakimori.rules.detections.novelty import KnownHabits
from sakimori.rules.detections.rule import FirstSeen

BOB = "arn:aws:iam::123456789012:user/bob"


@pytest.fixture
def habits(tmp_path: Path) -> Iterator[Habits]:
    made = Habits(tmp_path / "habits.db", NOBODY)
    yield made
    made.close()


def test_what_somebody_never_did_is_new_and_what_he_does_is_not(tmp_path: Path, habits: Habits) -> None:
    habits.learn(tmp_path, write_parts(tmp_path, [event(day) for day in range(10)]), [SERVICE])
    assert is_new(habits, 9, "iam")
    assert not is_new(habits, 9, "s3")


def test_nobody_alarms_while_he_is_being_learnt(tmp_path: Path, habits: Habits) -> None:
    habits.learn(tmp_path, write_parts(tmp_path, [event(0)]), [SERVICE])
    assert not is_new(habits, 0, "iam")
    assert not is_new(habits, 6.99, "iam")
    assert is_new(habits, 7, "iam")
    assert is_new(habits, 1, "iam", learning=1)
    assert not is_new(habits, 0.99, "iam", learning=1)


@pytest.mark.slow
def test_of_an_unknown_principal_nothing_is_new(tmp_path: Path, habits: Habits) -> None:
    habits.learn(tmp_path, write_parts(tmp_path, [event(day) for day in range(10)]), [SERVICE])
    assert not is_new(habits, 9, "iam", who=BOB)


def test_what_began_less_than_a_day_ago_is_still_new(tmp_path: Path, habits: Habits) -> None:
    events = [*(event(day) for day in range(10)), event(10, "iam"), event(10.9, "iam")]
    habits.learn(tmp_path, write_parts(tmp_path, events), [SERVICE])
    assert is_new(habits, 10, "iam")
    assert is_new(habits, 10.99, "iam")
    assert not is_new(habits, 11, "iam")


def test_what_was_not_seen_for_so_long_is_new_again(tmp_path: Path, habits: Habits) -> None:
    habits.learn(tmp_path, write_parts(tmp_path, [event(0, "iam"), event(0), event(60)]), [SERVICE])
    assert not is_new(habits, 60, "iam", back=60)
    assert is_new(habits, 61, "iam", back=60)
    assert is_new(habits, 31, "iam", back=30)


def test_accounts_do_not_know_each_other(tmp_path: Path, habits: Habits) -> None:
    events = [event(day) for day in range(10)] + [
        event(day, "iam", recipientAccountId="210987654321") for day in range(10)
    ]
    habits.learn(tmp_path, write_parts(tmp_path, events), [SERVICE])
    assert is_new(habits, 9, "iam")


@pytest.mark.parametrize(
    ("dimension", "known", "other"),
    [
        ("region", "us-east-1", "eu-west-1"), ("action", "s3:GetThing", "s3:PutThing"),
        ("origin", "198.51.100.1", "198.51.100.2"), ("network", "198.51.100.0/24", "203.0.113.0/24"),
        ("service_region", "s3@us-east-1", "s3@eu-west-1"), ("principal", ALICE, BOB),
    ],
)  # fmt: skip
def test_every_dimension_has_its_own_habits(
    tmp_path: Path, habits: Habits, dimension: str, known: str, other: str
) -> None:
    asked = (dimension, "account")
    habits.learn(tmp_path, write_parts(tmp_path, [event(day) for day in range(10)]), [asked])
    assert not is_new(habits, 9, known, who="", asked=asked)
    assert is_new(habits, 9, other, who="", asked=asked)


@pytest.mark.slow
def test_a_part_is_learnt_once_and_a_later_question_from_all_parts(tmp_path: Path, habits: Habits) -> None:
    parts = write_parts(tmp_path, [event(day) for day in range(10)])
    assert habits.learn(tmp_path, parts, [SERVICE]) == 10
    assert habits.learn(tmp_path, parts, [SERVICE]) == 0
    asked = ("region", "principal")
    assert habits.learn(tmp_path, parts, [SERVICE, asked]) == 10
    assert not is_new(habits, 9, "us-east-1", asked=asked)


@pytest.mark.slow
@settings(max_examples=8)
@given(
    data=st.data(),
    days=st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["s3", "iam", "ec2"])), min_size=1, max_size=15),
)
def test_the_order_of_parts_and_learning_them_twice_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, days: list[tuple[int, str]]
) -> None:
    root = tmp_path_factory.mktemp("lake")
    events = [event(day, service) for day, service in sorted(set(days))]
    parts = write_parts(root, events)
    again = write_parts(root, events, "compacted")
    asked = data.draw(st.tuples(st.integers(0, 42), st.sampled_from(["s3", "iam", "ec2", "kms"])))
    first = min(day for day, _ in days)
    at, value = asked
    expected = at - first >= 7 and not any(
        service == value and day <= at - 1 and day >= at - 90 for day, service in days
    )
    for number, order in enumerate((parts, data.draw(st.permutations([*parts, *again])))):
        habits = Habits(root / f"{number}.db", NOBODY)
        for part in order:
            habits.learn(root, [part], [SERVICE])
        assert is_new(habits, at, value) is expected
        habits.close()


@pytest.mark.slow
def test_habits_are_learnt_anew_with_another_table_of_countries(tmp_path: Path) -> None:
    asked = ("country", "principal")
    parts = write_parts(tmp_path, [event(day) for day in range(10)])
    for number, mark in enumerate(["one", "one", "other"]):
        around = Surroundings(networks=Networks(tables=(), mark=mark))
        habits = Habits(tmp_path / "habits.db", around)
        assert habits.learn(tmp_path, parts, [asked]) == (0 if number == 1 else 10)
        habits.close()


@pytest.mark.slow
def test_a_kill_between_two_transactions_loses_nothing(tmp_path: Path) -> None:
    parts = write_parts(tmp_path, [event(day, f"service-{day}") for day in range(12)])
    random.Random(1).shuffle(parts)  # noqa: S311
    (tmp_path / "parts.pickle").write_bytes(pickle.dumps(parts))
    script = Path(__file__).with_name("killed_learner.py")
    with subprocess.Popen([sys.executable, script, tmp_path], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3], env={"PYTHONPATH": "."}) as learner:  # fmt: skip
        assert learner.stdout
        assert learner.stdout.readline() == b"there\n"
        learner.kill()
    habits = Habits(tmp_path / "habits.db", NOBODY)
    # Two transactions of two parts were told, the third was not.
    assert habits.learn(tmp_path, parts, [SERVICE]) == 8
    assert [is_new(habits, 20, f"service-{day}") for day in range(12)] == [False] * 12
    assert is_new(habits, 20, "service-99")
    habits.close()


@pytest.mark.slow
def test_the_engine_asks_for_each_combination_at_its_first_row(tmp_path: Path, habits: Habits) -> None:
    ordinary = write_parts(tmp_path, [event(day) for day in range(10)])
    day = write_parts(tmp_path, [event(10), event(10.1, "iam"), event(10.2, "iam"), event(10.3, "kms", who=BOB)], "day")
    habits.learn(tmp_path, [*ordinary, *day], [SERVICE])
    asked = FirstSeen(dimension="service", of="principal")
    known = KnownHabits(habits, NOBODY)
    for group in part_groups(tmp_path / day[0].path, FORM.table):
        rows = Rows(FORM, group, FactAnswers(Surroundings()), habits.roots())
        assert known.new(asked, rows, np.arange(4)).tolist() == [False, True, True, False]
        assert known.new(asked, rows, np.array([2, 0])).tolist() == [True, False]


@pytest.mark.slow
def test_the_engine_asks_for_each_account_by_itself_when_parts_are_judged_together(
    tmp_path: Path, habits: Habits
) -> None:
    other = {"recipientAccountId": "210987654321"}
    known_there = [event(day, "iam", **other) for day in range(10)]
    ordinary = write_parts(tmp_path, [*known_there, *(event(day) for day in range(10))])
    day = write_parts(tmp_path, [event(10.1, "iam", **other), event(10.2, "iam")], "day")
    habits.learn(tmp_path, [*ordinary, *day], [SERVICE])
    groups = [group for part in day for group in part_groups(tmp_path / part.path, FORM.table)]
    rows = Rows(FORM, JoinedGroup(groups, FORM.table, ()), FactAnswers(Surroundings()), habits.roots())
    asked = FirstSeen(dimension="service", of="principal")
    accounts = [rows.role("account", row) for row in range(2)]
    found = KnownHabits(habits, NOBODY).new(asked, rows, np.arange(2)).tolist()
    assert dict(zip(accounts, found, strict=True)) == {"210987654321": False, "123456789012": True}
