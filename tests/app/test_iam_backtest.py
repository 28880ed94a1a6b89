"""Guardrails tried on a lake, and policies made from it: what is said, and with which exit code."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.app.timeline_world import ACCOUNT, ALICE, NOON, NOW, event, ingest_events, snapshot

from sakimori.analysis.iam.backtest import Guard
from sakimori.app.iam_backtest import Backtested, BacktestRequest, backtest, read_policy
from sakimori.cli.iam_backtest import command
from sakimori.cli.iam_least_privilege import command as least_privilege_command
from sakimori.lake.log_reader import Where
from sakimori.model.errors import UsageError

DENY = {"Version": "2012-10-17", "Statement": {"Sid": "NoMore", "Effect": "Deny", "Action": "ec2:RunInstances", "Resource": "*"}}  # fmt: skip
WHEN = ("--since", "2026-10-01", "--until", "2026-10-01")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    ingest_events(
        tmp_path / "home",
        tmp_path / "logs",
        event(NOON, "RunInstances", {"instanceType": "t3.micro"}),
        event(NOON + timedelta(minutes=1), "RunInstances", {}, errorCode="Client.UnauthorizedOperation"),
        event(NOON + timedelta(minutes=2), "DescribeInstances", {}),
    )
    return tmp_path / "home"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return written(tmp_path / "scp.json", DENY)


def written(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document, indent=2), encoding="utf-8")
    return path


def tried(home: Path, policy: Path, **more: Any) -> Backtested:
    return backtest(BacktestRequest(home=home, policy_file=policy, guard=Guard.SCP, **more), clock=lambda: NOW)


def run(home: Path, policy: Path, *more: str) -> Result:
    words = ("--policy", str(policy), "--as", "scp", *WHEN, *more)
    return CliRunner().invoke(command, words, obj=home, catch_exceptions=False, standalone_mode=False)


def test_the_lake_tells_who_would_be_refused_and_what_was_looked_through(home: Path, policy: Path) -> None:
    found = tried(home, policy, targets=(ACCOUNT.id,))
    assert (found.denied, found.unknown, found.tried.count(denied=True, refused=True)) == (1, 0, 1)
    assert [each.row_count for each in found.searched.logs] == [3]


@pytest.mark.parametrize(
    ("targets", "judged"), [((ALICE,), 3), (("user/alice",), 3), (("bob",), 0), (("444455556666",), 0), (("all",), 3)]
)
def test_a_target_is_an_account_or_a_principal(home: Path, policy: Path, targets: tuple[str, ...], judged: int) -> None:
    assert tried(home, policy, targets=targets).tried.judged_count == judged


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("ou-ab12-cdef3456", "no_tree"),
        ("/Workloads", "no_tree"),
        ("arn:aws:s3:::books", "no_target"),
        ("", "no_target"),
    ],
)
def test_a_target_that_cannot_be_tried_is_refused(home: Path, policy: Path, target: str, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        tried(home, policy, targets=(target,))
    assert caught.value.text == f"iam_backtest.{text}"


def collect_tree(home: Path, gaps: dict[str, str] | None = None) -> None:
    units = [
        {"id": "r-ab12", "name": "Root", "parent_id": "", "path": "/", "lets_service_control_policies_work": True},
        {"id": "ou-ab12-00000001", "name": "Workloads", "parent_id": "r-ab12", "path": "/Workloads"},
        {"id": "ou-ab12-00000002", "name": "Prod", "parent_id": "ou-ab12-00000001", "path": "/Workloads/Prod"},
        {"id": "ou-ab12-00000003", "name": "Empty", "parent_id": "r-ab12", "path": "/Empty"},
    ]
    accounts = [
        {"arn": "arn:1", "member_account_id": ACCOUNT.id, "name": "prod", "parent_id": "ou-ab12-00000002"},
        {"arn": "arn:2", "member_account_id": "444455556666", "name": "managing", "parent_id": "r-ab12"},
    ]
    policy = {"arn": "arn:p", "name": "FullAWSAccess", "kind": "SERVICE_CONTROL_POLICY", "document": "{}"}
    target = {
        "id": "arn:p>r-ab12",
        "policy_arn": "arn:p",
        "policy_kind": "SERVICE_CONTROL_POLICY",
        "target_id": "r-ab12",
    }
    tables = {
        "aws_organizations_unit": units, "aws_organizations_account": accounts,
        "aws_organizations_policy": [policy], "aws_organizations_policy_target": [target],
        "aws_organizations_organization": [{"arn": "arn:o", "management_account_id": "444455556666"}],
    }  # fmt: skip
    snapshot(home, NOON, tables, gaps)


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit", ["ou-ab12-00000001", "ou-ab12-00000002", "/Workloads/Prod", "/Workloads/", "o-a1b2c3d4e5/r-ab12/ou-ab12-00000001/"]
)  # fmt: skip
def test_a_unit_stands_for_the_accounts_in_it_and_below_it(home: Path, policy: Path, unit: str) -> None:
    collect_tree(home)
    found = tried(home, policy, targets=(unit,))
    assert [each.accounts for each in found.units] == [(ACCOUNT.id,)]
    assert (found.denied, found.trial.accounts, found.trial.management_account) == (1, (ACCOUNT.id,), "444455556666")
    assert f"{unit}, with all units below it" in run(home, policy, "--target", unit).output


@pytest.mark.parametrize(("unit", "text"), [("/Nowhere", "unit_unknown"), ("/Empty", "unit_empty")])
def test_a_unit_that_is_not_there_or_holds_nothing_is_refused(home: Path, policy: Path, unit: str, text: str) -> None:
    collect_tree(home)
    with pytest.raises(UsageError) as caught:
        tried(home, policy, targets=(unit,))
    assert caught.value.text == f"iam_backtest.{text}"


def test_a_tree_of_which_a_part_was_not_read_tells_no_members(home: Path, policy: Path) -> None:
    collect_tree(home, {"aws_organizations_account": ""})
    with pytest.raises(UsageError) as caught:
        tried(home, policy, targets=("/Workloads",))
    assert caught.value.text == "iam_backtest.tree_not_whole"


@pytest.mark.slow
def test_only_the_time_that_is_asked_about_counts(home: Path, policy: Path) -> None:
    later = Where(since=NOON + timedelta(seconds=30))
    assert (tried(home, policy, where=later).denied, tried(home, policy, where=later).tried.event_count) == (0, 2)


def test_the_management_account_is_taken_from_the_inventory(home: Path, policy: Path) -> None:
    row = {"arn": "arn:aws:organizations::111122223333:organization/o-a", "management_account_id": ACCOUNT.id}
    snapshot(home, NOON, {"aws_organizations_organization": [row]})
    found = tried(home, policy)
    assert (found.trial.management_account, found.denied, found.tried.exempt_count) == (ACCOUNT.id, 0, 3)


def test_the_page_names_principal_action_statement_line_and_example(home: Path, policy: Path) -> None:
    shown = run(home, policy, "--target", ACCOUNT.id).output
    for words in (
        ALICE,
        "ec2:RunInstances",
        "NoMore (3)",
        "RunInstances-01-1200",
        "1 more were denied",
        "Searched aws_cloudtrail_event",
    ):
        assert words in shown


def test_nothing_denied_is_said_with_what_it_rests_on(home: Path, tmp_path: Path) -> None:
    other = written(tmp_path / "other.json", {"Statement": {"Effect": "Deny", "Action": ["s3:*"], "Resource": "*"}})
    shown = run(home, other).output
    for words in ("no recorded request", "no data events of s3.amazonaws.com", "Searched aws_cloudtrail_event"):
        assert words in shown


def test_an_empty_lake_says_nothing_of_the_policy(tmp_path: Path, policy: Path) -> None:
    found = run(tmp_path / "empty", policy, "--fail-on", "denied")
    assert "this says nothing of the policy" in found.output
    assert found.return_value == 3


@pytest.mark.slow
def test_the_exit_code_is_for_machines(home: Path, policy: Path, tmp_path: Path) -> None:
    unsure = written(
        tmp_path / "unsure.json",
        {"Statement": {"Effect": "Deny", "Action": "ec2:*", "Resource": "*", "Condition": {"Bool": {"x:y": "true"}}}},
    )
    idle = written(tmp_path / "idle.json", {"Statement": {"Effect": "Deny", "Action": "eks:*", "Resource": "*"}})
    assert run(home, policy).return_value == 0
    assert run(home, policy, "--fail-on", "denied").return_value == 4
    assert run(home, unsure, "--fail-on", "unknown").return_value == 4
    assert run(home, unsure, "--fail-on", "denied").return_value == 3
    assert run(home, idle, "--fail-on", "unknown").return_value == 0


def test_as_json_every_count_and_group_is_there(home: Path, policy: Path) -> None:
    told = json.loads(run(home, policy, "--format", "json").output)
    assert told["schema"] == "sakimori.iam_backtest/1"
    assert (told["counts"]["denied"], told["counts"]["already_refused"], told["counts"]["allowed"]) == (1, 1, 1)
    assert [(each["principal"], each["outcome"], each["examples"]) for each in told["denied"]] == [
        (ALICE, "explicit_deny", ["RunInstances-01-1200"])
    ]
    assert told["coverage"]["logs"][0]["rows"] == 3


@pytest.mark.parametrize("content", ["", "[]", '{"Statement": {"Effect": "Perhaps"}}', "\x00", "{" * 5000])
def test_a_file_that_is_no_policy_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_policy(path)
    assert caught.value.text == "iam_backtest.no_policy"


def test_a_policy_may_stand_as_organizations_prints_it(tmp_path: Path) -> None:
    path = written(tmp_path / "described.json", {"Policy": {"PolicySummary": {}, "Content": json.dumps(DENY)}})
    assert [each.sid for each in read_policy(path).document.statements] == ["NoMore"]


# -- policies from recorded use -------------------------------------------------------


def propose(home: Path, *words: str) -> Result:
    return CliRunner().invoke(
        least_privilege_command, (*words, *WHEN), obj=home, catch_exceptions=False, standalone_mode=False
    )


def test_the_proposal_alone_is_on_standard_output(home: Path) -> None:
    found = propose(home, ALICE, "--format", "policy")
    actions = [action for each in json.loads(found.stdout)["Statement"] for action in each["Action"]]
    assert actions == ["ec2:DescribeInstances", "ec2:RunInstances"]
    assert "Searched aws_cloudtrail_event" in found.stderr


def test_without_any_use_there_is_no_proposal(home: Path) -> None:
    found = propose(home, ALICE.replace("alice", "bob"), "--format", "policy")
    assert (found.stdout, found.return_value) == ("", 3)
    assert "nothing to make a policy of" in found.stderr


@pytest.mark.slow
def test_the_policies_of_today_are_compared(home: Path, tmp_path: Path) -> None:
    own = {"Statement": {"Effect": "Allow", "Action": ["ec2:DescribeInstances", "sns:*"], "Resource": "*"}}
    user = {"Arn": ALICE, "UserName": "alice", "UserId": "AIDACKCEVSQ6C2EXAMPLE", "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": own}]}  # fmt: skip
    details = written(tmp_path / "details.json", {"UserDetailList": [user]})
    told = json.loads(propose(home, "alice", "--authorization-details", str(details), "--format", "json").output)
    assert [(each["pattern"], each["has_evidence"]) for each in told["taken"]] == [("sns:*", False)]
    assert [each["action"] for each in told["unexplained"]] == ["ec2:RunInstances"]
    shown = propose(home, "alice", "--authorization-details", str(details)).output
    assert "ec2:RunInstances" in shown
    assert "No evidence for data of sns" in shown


def test_a_name_needs_the_account(home: Path) -> None:
    with pytest.raises(UsageError):
        propose(home, "alice")


def test_a_target_of_whom_nothing_is_recorded_is_said_to_be_taken_as_a_name(home: Path, policy: Path) -> None:
    told = run(home, policy, "--target", "prod").output
    assert "No recorded request is of prod." in told
    assert "/Workloads/Prod" in told
    assert "No recorded request is of" not in run(home, policy, "--target", ALICE).output
    assert "No recorded request is of" not in run(home, policy, "--target", ACCOUNT.id).output
