"""`sakimori iam paths` as a person types it."""

import json
from pathlib import Path

import pytest
from tests.analysis.iam.policies import allow
from tests.analysis.iam.test_account import A, attached, inline, role, user
from tests.cli.running import Sakimori

from sakimori.model.errors import LakeError
from sakimori.simulate.server import SimulatedAccount


@pytest.fixture
def details(tmp_path: Path) -> str:
    told = {
        "UserDetailList": [
            user("dev", UserPolicyList=inline(allow("iam:PutUserPolicy", on=f"{A}:user/dev"))),
            user("reader", UserPolicyList=inline(allow("s3:GetObject"))),
            user("boss", AttachedManagedPolicies=attached("arn:aws:iam::aws:policy/AdministratorAccess")),
        ],
        "RoleDetailList": [role("deploy", {"Service": "ec2.amazonaws.com"})],
    }
    path = tmp_path / "details.json"
    path.write_text(json.dumps(told))
    return str(path)


def test_way_is_told_with_its_step_and_what_breaks_it(sakimori: Sakimori, details: str) -> None:
    told = sakimori("iam", "paths", "--authorization-details", details)
    assert "user/dev → user/dev" in told.out
    assert "iam:PutUserPolicy" in told.out
    assert "Cut: take iam:PutUserPolicy out of the policy inline of user/dev" in told.out
    assert "Already there, without any path: user/boss" in told.out


def test_no_way_is_said_with_how_many_ways_were_tried(sakimori: Sakimori, details: str) -> None:
    told = sakimori("iam", "paths", "--from", "reader", "--authorization-details", details)
    assert "No path to administrator was found. Identities asked: 1;" in told.out


def test_machine_form_is_the_documented_one(sakimori: Sakimori, details: str) -> None:
    told = json.loads(sakimori("iam", "paths", "--authorization-details", details, "--format", "json").out)
    [path] = told["paths"]
    assert path.keys() == {"from", "to", "goal", "certainty", "edges"}
    assert (path["goal"], path["certainty"]) == ("admin", "proven")
    assert path["edges"][0].keys() == {"from", "to", "method", "actions"}
    assert told["at_goal"] == [f"{A}:user/boss"]


@pytest.mark.parametrize(
    ("name", "begins"), [("p.html", "<!doctype html>"), ("p.svg", "<?xml"), ("p.graphml", "<?xml"), ("p.json", "{")]
)
def test_ending_of_the_file_tells_the_form(
    sakimori: Sakimori, details: str, tmp_path: Path, name: str, begins: str
) -> None:
    told = sakimori("iam", "paths", "--authorization-details", details, "--output", str(tmp_path / name))
    assert told.code == 0
    assert (tmp_path / name).read_text(encoding="utf-8").lower().startswith(begins)


def test_resource_is_a_goal_too(sakimori: Sakimori, details: str) -> None:
    told = sakimori("iam", "paths", "--from", "reader", "--to", "arn:aws:s3:::b", "--authorization-details", details, "--assume-no-resource-policies")  # fmt: skip
    assert "Already there, without any path: user/reader" in told.out


@pytest.mark.slow
def test_key_begins_with_whoever_holds_it(sakimori: Sakimori, as_owner: SimulatedAccount) -> None:
    [key] = as_owner.client("iam").list_access_keys(UserName="watanabe.sho")["AccessKeyMetadata"]
    told = sakimori("iam", "paths", "--from", key["AccessKeyId"], "--region", "us-east-1")
    assert "user/watanabe.sho → role/break-glass" in told.out


def test_key_that_nobody_knows_is_refused_without_being_shown(sakimori: Sakimori, details: str) -> None:
    told = sakimori("iam", "paths", "--from", "AKIAIOSFODNN7EXAMPLE", "--authorization-details", details)
    assert told.code == 2
    assert "…MPLE" in told.err
    assert "AKIAIOSFODNN7EXAMPLE" not in told.err


def test_key_is_not_called_unknown_where_the_lake_cannot_be_read(
    sakimori: Sakimori, details: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(*_: object, **__: object) -> None:
        raise LakeError("lake.part_damaged", table="aws_cloudtrail_event", reason="torn")

    (sakimori.home / "lake").mkdir(parents=True)
    (sakimori.home / "lake" / "manifest.db").touch()
    monkeypatch.setattr("sakimori.app.iam_keys.ask", damaged)
    told = sakimori("iam", "paths", "--from", "AKIAIOSFODNN7EXAMPLE", "--authorization-details", details)
    assert told.code == LakeError.exit_code
    assert "whose key" not in told.err
