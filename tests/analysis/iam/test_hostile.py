"""Huge and hostile accounts: bounded in time, and what is well formed is answered."""

import json
from dataclasses import replace
from typing import Any

from tests.analysis.iam.policies import allow, deny, document
from tests.analysis.iam.test_account import A, answer, attached, inline, managed, role, user
from tests.effort import is_done_within

from sakimori.analysis.iam.account import iam_account
from sakimori.analysis.iam.ask import Decision
from sakimori.analysis.iam.can import Asked, who_can


def test_account_of_six_thousand_statements_is_asked_in_seconds() -> None:
    records: list[dict[str, Any]] = [
        managed(
            f"p{number}", *(allow(f"s{number}:Get{place}*", on=f"arn:aws:s3:::b{place}-*/k") for place in range(20))
        )
        for number in range(300)
    ]
    records += [role(f"r{number}", AttachedManagedPolicies=attached(*(f"{A}:policy/p{(number + each) % 300}" for each in range(20)))) for number in range(300)]  # fmt: skip

    def question() -> None:
        account = replace(iam_account(records), assumes_no_resource_policies=True)
        found = [each for _, each in who_can(account, Asked(action="s7:Get3Object", resource="arn:aws:s3:::b3-x/k"))]
        assert sum(each.is_allowed is True for each in found) == 20

    assert is_done_within(20, question)


def test_ten_megabytes_of_policies_do_not_hinder_an_answer() -> None:
    long = [
        allow("s3:Get" + "x" * 90, on=[f"arn:aws:s3:::bucket-{'y' * 60}/{place}" for place in range(100)])
        for _ in range(10)
    ]
    records = [user(f"u{number}", UserPolicyList=inline(*long)) for number in range(80)]
    assert len(json.dumps(records)) > 7_000_000

    def question() -> None:
        account = iam_account([*records, user("alice", UserPolicyList=inline(allow("s3:*")))])
        assert answer(account, "alice", "s3:GetObject") is Decision.ALLOWED

    assert is_done_within(20, question)


def test_policy_too_long_for_any_service_is_not_understood_and_spoils_nobody_else() -> None:
    text = json.dumps(document(allow("s3:*", on=["arn:aws:s3:::" + "x" * 1_000] * 300)))
    account = iam_account([user("alice", UserPolicyList=[{"PolicyName": "long", "PolicyDocument": text}]), user("bob", UserPolicyList=inline(allow("s3:*")))])  # fmt: skip
    assert answer(account, "alice", "s3:GetObject") is Decision.UNKNOWN
    assert answer(account, "bob", "s3:GetObject") is Decision.ALLOWED


def test_letters_that_only_look_like_ours_name_nothing() -> None:
    cyrillic = "s3:G\u0435tObject"
    account = iam_account([user("alice", UserPolicyList=inline(allow("s3:*"), deny(cyrillic)))])
    assert answer(account, "alice", "s3:GetObject") is Decision.ALLOWED


def test_patterns_made_to_be_slow_are_not() -> None:
    slow = "arn:aws:s3:::" + "*a" * 400 + "b"
    account = iam_account(
        [user("alice", UserPolicyList=inline(allow("*", on=slow), allow("s" + "*3" * 300, on="arn:aws:*3*:*a:::*")))]
    )
    account = replace(account, assumes_no_resource_policies=True)

    def question() -> None:
        assert answer(account, "alice", "s3:GetObject", "arn:aws:s3:::" + "a" * 1_500) is Decision.IMPLICIT_DENY

    assert is_done_within(3, question)


def test_statement_that_leaves_its_resource_out_allows_nothing_for_sure() -> None:
    without = {"Effect": "Allow", "Action": "s3:*"}
    account = iam_account([user("alice", UserPolicyList=inline(without)), user("bob", UserPolicyList=inline({**without, "Resource": []}))])  # fmt: skip
    assert answer(account, "alice", "s3:GetObject") is Decision.UNKNOWN
    assert answer(account, "bob", "s3:GetObject") is Decision.IMPLICIT_DENY


def test_condition_under_a_misspelt_name_is_not_lost() -> None:
    typo = {**allow("s3:*"), "Conditions": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    account = iam_account([user("alice", UserPolicyList=inline(typo))])
    assert answer(account, "alice", "s3:GetObject") is Decision.UNKNOWN
