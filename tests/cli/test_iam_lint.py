"""`sakimori iam lint` as a command: files, folders, listings, principals, both forms and exit codes."""

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from sakimori.cli.iam_lint import command
from sakimori.model.errors import UsageError

BAD = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
GOOD = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "sts:AssumeRole"}
    ],
}
LISTING = {
    "UserDetailList": [],
    "GroupDetailList": [],
    "RoleDetailList": [
        {
            "Arn": "arn:aws:iam::111122223333:role/app",
            "RoleName": "app",
            "Path": "/",
            "AssumeRolePolicyDocument": TRUST,
            "RolePolicyList": [{"PolicyName": "inline", "PolicyDocument": BAD}],
            "AttachedManagedPolicies": [
                {"PolicyName": "ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
            ],
        }
    ],
    "Policies": [
        {
            "Arn": "arn:aws:iam::111122223333:policy/own",
            "PolicyName": "own",
            "PolicyVersionList": [
                {"VersionId": "v2", "IsDefaultVersion": True, "Document": GOOD},
                {"VersionId": "v1", "IsDefaultVersion": False, "Document": BAD},
            ],
        }
    ],
}


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAKIMORI_LANG", "en")
    monkeypatch.setattr("sys.argv", ["sakimori"])


def write(path: Path, content: Any) -> str:
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2), encoding="utf-8")
    return str(path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, obj=Path("home"), args=list(arguments), standalone_mode=False)


def findings(*arguments: str) -> list[tuple[str, int, str]]:
    done = run(*arguments, "--format", "json")
    assert done.exception is None
    told = json.loads(done.stdout)
    assert told["schema"] == "sakimori.iam_lint/1"
    return [(each["policy"], each["line"], each["code"]) for each in told["findings"]]


def test_a_mistake_is_printed_with_file_line_and_code(tmp_path: Path) -> None:
    done = run(write(tmp_path / "p.json", BAD))
    assert done.return_value == 0
    assert "p.json:4: error [star-on-star]" in done.stdout
    assert "identity" in done.stderr
    assert "1 policies" in done.stderr


def test_a_clean_policy_says_so_and_what_was_checked(tmp_path: Path) -> None:
    done = run(write(tmp_path / "p.json", GOOD))
    assert "No mistakes found." in done.stdout
    assert "1 statements" in done.stderr


def test_fail_on_gives_the_code_for_findings_at_that_level_or_worse(tmp_path: Path) -> None:
    warned = {**GOOD, "Version": "2008-10-17"}
    bad, good, old = (write(tmp_path / name, each) for name, each in (("b", BAD), ("g", GOOD), ("o", warned)))
    assert [run(each, "--fail-on", "error").return_value for each in (bad, good, old)] == [4, 0, 0]
    assert [run(each, "--fail-on", "warning").return_value for each in (bad, good, old)] == [4, 0, 4]


def test_json_has_its_promised_form(tmp_path: Path) -> None:
    told = json.loads(run(write(tmp_path / "p.json", BAD), "--format", "json").stdout)
    assert list(told) == ["schema", "findings", "checked"]
    assert list(told["findings"][0]) == ["policy", "line", "code", "severity", "message"]
    assert told["findings"][0]["message"].keys() == {"en", "ja"}
    assert told["checked"]["policies"] == [
        {"policy": "p.json", "kind": "identity", "is_kind_guessed": True, "statements": 1}
    ]


def test_as_tells_what_the_policy_is_attached_to(tmp_path: Path) -> None:
    file = write(tmp_path / "p.json", BAD)
    assert findings(file, "--as", "scp") == []
    assert "no-principal" in {code for _, _, code in findings(file, "--as", "resource")}


def test_every_json_of_a_folder_is_checked_and_a_broken_one_hides_no_other(tmp_path: Path) -> None:
    write(tmp_path / "a.json", "{")
    write(tmp_path / "b.json", BAD)
    write(tmp_path / "c.txt", BAD)
    assert {(policy, code) for policy, _, code in findings(str(tmp_path))} >= {
        ("a.json", "malformed-json"),
        ("b.json", "star-on-star"),
    }
    assert {policy for policy, _, _ in findings(str(tmp_path))} == {"a.json", "b.json"}


def test_each_of_a_list_is_named_by_its_place_and_line_of_the_file(tmp_path: Path) -> None:
    assert findings(write(tmp_path / "l.json", [GOOD, BAD])) == [("l.json[1]", 15, "star-on-star")]


def test_the_answer_of_get_bucket_policy_is_read_through(tmp_path: Path) -> None:
    file = write(tmp_path / "a.json", {"Policy": json.dumps(BAD)})
    assert [code for _, _, code in findings(file)] == ["star-on-star"]


def test_a_listing_is_checked_policy_by_policy_in_the_version_in_force(tmp_path: Path) -> None:
    file = write(tmp_path / "d.json", LISTING)
    role = "arn:aws:iam::111122223333:role/app"
    found = findings(file)
    assert {(policy, code) for policy, _, code in found} == {
        (f"{role}/inline", "star-on-star"),
        (f"{role}/AssumeRolePolicyDocument", "no-external-id"),
    }
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    by_code = {code: lines[line - 1] for _, line, code in found}
    assert "arn:aws:iam::444455556666:root" in by_code["no-external-id"]


def test_a_role_of_a_listing_is_checked_and_what_is_missing_is_said(tmp_path: Path) -> None:
    file = write(tmp_path / "d.json", LISTING)
    done = run("app", "--authorization-details", file)
    assert "[star-on-star]" in done.stdout
    assert "arn:aws:iam::aws:policy/ReadOnlyAccess" in done.stderr


@pytest.mark.parametrize("arguments", [("nothing-there.json",), ("nobody", "--authorization-details", "d.json")])
def test_what_is_not_there_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "d.json", LISTING)
    assert isinstance(run(*arguments).exception, UsageError)


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    done = run(write(tmp_path / "p.json", BAD), "--as", "nothing")
    assert isinstance(done.exception, click.UsageError)


def test_help_names_the_exit_codes() -> None:
    assert "--fail-on" in run("--help").stdout


def test_policies_of_resources_are_checked_by_their_arns(tmp_path: Path) -> None:
    bucket = {**GOOD, "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    file = write(tmp_path / "r.json", {"arn:aws:s3:::ledger": bucket, "arn:aws:s3:::broken": "{"})
    assert {(policy, code) for policy, _, code in findings(file)} >= {
        ("arn:aws:s3:::ledger", "no-principal"),
        ("arn:aws:s3:::broken", "malformed-json"),
    }
    file = write(tmp_path / "l.json", [{"resource": "arn:aws:s3:::ledger", "policy": bucket}])
    assert ("arn:aws:s3:::ledger", "no-principal") in {(policy, code) for policy, _, code in findings(file)}


def test_lists_by_level_are_checked_policy_by_policy(tmp_path: Path) -> None:
    file = write(tmp_path / "s.json", [[GOOD], [GOOD, BAD]])
    assert [(policy, code) for policy, _, code in findings(file)] == [("s.json[1][1]", "star-on-star")]


def test_a_policy_that_was_not_there_is_no_pass_for_machines(tmp_path: Path) -> None:
    listing = json.loads(json.dumps(LISTING))
    listing["RoleDetailList"][0] |= {"RolePolicyList": [], "AssumeRolePolicyDocument": TRUST}
    file = write(tmp_path / "aws.json", listing)
    assert run("app", "--authorization-details", file, "--fail-on", "error").return_value == 0
    attached = {"PolicyName": "lost", "PolicyArn": "arn:aws:iam::111122223333:policy/lost"}
    listing["RoleDetailList"][0]["AttachedManagedPolicies"].append(attached)
    file = write(tmp_path / "own.json", listing)
    assert run("app", "--authorization-details", file, "--fail-on", "error").return_value == 3


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_file_as_powershell_writes_it_is_read(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "p.json"
    file.write_bytes(json.dumps(BAD).encode(encoding))
    assert [code for _, _, code in findings(str(file))] == ["star-on-star"]
    file.write_bytes(json.dumps(LISTING).encode(encoding))
    assert run("app", "--authorization-details", str(file)).exception is None
