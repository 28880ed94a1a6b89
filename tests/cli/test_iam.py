"""`sakimori iam` as a person types it: on the company, and offline on a file."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.analysis.iam.policies import allow, deny, document
from tests.analysis.iam.test_account import A, attached, inline, role, user
from tests.cli.running import Sakimori

from sakimori.simulate.faults import Fault, Kind
from sakimori.simulate.server import SimulatedAccount

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


@pytest.fixture
def details(tmp_path: Path) -> str:
    told = {
        "UserDetailList": [user("alice", UserPolicyList=inline(allow("s3:*"))), user("root-like", AttachedManagedPolicies=attached(ADMIN))],
        "RoleDetailList": [role("deploy")], "GroupDetailList": [], "Policies": [],
    }  # fmt: skip
    path = tmp_path / "details.json"
    path.write_text(json.dumps(told))
    return str(path)


def write(path: Path, value: Any) -> str:
    path.write_text(json.dumps(value))
    return str(path)


def test_allowed_request_is_told_with_the_statement_that_allows_it(sakimori: Sakimori, details: str) -> None:
    told = sakimori("iam", "can", "alice", "s3:GetObject", "arn:aws:s3:::b/k", "--authorization-details", details)
    assert told.code == 0
    assert told.out.startswith(f"Allowed: {A}:user/alice may do s3:GetObject on arn:aws:s3:::b/k.")
    assert "inline, line 4, statement 0 allows it (identity-based policies)" in told.out
    assert '"Action": ["s3:*"]' in told.out


def test_scp_of_a_file_denies_and_is_taken_to_stand_beside_full_access(sakimori: Sakimori, details: str, tmp_path: Path) -> None:  # fmt: skip
    scp = write(tmp_path / "scp.json", document(deny("s3:DeleteBucket")))
    ask = ("iam", "can", "root-like", "--authorization-details", details, "--scp", scp)
    assert "explicitly denied" in sakimori(*ask[:3], "s3:DeleteBucket", "arn:aws:s3:::b", *ask[3:]).out
    allowed = sakimori(*ask[:3], "s3:ListBucket", "arn:aws:s3:::b", *ask[3:])
    assert "Allowed" in allowed.out
    assert "FullAWSAccess" in allowed.err


def test_policy_of_a_resource_comes_from_a_file(sakimori: Sakimori, details: str, tmp_path: Path) -> None:
    key = "arn:aws:kms:us-east-1:111122223333:key/1"
    mine = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"{A}:root"}, "Action": "kms:*", "Resource": "*"}],
    }
    ask = ("iam", "can", "root-like", "kms:Decrypt", key, "--authorization-details", details, "--format", "json")
    assert json.loads(sakimori(*ask).out)["decision"] == "unknown"
    given = write(tmp_path / "policies.json", {key: mine})
    assert json.loads(sakimori(*ask, "--resource-policies", given).out)["decision"] == "allowed"


def test_who_can_lists_those_who_may_and_counts_whom_it_asked(sakimori: Sakimori, details: str) -> None:
    told = sakimori("iam", "who-can", "iam:CreateUser", "--authorization-details", details)
    assert "root-like" in told.out
    assert "alice" not in told.out
    assert "1 of 3 users and roles." in told.out
    nobody = sakimori("iam", "who-can", "s3:GetObject", "arn:aws:s3:::b/k", "--authorization-details", details, "--context", "k=v", "--lang", "ja")  # fmt: skip
    assert "ユーザーとロール 3 個のうち 2 個。" in nobody.out


def test_context_can_be_told_absent_and_unknown(sakimori: Sakimori, tmp_path: Path) -> None:
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    path = write(
        tmp_path / "d.json",
        {"UserDetailList": [user("alice", UserPolicyList=inline(allow("s3:*", Condition=condition)))]},
    )
    ask = ("iam", "can", "alice", "s3:GetObject", "--authorization-details", path, "--format", "json")
    said = [
        json.loads(sakimori(*ask, *more).out)["decision"]
        for more in (
            (),
            ("--closed",),
            ("--context", "aws:MultiFactorAuthPresent=true"),
            ("--context", "aws:MultiFactorAuthPresent="),
        )
    ]
    assert said == ["unknown", "implicit_deny", "allowed", "implicit_deny"]


def test_batch_answers_each_line_and_goes_on_after_a_bad_one(sakimori: Sakimori, tmp_path: Path) -> None:
    good = {
        "principal_arn": f"{A}:user/a",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/k",
        "policies": {"identity": [document(allow("*"))]},
    }
    lines = tmp_path / "lines.jsonl"
    lines.write_text(f"{json.dumps(good)}\n\nnonsense\n{json.dumps({**good, 'policies': {}})}\n")
    told = sakimori("iam", "can", "--batch", str(lines))
    answers = [json.loads(line) for line in told.out.splitlines()]
    assert [each.get("decision") for each in answers] == ["allowed", None, "implicit_deny"]
    assert (told.code, answers[1]["line"]) == (2, 3)
    assert "line 3: not a request" in told.err


def test_line_of_a_batch_that_is_too_long_is_one_line_and_the_next_is_answered(sakimori: Sakimori, tmp_path: Path) -> None:  # fmt: skip
    good = json.dumps({"principal_arn": f"{A}:user/a", "action": "s3:GetObject", "policies": {"identity": [document(allow("*", Sid="\ud800"))]}})  # fmt: skip
    lines = tmp_path / "lines.jsonl"
    lines.write_bytes(b"x" * 40_000_000 + b"\n" + good.replace("\\ud800", "x").encode() + b"\n")
    told = sakimori("iam", "can", "--batch", str(lines))
    answers = [json.loads(line) for line in told.out.splitlines()]
    assert [each.get("decision") for each in answers] == [None, "allowed"]
    assert "longer than 16 MB" in told.err


def test_letters_that_a_terminal_would_act_upon_do_not_reach_it(sakimori: Sakimori, tmp_path: Path) -> None:
    path = write(
        tmp_path / "d.json",
        {"UserDetailList": [user("alice", UserPolicyList=inline(allow("s3:*", Sid="a\x1b[31mb\ud800")))]},
    )
    told = sakimori("iam", "can", "alice", "s3:Get\x1b[31mObject", "--authorization-details", path)
    assert "\x1b[31m" not in told.out + told.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nobody", "s3:GetObject"), "there is no user or role nobody"),
        (("alice",), "who, and what?"),
        (("alice", "GetObject"), "is no action"),
        (("alice", "s3:GetObject", "*", "--context", "nonsense"), "is no condition key"),
    ],
)
def test_mistake_is_told_with_what_to_write(
    sakimori: Sakimori, details: str, arguments: tuple[str, ...], words: str
) -> None:
    told = sakimori("iam", "can", *arguments, "--authorization-details", details)
    assert (told.code, words in told.err) == (2, True)


@pytest.mark.parametrize(
    ("text", "words"), [("{", "line 1, column 2"), ("[]", "is not the output of"), ("\xff", "cannot be read")]
)
def test_file_that_is_none_is_refused_with_its_place(sakimori: Sakimori, tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(text.encode("latin-1"))
    told = sakimori("iam", "who-can", "s3:GetObject", "--authorization-details", str(path))
    assert (told.code, words in told.err) == (2, True)


def test_live_account_is_read_once_and_then_taken_from_its_snapshot(
    sakimori: Sakimori, as_owner: SimulatedAccount
) -> None:
    ask = ("iam", "who-can", "iam:CreateUser", "--region", "us-east-1", "--format", "json")
    told = json.loads(sakimori(*ask).out)
    names = {each["principal"].rpartition("/")[2]: each["decision"] for each in told["principals"]}
    assert names["sato.kenji"] == "allowed"
    as_owner.forget_calls()
    assert json.loads(sakimori(*ask).out) == told
    assert not [call for call in as_owner.calls if "Authorization" in str(call)]


def test_organization_that_cannot_be_read_makes_nothing_certain(sakimori: Sakimori, as_owner: SimulatedAccount) -> None:
    as_owner.faults.add(Fault(kind=Kind.DENY, match="organizations:DescribeOrganization"))
    ask = ("iam", "can", "sato.kenji", "iam:CreateUser", "--region", "us-east-1")
    told = sakimori(*ask, "--max-age", "0h")
    assert "Unknown" in told.out
    assert "--assume-no-scp" in told.err
    assert "Allowed" in sakimori(*ask, "--assume-no-scp").out


def test_policy_of_a_resource_that_is_not_understood_leaves_it_unknown(sakimori: Sakimori, details: str, tmp_path: Path) -> None:  # fmt: skip
    given = write(tmp_path / "policies.json", {"arn:aws:s3:::b": {"Statement": "nonsense"}})
    told = sakimori("iam", "can", "alice", "s3:GetObject", "arn:aws:s3:::b/k", "--authorization-details", details, "--resource-policies", given)  # fmt: skip
    assert "Unknown" in told.out
    assert "arn:aws:s3:::b" in told.err


@pytest.mark.parametrize("text", ['{"UserDetailList": 5}', '{"UserDetailList": [' + "9" * 6000 + "]}"])
def test_file_of_an_odd_form_is_no_defect(sakimori: Sakimori, tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.json"
    path.write_text(text)
    told = sakimori("iam", "can", "alice", "s3:GetObject", "--authorization-details", str(path))
    assert (told.code, "defect" in told.err) == (2, False)
