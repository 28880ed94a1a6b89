import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.actions.staging import HOME, Stage, holds_and_is_taken_back

from sakimori.actions.applying import journaled_items
from sakimori.actions.catalogue import steps
from sakimori.actions.harden.log_archive_bucket import STEP
from sakimori.actions.journal import open_journal
from sakimori.actions.plan import Standing
from sakimori.actions.records import bucket_emptying
from sakimori.actions.records.bucket_settings import BORN, SSE_S3, settings_changes
from sakimori.actions.terraform import rendered
from sakimori.model.errors import ActionError
from sakimori.simulate.faults import Fault, Kind
from sakimori.simulate.server import SimulatedAccount

OURS = f"sakimori-logs-606060606060-{HOME}"
HANDS_ON = "securiry-hands-on-cloudtrail-606060606060"


def _make_bucket(stage: Stage, name: str, region: str = HOME, **more: Any) -> None:
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    stage.client("s3", region).create_bucket(Bucket=name, **where, **more)


def _fill_by_trail(stage: Stage, bucket: str, name: str = "securiry-hands-on-cloudtrail") -> None:
    _make_bucket(stage, bucket)
    arn = f"arn:aws:s3:::{bucket}"
    service = {"Service": "cloudtrail.amazonaws.com"}
    statements = [
        {"Sid": "AWSCloudTrailAclCheck20150319", "Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl",
         "Resource": arn},
        {"Sid": "AWSCloudTrailWrite20150319", "Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
         "Resource": f"{arn}/AWSLogs/606060606060/*"},
    ]  # fmt: skip
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    stage.client("s3").put_bucket_policy(Bucket=bucket, Policy=document)
    stage.client("cloudtrail").create_trail(Name=name, S3BucketName=bucket, IsMultiRegionTrail=True)


def _policy(stage: Stage, bucket: str) -> dict[str, Any]:
    return json.loads(stage.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])


def test_a_bucket_for_logs_is_made_and_taken_back_where_there_is_none(stage: Stage) -> None:
    plan = holds_and_is_taken_back(stage, STEP)
    [item] = plan.to_make
    assert [change.name for change in item.changes] == ["bucket", "is_versioned", "policy", "lifecycle"]
    assert [part.price for part in item.cost.unknown] == ["s3.gb_month"]
    assert item.cautions == ()


def test_services_that_deliver_logs_may_write_and_plain_http_may_not(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    found = {each["Sid"]: each for each in _policy(stage, OURS)["Statement"]}
    writers = {each["Principal"]["Service"][0] for each in found.values() if each["Action"] == ["s3:PutObject"]}
    assert writers == {
        "cloudtrail.amazonaws.com", "config.amazonaws.com", "delivery.logs.amazonaws.com", "bedrock.amazonaws.com",
    }  # fmt: skip
    tls = found["SakimoriTlsOnly"]
    assert (tls["Effect"], tls["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": ["false"]}})
    assert all("606060606060" in json.dumps(each["Condition"]) for each in found.values() if each["Effect"] == "Allow")
    rules = stage.client("s3").get_bucket_lifecycle_configuration(Bucket=OURS)["Rules"]
    assert [each["Expiration"]["Days"] for each in rules] == [stage.wishes.keep_days]
    stage.client("cloudtrail").create_trail(Name="any", S3BucketName=OURS, IsMultiRegionTrail=True)
    stage.client("cloudtrail").start_logging(Name="any")
    assert "LatestDeliveryError" not in stage.client("cloudtrail").get_trail_status(Name="any")


def test_a_bucket_of_ours_that_is_half_there_is_completed_and_comes_back_as_it_was(stage: Stage) -> None:
    _make_bucket(stage, OURS, ObjectOwnership="ObjectWriter")
    stage.client("s3").delete_public_access_block(Bucket=OURS)
    holds_and_is_taken_back(stage, STEP)


def test_a_bucket_that_a_trail_fills_is_completed_and_no_second_one_made(stage: Stage) -> None:
    _fill_by_trail(stage, HANDS_ON)
    plan = holds_and_is_taken_back(stage, STEP)
    [item] = plan.to_make
    assert item.before
    assert item.target
    assert {change.call.parameters["Bucket"] for change in item.changes} == {HANDS_ON}
    assert "lifecycle" not in {change.name for change in item.changes}, "how long others keep logs is left to them"
    kept = item.before["settings"]["policy"]["Statement"]
    assert item.target["settings"]["policy"]["Statement"][: len(kept)] == kept
    assert [caution.text for caution in item.cautions] == ["harden_record.hb10_theirs"]


def test_a_bucket_that_config_fills_serves_too(stage: Stage) -> None:
    _make_bucket(stage, "our-config", "us-east-1")
    config = stage.client("config")
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": "arn:aws:iam::606060606060:role/c"}
    )
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "our-config"})
    [item] = stage.plan(STEP).to_make
    assert {(change.call.region, change.call.parameters["Bucket"]) for change in item.changes} == {
        ("us-east-1", "our-config")
    }


def test_a_bucket_of_a_landing_zone_is_left_to_it(stage: Stage) -> None:
    _fill_by_trail(stage, "aws-controltower-logs-606060606060-ap-northeast-1", "aws-controltower-BaselineCloudTrail")
    [item] = stage.plan(STEP).items
    assert (item.standing, item.reason, item.cautions) == (Standing.ADOPTED, "AWS Control Tower", ())


def test_a_bucket_in_another_account_that_gets_the_logs_is_left_to_it_and_told(stage: Stage) -> None:
    with SimulatedAccount(account_id="707070707070") as other:
        other.client("s3").create_bucket(Bucket="central-logs")
        _make_bucket(stage, "for-a-moment")
        trail = stage.client("cloudtrail")
        trail.create_trail(Name="central", S3BucketName="for-a-moment", IsMultiRegionTrail=True)
        trail.update_trail(Name="central", S3BucketName="central-logs")
        [item] = stage.plan(STEP).items
    assert (item.standing, item.reason) == (Standing.ADOPTED, "central-logs")
    assert [(each.text, each.values) for each in item.cautions] == [
        ("harden_record.logs_leave", {"name": "central", "bucket": "central-logs"})
    ]


def test_a_bucket_elsewhere_is_explained_by_an_organisation_but_not_by_a_name_that_anybody_may_take(
    stage: Stage,
) -> None:
    with SimulatedAccount(account_id="707070707070") as other:
        trail = stage.client("cloudtrail")
        for name, bucket in (
            ("own", "aws-controltower-logs-evil"),
            ("organisation", "central-logs"),
            ("aws-controltower-baseline", "strangers"),
        ):
            other.client("s3").create_bucket(Bucket=bucket)
            _make_bucket(stage, f"{name}-for-a-moment")
            is_all = {"IsOrganizationTrail": True} if name == "organisation" else {}
            trail.create_trail(Name=name, S3BucketName=f"{name}-for-a-moment", IsMultiRegionTrail=True, **is_all)
            trail.update_trail(Name=name, S3BucketName=bucket)
        [item] = stage.plan(STEP).items
    told = {each.values["bucket"] for each in item.cautions if each.text == "harden_record.logs_leave"}
    assert told == {"aws-controltower-logs-evil", "strangers"}


def test_a_name_that_another_account_took_is_not_written_to(stage: Stage) -> None:
    with SimulatedAccount(account_id="707070707070") as other:
        other.client("s3").create_bucket(Bucket=OURS)
        [item] = stage.plan(STEP).items
    assert item.standing is Standing.BLOCKED
    assert [caution.text for caution in item.cautions] == ["harden_record.archive_taken"]


def test_logs_are_never_kept_for_a_shorter_time_than_before(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    shorter = replace(stage, wishes=replace(stage.wishes, keep_days=30))
    assert {each.standing for each in shorter.plan(STEP).items} == {Standing.AS_WANTED}
    longer = replace(stage, wishes=replace(stage.wishes, keep_days=2000))
    [item] = longer.plan(STEP).to_make
    assert [change.name for change in item.changes] == ["lifecycle"]


def test_an_acl_that_lets_others_in_stays_and_is_told(stage: Stage) -> None:
    _make_bucket(stage, OURS, ObjectOwnership="ObjectWriter")
    stage.client("s3").delete_public_access_block(Bucket=OURS)
    stage.client("s3").put_bucket_acl(Bucket=OURS, ACL="log-delivery-write")
    [item] = stage.plan(STEP).to_make
    assert "ownership" not in {change.name for change in item.changes}
    assert "harden_record.hb10_acl" in {caution.text for caution in item.cautions}


def test_a_policy_that_is_public_does_not_stand_in_its_own_way(stage: Stage) -> None:
    _make_bucket(stage, OURS)
    s3 = stage.client("s3")
    s3.delete_public_access_block(Bucket=OURS)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{OURS}/*"}
    s3.put_bucket_policy(Bucket=OURS, Policy=json.dumps({"Version": "2012-10-17", "Statement": statement}))
    holds_and_is_taken_back(stage, STEP)


def test_a_policy_that_is_not_understood_is_not_written_over(stage: Stage) -> None:
    _make_bucket(stage, OURS)
    stage.client("s3").put_bucket_policy(
        Bucket=OURS, Policy=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps"}]})
    )
    [item] = stage.plan(STEP).items
    assert (item.standing, item.reason) == (Standing.UNREADABLE, "s3:GetBucketPolicy: Malformed")


def test_what_s3_blocks_and_moves_by_size_goes_along_when_a_setting_is_put() -> None:
    there = {**BORN, "blocked_encryption": ["NONE"], "least_moved": "varies_by_storage_class", "encryption": []}
    target = {**there, "encryption": list(SSE_S3), "lifecycle": [{"ID": "any"}]}
    encryption, lifecycle = settings_changes(HOME, OURS, there, target)
    [rule] = encryption.call.parameters["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule == {**SSE_S3[0], "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}
    assert lifecycle.call.parameters["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"
    assert settings_changes(HOME, OURS, {**target, "blocked_encryption": ["SSE-C"], "least_moved": ""}, target) == []


def test_the_order_of_the_rules_of_a_lifecycle_is_no_difference(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    s3 = stage.client("s3")
    rules = s3.get_bucket_lifecycle_configuration(Bucket=OURS)["Rules"]
    theirs = [{"ID": each, "Filter": {"Prefix": each}, "Status": "Enabled", "Expiration": {"Days": 9}} for each in "az"]
    for ordered in ([*theirs, *rules], [*rules, *theirs]):
        s3.put_bucket_lifecycle_configuration(Bucket=OURS, LifecycleConfiguration={"Rules": ordered})
        assert [each.standing for each in stage.plan(STEP).items] == [Standing.AS_WANTED]


def _policy_of_theirs(stage: Stage, *statements: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements that are added to these."""
    _make_bucket(stage, OURS)
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    stage.client("s3").put_bucket_policy(Bucket=OURS, Policy=document)
    stage.apply(stage.plan(STEP))
    return _policy(stage, OURS)["Statement"][len(statements) :]


@pytest.mark.parametrize(
    ("more", "serves"),
    [
        ({}, True),
        ({"Resource": f"arn:aws:s3:::{OURS}/AWSLogs/707070707070/*"}, False),
        ({"Condition": {"StringEquals": {"aws:SourceAccount": "707070707070"}}}, False),
        ({"Condition": {"StringNotEquals": {"aws:SourceAccount": "606060606060"}}}, False),
        ({"Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:606060606060:trail/*"}}}, True),
        ({"Condition": {"StringEquals": {"aws:PrincipalTag/any": "any"}}}, False),
    ],
)
def test_a_service_is_let_in_unless_a_statement_lets_it_write_for_this_account(
    stage: Stage, more: dict[str, Any], *, serves: bool
) -> None:
    there = {
        "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{OURS}/*", **more,
    }  # fmt: skip
    added = {each["Sid"] for each in _policy_of_theirs(stage, there)}
    assert ("SakimoriCloudTrailWrite" not in added) == serves


def test_a_policy_that_denies_a_service_is_told_and_stays(stage: Stage) -> None:
    there = {
        "Sid": "Theirs", "Effect": "Deny", "Principal": {"Service": "config.amazonaws.com"}, "Action": "s3:Put*",
        "Resource": f"arn:aws:s3:::{OURS}/*",
    }  # fmt: skip
    _policy_of_theirs(stage, there)
    [item] = stage.plan(STEP).items
    assert [(each.text, each.values["services"]) for each in item.cautions] == [
        ("harden_record.hb10_denied", ["config.amazonaws.com"])
    ]
    assert (item.standing, _policy(stage, OURS)["Statement"][0]["Sid"]) == (Standing.AS_WANTED, "Theirs")


def test_a_log_that_comes_between_the_plan_and_its_making_changes_nothing(stage: Stage) -> None:
    _make_bucket(stage, OURS)
    plan = stage.plan(STEP)
    stage.client("s3").put_object(Bucket=OURS, Key="AWSLogs/late", Body=b"x")
    stage.apply(plan)
    assert [each.standing for each in stage.plan(STEP).items] == [Standing.AS_WANTED]


def _put(stage: Stage, count: int) -> None:
    s3 = stage.client("s3")
    s3.delete_bucket_policy(Bucket=OURS)
    for number in range(count):
        s3.put_object(Bucket=OURS, Key=f"AWSLogs/{number}", Body=b"x")


def test_an_undo_that_loses_logs_must_be_told_the_name_and_takes_every_version(stage: Stage) -> None:
    before = stage.rows()
    stage.apply(stage.plan(STEP))
    [item] = _begun(stage)
    assert stage.hand().loses(item) == ""
    _put(stage, 3)
    stage.client("s3").put_object(Bucket=OURS, Key="AWSLogs/0", Body=b"y")
    stage.client("s3").delete_object(Bucket=OURS, Key="AWSLogs/1")
    assert stage.hand().loses(item) == OURS
    stage.undo()
    assert stage.rows() == before


def _with_a_lock(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    s3 = stage.client("s3")
    s3.put_object_lock_configuration(Bucket=OURS, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})
    _put(stage, 2)


@pytest.mark.parametrize("kind", ["hold", "retention"])
def test_a_locked_version_stops_the_undo_before_anything_is_deleted(stage: Stage, kind: str) -> None:
    _with_a_lock(stage)
    s3 = stage.client("s3")
    if kind == "hold":
        s3.put_object_legal_hold(Bucket=OURS, Key="AWSLogs/1", LegalHold={"Status": "ON"})
    else:
        until = datetime(2030, 1, 1, tzinfo=UTC)
        s3.put_object_retention(
            Bucket=OURS, Key="AWSLogs/1", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until}
        )
    stage.simulated.forget_calls()
    with pytest.raises(ActionError) as caught:
        stage.undo()
    assert (caught.value.text, caught.value.values["key"]) == ("harden_record.hb10_locked", "AWSLogs/1")
    assert not {call.name for call in stage.simulated.calls} & set(STEP.writes)


def test_object_lock_without_a_locked_version_stops_nothing(stage: Stage) -> None:
    _with_a_lock(stage)
    stage.undo()
    with pytest.raises(ClientError, match="404"):
        stage.client("s3").head_bucket(Bucket=OURS)


def test_locks_that_cannot_be_seen_stop_the_undo_too(stage: Stage) -> None:
    _with_a_lock(stage)
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="s3:GetObjectRetention"))
    with pytest.raises(ActionError) as caught:
        stage.undo()
    assert (caught.value.text, caught.value.values["call"]) == ("harden_record.hb10_not_seen", "s3:GetObjectRetention")
    assert len(stage.client("s3").list_object_versions(Bucket=OURS)["Versions"]) == 2


def test_a_bucket_that_does_not_carry_our_tag_is_not_deleted(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    stage.client("s3").delete_bucket_tagging(Bucket=OURS)
    with pytest.raises(ActionError) as caught:
        stage.undo()
    assert caught.value.text == "harden_record.hb10_not_ours"
    stage.client("s3").head_bucket(Bucket=OURS)


def test_what_is_too_much_to_delete_call_by_call_is_left_to_s3(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.apply(stage.plan(STEP))
    _put(stage, 3)
    monkeypatch.setattr(bucket_emptying, "MOST_VERSIONS", 2)
    with pytest.raises(ActionError) as caught:
        stage.undo()
    assert caught.value.text == "harden_record.hb10_emptying"
    with pytest.raises(ClientError, match=r"403|AccessDenied"):
        stage.client("s3").put_object(Bucket=OURS, Key="late", Body=b"x")
    stage.apply(stage.plan(STEP), "again")
    assert "Deny" not in {each["Effect"] for each in _policy(stage, OURS)["Statement"] if not each.get("Condition")}
    rules = stage.client("s3").get_bucket_lifecycle_configuration(Bucket=OURS)["Rules"]
    assert [each["ID"] for each in rules] == ["sakimori-keep"], "it does not go on emptying itself"
    with pytest.raises(ActionError):
        stage.undo()
    for version in stage.client("s3").list_object_versions(Bucket=OURS)["Versions"]:
        stage.client("s3").delete_object(Bucket=OURS, Key=version["Key"], VersionId=version["VersionId"])
    stage.undo()
    with pytest.raises(ClientError, match="404"):
        stage.client("s3").head_bucket(Bucket=OURS)


def test_the_same_bucket_as_code(stage: Stage) -> None:
    [item] = stage.plan(STEP).to_make
    assert STEP.terraform
    assert item.target
    code = rendered(STEP.terraform(None, item.target))  # type: ignore[arg-type]
    assert f'bucket = "{OURS}"' in code
    assert "days = 400" in code


def test_no_code_is_written_of_a_bucket_of_somebody_else(stage: Stage) -> None:
    _fill_by_trail(stage, HANDS_ON)
    [item] = stage.plan(STEP).to_make
    assert STEP.terraform
    assert item.target
    assert not STEP.terraform(None, item.target)  # type: ignore[arg-type]


def _begun(stage: Stage) -> Any:
    journal, lines = open_journal(stage.place, stage.door.account.id, "run")
    journal.close()
    return journaled_items(lines)


def test_a_bucket_that_a_trail_delivers_to_is_not_taken_back_before_the_trail(stage: Stage) -> None:
    stage.apply(stage.plan(STEP), "bucket")
    stage.apply(stage.plan(steps()["HB11"]), "trail")
    with pytest.raises(ActionError, match="refused") as caught:
        stage.undo("bucket")
    assert caught.value.values["code"] == "BucketIsDeliveredTo"
    assert stage.client("s3").head_bucket(Bucket=OURS)
    stage.undo("trail")
    stage.undo("bucket")
