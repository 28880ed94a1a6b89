"""What a thief left outside IAM is taken away or put back: what can be undone is undone, and what cannot says so."""

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.actions.respond.scripted import ScriptedDoor, stage_of
from tests.actions.respond.test_compute_containment import TRUST, arn, ends, item_of, made_group, made_instance
from tests.actions.staging import HOME, WISHES, Stage, holds_and_is_taken_back

from sakimori.actions.plan import Standing
from sakimori.actions.respond.erase import (
    auto_scaling_erased,
    database_snapshot_unshared,
    function_erased,
    function_url_erased,
    guardduty_filter_erased,
    instance_erased,
    key_pair_erased,
    launch_template_erased,
    mail_identity_erased,
    service_erased,
    snapshot_erased,
    snapshot_unshared,
    stack_erased,
    trail_started,
)
from sakimori.model.action import Approval


def snapshot(stage: Stage, tags: Sequence[Any] = ()) -> str:
    ec2 = stage.client("ec2")
    zone = ec2.describe_availability_zones()["AvailabilityZones"][0]["ZoneName"]
    volume = ec2.create_volume(AvailabilityZone=zone, Size=1)["VolumeId"]
    tagged = {"TagSpecifications": [{"ResourceType": "snapshot", "Tags": list(tags)}]} if tags else {}
    return ec2.create_snapshot(VolumeId=volume, **tagged)["SnapshotId"]


def place_of(name: str) -> str:
    return f"arn:aws:ec2:{HOME}::snapshot/{name}"


def shared(stage: Stage, name: str) -> set[str]:
    told = stage.client("ec2").describe_snapshot_attribute(SnapshotId=name, Attribute="createVolumePermission")
    return {each.get("UserId") or each["Group"] for each in told["CreateVolumePermissions"]}


@pytest.mark.parametrize(("bar", "left"), [("", set[str]()), ("|999988887777", {"111122223333", "all"})])
def test_a_snapshot_is_shared_no_longer_and_shared_again(stage: Stage, bar: str, left: set[str]) -> None:
    ec2, name = stage.client("ec2"), snapshot(stage)
    share = {"SnapshotId": name, "Attribute": "createVolumePermission", "OperationType": "add"}
    ec2.modify_snapshot_attribute(**share, UserIds=["999988887777", "111122223333"])
    ec2.modify_snapshot_attribute(**share, GroupNames=["all"])
    stage.apply(stage.plan(snapshot_unshared.STEP, (HOME, place_of(name) + bar)))
    assert shared(stage, name) == left
    assert item_of(stage, snapshot_unshared.STEP, place_of(name) + bar).standing is Standing.AS_WANTED
    stage.undo()
    assert shared(stage, name) == {"999988887777", "111122223333", "all"}


def test_a_snapshot_of_a_database_is_shared_no_longer_and_shared_again(stage: Stage) -> None:
    rds = stage.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="db", DBInstanceClass="db.t3.micro", Engine="mysql", MasterUsername="a",
        MasterUserPassword="made-up-1", AllocatedStorage=20,
    )  # fmt: skip
    rds.create_db_snapshot(DBInstanceIdentifier="db", DBSnapshotIdentifier="copy")
    rds.modify_db_snapshot_attribute(
        DBSnapshotIdentifier="copy", AttributeName="restore", ValuesToAdd=["999988887777", "all"]
    )
    resource = arn("rds", "snapshot:copy")
    plan = stage.plan(database_snapshot_unshared.STEP, (HOME, resource))
    stage.apply(plan)
    assert item_of(stage, database_snapshot_unshared.STEP, resource).before == {"shared": []}
    stage.undo()
    assert item_of(stage, database_snapshot_unshared.STEP, resource).before == plan.items[0].before


def test_a_snapshot_that_a_thief_made_is_deleted_and_evidence_is_held_back(stage: Stage) -> None:
    tags = [{"Key": "sakimori:case", "Value": "SKM-20261125-01"}]
    evidence, name = snapshot(stage, tags), snapshot(stage)
    assert snapshot_erased.STEP.approval is Approval.TWO_PERSON
    assert item_of(stage, snapshot_erased.STEP, place_of(evidence)).standing is Standing.BLOCKED
    ends(stage, snapshot_erased.STEP, place_of(name))


def test_an_instance_is_terminated_in_spite_of_its_protection_once_its_disks_are_kept(stage: Stage) -> None:
    ec2, name = stage.client("ec2"), made_instance(stage)
    for switch in ("DisableApiTermination", "DisableApiStop"):
        ec2.modify_instance_attribute(InstanceId=name, **{switch: {"Value": True}})
    resource = arn("ec2", f"instance/{name}")
    (held,) = (each for each in item_of(stage, instance_erased.STEP, resource).cautions if each.blocks)
    assert held.text == "respond_steps.instance_disks_first"
    ec2.create_snapshots(InstanceSpecification={"InstanceId": name})
    ends(stage, instance_erased.STEP, resource)


def made_function(stage: Stage) -> Any:
    role = stage.client("iam").create_role(RoleName="f", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as file:
        file.writestr("f.py", "def f(e, c): pass")
    functions = stage.client("lambda")
    functions.create_function(
        FunctionName="f", Runtime="python3.13", Role=role, Handler="f.f", Code={"ZipFile": raw.getvalue()}
    )
    functions.create_function_url_config(FunctionName="f", AuthType="NONE")
    return functions


def test_the_address_of_a_function_and_the_function_are_deleted(stage: Stage) -> None:
    functions = made_function(stage)
    ends(stage, function_url_erased.STEP, arn("lambda", "function:f"))
    assert functions.list_functions()["Functions"]
    assert [each.text for each in item_of(stage, function_erased.STEP, arn("lambda", "function:f")).cautions] == [
        "respond_steps.function_code_first"
    ]
    stage.apply(stage.plan(function_erased.STEP, (HOME, arn("lambda", "function:f"))), "function")
    assert functions.list_functions()["Functions"] == []


def test_an_auto_scaling_group_and_its_launch_template_are_deleted(stage: Stage) -> None:
    ends(stage, auto_scaling_erased.STEP, made_group(stage))
    ec2 = stage.client("ec2")
    template = ec2.create_launch_template(LaunchTemplateName="miners", LaunchTemplateData={"InstanceType": "t3.micro"})
    name = template["LaunchTemplate"]["LaunchTemplateId"]
    stage.apply(stage.plan(launch_template_erased.STEP, (HOME, arn("ec2", f"launch-template/{name}"))), "template")
    assert ec2.describe_launch_templates()["LaunchTemplates"] == []


def test_a_service_of_ecs_is_deleted_with_its_tasks(stage: Stage) -> None:
    ecs = stage.client("ecs")
    ecs.create_cluster(clusterName="miners")
    ecs.register_task_definition(family="mine", containerDefinitions=[{"name": "m", "image": "m", "memory": 64}])
    ecs.create_service(cluster="miners", serviceName="mine", taskDefinition="mine", desiredCount=3)
    ends(stage, service_erased.STEP, arn("ecs", "service/miners/mine"))


@pytest.mark.parametrize("by_name", [True, False])
def test_a_key_pair_is_deleted_by_its_name_or_its_id(stage: Stage, *, by_name: bool) -> None:
    made = stage.client("ec2").create_key_pair(KeyName="thiefs")
    ends(stage, key_pair_erased.STEP, arn("ec2", f"key-pair/{'thiefs' if by_name else made['KeyPairId']}"))


def test_a_sender_of_mail_is_taken_off(stage: Stage) -> None:
    stage.client("ses").verify_email_identity(EmailAddress="spam@example.com")
    ends(stage, mail_identity_erased.STEP, arn("ses", "identity/spam@example.com"))


def test_a_stack_is_deleted(stage: Stage) -> None:
    template = {"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}
    made = stage.client("cloudformation").create_stack(StackName="s", TemplateBody=json.dumps(template))
    ends(stage, stack_erased.STEP, made["StackId"])


def test_a_filter_that_hides_findings_is_deleted_and_made_again_as_it_was(stage: Stage) -> None:
    guardduty = stage.client("guardduty")
    detector = guardduty.create_detector(Enable=True)["DetectorId"]
    criteria = {"Criterion": {"severity": {"Gte": 1}}}
    guardduty.create_filter(
        DetectorId=detector, Name="hide-all", Action="ARCHIVE", Description="noise", Rank=1, FindingCriteria=criteria
    )
    holds_and_is_taken_back(
        stage, guardduty_filter_erased.STEP, (HOME, arn("guardduty", f"detector/{detector}/filter/hide-all"))
    )


def test_a_trail_that_was_stopped_records_again_and_is_stopped_again(stage: Stage) -> None:
    stage.client("s3").create_bucket(Bucket="thelogs", CreateBucketConfiguration={"LocationConstraint": HOME})
    trails = stage.client("cloudtrail")
    trail = trails.create_trail(Name="main", S3BucketName="thelogs")["TrailARN"]
    trails.start_logging(Name=trail)
    trails.stop_logging(Name=trail)
    stage.apply(stage.plan(trail_started.STEP, (HOME, trail)))
    assert trails.get_trail_status(Name=trail)["IsLogging"] is True
    assert item_of(stage, trail_started.STEP, trail).standing is Standing.AS_WANTED
    stage.undo()
    assert trails.get_trail_status(Name=trail)["IsLogging"] is False


def test_a_snapshot_of_a_cluster_is_asked_by_its_own_calls(tmp_path: Path) -> None:
    values = ["all"]

    def modify(parameters: Any) -> Any:
        values[:] = parameters.get("ValuesToAdd", [])
        return {}

    told = {"AttributeName": "restore", "AttributeValues": values}
    door = ScriptedDoor(
        {
            "rds:DescribeDBClusterSnapshotAttributes": lambda _: {
                "DBClusterSnapshotAttributesResult": {"DBClusterSnapshotAttributes": [told]}
            },
            "rds:ModifyDBClusterSnapshotAttribute": modify,
        }
    )
    stage = stage_of(door, tmp_path, WISHES)
    resource = "arn:aws:rds:us-east-1:111122223333:cluster-snapshot:copy"
    stage.apply(stage.plan(database_snapshot_unshared.STEP, ("us-east-1", resource)))
    assert values == []
    stage.undo()
    assert values == ["all"]
