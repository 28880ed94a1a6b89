"""What moto lacks is answered from state that calls change."""

import csv
import io
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sakimori.simulate.server import SimulatedAccount
from sakimori.simulate.stand_ins.iam import give_root_virtual_mfa
from sakimori.simulate.state import AdvisorSummary, RootKey, RootMfa, SupportPlan

TOKYO = "ap-northeast-1"


def _report(account: SimulatedAccount) -> Mapping[str, Mapping[str, str]]:
    iam = account.client("iam")
    iam.generate_credential_report()
    text = iam.get_credential_report()["Content"].decode()
    return {row["user"]: row for row in csv.DictReader(io.StringIO(text))}


def test_no_report_is_there_before_one_was_asked_for(account: SimulatedAccount, refusal_of: Any) -> None:
    assert refusal_of(account.client("iam").get_credential_report)[::2] == ("ReportNotPresent", 410)


def test_the_report_shows_root_and_its_keys(account: SimulatedAccount) -> None:
    root = _report(account)["<root_account>"]
    assert (root["arn"], root["mfa_active"], root["access_key_1_active"]) == (account.state.root_arn, "true", "false")
    assert (root["password_enabled"], root["password_last_used"]) == ("not_supported", "no_information")
    now = account.state.clock()
    account.state.root.mfa = RootMfa.NONE
    account.state.root.password_last_used_at = now
    account.state.root.access_keys = (RootKey(created_at=now - timedelta(days=3)),)
    root = _report(account)["<root_account>"]
    assert (root["mfa_active"], root["access_key_1_active"], root["access_key_2_active"]) == ("false", "true", "false")
    assert root["password_last_used"] == now.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    assert root["access_key_1_last_used_date"] == "N/A"


def test_the_report_follows_passwords_and_keys(account: SimulatedAccount) -> None:
    iam = account.client("iam")
    iam.create_user(UserName="u")
    row = _report(account)["u"]
    assert (row["password_enabled"], row["password_last_used"], row["password_last_changed"]) == ("false", "N/A", "N/A")
    iam.create_login_profile(UserName="u", Password="not-a-secret-1")  # noqa: S106 - not one
    iam.create_access_key(UserName="u")
    row = _report(account)["u"]
    assert (row["password_enabled"], row["password_last_used"]) == ("true", "no_information")
    assert (row["access_key_1_active"], row["access_key_1_last_used_service"]) == ("true", "N/A")
    account.client("sts", "u").get_caller_identity()
    assert _report(account)["u"]["access_key_1_last_used_service"] == "sts"


def test_a_new_password_has_the_age_of_its_change(account: SimulatedAccount) -> None:
    iam = account.client("iam")
    iam.create_user(UserName="u")
    iam.create_login_profile(UserName="u", Password="not-a-secret-1")  # noqa: S106 - not one
    later = account.state.clock() + timedelta(days=40)
    account.state.clock = lambda: later
    iam.update_login_profile(UserName="u", Password="not-a-secret-2")  # noqa: S106 - not one
    assert _report(account)["u"]["password_last_changed"] == later.strftime("%Y-%m-%dT%H:%M:%S+00:00")


@pytest.mark.slow
def test_the_summary_knows_root(account: SimulatedAccount) -> None:
    summary = account.client("iam").get_account_summary()["SummaryMap"]
    assert (summary["AccountMFAEnabled"], summary["AccountAccessKeysPresent"], summary["Users"]) == (1, 0, 3)
    account.state.root.mfa = RootMfa.NONE
    account.state.root.access_keys = (RootKey(created_at=account.state.clock()),)
    summary = account.client("iam").get_account_summary()["SummaryMap"]
    assert (summary["AccountMFAEnabled"], summary["AccountAccessKeysPresent"]) == (0, 1)


def test_roots_virtual_device_is_listed_and_a_hardware_one_is_not(account: SimulatedAccount) -> None:
    iam = account.client("iam")
    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []
    give_root_virtual_mfa(account.state)
    devices = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    assert [device["User"]["Arn"] for device in devices] == [account.state.root_arn]


def test_authorization_details_come_by_pages_and_by_filter(account: SimulatedAccount) -> None:
    iam = account.client("iam")
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.create_policy(PolicyName="mine", PolicyDocument=document)
    iam.put_user_policy(UserName="nobody", PolicyName="inline", PolicyDocument=document)
    pages = list(iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 2}))
    assert len(pages) == 3
    users = [user["UserName"] for page in pages for user in page["UserDetailList"]]
    policies = [policy["PolicyName"] for page in pages for policy in page["Policies"]]
    assert (users, set(policies)) == (["owner", "auditor", "nobody"], {"AdministratorAccess", "SecurityAudit", "mine"})
    only = iam.get_account_authorization_details(Filter=["LocalManagedPolicy"])
    assert ([policy["PolicyName"] for policy in only["Policies"]], only["UserDetailList"]) == (["mine"], [])
    inline = [user["UserPolicyList"] for page in pages for user in page["UserDetailList"] if user["UserPolicyList"]]
    assert inline == [[{"PolicyName": "inline", "PolicyDocument": json.loads(document)}]]


@pytest.mark.slow
def test_every_managed_policy_of_aws_can_be_attached_and_is_listed(account: SimulatedAccount, refusal_of: Any) -> None:
    iam = account.client("iam")
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    iam.attach_user_policy(UserName="nobody", PolicyArn=arn)
    assert account.client("iam", "nobody").list_users()["Users"]
    missing = {"UserName": "nobody", "PolicyArn": "arn:aws:iam::aws:policy/NoSuchPolicy"}
    assert refusal_of(iam.attach_user_policy, **missing)[0] == "NoSuchEntity"
    listed = [p["Arn"] for page in iam.get_paginator("list_policies").paginate() for p in page["Policies"]]
    assert len(listed) > 1000
    assert arn in listed


def test_a_new_bucket_is_closed_and_encrypted(account: SimulatedAccount, refusal_of: Any) -> None:
    s3 = account.client("s3")
    s3.create_bucket(Bucket="new-1")
    assert set(s3.get_public_access_block(Bucket="new-1")["PublicAccessBlockConfiguration"].values()) == {True}
    assert s3.get_bucket_ownership_controls(Bucket="new-1")["OwnershipControls"]["Rules"] == [
        {"ObjectOwnership": "BucketOwnerEnforced"}
    ]
    s3.delete_bucket_encryption(Bucket="new-1")
    rules = s3.get_bucket_encryption(Bucket="new-1")["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    s3.delete_public_access_block(Bucket="new-1")
    assert refusal_of(s3.get_public_access_block, Bucket="new-1")[0] == "NoSuchPublicAccessBlockConfiguration"


def test_buckets_are_listed_by_pages_with_their_regions(account: SimulatedAccount) -> None:
    s3 = account.client("s3", region=TOKYO)
    for name in ("b-2", "b-1", "b-3"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": TOKYO})
    account.client("s3").create_bucket(Bucket="c-1")
    first = s3.list_buckets(MaxBuckets=2)
    assert [bucket["Name"] for bucket in first["Buckets"]] == ["b-1", "b-2"]
    second = s3.list_buckets(MaxBuckets=2, ContinuationToken=first["ContinuationToken"])
    assert [(b["Name"], b["BucketRegion"]) for b in second["Buckets"]] == [("b-3", TOKYO), ("c-1", "us-east-1")]
    assert "ContinuationToken" not in second
    assert [b["Name"] for b in s3.list_buckets(BucketRegion="us-east-1")["Buckets"]] == ["c-1"]
    assert [b["Name"] for b in s3.list_buckets(Prefix="b-")["Buckets"]] == ["b-1", "b-2", "b-3"]
    assert [("BucketRegion" in b) for b in s3.list_buckets()["Buckets"]] == [False] * 4


def _trail(account: SimulatedAccount, *, open_to_cloudtrail: bool) -> Any:
    s3 = account.client("s3")
    s3.create_bucket(Bucket="trail-1")
    if open_to_cloudtrail:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::trail-1/AWSLogs/123456789012/*",
            "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        s3.put_bucket_policy(Bucket="trail-1", Policy=policy)
    trail = account.client("cloudtrail")
    trail.create_trail(Name="trail", S3BucketName="trail-1", IsMultiRegionTrail=True)
    return trail


def test_a_trail_delivers_while_its_bucket_lets_it(account: SimulatedAccount) -> None:
    trail = _trail(account, open_to_cloudtrail=True)
    assert trail.get_trail_status(Name="trail")["IsLogging"] is False
    trail.start_logging(Name="trail")
    status = trail.get_trail_status(Name="trail")
    assert status["IsLogging"] is True
    assert "LatestDeliveryTime" in status
    assert "LatestDeliveryError" not in status
    account.client("s3").delete_bucket_policy(Bucket="trail-1")
    assert trail.get_trail_status(Name="trail")["LatestDeliveryError"] == "AccessDenied"
    account.client("s3").delete_bucket(Bucket="trail-1")
    arn = trail.describe_trails()["trailList"][0]["TrailARN"]
    assert (
        account.client("cloudtrail", region=TOKYO).get_trail_status(Name=arn)["LatestDeliveryError"] == "NoSuchBucket"
    )


def test_a_trail_records_management_events_unless_told_otherwise(account: SimulatedAccount, refusal_of: Any) -> None:
    trail = _trail(account, open_to_cloudtrail=False)
    selectors = trail.get_event_selectors(TrailName="trail")["EventSelectors"]
    assert [(each["ReadWriteType"], each["IncludeManagementEvents"]) for each in selectors] == [("All", True)]
    trail.put_event_selectors(
        TrailName="trail", EventSelectors=[{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]
    )
    assert trail.get_event_selectors(TrailName="trail")["EventSelectors"][0]["ReadWriteType"] == "WriteOnly"
    assert refusal_of(trail.get_trail_status, Name="none-such")[0] == "TrailNotFoundException"


def test_a_recorder_without_a_bucket_fails(account: SimulatedAccount) -> None:
    config = account.client("config")
    recorder = {
        "name": "default",
        "roleARN": "arn:aws:iam::123456789012:role/r",
        "recordingGroup": {"allSupported": True},
    }
    config.put_configuration_recorder(ConfigurationRecorder=recorder)
    account.client("s3").create_bucket(Bucket="config-1")
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "config-1"})

    def status() -> tuple[bool, str | None]:
        found = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"][0]
        return found["recording"], found.get("lastStatus")

    assert status() == (False, None)
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    assert status() == (True, "SUCCESS")
    account.client("s3").delete_bucket(Bucket="config-1")
    assert status() == (True, "FAILURE")


def test_a_mail_subscription_waits_for_its_token(account: SimulatedAccount, refusal_of: Any) -> None:
    sns = account.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    asked = {"TopicArn": topic, "Protocol": "email", "Endpoint": "a@example.jp"}
    assert sns.subscribe(**asked)["SubscriptionArn"] == "pending confirmation"
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:q")
    shown = [each["SubscriptionArn"] for each in sns.list_subscriptions()["Subscriptions"]]
    assert (shown[0], shown[1].startswith(topic)) == ("PendingConfirmation", True)
    assert refusal_of(sns.confirm_subscription, TopicArn=topic, Token="wrong")[0] == "InvalidParameter"  # noqa: S106 - not one
    (token,) = account.state.confirmation_tokens
    arn = sns.confirm_subscription(TopicArn=topic, Token=token)["SubscriptionArn"]
    assert arn in [each["SubscriptionArn"] for each in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]]


def test_regions_have_the_accounts_own_status(account: SimulatedAccount) -> None:
    ec2 = account.client("ec2")
    account.state.enabled_regions.add("ap-east-1")
    enabled = {region["RegionName"]: region["OptInStatus"] for region in ec2.describe_regions()["Regions"]}
    assert (len(enabled), enabled["ap-east-1"], enabled["us-east-1"]) == (18, "opted-in", "opt-in-not-required")
    every = {region["RegionName"]: region["OptInStatus"] for region in ec2.describe_regions(AllRegions=True)["Regions"]}
    assert every["af-south-1"] == "not-opted-in"
    assert not [name for name in every if name.startswith(("cn-", "us-gov-"))]


def test_snapshots_are_told_apart_by_who_may_restore_them(account: SimulatedAccount) -> None:
    ec2 = account.client("ec2")
    ids = []
    for sharing in ({"GroupNames": ["all"]}, {"UserIds": ["222222222222"]}, {}):
        volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
        ids.append(ec2.create_snapshot(VolumeId=volume)["SnapshotId"])
        if sharing:
            attribute = {"Attribute": "createVolumePermission", "OperationType": "add"}
            ec2.modify_snapshot_attribute(SnapshotId=ids[-1], **attribute, **sharing)

    def seen(**parameters: Any) -> list[str]:
        return [each["SnapshotId"] for each in ec2.describe_snapshots(**parameters)["Snapshots"]]

    assert seen(OwnerIds=["self"]) == ids
    assert seen(OwnerIds=["222222222222"]) == []
    assert seen(OwnerIds=["self"], RestorableByUserIds=["all"]) == ids[:1]
    assert seen(OwnerIds=["self"], RestorableByUserIds=["222222222222"]) == ids[1:2]
    pages = ec2.get_paginator("describe_snapshots").paginate(OwnerIds=["self"], PaginationConfig={"PageSize": 2})
    assert [len(page["Snapshots"]) for page in pages] == [2, 1]
    ec2.enable_snapshot_block_public_access(State="block-all-sharing")
    assert seen(OwnerIds=["self"], RestorableByUserIds=["all"]) == []


def test_the_block_of_public_snapshots_belongs_to_a_region(account: SimulatedAccount, refusal_of: Any) -> None:
    ec2 = account.client("ec2")
    assert ec2.get_snapshot_block_public_access_state()["State"] == "unblocked"
    ec2.enable_snapshot_block_public_access(State="block-new-sharing")
    assert ec2.get_snapshot_block_public_access_state()["State"] == "block-new-sharing"
    tokyo = account.client("ec2", region=TOKYO)
    assert tokyo.get_snapshot_block_public_access_state()["State"] == "unblocked"
    assert ec2.disable_snapshot_block_public_access()["State"] == "unblocked"
    assert refusal_of(ec2.enable_snapshot_block_public_access, State="x")[0] == "InvalidParameterValue"


@pytest.mark.parametrize("plan", [SupportPlan.BASIC, SupportPlan.DEVELOPER])
def test_basic_support_has_no_api(account: SimulatedAccount, refusal_of: Any, plan: SupportPlan) -> None:
    account.state.support_plan = plan
    support = account.client("support")
    for call, parameters in (
        (support.describe_trusted_advisor_checks, {"language": "en"}),
        (support.describe_trusted_advisor_check_summaries, {"checkIds": ["x"]}),
        (support.describe_cases, {}),
    ):
        assert refusal_of(call, **parameters)[0] == "SubscriptionRequiredException"


def test_a_plan_opens_trusted_advisor(account: SimulatedAccount) -> None:
    account.state.support_plan = SupportPlan.BUSINESS
    support = account.client("support")
    checks = support.describe_trusted_advisor_checks(language="en")["checks"]
    one, other = [check["id"] for check in checks if check["category"] == "security"][:2]
    account.state.advisor[one] = AdvisorSummary(status="error", flagged=2, processed=9, at=account.state.clock())
    found = support.describe_trusted_advisor_check_summaries(checkIds=[one, other])["summaries"]
    assert [(each["status"], each["hasFlaggedResources"]) for each in found] == [
        ("error", True),
        ("not_available", False),
    ]


@pytest.mark.slow
def test_what_nobody_implements_says_so(account: SimulatedAccount, refusal_of: Any) -> None:
    for service, method in (("pcs", "list_clusters"), ("groundstation", "list_configs")):
        client = account.client(service)
        assert refusal_of(getattr(client, method))[::2] == ("NotImplemented", 501)


def test_a_bucket_that_asks_for_tls_is_not_closed_to_everyone(account: SimulatedAccount) -> None:
    s3 = account.client("s3")
    s3.create_bucket(Bucket="tls-only")
    s3.put_object(Bucket="tls-only", Key="k", Body=b"x")
    everything = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::tls-only/*"}
    tls = {**everything, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    s3.put_bucket_policy(Bucket="tls-only", Policy=json.dumps({"Version": "2012-10-17", "Statement": [tls]}))
    assert s3.get_object(Bucket="tls-only", Key="k")["Body"].read() == b"x"
    s3.put_bucket_policy(Bucket="tls-only", Policy=json.dumps({"Version": "2012-10-17", "Statement": [everything]}))
    with pytest.raises(ClientError):
        s3.get_object(Bucket="tls-only", Key="k")
