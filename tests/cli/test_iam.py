"""`sakimori iam` as a person types it: on the company, and offline on a file."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from tests.analysis.iam.policies import allow, deny, document
from tests.analysis.iam.test_account import A, attached, inline, managed, role, user
from tests.cli.running import Sakimori

from sakimori.simulate.faults import Fault, Kind
from sakimori.simulate.server import SimulatedAccount

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
BARE = "--assume-no-resource-policies"


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
    told = sakimori("iam", "can", "alice", "s3:GetObject", "arn:aws:s3:::b/k", "--authorization-details", details, BARE)
    assert told.code == 0
    assert told.out.startswith(f"Allowed: {A}:user/alice may do s3:GetObject on arn:aws:s3:::b/k.")
    assert "inline, line 4, statement 0 allows it (identity-based policies)" in told.out
    assert '"Action": ["s3:*"]' in told.out


def test_scp_of_a_file_denies_and_is_taken_to_stand_beside_full_access(sakimori: Sakimori, details: str, tmp_path: Path) -> None:  # fmt: skip
    scp = write(tmp_path / "scp.json", document(deny("s3:DeleteBucket")))
    ask = ("iam", "can", "root-like", "--authorization-details", details, "--scp", scp, BARE)
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
    assert "Of 3 users and roles: 1 allowed, 0 unknown." in told.out
    nobody = sakimori("iam", "who-can", "s3:GetObject", "arn:aws:s3:::b/k", "--authorization-details", details, "--context", "k=v", BARE, "--lang", "ja")  # fmt: skip
    unknown = sakimori("iam", "who-can", "s3:GetObject", "arn:aws:s3:::b/k", "--authorization-details", details)
    assert "not known: the resource-based policy" in unknown.out
    assert "Of 3 users and roles: 0 allowed, 3 unknown." in unknown.out
    assert "ユーザーとロール 3 個のうち、許可 2 個、不明 0 個。" in nobody.out


def test_context_can_be_told_absent_and_unknown(sakimori: Sakimori, tmp_path: Path) -> None:
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    path = write(
        tmp_path / "d.json",
        {"UserDetailList": [user("alice", UserPolicyList=inline(allow("s3:*", Condition=condition)))]},
    )
    ask = ("iam", "can", "alice", "s3:GetObject", "--authorization-details", path, BARE, "--format", "json")
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


@pytest.mark.slow
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
        (("alice", "GetObject"), "is not an action"),
        (("alice", "s3:GetObject", "*", "--context", "nonsense"), "is not a condition key"),
        (("alice", "s3:GetObject", "*", "--context", "a=?", "--context", "a=b"), "absent or unknown"),
        (("alice", "s3:GetObject", "*", "--context", "a=b", "--context", "a="), "absent or unknown"),
        (("alice", "s3:GetObject", "*", "--context", "A=1", "--context", "a=2"), "a is given twice"),
    ],
)
def test_mistake_is_told_with_what_to_write(
    sakimori: Sakimori, details: str, arguments: tuple[str, ...], words: str
) -> None:
    told = sakimori("iam", "can", *arguments, "--authorization-details", details)
    assert (told.code, words in told.err) == (2, True)


@pytest.mark.parametrize(
    ("text", "words"), [("{", "line 1, column 2"), ("[]", "is not the output of"), ("\xff", "is not text in UTF-8")]
)
def test_file_that_is_none_is_refused_with_its_place(sakimori: Sakimori, tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(text.encode("latin-1"))
    told = sakimori("iam", "who-can", "s3:GetObject", "--authorization-details", str(path))
    assert (told.code, words in told.err) == (2, True)


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("[]", "[]"),
        ('["x"]', '"x"'),
        ("5", "5"),
        ('{"Version": "2012-10-17", "Statement": []}', '"Version"'),
        ('[{"resource": "arn:aws:s3:::", "policy": {}}]', '"arn:aws:s3:::"'),
        ('[{"policy": {}}]', "null"),
    ],
)
def test_file_without_arns_is_no_file_of_policies_of_resources(
    sakimori: Sakimori, details: str, tmp_path: Path, written: str, found: str
) -> None:
    path = tmp_path / "policies.json"
    path.write_text(written)
    told = sakimori("iam", "external", "--authorization-details", details, "--resource-policies", str(path))
    assert (told.code, f"there stands {found}." in told.err) == (2, True)


_OPEN = (
    '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}'
)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (f'{{"arn:aws:s3:::b": {{"Statement": []}}, "arn:aws:s3:::b": {_OPEN}}}', "'arn:aws:s3:::b' twice"),
        (f'[{{"resource": "arn:aws:s3:::b", "policy": {{}}}}, {{"resource": "arn:aws:s3:::b", "policy": {_OPEN}}}]', "two policies of arn:aws:s3:::b"),
        ('{"arn:aws:s3:::b": {"Statement": [{"Effect": "Allow", "Effect": "Deny"}]}}', "'Effect' twice"),
    ],
)  # fmt: skip
def test_nothing_that_stands_twice_is_taken_once(
    sakimori: Sakimori, details: str, tmp_path: Path, written: str, words: str
) -> None:
    path = tmp_path / "policies.json"
    path.write_text(written)
    told = sakimori("iam", "external", "--authorization-details", details, "--resource-policies", str(path))
    assert (told.code, words in told.err) == (2, True)


def test_policy_of_a_resource_may_stand_as_the_command_line_of_aws_prints_it(sakimori: Sakimori, details: str, tmp_path: Path) -> None:  # fmt: skip
    given = write(tmp_path / "policies.json", {"arn:aws:s3:::b": {"Policy": _OPEN, "RevisionId": "1"}})
    told = sakimori("iam", "external", "--authorization-details", details, "--resource-policies", given)
    assert told.out.startswith("PUBLIC  arn:aws:s3:::b")


def test_scp_with_an_element_twice_is_refused(sakimori: Sakimori, details: str, tmp_path: Path) -> None:
    path = tmp_path / "scp.json"
    path.write_text('{"Statement": [{"Effect": "Deny", "Action": "s3:*", "Action": "ec2:*", "Resource": "*"}]}')
    told = sakimori("iam", "can", "root-like", "s3:GetObject", "arn:aws:s3:::b/k", "--authorization-details", details, "--scp", str(path))  # fmt: skip
    assert (told.code, "'Action' twice" in told.err) == (2, True)


def test_nothing_to_judge_says_nothing_of_what_others_may_reach(sakimori: Sakimori, tmp_path: Path) -> None:
    empty = write(tmp_path / "empty.json", {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []})  # fmt: skip
    assert "No policy of a resource was there to be judged" in sakimori("iam", "external", "--authorization-details", empty).out  # fmt: skip


@pytest.mark.parametrize("text", ['{"UserDetailList": 5}', '{"UserDetailList": [' + "9" * 6000 + "]}"])
def test_file_of_an_odd_form_is_no_defect(sakimori: Sakimori, tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.json"
    path.write_text(text)
    told = sakimori("iam", "can", "alice", "s3:GetObject", "--authorization-details", str(path))
    assert (told.code, "defect" in told.err) == (2, False)


# -- files that have no end, or are none -------------------------------------------------------


@pytest.fixture
def pipe(tmp_path: Path) -> str:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return str(path)


@pytest.mark.parametrize(
    "arguments",
    [
        ("can", "--batch"),
        ("who-can", "s3:GetObject", "--authorization-details"),
        ("who-can", "s3:GetObject", "--authorization-details", "DETAILS", "--scp"),
        ("who-can", "s3:GetObject", "--authorization-details", "DETAILS", "--rcp"),
        ("who-can", "s3:GetObject", "--authorization-details", "DETAILS", "--resource-policies"),
        ("inventory", "--authorization-details", "DETAILS", "--leavers"),
        ("lint",),
        ("backtest", "--as", "scp", "--policy"),
        ("least-privilege", "alice", "--authorization-details"),
    ],
)
def test_what_is_no_regular_file_is_refused_at_once(
    sakimori: Sakimori, details: str, pipe: str, arguments: tuple[str, ...]
) -> None:
    whole = [details if each == "DETAILS" else each for each in arguments]
    for path in (pipe, "/dev/zero"):
        told = sakimori("iam", *whole, path)
        assert (told.code, f"{path} is a folder, a device or a pipe" in told.err) == (2, True)


def test_folder_is_no_file_of_requests(sakimori: Sakimori, tmp_path: Path) -> None:
    told = sakimori("iam", "can", "--batch", str(tmp_path))
    assert (told.code, "is a folder, a device or a pipe" in told.err) == (2, True)


# -- requests in a file --------------------------------------------------------------------------


def test_mark_at_the_beginning_of_a_batch_is_no_part_of_its_first_line(sakimori: Sakimori, tmp_path: Path) -> None:
    line = json.dumps({"action": "s3:GetObject", "policies": {"identity": [document(allow("*"))]}})
    path = tmp_path / "lines.jsonl"
    path.write_text(f"{line}\n{line}\n", encoding="utf-8-sig")
    told = sakimori("iam", "can", "--batch", str(path))
    assert [json.loads(each)["decision"] for each in told.out.splitlines()] == ["allowed", "allowed"]
    path.write_bytes(b"\xef\xbb\xbf")
    assert sakimori("iam", "can", "--batch", str(path)).code == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--context", "a=b", "--closed"), "leave out --context, --closed"),
        (("--resource-account", "111122223333"), "leave out --resource-account"),
        (("--format", "terminal"), "leave out --format terminal"),
    ],
)
def test_option_of_one_request_is_refused_beside_a_batch(
    sakimori: Sakimori, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text("")
    told = sakimori("iam", "can", "--batch", str(path), *options)
    assert (told.code, words in told.err) == (2, True)
    assert sakimori("iam", "can", "--batch", str(path), "--format", "json").code == 0


def test_batch_on_a_file_says_once_what_it_stands_on(sakimori: Sakimori, details: str, tmp_path: Path) -> None:
    lines = tmp_path / "lines.jsonl"
    lines.write_text('{"principal": "alice", "action": "s3:GetObject"}\n' * 3)
    scp = write(tmp_path / "scp.json", document(deny("s3:GetObject")))
    told = sakimori("iam", "can", "--batch", str(lines), "--authorization-details", details, "--scp", scp)
    assert [json.loads(each)["decision"] for each in told.out.splitlines()] == ["explicit_deny"] * 3
    assert told.err.count(f"Note: decided from {details} alone") == 1


# -- a listing that is not whole -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"IsTruncated": True}, ("truncated", "only the beginning")),
        ({"RoleDetailList": None}, ("lists_missing", "lacks RoleDetailList.")),
        ({"RoleDetailList": {}, "Policies": 5}, ("lists_missing", "lacks RoleDetailList, Policies")),
        (
            {"UserDetailList": [user("alice"), {"UserName": "bob"}, 7]},
            ("bad_records", "not understood and were left out: 2. The first: bob"),
        ),
    ],
)
def test_listing_that_is_not_whole_tells_of_nobody_that_there_is_none(
    sakimori: Sakimori, details: str, tmp_path: Path, change: dict[str, Any], note: tuple[str, str]
) -> None:
    path = write(tmp_path / "part.json", {**json.loads(Path(details).read_text()), **change})
    ask = ("iam", "who-can", "iam:CreateUser", "--authorization-details", path)
    listed = json.loads(sakimori(*ask, "--format", "json").out)
    assert (listed["is_whole"], note[0] in listed["notes"]) == (False, True)
    told = sakimori(*ask)
    assert "The listing is not whole" in told.out or "but the listing is not whole" in told.out
    assert note[1] in told.err
    nobody = sakimori("iam", "can", "bob", "iam:CreateUser", "--authorization-details", path)
    assert (nobody.code, "it may exist all the same" in nobody.err) == (2, True)
    assert note[1] in nobody.err


def test_whole_listing_says_so(sakimori: Sakimori, details: str) -> None:
    ask = ("iam", "who-can", "iam:CreateUser", "--authorization-details", details)
    assert json.loads(sakimori(*ask, "--format", "json").out)["is_whole"] is True
    assert "not whole" not in sakimori(*ask).out
    write(Path(details), {"UserDetailList": [], "RoleDetailList": [role("r")], "GroupDetailList": [], "Policies": []})
    assert "Nobody may do iam:CreateUser on *: not one of 1 users and roles." in sakimori(*ask).out


def test_inventory_of_a_part_deletes_nothing_for_want_of_users(sakimori: Sakimori, tmp_path: Path) -> None:
    told = {
        "UserDetailList": [], "RoleDetailList": [], "IsTruncated": True, "Policies": [managed("orphan", allow("s3:*"))],
        "GroupDetailList": [{"Arn": f"{A}:group/ops", "GroupName": "ops"}],
    }  # fmt: skip
    ask = ("iam", "inventory", "--authorization-details", write(tmp_path / "d.json", told), "--format", "json")
    items = {each["name"]: each["advice"] for each in json.loads(sakimori(*ask).out)["items"]}
    assert (items["ops"], items["orphan"]) == ("look", "look")
    whole = write(tmp_path / "d.json", {**told, "IsTruncated": False})
    items = {each["name"]: each["advice"] for each in json.loads(sakimori(*ask[:3], whole, *ask[4:]).out)["items"]}
    assert (items["ops"], items["orphan"]) == ("delete", "delete")


# -- guards of the organisation --------------------------------------------------------------------


def test_rcp_of_a_file_denies(sakimori: Sakimori, details: str, tmp_path: Path) -> None:
    denying = {**deny("s3:GetObject"), "Principal": "*"}
    rcp = write(tmp_path / "rcp.json", [[{"Version": "2012-10-17", "Statement": [denying]}]])
    ask = (
        "iam",
        "can",
        "alice",
        "s3:GetObject",
        "arn:aws:s3:::b/k",
        "--authorization-details",
        details,
        "--rcp",
        rcp,
        BARE,
    )
    told = sakimori(*ask)
    assert "explicitly denied" in told.out
    assert "(resource control policies (RCPs))" in told.out
    assert "Allowed" in sakimori(*ask[:3], "s3:ListBucket", "arn:aws:s3:::b", *ask[5:]).out


@pytest.mark.parametrize("option", ["--scp", "--rcp"])
@pytest.mark.parametrize("empty", [[], [[]], [[document(allow("*"))], []]])
def test_level_without_policies_is_refused(
    sakimori: Sakimori, details: str, tmp_path: Path, option: str, empty: Any
) -> None:
    path = write(tmp_path / "empty.json", empty)
    told = sakimori("iam", "can", "alice", "s3:GetObject", "--authorization-details", details, option, path)
    assert (told.code, "empty list of policies" in told.err) == (2, True)


@pytest.mark.slow
def test_scp_and_rcp_given_make_certain_what_a_member_account_cannot_read(
    sakimori: Sakimori, as_owner: SimulatedAccount, tmp_path: Path
) -> None:
    as_owner.faults.add(Fault(kind=Kind.DENY, match="organizations:DescribeOrganization"))
    ask = ("iam", "can", "sato.kenji", "s3:GetObject", "arn:aws:s3:::b/k", "--region", "us-east-1", "--max-age", "0h", "--format", "json")  # fmt: skip
    full = write(tmp_path / "full.json", document(allow("*")))
    told = {
        options: json.loads(sakimori(*ask, *options).out)
        for options in ((), ("--scp", full), ("--rcp", full), ("--scp", full, "--rcp", full))
    }
    notes = [sorted({"scp_unread", "scp_alone_unread", "rcp_unread"} & set(each["notes"])) for each in told.values()]
    assert notes == [["scp_unread"], ["rcp_unread"], ["scp_alone_unread"], []]
    assert [each["decision"] for each in told.values()][:3] == ["unknown"] * 3


def test_a_resource_that_is_no_arn_is_refused(sakimori: Sakimori, details: str) -> None:
    told = sakimori("iam", "can", "alice", "s3:GetObject", "ledger/2026.csv", "--authorization-details", details)
    assert (told.code, told.out) == (2, "")
    assert "ledger/2026.csv is not an ARN" in told.err
