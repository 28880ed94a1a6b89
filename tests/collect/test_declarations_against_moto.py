"""Every table read from a simulated account, whole and with each of its calls refused in turn."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import boto3
import pytest
from moto import mock_aws

from sakimori.aws.account import BotoDoor
from sakimori.aws.refusal import Refusal
from sakimori.collect.catalogue import declarations
from sakimori.collect.declaration import Declaration
from sakimori.model.words import GapKind

HOME = "us-east-1"
OTHER = "111122223333"
ROOT_USE = '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }'
# moto does not answer these: the table is a gap, or a part of its row is unknown.
UNANSWERED = {"support:DescribeTrustedAdvisorCheckSummaries", "ec2:GetSnapshotBlockPublicAccessState"}
EMPTY = {"aws_trustedadvisor_check"}


@pytest.fixture(scope="module")
def door() -> Iterator[BotoDoor]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
        with mock_aws():
            session = boto3.Session("AK" + "IA" + "Z" * 16, "z" * 40, region_name=HOME)
            for fill in (_fill_iam, _fill_s3, _fill_logging, _fill_watching, _fill_ec2, _fill_the_rest):
                fill(session.client)
            yield BotoDoor.of_session(session, regions=(HOME,))


Clients = Callable[[str], Any]


def _fill_iam(client: Clients) -> None:
    iam = client("iam")
    everything = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    iam.create_account_alias(AccountAlias="example")
    iam.create_user(UserName="ann")
    iam.create_access_key(UserName="ann")
    iam.create_login_profile(UserName="ann", Password="Long-" + "enough-1")
    iam.put_user_policy(UserName="ann", PolicyName="inline", PolicyDocument=everything)
    iam.create_group(GroupName="group")
    iam.create_role(RoleName="role", AssumeRolePolicyDocument="{}")
    iam.create_policy(PolicyName="policy", PolicyDocument=everything)
    iam.update_account_password_policy(MinimumPasswordLength=14, RequireSymbols=True)
    contact = {"EmailAddress": "a@example.com", "Name": "n", "PhoneNumber": "1", "Title": "t"}
    client("account").put_alternate_contact(AlternateContactType="SECURITY", **contact)


def _fill_s3(client: Clients) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="photos")
    s3.put_bucket_tagging(Bucket="photos", Tagging={"TagSet": [{"Key": "stage", "Value": "test"}]})
    statement = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "s3:PutBucketPolicy", "Resource": "*"}
    s3.put_bucket_policy(Bucket="photos", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    s3.put_public_access_block(Bucket="photos", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    encryption = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    s3.put_bucket_encryption(Bucket="photos", ServerSideEncryptionConfiguration=encryption)


def _fill_logging(client: Clients) -> None:
    trails = client("cloudtrail")
    trails.create_trail(Name="trail", S3BucketName="photos", IsMultiRegionTrail=True)
    trails.start_logging(Name="trail")
    config = client("config")
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": "arn:aws:iam::123456789012:role/role"}
    )
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "photos"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    client("guardduty").create_detector(Enable=True)


def _fill_watching(client: Clients) -> None:
    logs = client("logs")
    logs.create_log_group(logGroupName="trail")
    metric = {"metricName": "RootUse", "metricNamespace": "Trail", "metricValue": "1"}
    logs.put_metric_filter(
        logGroupName="trail", filterName="root", filterPattern=ROOT_USE, metricTransformations=[metric]
    )
    sns = client("sns")
    topic = sns.create_topic(Name="topic")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")
    client("cloudwatch").put_metric_alarm(
        AlarmName="root", MetricName="RootUse", Namespace="Trail", AlarmActions=[topic], EvaluationPeriods=1,
        Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold", Period=60, Statistic="Sum",
    )  # fmt: skip


def _fill_ec2(client: Clients) -> None:
    ec2 = client("ec2")
    ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, MetadataOptions={"HttpTokens": "required"})
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    ec2.create_flow_logs(
        ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogDestinationType="s3",
        LogDestination="arn:aws:s3:::photos",
    )  # fmt: skip
    ec2.create_snapshot(VolumeId=ec2.create_volume(AvailabilityZone=f"{HOME}a", Size=1)["VolumeId"])


def _fill_the_rest(client: Clients) -> None:
    client("rds").create_db_instance(
        DBInstanceIdentifier="db", Engine="mysql", DBInstanceClass="db.t3.micro", MasterUsername="u",
        MasterUserPassword="Long-enough-1", PubliclyAccessible=True,
    )  # fmt: skip
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("a.py", "")
    role = "arn:aws:iam::123456789012:role/role"
    client("lambda").create_function(
        FunctionName="function", Runtime="python3.13", Role=role, Handler="a.b", Code={"ZipFile": code.getvalue()}
    )
    client("lambda").add_permission(
        FunctionName="function", StatementId="all", Action="lambda:InvokeFunction", Principal="*"
    )
    variables = [{"name": "STAGE", "value": "x", "type": "PLAINTEXT"}]
    client("codebuild").create_project(
        name="project", source={"type": "S3", "location": "photos/x"}, artifacts={"type": "NO_ARTIFACTS"},
        environment={"type": "LINUX_CONTAINER", "image": "x", "computeType": "BUILD_GENERAL1_SMALL",
                     "environmentVariables": variables},
        serviceRole=role,
    )  # fmt: skip


class Refusing:
    """The door with one operation denied."""

    def __init__(self, door: BotoDoor, operation: str) -> None:
        self.account = door.account
        self.refusals: tuple[Refusal, ...] = ()
        self._door = door
        self._operation = operation
        self.count = 0

    def call(self, operation: str, region: str, parameters: Mapping[str, object]) -> Mapping[str, Any]:
        self._check(operation)
        return self._door.call(operation, region, parameters)

    def pages(self, operation: str, region: str, parameters: Mapping[str, object]) -> Iterator[Mapping[str, Any]]:
        self._check(operation)
        yield from self._door.pages(operation, region, parameters)

    def _check(self, operation: str) -> None:
        if operation == self._operation:
            self.count += 1
            raise Refusal(call=operation, kind=GapKind.DENIED, code="AccessDenied", message="no")


every_table = pytest.mark.parametrize("declaration", declarations().values(), ids=lambda each: each.table.name)


@every_table
def test_a_table_is_read_whole(declaration: Declaration, door: BotoDoor, read: Callable[..., Any]) -> None:
    found = read(declaration, door)
    assert {gap.call for gap in found.unit.gaps} <= UNANSWERED, found.unit.gaps
    assert bool(found.rows) == (declaration.table.name not in EMPTY)
    for row in found.rows.values():
        assert row["account_id"] == "123456789012"
        assert row["partition"] == "aws"


@every_table
def test_a_refused_call_takes_values_away_and_never_changes_one(
    declaration: Declaration, door: BotoDoor, read: Callable[..., Any]
) -> None:
    whole = read(declaration, door).rows
    # The list of Regions is read before any table.
    for operation in set(declaration.operations) - {"ec2:DescribeRegions"}:
        refusing = Refusing(door, operation)
        found = read(declaration, refusing)
        assert bool(found.unit.gaps) == bool(refusing.count) or operation in UNANSWERED, operation
        assert set(found.rows) <= set(whole)
        for key, row in found.rows.items():
            changed = {name for name, value in row.items() if value is not None and value != whole[key][name]}
            assert not changed, (operation, changed)
        parents = {gap.parent for gap in found.unit.gaps}
        lost = [row for key, row in whole.items() if key not in found.rows]
        if found.unit.is_read:
            assert all(row[declaration.table.parent] in parents for row in lost)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("aws_account_alternate_contact", {"has_security_contact": True, "has_billing_contact": False}),
        ("aws_iam_password_policy", {"is_set": True, "minimum_length": 14, "require_symbols": True, "max_age_days": 0}),
        ("aws_iam_inline_policy", {"policy_key": "arn:aws:iam::123456789012:user/ann/inline", "owner_kind": "user"}),
        ("aws_iam_policy", {"name": "policy", "is_attached": False}),
        ("aws_cloudtrail_trail", {"is_logging": True, "is_multi_region": True, "records_all_management_events": True}),
        ("aws_config_recorder", {"is_recording": True, "uses_service_linked_role": False}),
        ("aws_guardduty_detector", {"is_enabled": True}),
        ("aws_logs_metric_filter", {"watches_root_use": True, "metric_name": "RootUse", "log_group_name": "trail"}),
        ("aws_cloudwatch_alarm_action", {"is_topic": True, "actions_enabled": True}),
        ("aws_ec2_instance", {"imdsv2_is_required": True, "is_running": True}),
        ("aws_ec2_flow_log", {"is_active": True, "traffic_type": "ALL"}),
        ("aws_rds_instance", {"is_publicly_accessible": True}),
        ("aws_lambda_policy_statement", {"is_public": True}),
        ("aws_s3_bucket_policy_statement", {"grants_risky_actions_to_other_account": True}),
        ("aws_codebuild_environment_variable", {"name": "STAGE", "value_looks_like_aws_key": False}),
    ],
)
def test_what_was_set_up_is_what_is_read(
    table: str, expected: dict[str, Any], door: BotoDoor, read: Callable[..., Any]
) -> None:
    row = read(table, door).only
    assert {name: row[name] for name in expected} == expected


def test_an_unused_key_a_password_and_a_key_that_is_not_there_are_told_apart(
    door: BotoDoor, read: Callable[..., Any]
) -> None:
    rows = {row["kind"]: row for row in read("aws_iam_credential", door).rows.values() if row["user_name"] == "ann"}
    assert {kind: row["is_active"] for kind, row in rows.items()} == {
        "password": True,
        "access_key_1": True,
        "access_key_2": False,
    }
    assert all(row["idle_since_at"] for row in rows.values())
