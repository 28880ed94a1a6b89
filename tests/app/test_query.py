from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.app.timeline_world import snapshot
from tests.ingest.trail import ACCOUNT, deliver, event

from sakimori.app.query import QueryRequest, ask, rows_held
from sakimori.app.searched import Searched
from sakimori.app.who_did import ReadAs, WhoDid, who_did
from sakimori.ingest.engine import IngestRequest, ingest
from sakimori.ingest.objects import local_objects
from sakimori.lake.engines import guarded
from sakimori.lake.log_reader import EVERYWHERE, Where
from sakimori.model.errors import UsageError
from sakimori.rules.questions import find_question

NOW = datetime(2026, 10, 3, 12, tzinfo=UTC)
ROOT = {"type": "Root", "principalId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT}
ALICE = {
    "type": "IAMUser", "principalId": "AIDAEXAMPLE", "arn": f"arn:aws:iam::{ACCOUNT}:user/alice", "accountId": ACCOUNT,
    "userName": "alice", "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
}  # fmt: skip
IAM: Mapping[str, Any] = {"eventSource": "iam.amazonaws.com", "requestParameters": {"userName": "bob"}}
EC2: Mapping[str, Any] = {"eventSource": "ec2.amazonaws.com"}


def clock() -> datetime:
    return NOW


def bring(home: Path, *events: Mapping[str, Any]) -> Path:
    """A lake of these events, each told from the others."""
    numbered = [{**event(number), **each} for number, each in enumerate(events, 1)]
    deliver(home / "in", "a", numbered)
    ingest(IngestRequest(home=home, kind="cloudtrail", workers=1), local_objects(str(home / "in")), clock=clock)
    return home


def rows(home: Path, sql: str, **more: Any) -> list[tuple[Any, ...]]:
    with ask(QueryRequest(home=home, sql=sql, **more), clock=clock) as answer:
        return list(answer.rows())


def answered(home: Path, question: str, **given: str) -> list[dict[str, Any]]:
    found = find_question(question)
    with ask(QueryRequest(home=home, sql=found.query, parameters=found.values(given)), clock=clock) as answer:
        names = [name for name, _ in answer.columns]
        return [dict(zip(names, row, strict=True)) for row in answer.rows()]


def searched(home: Path, sql: str, where: Where = EVERYWHERE) -> Searched:
    with ask(QueryRequest(home=home, sql=sql, where=where), clock=clock) as answer:
        list(answer.rows())
        return answer.searched


# -- asking ------------------------------------------------------------------------------


def test_a_query_reads_the_log(tmp_path: Path) -> None:
    bring(tmp_path, {}, {"eventName": "GetBucketAcl", "readOnly": True})
    assert rows(tmp_path, "select event_name from aws_cloudtrail_event order by 1") == [
        ("GetBucketAcl",),
        ("PutBucketPolicy",),
    ]
    assert rows_held(tmp_path)["aws_cloudtrail_event"] == 2
    assert rows_held(tmp_path)["aws_waf_log"] == 0


@pytest.mark.slow
def test_the_scope_of_a_request_holds_whatever_the_sql_says(tmp_path: Path) -> None:
    bring(tmp_path, {}, {"eventTime": "2026-10-02T00:00:00Z"}, {"awsRegion": "us-east-1"})
    count = "select count(*) from aws_cloudtrail_event where event_time > '2020-01-01' or true"
    second_day = Where(since=datetime(2026, 10, 2, tzinfo=UTC))
    assert rows(tmp_path, count) == [(3,)]
    assert rows(tmp_path, count, where=second_day) == [(1,)]
    assert rows(tmp_path, count, where=Where(accounts=("444455556666",))) == [(0,)]
    assert rows(tmp_path, count, where=Where(regions=("us-east-1",))) == [(1,)]


@pytest.mark.slow
def test_values_are_bound_and_never_read_as_sql(tmp_path: Path) -> None:
    bring(tmp_path, {})
    hostile = "' or 1 = 1 --"
    sql = "select event_name from aws_cloudtrail_event where event_name = $x"
    assert rows(tmp_path, sql, parameters={"x": hostile}) == []
    assert rows(tmp_path, "select $x", parameters={"x": hostile}) == [(hostile,)]
    several = "select count(*) from aws_cloudtrail_event where list_contains($names, event_name)"
    assert rows(tmp_path, several, parameters={"names": ("PutBucketPolicy", "x")}) == [(1,)]


def test_an_answer_says_what_was_looked_through(tmp_path: Path) -> None:
    bring(tmp_path, {}, {"eventTime": "2026-10-02T00:00:00Z"})
    found = searched(tmp_path, "select * from aws_cloudtrail_event where event_name = 'x'").plain()["logs"]
    assert isinstance(found, list)
    (log,) = found
    assert log["rows"] == 2
    assert (log["held_from"], log["held_to"]) == ("2026-10-01", "2026-10-02")
    assert log["accounts"] == [ACCOUNT]
    narrowed = searched(tmp_path, "select * from aws_cloudtrail_event where event_time >= '2026-10-02'")
    assert [coverage.row_count for coverage in narrowed.logs] == [1]


@pytest.mark.slow
def test_a_day_without_a_record_is_no_quiet_day(tmp_path: Path) -> None:
    bring(tmp_path, {}, {"eventTime": "2026-10-03T00:00:00Z"})
    (log,) = searched(tmp_path, "select 1 from aws_cloudtrail_event").logs
    assert log.hole_count == 1
    assert not log.is_complete
    said = searched(tmp_path, "select 1 from aws_cloudtrail_event").said("en")
    assert "2026-10-02" in said[0]


def test_a_log_that_was_never_ingested_is_told(tmp_path: Path) -> None:
    bring(tmp_path, {})
    found = searched(tmp_path, "select count(*) from aws_waf_log")
    assert not found.logs[0].is_known
    assert "sakimori ingest waf" in found.said("en")[0]
    assert rows(tmp_path / "nothing", "select count(*) from aws_waf_log") == [(0,)]


def test_an_account_that_the_sql_names_wrongly_is_told(tmp_path: Path) -> None:
    bring(tmp_path, {})
    found = searched(tmp_path, "select * from aws_cloudtrail_event where account_id = '999988887777'")
    assert found.logs[0].unseen_accounts == ("999988887777",)


@pytest.mark.slow
def test_logs_and_inventory_are_joined(tmp_path: Path) -> None:
    bring(tmp_path, {"requestParameters": {"bucketName": "books"}})
    told = {"arn": "arn:aws:s3:::books", "name": "books"}
    identifier = snapshot(tmp_path, NOW, {"aws_s3_bucket": [told]}, {"aws_s3_bucket": "arn:aws:s3:::other"})
    sql = """select bucket.arn, event.event_name from aws_cloudtrail_event as event
        join aws_s3_bucket as bucket on bucket.name = event.request_parameters ->> 'bucketName'"""
    assert rows(tmp_path, sql) == [("arn:aws:s3:::books", "PutBucketPolicy")]
    (read,) = searched(tmp_path, sql).inventory
    assert (read.snapshot, read.gap_count) == (identifier, 1)
    assert "aws_s3_bucket" in searched(tmp_path, sql).said("ja")[-1]


@pytest.mark.parametrize("has_snapshot", [False, True])
def test_a_table_that_no_snapshot_holds_is_an_error_and_not_an_empty_table(tmp_path: Path, has_snapshot: bool) -> None:
    bring(tmp_path, {})
    if has_snapshot:
        snapshot(tmp_path, NOW, {"aws_iam_user": []})
    with pytest.raises(UsageError, match="not_collected"):
        rows(tmp_path, "select * from aws_s3_bucket")


def test_a_home_without_a_lake_answers_nothing_and_breaks_nothing(tmp_path: Path) -> None:
    assert rows(tmp_path, "select * from aws_cloudtrail_event") == []
    assert not (tmp_path / "lake").exists()
    with pytest.raises(UsageError, match="not_collected"):
        rows(tmp_path, "select * from aws_s3_bucket")


@pytest.mark.slow
def test_only_the_parts_that_matter_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(tmp_path, {}, {"eventTime": "2026-10-02T00:00:00Z"})
    shown: list[int] = []
    show = guarded.GuardedEngine.show_log

    def counted(self: guarded.GuardedEngine, reader: Any, table: Any, parts: Any, where: Any) -> None:
        shown.append(len(parts))
        show(self, reader, table, parts, where)

    monkeypatch.setattr(guarded.GuardedEngine, "show_log", counted)
    for condition in ("true", "event_time >= '2026-10-02'", "region = 'x'", "account_id = '1' and account_id = '2'"):
        rows(tmp_path, f"select 1 from aws_cloudtrail_event where {condition}")
    assert shown == [2, 1, 0, 0]


# -- saved questions -----------------------------------------------------------------------


def test_who_did_what_has_changes_and_no_reads(tmp_path: Path) -> None:
    bring(tmp_path, {}, {"readOnly": True}, {"errorCode": "AccessDenied", "eventName": "DeleteBucket"})
    found = answered(tmp_path, "cloudtrail.who-did-what")
    assert [(row["action"], row["target"], row["result"]) for row in found] == [
        ("s3:DeleteBucket", "bucket-3", "AccessDenied"),
        ("s3:PutBucketPolicy", "bucket-1", "ok"),
    ]
    assert {(row["who"], row["session"]) for row in found} == {(f"arn:aws:iam::{ACCOUNT}:role/deploy", "session")}


QUESTIONS: tuple[tuple[str, Mapping[str, Any], Mapping[str, Any]], ...] = (
    ("root-use", {"userIdentity": ROOT}, {"userIdentity": {**ROOT, "invokedBy": "x.amazonaws.com"}}),
    ("root-use", {"userIdentity": ROOT}, {"userIdentity": ALICE}),
    (
        "sign-ins-without-mfa",
        {"userIdentity": ALICE, "eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin",
         "responseElements": {"ConsoleLogin": "Success"}, "additionalEventData": {"MFAUsed": "No"}},
        {"userIdentity": ALICE, "eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin",
         "responseElements": {"ConsoleLogin": "Success"}, "additionalEventData": {"MFAUsed": "Yes"}},
    ),
    (
        "failed-sign-ins",
        {"userIdentity": ALICE, "eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin",
         "responseElements": {"ConsoleLogin": "Failure"}},
        {"userIdentity": ALICE, "eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin",
         "responseElements": {"ConsoleLogin": "Success"}},
    ),
    ("failed-calls", {"errorCode": "NoSuchBucket"}, {}),
    ("denied-calls", {"errorCode": "Client.UnauthorizedOperation"}, {"errorCode": "NoSuchBucket"}),
    ("new-access-keys", {**IAM, "eventName": "CreateAccessKey"}, {**IAM, "eventName": "DeleteAccessKey"}),
    ("policy-changes", {**IAM, "eventName": "AttachUserPolicy"}, {**IAM, "eventName": "CreateUser"}),
    ("policy-changes", {**IAM, "eventName": "CreatePolicyVersion"}, {**IAM, "eventName": "GetPolicy", "readOnly": True}),
    (
        "security-group-openings",
        {**EC2, "eventName": "AuthorizeSecurityGroupIngress", "requestParameters": {"groupId": "sg-1", "ipPermissions": {
            "items": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]}}},
        {**EC2, "eventName": "AuthorizeSecurityGroupIngress", "requestParameters": {"groupId": "sg-1", "ipPermissions": {
            "items": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipRanges": {"items": [{"cidrIp": "10.0.0.0/8"}]}}]}}},
    ),
    (
        "recording-stopped",
        {"eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging"},
        {"eventSource": "cloudtrail.amazonaws.com", "eventName": "StartLogging"},
    ),
    (
        "kms-key-removals",
        {"eventSource": "kms.amazonaws.com", "eventName": "ScheduleKeyDeletion"},
        {"eventSource": "kms.amazonaws.com", "eventName": "CreateKey"},
    ),
    (
        "shared-snapshots",
        {**EC2, "eventName": "ModifySnapshotAttribute", "requestParameters": {
            "snapshotId": "snap-1", "createVolumePermission": {"add": {"items": [{"userId": "999988887777"}]}}}},
        {**EC2, "eventName": "ModifySnapshotAttribute", "requestParameters": {
            "snapshotId": "snap-1", "createVolumePermission": {"remove": {"items": [{"userId": "999988887777"}]}}}},
    ),
    ("deletes", {"eventName": "DeleteBucket"}, {}),
    (
        "outside-accounts",
        {"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole",
         "userIdentity": {"type": "AWSAccount", "principalId": "AIDAX", "accountId": "999988887777"}},
        {"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole"},
    ),
    ("access-key-use", {"userIdentity": ALICE}, {}),
    ("downloads-by-bucket", {"eventName": "GetObject"}, {"eventName": "GetObject", "errorCode": "AccessDenied"}),
    ("throttled-calls", {"errorCode": "ThrottlingException"}, {"errorCode": "AccessDenied"}),
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("name", "match", "near_miss"), QUESTIONS, ids=[each[0] for each in QUESTIONS])
def test_a_question_finds_its_event_and_passes_over_one_that_is_like_it(
    tmp_path: Path, name: str, match: Mapping[str, Any], near_miss: Mapping[str, Any]
) -> None:
    bring(tmp_path / "match", match)
    bring(tmp_path / "near", near_miss)
    assert len(answered(tmp_path / "match", f"cloudtrail.{name}")) == 1
    assert answered(tmp_path / "near", f"cloudtrail.{name}") == []


# -- who did ---------------------------------------------------------------------------------


def found(home: Path, what: str) -> WhoDid:
    return who_did(home, what, EVERYWHERE, clock=clock)


def actions(home: Path, what: str) -> list[tuple[str, str]]:
    return [(deed.action, deed.part) for deed in found(home, what).deeds]


@pytest.mark.parametrize("what", ["UpdateFunctionCode", "lambda:UpdateFunctionCode"])
def test_an_operation_is_found_whatever_version_its_name_has(tmp_path: Path, what: str) -> None:
    code = {"eventSource": "lambda.amazonaws.com", "eventName": "UpdateFunctionCode20150331v2"}
    bring(tmp_path, code, {"eventName": "UpdateFunctionConfiguration20150331v2"}, {})
    answer = found(tmp_path, what)
    assert answer.read_as is ReadAs.EVENT
    assert [deed.action for deed in answer.deeds] == ["lambda:UpdateFunctionCode20150331v2"]


@pytest.mark.slow
def test_an_operation_of_another_service_is_another_operation(tmp_path: Path) -> None:
    bring(tmp_path, {**IAM, "eventName": "DeleteUser"})
    assert found(tmp_path, "iam:DeleteUser").count == 1
    assert found(tmp_path, "cognito-idp:DeleteUser").count == 0
    bring(tmp_path / "other", {"eventSource": "monitoring.amazonaws.com", "eventName": "DeleteAlarms"})
    assert found(tmp_path / "other", "cloudwatch:DeleteAlarms").count == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "parts"),
    [
        ("sg-0123456789abcdef0", ["on"]),
        ("bob", ["on"]),
        (f"arn:aws:iam::{ACCOUNT}:user/bob", ["on"]),
        ("alice", ["by"]),
        (f"arn:aws:iam::{ACCOUNT}:user/alice", ["by"]),
        ("AKIAIOSFODNN7EXAMPLE", ["by"]),
        ("203.0.113.9", ["by"]),
        ("arn:aws:s3:::books", ["on", "on"]),
        ("books", ["on", "on"]),
        ("arn:aws:s3:::books/a/b.txt", ["on"]),
        (f"arn:aws:iam::{ACCOUNT}:role/deploy", ["by", "by", "by", "by"]),
        ("deploy", ["by", "by", "by", "by"]),
        ("book", []),
        ("sg-0123456789abcdef", []),
    ],
)
def test_a_thing_is_found_as_the_one_who_acts_and_as_what_is_acted_on(
    tmp_path: Path, what: str, parts: list[str]
) -> None:
    bring(
        tmp_path,
        {**EC2, "eventName": "RevokeSecurityGroupIngress", "requestParameters": {"groupId": "sg-0123456789abcdef0"}},
        {**IAM, "eventName": "DeleteUser", "userIdentity": ALICE, "sourceIPAddress": "203.0.113.9"},
        {"requestParameters": {"bucketName": "books"}},
        {"eventName": "GetObject", "requestParameters": {"x": 1}, "resources": [
            {"ARN": "arn:aws:s3:::books/a/b.txt"}, {"ARN": "arn:aws:s3:::books"}]},
        {"requestParameters": {"bucketName": "booksellers"}},
    )  # fmt: skip
    assert [part for _, part in actions(tmp_path, what)] == parts


def test_an_answer_is_in_the_order_of_time_with_all_that_was_asked(tmp_path: Path) -> None:
    later = {"eventName": "DeleteBucket", "eventTime": "2026-10-02T00:00:00Z", "errorCode": "AccessDenied"}
    bring(tmp_path, later, {"eventName": "DeleteBucket"})
    first, second = found(tmp_path, "DeleteBucket").deeds
    assert (first.error, second.error) == (None, "AccessDenied")
    assert first.at < second.at
    assert first.who == f"arn:aws:iam::{ACCOUNT}:role/deploy"
    assert (first.session, first.origin, first.target) == ("session", "198.51.100.7", "bucket-2")


@pytest.mark.slow
def test_nobody_is_said_of_what_was_recorded(tmp_path: Path) -> None:
    bring(tmp_path, {})
    nobody = found(tmp_path, "DeleteBucket")
    assert nobody.deeds == ()
    assert nobody.searched.logs[0].row_count == 1
    assert nobody.has_data_events is False
    bring(tmp_path / "data", {"eventCategory": "Data", "managementEvent": False})
    assert found(tmp_path / "data", "DeleteBucket").has_data_events is True
    never = found(tmp_path / "nothing", "DeleteBucket")
    assert not never.searched.logs[0].is_known


def test_a_negative_answer_names_the_regions_of_which_there_is_no_record(tmp_path: Path) -> None:
    bring(tmp_path, {"awsRegion": "us-east-1"}, {"awsRegion": "us-west-2"})
    nobody = found(tmp_path, "DeleteBucket").searched
    assert len(nobody.silent_regions) == 14  # the name of the file tells of ap-northeast-1
    assert (
        "Of 14 Regions that every account has, there is no record of CloudTrail at all: ap-northeast-2, "
        in " ".join(nobody.said("en"))
    )
    bring(tmp_path / "tokyo", {"awsRegion": "ap-northeast-1"})
    assert found(tmp_path / "tokyo", "CreateUser").searched.silent_regions[0] == "us-east-1"
    named = who_did(tmp_path, "DeleteBucket", Where(regions=("us-east-1",)), clock=clock).searched
    assert named.silent_regions == ()
    assert searched(tmp_path, "select 1 from aws_waf_log").silent_regions == ()


def test_events_that_do_not_say_their_category_are_no_proof_of_data_events(tmp_path: Path) -> None:
    bring(tmp_path, {"eventCategory": None, "managementEvent": None})
    assert found(tmp_path, "DeleteBucket").has_data_events is False


@pytest.mark.parametrize("what", ["deletebucket", "s3:deletebucket", "DELETEBUCKET", "s3:Deletebucket"])
def test_an_operation_is_found_however_its_letters_are_written(tmp_path: Path, what: str) -> None:
    bring(tmp_path, {"eventName": "DeleteBucket"}, {"eventName": "DeleteBucketPolicy"})
    answer = found(tmp_path, what)
    assert (answer.read_as, [deed.action for deed in answer.deeds]) == (ReadAs.EVENT, ["s3:DeleteBucket"])
    assert found(tmp_path, "iam:deletebucket").count == 0


def test_a_thing_of_the_name_of_an_operation_is_looked_for_as_a_thing(tmp_path: Path) -> None:
    bring(tmp_path, {"eventName": "Decrypt"}, {"requestParameters": {"bucketName": "decrypt"}})
    assert actions(tmp_path, "decrypt") == [("s3:PutBucketPolicy", "on")]


def test_nobody_called_a_misspelt_operation_and_the_one_that_was_meant_is_named(tmp_path: Path) -> None:
    bring(tmp_path, {"eventName": "DeleteBucket"}, {"eventName": "PutObject"})
    assert (found(tmp_path, "DeleteBukcet").count, found(tmp_path, "DeleteBukcet").meant) == (0, "DeleteBucket")
    assert found(tmp_path, "CreateStack").meant == ""


@pytest.mark.parametrize("what", ["", "x", 'a"b', "a\\b", '"; drop'])
def test_what_cannot_be_looked_for_is_refused(tmp_path: Path, what: str) -> None:
    with pytest.raises(UsageError, match="nothing_to_find"):
        found(tmp_path, what)


def test_a_capital_makes_no_operation_of_a_name(tmp_path: Path) -> None:
    bring(tmp_path, {"requestParameters": {"bucketName": "AdminRole"}})
    assert found(tmp_path, "AdminRole").read_as is ReadAs.RESOURCE
    assert found(tmp_path, "AdminRole").count == 1
