"""The messy company's truth is what any AWS client finds there."""

import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import pytest

from sakimori.simulate.scenarios.form import read_truth
from sakimori.simulate.server import SimulatedAccount

TOKYO, VIRGINIA, IRELAND = "ap-northeast-1", "us-east-1", "eu-west-1"
USED = (TOKYO, VIRGINIA, IRELAND)
WORLD = ("0.0.0.0/0", "::/0")


def _check(messy: SimulatedAccount, rule: str, bad: Iterable[str], good: Iterable[str]) -> None:
    """What the client finds must hold all that the truth tells, and not contradict it."""
    told = messy.truth[rule]
    failing, passing = set(told.get("fail", ())), set(told.get("pass", ()))
    assert failing | passing
    assert not failing & passing
    assert failing <= set(bad)
    assert passing <= set(good)


def _split(messy: SimulatedAccount, rule: str, found: dict[str, bool]) -> None:
    _check(messy, rule, [name for name, ok in found.items() if not ok], [name for name, ok in found.items() if ok])


def test_every_name_in_the_truth_is_resolved(messy: SimulatedAccount) -> None:
    resources = [each for said in messy.truth.values() for listed in said.values() for each in listed]
    assert len(messy.truth) >= 29
    assert len(resources) > 200
    assert [each for each in resources if "$" in each or not each or " " in each] == []
    assert [call.name for call in messy.calls if call.operation.startswith("Create")] == []


def test_a_name_that_was_not_made_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "truth.yaml"
    file.write_text('rule: {fail: ["${sg.none}"]}', encoding="utf-8")
    with pytest.raises(KeyError):
        read_truth(tmp_path, {})


@pytest.mark.slow
def test_doors_open_to_the_world(messy: SimulatedAccount) -> None:
    open_ports: dict[str, list[tuple[int, int]]] = {}
    for region in sorted(messy.state.enabled_regions):
        for group in messy.client("ec2", region=region).describe_security_groups()["SecurityGroups"]:
            arn = f"arn:aws:ec2:{region}:{messy.account_id}:security-group/{group['GroupId']}"
            open_ports[arn] = [
                (permission.get("FromPort", 0), permission.get("ToPort", 65535))
                for permission in group["IpPermissions"]
                for cidr in (*permission["IpRanges"], *permission["Ipv6Ranges"])
                if cidr.get("CidrIp", cidr.get("CidrIpv6")) in WORLD
            ]

    def reaches(ports: Collection[tuple[int, int]], risky: Collection[int]) -> bool:
        return any(low <= port <= high for low, high in ports for port in risky)

    authorized = {name: all(each in ((80, 80), (443, 443)) for each in ports) for name, ports in open_ports.items()}
    _split(messy, "aws.ec2.security-group-authorized-ports-only", authorized)
    closed = {name: not reaches(ports, (22, 445, 1433, 3306, 3389, 5432)) for name, ports in open_ports.items()}
    _split(messy, "aws.ec2.security-group-high-risk-ports-closed", closed)


@pytest.mark.slow
def test_default_groups_networks_and_flow_logs(messy: SimulatedAccount) -> None:
    groups: dict[str, bool] = {}
    vpcs: dict[str, bool] = {}
    for region in sorted(messy.state.enabled_regions):
        ec2 = messy.client("ec2", region=region)
        prefix = f"arn:aws:ec2:{region}:{messy.account_id}:"
        logged = {log["ResourceId"] for log in ec2.describe_flow_logs()["FlowLogs"]}
        vpcs.update({f"{prefix}vpc/{vpc['VpcId']}": vpc["VpcId"] in logged for vpc in ec2.describe_vpcs()["Vpcs"]})
        for group in ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["default"]}])[
            "SecurityGroups"
        ]:
            is_closed = not group["IpPermissions"] and not group["IpPermissionsEgress"]
            groups[f"{prefix}security-group/{group['GroupId']}"] = is_closed
    _split(messy, "aws.ec2.default-security-group-closed", groups)
    _split(messy, "aws.ec2.vpc-flow-logs-enabled", vpcs)
    assert len(vpcs) >= 18


@pytest.mark.slow
def test_machines_snapshots_and_databases(messy: SimulatedAccount) -> None:
    machines: dict[str, bool] = {}
    snapshots: dict[str, bool] = {}
    databases: dict[str, bool] = {}
    for region in USED:
        ec2 = messy.client("ec2", region=region)
        for reservation in ec2.describe_instances()["Reservations"]:
            for instance in reservation["Instances"]:
                arn = f"arn:aws:ec2:{region}:{messy.account_id}:instance/{instance['InstanceId']}"
                machines[arn] = instance["MetadataOptions"]["HttpTokens"] == "required"
        public = ec2.describe_snapshots(OwnerIds=["self"], RestorableByUserIds=["all"])["Snapshots"]
        ids = {snapshot["SnapshotId"] for snapshot in public}
        for snapshot in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]:
            arn = f"arn:aws:ec2:{region}::snapshot/{snapshot['SnapshotId']}"
            snapshots[arn] = snapshot["SnapshotId"] not in ids
        for database in messy.client("rds", region=region).describe_db_instances()["DBInstances"]:
            databases[database["DBInstanceArn"]] = not database["PubliclyAccessible"]
    _split(messy, "aws.ec2.instance-imdsv2-required", machines)
    _split(messy, "aws.ec2.snapshot-private", snapshots)
    _split(messy, "aws.rds.instance-not-public", databases)


@pytest.mark.slow
def test_guards_stand_in_some_regions_only(messy: SimulatedAccount) -> None:
    detectors: dict[str, bool] = {}
    recorders: dict[str, bool] = {}
    encrypted: dict[str, bool] = {}
    for region in sorted(messy.state.enabled_regions):
        guard = messy.client("guardduty", region=region)
        ids = guard.list_detectors()["DetectorIds"]
        detectors[region] = any(guard.get_detector(DetectorId=each)["Status"] == "ENABLED" for each in ids)
        config = messy.client("config", region=region)
        statuses = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
        recorders[region] = any(each["recording"] and each["lastStatus"] == "SUCCESS" for each in statuses)
        ec2 = messy.client("ec2", region=region)
        encrypted[region] = ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"]
    _split(messy, "aws.guardduty.detector-enabled", detectors)
    _split(messy, "aws.config.recorder-enabled", recorders)
    _split(messy, "aws.ec2.ebs-encryption-by-default", encrypted)


@pytest.mark.slow
def test_buckets_and_their_blocks(messy: SimulatedAccount, refusal_of: Any) -> None:
    s3 = messy.client("s3")
    blocked = {}
    for bucket in s3.list_buckets()["Buckets"]:
        try:
            block = s3.get_public_access_block(Bucket=bucket["Name"])["PublicAccessBlockConfiguration"]
        except s3.exceptions.ClientError:
            block = {"": False}
        blocked[f"arn:aws:s3:::{bucket['Name']}"] = all(block.values())
    _split(messy, "aws.s3.bucket-public-access-blocked", blocked)
    public = s3.get_bucket_policy_status(Bucket=f"awase-web-assets-{messy.account_id}")
    assert public["PolicyStatus"]["IsPublic"] is True
    control = messy.client("s3control")
    found = refusal_of(control.get_public_access_block, AccountId=messy.account_id)[0]
    assert found == "NoSuchPublicAccessBlockConfiguration"


@pytest.mark.slow
def test_functions_and_builds(messy: SimulatedAccount) -> None:
    client = messy.client("lambda", region=TOKYO)
    private: dict[str, bool] = {}
    for function in client.list_functions()["Functions"]:
        try:
            policy = json.loads(client.get_policy(FunctionName=function["FunctionName"])["Policy"])
        except client.exceptions.ResourceNotFoundException:
            policy = {"Statement": []}
        private[function["FunctionArn"]] = all(each["Principal"] != "*" for each in policy["Statement"])
    _split(messy, "aws.lambda.function-not-public", private)
    builds = messy.client("codebuild", region=TOKYO)
    projects = builds.batch_get_projects(names=builds.list_projects()["projects"])["projects"]
    clean = {
        project["arn"]: not any(
            each["name"].startswith("AWS_") and each["type"] == "PLAINTEXT"
            for each in project["environment"]["environmentVariables"]
        )
        for project in projects
    }
    _split(messy, "aws.codebuild.project-environment-without-secrets", clean)


@pytest.mark.slow
def test_the_trail_is_on_and_delivers_nothing(messy: SimulatedAccount) -> None:
    trail = messy.client("cloudtrail", region=TOKYO)
    found = {
        each["Name"]: (each["IsMultiRegionTrail"], trail.get_trail_status(Name=each["TrailARN"]))
        for each in trail.describe_trails(includeShadowTrails=False)["trailList"]
    }
    assert {name: (multi, status["IsLogging"], status.get("LatestDeliveryError")) for name, (multi, status) in
            found.items()} == {"awase-all": (True, True, "AccessDenied"), "tokyo-only": (False, True, None)}  # fmt: skip


def test_nobody_hears_the_alarm_on_the_root_user(messy: SimulatedAccount) -> None:
    cloudwatch = messy.client("cloudwatch", region=TOKYO)
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=["ルートユーザーの使用"])["MetricAlarms"]
    (metric,) = messy.client("logs", region=TOKYO).describe_metric_filters(
        logGroupName="trail", filterNamePrefix="root-use"
    )["metricFilters"]
    (topic,) = alarm["AlarmActions"]
    (subscription,) = messy.client("sns", region=TOKYO).list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert metric["metricTransformations"][0]["metricName"] == alarm["MetricName"]
    assert subscription["SubscriptionArn"] == "PendingConfirmation"


@pytest.mark.slow
def test_names_are_japanese_and_some_are_hostile(messy: SimulatedAccount) -> None:
    titles = [
        tag["Value"]
        for reservation in messy.client("ec2", region=TOKYO).describe_instances()["Reservations"]
        for instance in reservation["Instances"]
        for tag in instance["Tags"]
    ]
    assert "本番Web 1号機" in titles
    assert "<script>alert('old')</script>" in titles
    functions = messy.client("lambda", region=TOKYO).list_functions()["Functions"]
    assert [each for each in functions if "\x1b[31m" in each["Description"]]
