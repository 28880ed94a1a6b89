"""Every place of a simulated account: what was planted is found and nothing else, refusals are told, and no secret is kept."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.app.planted_account import REGION, lines, plant, secret_key, zipped
from tests.cli.running import Sakimori

from sakimori.analysis.secrets.recipe import key_id
from sakimori.aws.actions import action_of
from sakimori.collect.secret_places.catalogue import PLACES
from sakimori.model.exit_codes import BLIND, COMPLETED, FOUND
from sakimori.simulate.faults import Fault, Kind
from sakimori.simulate.server import SimulatedAccount

PLANTED = {
    "ec2-user-data", "ec2-launch-template", "lambda-environment", "ecs-task-definition", "batch-job-definition",
    "codebuild-project", "cloudformation-stack", "glue-job", "ssm-parameter", "ssm-document", "cloudwatch-logs",
    "s3-public-object", "ebs-snapshot", "lambda-code", "lambda-layer", "ecr-image",
}  # fmt: skip
CLEAN = {"glue-connection", "elasticbeanstalk-environment"}
"""Places that hold nothing there."""


@pytest.fixture(scope="module")
def account() -> Iterator[SimulatedAccount]:
    with SimulatedAccount() as made:
        plant(made)
        yield made


@pytest.fixture
def sakimori(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Sakimori:
    return Sakimori(tmp_path / "home", monkeypatch, capsys)


@pytest.fixture
def as_owner(account: SimulatedAccount, monkeypatch: pytest.MonkeyPatch) -> SimulatedAccount:
    for name, value in account.environment("owner").items():
        if name.startswith("AWS_") or name.lower().endswith("_proxy"):
            monkeypatch.setenv(name, value)
    account.faults.clear()
    return account


def places(*names: str) -> list[str]:
    return [word for name in names for word in ("--place", name)]


def scan(sakimori: Sakimori, *more: str) -> tuple[int, Mapping[str, Any], str]:
    done = sakimori("secrets", "scan", "--account", "--region", REGION, "--format", "json", *more)
    return done.code, json.loads(done.out) if done.out.startswith("{") else {}, done.out + done.err


@pytest.mark.slow
def test_every_place_that_was_planted_is_found_and_nothing_else(sakimori: Sakimori, as_owner: SimulatedAccount) -> None:
    code, told, _ = scan(sakimori, *places(*PLANTED, *CLEAN))
    assert told["gaps"] == []
    assert code == COMPLETED
    assert told["is_whole"]
    likely = [each for each in told["findings"] if each["confidence"] != "low" and each["kind"].startswith("aws.")]
    secrets = {each["place"]: each for each in likely if each["kind"] == "aws.secret-access-key"}
    assert set(secrets) == PLANTED
    for place, each in secrets.items():
        assert each["sha256"] == _hash(secret_key(place))
        assert each["key_account_id"] == "111122223333"
        assert each["is_ours"] is False
        assert each["command"].startswith("sakimori respond start --key AKIA")
    assert {each["place"] for each in likely} == PLANTED
    kept = [path for path in sakimori.home.rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        content = path.read_bytes()
        for place in (*PLANTED, "never asked for", "private bucket"):
            assert secret_key(place).encode() not in content


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.slow
def test_a_refused_call_is_a_gap_and_the_command_says_incomplete(
    sakimori: Sakimori, as_owner: SimulatedAccount
) -> None:
    as_owner.faults.add(Fault(kind=Kind.DENY, match="lambda:ListFunctions"))
    done = sakimori("secrets", "scan", "--account", "--region", REGION, *places("lambda-environment", "ssm-parameter"))
    assert done.code == BLIND
    assert "INCOMPLETE" in done.out
    assert "lambda:ListFunctions" in done.out


@pytest.mark.parametrize(
    ("place", "call"), [("ebs-snapshot", "ebs:GetSnapshotBlock"), ("s3-public-object", "s3:GetObject")]
)
def test_bytes_that_are_not_what_aws_has_listed_are_told(
    sakimori: Sakimori, as_owner: SimulatedAccount, place: str, call: str
) -> None:
    as_owner.faults.add(Fault(kind=Kind.GARBAGE, match=call))
    code, told, _ = scan(sakimori, *places(place))
    assert code == BLIND
    assert {each["code"] for each in told["gaps"]} <= {"OtherChecksum", "OtherLength"}


@pytest.mark.slow
def test_what_is_found_is_in_the_inbox_by_resource_and_leaves_it_when_the_resource_is_clean(
    sakimori: Sakimori, as_owner: SimulatedAccount
) -> None:
    ssm = as_owner.client("ssm", region=REGION)
    ssm.put_parameter(Name="deploy", Type="String", Value=lines("inbox"))
    _, told, _ = scan(sakimori, *places("ssm-parameter"))
    assert told["inbox"]["new"] >= 2
    assert told["inbox"]["fixed"] == 0
    arn = f"arn:aws:ssm:{REGION}:{as_owner.account_id}:parameter/deploy"
    (found,) = _open_at(sakimori, arn)
    assert (found["rule"], found["severity"]) == ("aws.secrets.resource-without-aws-credentials", "critical")
    assert "ssm-parameter: " in found["posture"]["message"]["en"]
    assert secret_key("inbox") not in json.dumps(found)
    ssm.put_parameter(Name="deploy", Type="String", Value="region = us-east-1", Overwrite=True)
    _, told, _ = scan(sakimori, *places("ssm-parameter"))
    assert (told["inbox"]["new"], told["inbox"]["fixed"]) == (0, 1)
    assert not _open_at(sakimori, arn)
    ssm.delete_parameter(Name="deploy")


@pytest.mark.slow
def test_a_resource_is_gone_only_where_every_place_was_listed(sakimori: Sakimori, as_owner: SimulatedAccount) -> None:
    ssm = as_owner.client("ssm", region=REGION)
    ssm.put_parameter(Name="short-lived", Type="String", Value=lines("inbox"))
    scan(sakimori, *places("ssm-parameter"))
    ssm.delete_parameter(Name="short-lived")
    arn = f"arn:aws:ssm:{REGION}:{as_owner.account_id}:parameter/short-lived"
    scan(sakimori, *places("ssm-parameter"))
    assert _open_at(sakimori, arn), "other places were left out, and this resource might have one"
    as_owner.faults.add(Fault(kind=Kind.DENY, match="ssm:DescribeParameters"))
    scan(sakimori)
    assert _open_at(sakimori, arn), "parameters were not listed"
    as_owner.faults.clear()
    scan(sakimori)
    assert not _open_at(sakimori, arn)


def _open_at(sakimori: Sakimori, resource: str) -> list[Mapping[str, Any]]:
    listed = json.loads(sakimori("findings", "list", "--format", "json").out)["findings"]
    return [each for each in listed if each["subject"] == resource]


@pytest.mark.slow
def test_an_ordinary_assessment_leaves_the_rules_of_a_search_out_and_says_how_to_ask_for_them(
    sakimori: Sakimori, as_owner: SimulatedAccount
) -> None:
    done = sakimori("assess", "--region", REGION, "--rule", "aws.secrets.resource-without-aws-credentials")
    assert done.code == 2
    assert "sakimori secrets scan --account" in done.err
    scan(sakimori, *places("ssm-parameter"))
    again = sakimori(
        "assess", "--snapshot", "latest", "--rule", "aws.secrets.resource-without-aws-credentials", "--format", "json"
    )
    assert {each["status"] for each in json.loads(again.out)["verdicts"]} >= {"fail", "unknown"}


@pytest.mark.slow
def test_a_search_fails_on_a_severity(sakimori: Sakimori, as_owner: SimulatedAccount) -> None:
    code, _, _ = scan(sakimori, *places("ssm-parameter"), "--fail-on", "high")
    assert code == FOUND


@pytest.mark.slow
def test_the_rows_can_be_asked(sakimori: Sakimori, as_owner: SimulatedAccount) -> None:
    scan(sakimori, *places("ssm-parameter"))
    done = sakimori("query", "select place, kind, masked from aws_exposed_secret", "--format", "json")
    assert done.code == COMPLETED, done.err
    assert {row["place"] for row in json.loads(done.out)["rows"]} == {"ssm-parameter"}


@pytest.mark.slow
def test_with_verify_aws_says_whose_a_key_is(sakimori: Sakimori, as_owner: SimulatedAccount) -> None:
    as_owner.forget_calls()
    code, told, _ = scan(sakimori, *places("ssm-parameter"), "--verify")
    assert code == COMPLETED
    assert [key["tried"] for key in told["keys"]] == ["not_asked"]


@pytest.mark.slow
def test_what_does_not_go_together_is_refused(sakimori: Sakimori, as_owner: SimulatedAccount) -> None:
    for more in (("--history",), ("--format", "sarif"), ("--place", "nowhere")):
        assert sakimori("secrets", "scan", "--account", *more).code == 2
    assert "ec2-user-data" in sakimori("secrets", "scan", "--account", "--region", REGION, "--place", "nowhere").err


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_person_is_told_beside_the_resource_what_to_do(
    sakimori: Sakimori, as_owner: SimulatedAccount, lang: str
) -> None:
    done = sakimori("secrets", "scan", "--account", "--region", REGION, *places("ec2-user-data"), lang=lang)
    assert "instance/i-" in done.out
    assert "sakimori respond start --key AKIA" in done.out
    assert secret_key("ec2-user-data") not in done.out


def test_the_policy_for_secrets_lists_what_every_place_calls(sakimori: Sakimori) -> None:
    done = sakimori("permissions", "--for", "secrets")
    allowed = {action for each in json.loads(done.out)["Statement"] for action in each["Action"]}
    assert {action_of(operation) for place in PLACES for operation in place.operations} <= allowed
    assert not {each for each in allowed if each.partition(":")[2].startswith(("Put", "Create", "Delete", "Update"))}


def test_an_account_in_the_environment_does_not_turn_a_search_of_files_into_one_of_an_account(
    sakimori: Sakimori, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAKIMORI_ACCOUNT", "prod")
    monkeypatch.setenv("SAKIMORI_VERIFY_WITH_LEAKED", "1")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.txt").write_text("nothing")
    assert sakimori("secrets", "scan", str(tmp_path / "files")).code == COMPLETED


def test_with_leaked_goes_with_verify_alone(sakimori: Sakimori, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("nothing")
    done = sakimori("secrets", "scan", str(tmp_path / "a.txt"), "--verify-with-leaked")
    assert done.code == 2
    assert "--verify" in done.err


@pytest.mark.slow
def test_a_file_is_searched_and_the_leaked_pair_of_our_account_tried(
    sakimori: Sakimori, as_owner: SimulatedAccount, tmp_path: Path
) -> None:
    key = as_owner.credentials("owner")
    path = tmp_path / "leak.ini"
    stranger = key_id("444455556666")
    path.write_text(
        f"aws_access_key_id = {key.access_key_id}\naws_secret_access_key = {key.secret_access_key}\n\n\n{stranger}\n",
        encoding="utf-8",
    )
    done = sakimori("secrets", "scan", str(path), "--verify", "--verify-with-leaked", "--format", "json")
    told = json.loads(done.out)
    assert {each["key_id"]: each["tried"] for each in told["keys"]} == {
        key.access_key_id: "works",
        stranger: "not_ours",
    }
    assert key.secret_access_key not in done.out + done.err


# -- a bucket that is named -----------------------------------------------------------


@pytest.fixture(scope="module")
def bucket(account: SimulatedAccount) -> str:
    s3 = account.client("s3", "owner", REGION)
    s3.create_bucket(Bucket="parcels-of-the-shop")
    for key, content in (
        ("old/config.ini", lines("bucket").encode()),
        ("old/backup.zip", zipped("app.env", lines("packed"))),
        ("new/readme.txt", b"nothing to see\n"),
        ("new/config.ini", lines("elsewhere").encode()),
    ):
        s3.put_object(Bucket="parcels-of-the-shop", Key=key, Body=content)
    return "parcels-of-the-shop"


@pytest.mark.slow
def test_objects_under_a_prefix_are_looked_at_and_what_is_packed_in_them(
    sakimori: Sakimori, as_owner: SimulatedAccount, bucket: str
) -> None:
    done = sakimori("secrets", "scan", f"s3://{bucket}/old/", "--format", "json", "--fail-on", "high", "--show-secrets")
    told = json.loads(done.out)
    assert done.code == FOUND
    assert {each["secret"] for each in told["findings"]} >= {secret_key("bucket"), secret_key("packed")}
    assert {each["file"] for each in told["findings"]} == {
        f"s3://{bucket}/old/config.ini",
        f"s3://{bucket}/old/backup.zip",
    }
    assert (told["gaps"], told["scanned"]["pieces"]) == ([], 2)


def test_an_object_that_may_not_be_read_is_told_and_the_scan_is_not_whole(
    sakimori: Sakimori, as_owner: SimulatedAccount, bucket: str
) -> None:
    as_owner.faults.add(Fault(kind=Kind.DENY, match="s3:GetObject"))
    done = sakimori("secrets", "scan", f"s3://{bucket}/new/", "--format", "json")
    told = json.loads(done.out)
    assert done.code == BLIND
    assert {each["name"] for each in told["gaps"]} == {f"s3://{bucket}/new/readme.txt", f"s3://{bucket}/new/config.ini"}


@pytest.mark.slow
def test_a_users_pattern_that_never_ends_is_given_up_and_the_rest_is_found(
    sakimori: Sakimori, as_owner: SimulatedAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sakimori.analysis.secrets.extraction.PATIENCE_SECONDS", 0.3)
    kinds = tmp_path / "kinds"
    kinds.mkdir()
    (kinds / "own.yaml").write_text(
        "kinds: [{id: own.endless, title: t, message: {en: m, ja: m}, severity: high, examples: [],"
        " anchor: 'AKIA[A-Z0-9]', literals: [AKIA], pattern: '(?P<secret>(?:[A-Za-z0-9+/]+)+)!'}]"
    )
    asked = ("lambda-environment", "ec2-user-data", "ssm-parameter")
    code, told, _ = scan(sakimori, *places(*asked), "--kinds", str(kinds))
    assert code == BLIND
    assert not told["is_whole"]
    assert {gap["code"] for gap in told["gaps"]} == {"kind_slow"}
    secrets = {each["place"] for each in told["findings"] if each["kind"] == "aws.secret-access-key"}
    assert secrets == set(asked)
    partly = {row["place"] for row in told["searched"] if row["is_whole"] is False}
    assert partly == set(asked)
