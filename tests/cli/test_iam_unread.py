"""`sakimori iam can` and `who-can` where policies of resources were not read, and where nobody named one resource."""

import json
from pathlib import Path

import pytest
from tests.analysis.iam.policies import allow
from tests.analysis.iam.test_account import inline, user
from tests.cli.running import Sakimori

TABLE = "arn:aws:dynamodb:us-east-1:111122223333:table/t"


@pytest.fixture
def details(tmp_path: Path) -> str:
    users = [user("alice", UserPolicyList=inline(allow("*"))), user("bob")]
    told = {"UserDetailList": users, "RoleDetailList": [], "GroupDetailList": [], "Policies": []}
    path = tmp_path / "details.json"
    path.write_text(json.dumps(told))
    return str(path)


def test_policy_of_a_table_that_was_not_read_makes_it_unknown_until_somebody_says_there_is_none(
    sakimori: Sakimori, details: str
) -> None:
    ask = ("iam", "can", "alice", "dynamodb:GetItem", TABLE, "--authorization-details", details)
    assert "Not known: the resource-based policy." in sakimori(*ask).out
    told = json.loads(sakimori(*ask, "--format", "json").out)
    assert (told["decision"], told["reasons"][0]["because"]) == ("unknown", "not_read")
    assert sakimori(*ask, "--assume-no-resource-policies").out.startswith("Allowed")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_whom_only_something_unread_might_let_in_is_counted_and_not_listed(
    sakimori: Sakimori, details: str, language: str
) -> None:
    ask = ("iam", "who-can", "dynamodb:GetItem", TABLE, "--authorization-details", details, "--lang", language)
    told = sakimori(*ask)
    assert "user/alice" in told.out
    assert "user/bob" not in told.out
    assert {"en": "1 of the unknown are not shown", "ja": "不明のうち 1 個は表示していません"}[language] in told.out
    listed = json.loads(sakimori(*ask, "--format", "json").out)["principals"]
    assert len(listed) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("s3:Get*", "arn:aws:s3:::b/k"), "s3:Get* has a wildcard"),
        (("s3:GetObjec?", "arn:aws:s3:::b/k"), "s3:GetObjec? has a wildcard"),
        (("s3:GetObject", "arn:aws:s3:::b/*"), "arn:aws:s3:::b/* has a wildcard"),
        (("kms:Decrypt", "arn:aws:kms:*:111122223333:key/?"), "has a wildcard"),
    ],
)
def test_wildcards_in_what_is_asked_are_refused(
    sakimori: Sakimori, details: str, arguments: tuple[str, str], words: str
) -> None:
    for verb in (("can", "alice"), ("who-can",)):
        told = sakimori("iam", *verb, *arguments, "--authorization-details", details)
        assert (told.code, words in told.err) == (2, True)


def test_resource_that_is_left_out_stands_for_any(sakimori: Sakimori, details: str) -> None:
    ask = ("iam", "can", "alice", "kms:Decrypt", "--authorization-details", details, "--format", "json")
    told = json.loads(sakimori(*ask).out)
    assert (told["decision"], told["reasons"][0]["because"]) == ("unknown", "depends_on_resource")
