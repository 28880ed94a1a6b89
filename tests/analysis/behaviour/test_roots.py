"""Roots: chains of roles followed back through accounts and circles to who began them."""

from pathlib import Path
from typing import Any

import pytest
from tests.analysis.behaviour.learnt import ACCOUNT, ALICE, NOBODY, SERVICE, event, is_new, write_parts

from sakimori.analysis.behaviour.habits import Habits
from sakimori.analysis.behaviour.roots import Issued, Roots, own_name

OTHER = "210987654321"
ROLES = [
    f"arn:aws:iam::{account}:role/{name}" for account, name in ((ACCOUNT, "one"), (OTHER, "two"), (OTHER, "three"))
]


def session(role: str, key: str) -> dict[str, Any]:
    account, name = role.split(":")[4], role.rsplit("/", maxsplit=1)[-1]
    return {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{account}:assumed-role/{name}/s",
        "accountId": account,
        "accessKeyId": key,
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": role, "accountId": account}},
    }


def issuing(
    days: float, caller: dict[str, Any], key: str, account: str = ACCOUNT, name: str = "AssumeRole"
) -> dict[str, Any]:
    return event(
        days, "sts.amazonaws.com", eventName=name, userIdentity=caller, recipientAccountId=account,
        eventID=f"{days}{key}{account}", responseElements={"credentials": {"accessKeyId": key}},
    )  # fmt: skip


USER = {"type": "IAMUser", "arn": ALICE, "accessKeyId": "AKIAIOSFODNN7EXAMPLE"}
STRANGER = {"type": "AWSAccount", "principalId": "AIDAEXAMPLE", "accountId": ACCOUNT}
"""How the account of a role records a caller from another account."""


@pytest.mark.parametrize("is_reversed", [False, True])
def test_a_chain_over_three_roles_and_two_accounts_leads_to_the_user(tmp_path: Path, is_reversed: bool) -> None:
    events = [
        issuing(0, USER, "ASIA1"),
        issuing(0.1, session(ROLES[0], "ASIA1"), "ASIA2"),
        issuing(0.1, STRANGER, "ASIA2", OTHER),
        issuing(0.2, session(ROLES[1], "ASIA2"), "ASIA3", OTHER),
    ]
    parts = write_parts(tmp_path, events)
    habits = Habits(tmp_path / "habits.db", NOBODY)
    for part in reversed(parts) if is_reversed else parts:
        habits.learn(tmp_path, [part], [])
    roots = habits.roots()
    habits.close()
    assert [roots(ROLES[2], "arn:session", key) for key in ("ASIA1", "ASIA2", "ASIA3")] == [ALICE] * 3
    assert roots(ROLES[2], "arn:session", "ASIA9") == ROLES[2]


@pytest.mark.slow
def test_habits_are_those_of_who_stands_behind_a_role(tmp_path: Path) -> None:
    events = [
        *(event(day) for day in range(9)),
        issuing(9, USER, "ASIA1"),
        event(9.1, "iam", userIdentity=session(ROLES[0], "ASIA1")),
    ]
    habits = Habits(tmp_path / "habits.db", NOBODY)
    habits.learn(tmp_path, write_parts(tmp_path, events), [SERVICE])
    assert not is_new(habits, 10.5, "iam")
    habits.close()


def test_a_service_that_assumes_a_role_is_not_behind_it(tmp_path: Path) -> None:
    service = {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}
    habits = Habits(tmp_path / "habits.db", NOBODY)
    habits.learn(tmp_path, write_parts(tmp_path, [issuing(0, service, "ASIA1")]), [])
    assert habits.roots()(ROLES[0], None, "ASIA1") == ROLES[0]
    habits.close()


@pytest.mark.parametrize("answer", [None, "x", {"credentials": []}, {"credentials": {"accessKeyId": {"a": 1}}}, {"credentials": {"accessKeyId": ["k" * 5000]}}])  # fmt: skip
def test_a_malformed_answer_issues_nothing_or_a_short_key(tmp_path: Path, answer: object) -> None:
    made = issuing(0, USER, "x") | {"responseElements": answer}
    habits = Habits(tmp_path / "habits.db", NOBODY)
    habits.learn(tmp_path, write_parts(tmp_path, [made]), [])
    assert habits.roots()("p", None, "ASIA1") == "p"
    habits.close()


def test_a_circle_of_keys_comes_to_an_end() -> None:
    circle = Roots({"a": Issued("one", "b"), "b": Issued("two", "a"), "c": Issued("three", "c")})
    assert circle("p", None, "a") in {"one", "two"}
    assert circle("p", None, "a") == circle("p", None, "a")
    assert circle("p", None, "c") == "three"


def test_people_of_single_sign_on_are_told_apart_by_their_sessions() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef"
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/alice@example.com"
    assert own_name(role, arn, None) == arn
    assert own_name(ROLES[0], arn, None) == ROLES[0]
    assert own_name(None, None, None) is None
