"""Whose a leaked key is; and that a pair is used only where it may be."""

from collections.abc import Mapping
from typing import Any

import pytest
from tests.app.planted_account import pair
from tests.collect.reading_places import Door

from sakimori.analysis.secrets.recipe import key_id
from sakimori.app.key_check import Tried, canary_accounts, check_keys, pairs_in
from sakimori.aws.leaked_pair import LeakedPair
from sakimori.aws.refusal import Refusal
from sakimori.model.words import GapKind

OURS = frozenset({"111122223333"})
KEY, SECRET = pair("check")


def told(account: str) -> Door:
    return Door({"sts:GetAccessKeyInfo": {"Account": account}})


def never(pair: LeakedPair) -> str | None:
    raise AssertionError("the leaked pair was used")


def checked(pairs: Mapping[str, str], door: Any, ask: Any = None) -> Any:
    (only,) = check_keys(pairs, door, OURS, ask)
    return only


def test_asked_once_no_leaked_pair_is_used() -> None:
    door = told("111122223333")
    found = checked({KEY: SECRET}, door)
    assert (found.is_ours, found.is_told_by_aws, found.tried) == (True, True, Tried.NOT_ASKED)
    assert [operation for operation, _ in door.calls] == ["sts:GetAccessKeyInfo"]


@pytest.mark.parametrize("account", sorted(canary_accounts()))
def test_bait_is_never_used_whether_its_id_or_aws_says_so(account: str) -> None:
    everyones = frozenset({account, "111122223333"})
    by_id = check_keys({key_id(account): SECRET}, Door({}), everyones, never)
    by_aws = check_keys({KEY: SECRET}, told(account), everyones, never)
    assert [each.tried for each in (*by_id, *by_aws)] == [Tried.CANARY] * 2


def test_a_strangers_key_is_not_used() -> None:
    assert checked({key_id("444455556666"): SECRET}, told("444455556666"), never).tried is Tried.NOT_OURS


def test_a_key_of_an_unknown_account_is_not_used() -> None:
    found = checked({"AKIAI" + "A" * 15: SECRET}, Door({}), never)
    assert (found.is_ours, found.tried, found.why_not) == (
        None,
        Tried.ACCOUNT_UNKNOWN,
        "sts:GetAccessKeyInfo: AccessDenied",
    )


def test_a_key_without_its_secret_or_of_a_session_is_not_used() -> None:
    assert checked({KEY: ""}, told("111122223333"), never).tried is Tried.NO_SECRET
    assert checked({"ASIA" + KEY[4:]: SECRET}, told("111122223333"), never).tried is Tried.TEMPORARY


@pytest.mark.parametrize(
    ("arn", "tried"),
    [
        ("arn:aws:iam::111122223333:user/sato", Tried.WORKS),
        ("arn:aws:iam::111122223333:root", Tried.ROOT),
        (None, Tried.DEAD),
    ],
)
def test_a_key_of_ours_is_tried_when_asked_twice(arn: str | None, tried: Tried) -> None:
    used: list[LeakedPair] = []

    def ask(pair: LeakedPair) -> str | None:
        used.append(pair)
        return arn

    found = checked({KEY: SECRET}, told("111122223333"), ask)
    assert found.tried is tried
    assert [each.secret for each in used] == [SECRET]
    assert SECRET not in repr(used)
    assert SECRET not in repr(found.plain())


def test_where_aws_does_not_say_it_is_unknown() -> None:
    def ask(pair: LeakedPair) -> str | None:
        raise Refusal(call="sts:GetCallerIdentity", kind=GapKind.UNREACHABLE, code="ConnectTimeout", message="")

    assert checked({KEY: SECRET}, told("111122223333"), ask).tried is Tried.UNKNOWN


def test_bait_of_the_program_itself_is_known() -> None:
    assert "000000000000" in canary_accounts()
    assert all(len(account) == 12 and account.isdigit() for account in canary_accounts())


def test_no_pairs_of_nothing() -> None:
    assert pairs_in([]) == {}
