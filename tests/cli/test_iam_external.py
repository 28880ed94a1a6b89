"""`sakimori iam external` as a person types it."""

import json
from pathlib import Path

import pytest
from tests.analysis.iam.test_account import A, role
from tests.cli.running import Sakimori


@pytest.fixture
def details(tmp_path: Path) -> str:
    told = {"RoleDetailList": [
        role("open", "*"), role("partner", {"AWS": "444455556666"}), role("own", {"AWS": f"{A}:root"}),
    ]}  # fmt: skip
    path = tmp_path / "details.json"
    path.write_text(json.dumps(told))
    return str(path)


def test_what_is_open_is_told_with_a_request_and_what_is_closed_is_counted(sakimori: Sakimori, details: str) -> None:
    told = sakimori("iam", "external", "--authorization-details", details)
    assert f"PUBLIC  {A}:role/open" in told.out
    assert f"CROSS-ACCOUNT  {A}:role/partner" in told.out
    assert "role/own" not in told.out
    assert "Resources: 3. Public 1, cross-account 1, unknown 0, proved closed 1." in told.out
    assert f"CLOSED  {A}:role/own" in sakimori("iam", "external", "--all", "--authorization-details", details).out


def test_machine_form_is_the_documented_one_and_its_witness_is_allowed(
    sakimori: Sakimori, details: str, tmp_path: Path
) -> None:
    told = json.loads(sakimori("iam", "external", "--authorization-details", details, "--format", "json").out)
    by_name = {each["resource"].rpartition("/")[2]: each for each in told["resources"]}
    assert by_name["open"].keys() == {"resource", "verdict", "principals", "witness", "why"}
    assert [by_name[name]["verdict"] for name in ("open", "partner", "own")] == ["public", "cross_account", "closed"]
    witness = by_name["open"]["witness"]
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
    anyone = [{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}]
    line = {"principal_arn": witness["principal"], "action": witness["action"], "resource": witness["resource"],
            "context": witness["context"], "policies": {"identity": anyone, "resource": trust}}  # fmt: skip
    (tmp_path / "w.jsonl").write_text(json.dumps(line))
    assert json.loads(sakimori("iam", "can", "--batch", str(tmp_path / "w.jsonl")).out)["decision"] == "allowed"


@pytest.mark.parametrize(("level", "code"), [("public", 4), ("cross_account", 4)])
def test_machine_can_be_stopped_by_what_is_open(sakimori: Sakimori, details: str, level: str, code: int) -> None:
    assert sakimori("iam", "external", "--authorization-details", details, "--fail-on", level).code == code


@pytest.mark.parametrize(("principal", "is_said"), [("*", False), ({"AWS": f"{A}:root"}, True)])
def test_that_none_is_public_is_said_with_what_was_not_read(
    sakimori: Sakimori, tmp_path: Path, principal: object, is_said: bool
) -> None:
    (tmp_path / "details.json").write_text(json.dumps({"RoleDetailList": [role("x", principal)]}))
    told = sakimori("iam", "external", "--authorization-details", str(tmp_path / "details.json"))
    assert told.err  # a file alone has no SCPs, RCPs and resource policies
    assert ("none is proved public" in told.out) is is_said
