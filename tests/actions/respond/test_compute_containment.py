"""What stops machines that work for a thief: each made, held and taken back, or said to have no way back."""

import io
import json
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from tests.actions.respond.scripted import ScriptedDoor, is_made_and_taken_back, stage_of
from tests.actions.staging import HOME, WISHES, Stage, holds_and_is_taken_back

from sakimori.actions.plan import Item, Standing
from sakimori.actions.respond.contain import (
    auto_scaling_emptied,
    auto_scaling_suspended,
    batch_environment_disabled,
    batch_queue_disabled,
    build_stopped,
    emr_cluster_ended,
    fleet_deleted,
    function_stopped,
    game_fleet_emptied,
    glue_job_stopped,
    instance_isolated,
    instance_snapshotted,
    lightsail_instance_stopped,
    mail_stopped,
    notebook_stopped,
    service_stopped,
    spot_fleet_cancelled,
    spot_request_cancelled,
    task_stopped,
    training_stopped,
)
from sakimori.actions.step import Step

ACCOUNT = "606060606060"
PRETENDED = "111122223333"
CASED = replace(WISHES, case="SKM-20261125-01")
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


def arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{HOME}:{ACCOUNT}:{rest}"


def pretended(service: str, rest: str) -> str:
    return f"arn:aws:{service}:us-east-1:{PRETENDED}:{rest}"


@pytest.fixture(autouse=True)
def interfaces_have_the_groups_that_they_were_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moto adds the instance's first groups to those of its interfaces for ever; on AWS the interface's are all there are."""
    monkeypatch.setattr(NetworkInterface, "group_set", property(lambda self: self._group_set))


def item_of(stage: Stage, step: Step, resource: str) -> Item:
    (item,) = stage.plan(step, (HOME, resource)).items
    return item


def ends(stage: Stage, step: Step, resource: str) -> None:
    """It is ended, nothing is left to end, and the plan said that there is no way back."""
    plan = stage.plan(step, (HOME, resource))
    (item,) = plan.items
    assert item.standing is Standing.TO_MAKE, (item.standing, item.reason)
    assert {each.call.operation for each in item.changes} <= set(step.writes)
    assert all(each.lasting and not each.undo for each in item.changes)
    stage.apply(plan)
    assert item_of(stage, step, resource).standing is Standing.AS_WANTED
    stage.undo()
    assert item_of(stage, step, resource).standing is Standing.AS_WANTED


def made_instance(stage: Stage) -> str:
    ec2, iam = stage.client("ec2"), stage.client("iam")
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=TRUST)
    iam.create_instance_profile(InstanceProfileName="web")
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"]
    told = ec2.run_instances(
        ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=subnet, SecurityGroupIds=[group],
        IamInstanceProfile={"Name": "web"},
    )  # fmt: skip
    return told["Instances"][0]["InstanceId"]


def test_an_instance_is_kept_cut_off_and_stopped_and_wakes_as_it_was(stage: Stage) -> None:
    name = made_instance(stage)
    ec2 = stage.client("ec2")
    before = ec2.describe_instances(InstanceIds=[name])["Reservations"][0]["Instances"][0]
    holds_and_is_taken_back(stage, instance_isolated.STEP, (HOME, arn("ec2", f"instance/{name}")))
    after = ec2.describe_instances(InstanceIds=[name])["Reservations"][0]["Instances"][0]
    assert after["State"] == before["State"]
    assert [each["Groups"] for each in after["NetworkInterfaces"]] == [
        each["Groups"] for each in before["NetworkInterfaces"]
    ]
    assert after["IamInstanceProfile"]["Arn"] == before["IamInstanceProfile"]["Arn"]
    names = [each["GroupName"] for each in ec2.describe_security_groups()["SecurityGroups"]]
    assert "sakimori-quarantine" not in names


def test_an_isolated_instance_is_in_a_group_without_rules_and_cannot_be_terminated(stage: Stage) -> None:
    name = made_instance(stage)
    ec2 = stage.client("ec2")
    ec2.modify_instance_attribute(InstanceId=name, DisableApiStop={"Value": True})
    stage.apply(stage.plan(instance_isolated.STEP, (HOME, arn("ec2", f"instance/{name}"))))
    found = ec2.describe_instances(InstanceIds=[name])["Reservations"][0]["Instances"][0]
    (group,) = found["NetworkInterfaces"][0]["Groups"]
    assert group["GroupName"] == "sakimori-quarantine"
    (rules,) = ec2.describe_security_groups(GroupIds=[group["GroupId"]])["SecurityGroups"]
    assert rules["IpPermissions"] == rules["IpPermissionsEgress"] == []
    assert found["State"]["Name"] == "stopped"
    told = ec2.describe_instance_attribute(InstanceId=name, Attribute="disableApiTermination")
    assert told["DisableApiTermination"]["Value"] is True


def test_the_quarantine_group_stays_as_long_as_another_instance_is_in_it(stage: Stage) -> None:
    ec2 = stage.client("ec2")
    first = made_instance(stage)
    subnet = ec2.describe_instances(InstanceIds=[first])["Reservations"][0]["Instances"][0]["SubnetId"]
    second = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=subnet)["Instances"][0][
        "InstanceId"
    ]
    places = [(HOME, arn("ec2", f"instance/{each}")) for each in (first, second)]
    stage.apply(stage.plan(instance_isolated.STEP, places[0]), "run")
    stage.apply(stage.plan(instance_isolated.STEP, places[1]), "other")
    stage.undo("run")
    groups = [each["GroupName"] for each in ec2.describe_security_groups()["SecurityGroups"]]
    assert "sakimori-quarantine" in groups
    stage.undo("other")
    groups = [each["GroupName"] for each in ec2.describe_security_groups()["SecurityGroups"]]
    assert "sakimori-quarantine" not in groups


def test_two_instances_of_one_network_are_isolated_by_one_plan(stage: Stage) -> None:
    ec2 = stage.client("ec2")
    first = made_instance(stage)
    subnet = ec2.describe_instances(InstanceIds=[first])["Reservations"][0]["Instances"][0]["SubnetId"]
    second = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=subnet)["Instances"][0][
        "InstanceId"
    ]
    places = [(HOME, arn("ec2", f"instance/{each}")) for each in (first, second)]
    holds_and_is_taken_back(stage, instance_isolated.STEP, *places)


def test_the_disks_of_an_instance_are_kept_once_and_are_not_deleted_by_an_undo(stage: Stage) -> None:
    name, ec2 = made_instance(stage), stage.client("ec2")
    stage = replace(stage, wishes=CASED)
    place = arn("ec2", f"instance/{name}")
    stage.apply(stage.plan(instance_snapshotted.STEP, (HOME, place)))
    assert item_of(stage, instance_snapshotted.STEP, place).standing is Standing.AS_WANTED
    filters = [{"Name": "tag:sakimori:case", "Values": [CASED.case]}]
    kept = ec2.describe_snapshots(OwnerIds=["self"], Filters=filters)["Snapshots"]
    assert len(kept) == 1
    stage.undo()
    assert ec2.describe_snapshots(OwnerIds=["self"], Filters=filters)["Snapshots"] == kept


def test_an_instance_that_is_terminated_is_nothing_to_do(stage: Stage) -> None:
    name = made_instance(stage)
    stage.client("ec2").terminate_instances(InstanceIds=[name])
    for step in (instance_isolated.STEP, instance_snapshotted.STEP):
        cased = replace(stage, wishes=CASED)
        assert item_of(cased, step, arn("ec2", f"instance/{name}")).standing is Standing.AS_WANTED


def made_group(stage: Stage) -> str:
    ec2, scaling = stage.client("ec2"), stage.client("autoscaling")
    image = ec2.register_image(Name=f"i{time.time_ns()}", RootDeviceName="/dev/sda1")["ImageId"]
    scaling.create_launch_configuration(LaunchConfigurationName="lc", ImageId=image, InstanceType="t3.micro")
    zone = ec2.describe_availability_zones()["AvailabilityZones"][0]["ZoneName"]
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="miners", LaunchConfigurationName="lc", MinSize=1, MaxSize=3, DesiredCapacity=2,
        AvailabilityZones=[zone],
    )  # fmt: skip
    scaling.suspend_processes(AutoScalingGroupName="miners", ScalingProcesses=["AZRebalance"])
    return arn("autoscaling", "autoScalingGroup::autoScalingGroupName/miners")


def scaling_group(stage: Stage) -> Any:
    return stage.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"][0]


def test_an_auto_scaling_group_is_suspended_and_goes_on_as_it_was(stage: Stage) -> None:
    resource = made_group(stage)
    stage.apply(stage.plan(auto_scaling_suspended.STEP, (HOME, resource)))
    suspended = {each["ProcessName"] for each in scaling_group(stage)["SuspendedProcesses"]}
    assert {"Launch", "Terminate", "AZRebalance"} <= suspended
    assert len(scaling_group(stage)["Instances"]) == 2
    assert item_of(stage, auto_scaling_suspended.STEP, resource).standing is Standing.AS_WANTED
    stage.undo()
    assert [each["ProcessName"] for each in scaling_group(stage)["SuspendedProcesses"]] == ["AZRebalance"]


def test_an_auto_scaling_group_is_emptied_and_filled_and_the_plan_names_what_ends(stage: Stage) -> None:
    resource = made_group(stage)
    plan = stage.plan(auto_scaling_emptied.STEP, (HOME, resource))
    (caution,) = plan.items[0].cautions
    assert caution.values["count"] == 2
    stage.apply(plan)
    assert [scaling_group(stage)[each] for each in ("MinSize", "MaxSize", "DesiredCapacity")] == [0, 0, 0]
    stage.undo()
    assert [scaling_group(stage)[each] for each in ("MinSize", "MaxSize", "DesiredCapacity")] == [1, 3, 2]


def test_spot_requests_and_fleets_are_ended(stage: Stage) -> None:
    ec2 = stage.client("ec2")
    image = ec2.register_image(Name=f"i{time.time_ns()}", RootDeviceName="/dev/sda1")["ImageId"]
    (request,) = ec2.request_spot_instances(
        SpotPrice="0.5", Type="persistent", LaunchSpecification={"ImageId": image, "InstanceType": "m5.large"}
    )["SpotInstanceRequests"]
    name = request["SpotInstanceRequestId"]
    ends(stage, spot_request_cancelled.STEP, arn("ec2", f"spot-instances-request/{name}"))


def test_an_ec2_fleet_is_ended(stage: Stage) -> None:
    ec2 = stage.client("ec2")
    image = ec2.register_image(Name=f"i{time.time_ns()}", RootDeviceName="/dev/sda1")["ImageId"]
    ec2.create_launch_template(
        LaunchTemplateName="miners", LaunchTemplateData={"ImageId": image, "InstanceType": "t3.micro"}
    )
    template = {"LaunchTemplateSpecification": {"LaunchTemplateName": "miners", "Version": "1"}}
    name = ec2.create_fleet(
        LaunchTemplateConfigs=[template], Type="maintain",
        TargetCapacitySpecification={
            "TotalTargetCapacity": 1, "DefaultTargetCapacityType": "on-demand", "OnDemandTargetCapacity": 1,
            "SpotTargetCapacity": 0,
        },
    )["FleetId"]  # fmt: skip
    ends(stage, fleet_deleted.STEP, arn("ec2", f"fleet/{name}"))


def test_a_service_of_ecs_wants_no_task_and_wants_them_again(stage: Stage) -> None:
    ecs = stage.client("ecs")
    ecs.create_cluster(clusterName="miners")
    ecs.register_task_definition(family="mine", containerDefinitions=[{"name": "m", "image": "m", "memory": 64}])
    ecs.create_service(cluster="miners", serviceName="mine", taskDefinition="mine", desiredCount=3)
    resource = arn("ecs", "service/miners/mine")
    stage.apply(stage.plan(service_stopped.STEP, (HOME, resource)))
    assert ecs.describe_services(cluster="miners", services=["mine"])["services"][0]["desiredCount"] == 0
    stage.undo()
    assert ecs.describe_services(cluster="miners", services=["mine"])["services"][0]["desiredCount"] == 3


@pytest.mark.parametrize("reserved", [None, 7])
def test_a_function_runs_no_more_and_runs_again_as_before(stage: Stage, reserved: int | None) -> None:
    role = stage.client("iam").create_role(RoleName="f", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as file:
        file.writestr("f.py", "def f(e, c): pass")
    functions = stage.client("lambda")
    functions.create_function(
        FunctionName="f", Runtime="python3.13", Role=role, Handler="f.f", Code={"ZipFile": raw.getvalue()}
    )
    if reserved is not None:
        functions.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=reserved)
    stage.apply(stage.plan(function_stopped.STEP, (HOME, arn("lambda", "function:f"))))
    assert functions.get_function_concurrency(FunctionName="f")["ReservedConcurrentExecutions"] == 0
    stage.undo()
    assert functions.get_function_concurrency(FunctionName="f").get("ReservedConcurrentExecutions") == reserved


def test_a_notebook_is_stopped_and_started(stage: Stage) -> None:
    sagemaker = stage.client("sagemaker")
    role = stage.client("iam").create_role(RoleName="n", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    sagemaker.create_notebook_instance(NotebookInstanceName="n", InstanceType="ml.t3.medium", RoleArn=role)
    stage.apply(stage.plan(notebook_stopped.STEP, (HOME, arn("sagemaker", "notebook-instance/n"))))
    assert sagemaker.describe_notebook_instance(NotebookInstanceName="n")["NotebookInstanceStatus"] == "Stopped"
    stage.undo()
    assert sagemaker.describe_notebook_instance(NotebookInstanceName="n")["NotebookInstanceStatus"] == "InService"


def test_an_emr_cluster_is_ended_although_it_is_protected(stage: Stage) -> None:
    emr = stage.client("emr")
    name = emr.run_job_flow(
        Name="miners", JobFlowRole="EMR_EC2_DefaultRole", ServiceRole="EMR_DefaultRole",
        Instances={
            "MasterInstanceType": "c3.medium", "SlaveInstanceType": "c3.medium", "InstanceCount": 2,
            "KeepJobFlowAliveWhenNoSteps": True, "TerminationProtected": True,
        },
    )["JobFlowId"]  # fmt: skip
    ends(stage, emr_cluster_ended.STEP, arn("elasticmapreduce", f"cluster/{name}"))


class Switch:
    """One resource of which the value under a key is read and set."""

    def __init__(self, key: str, value: Any) -> None:
        self.key, self.value = key, value

    def told(self, *around: str | int) -> Callable[[Any], Any]:
        def answer(_parameters: Any) -> Any:
            found: Any = {self.key: self.value}
            for each in reversed(around):
                found = [found] if isinstance(each, int) else {each: found}
            return found

        return answer

    def put(self, value: Any = None) -> Callable[[Any], Any]:
        def answer(parameters: Any) -> Any:
            self.value = parameters[self.key] if value is None else value
            return {}

        return answer


def test_mail_stops_and_goes_on(tmp_path: Path) -> None:
    switch = Switch("Enabled", value=True)
    door = ScriptedDoor(
        {"ses:GetAccountSendingEnabled": switch.told(), "ses:UpdateAccountSendingEnabled": switch.put()}
    )
    is_made_and_taken_back(stage_of(door, tmp_path, WISHES), mail_stopped.STEP, f"arn:aws:iam::{PRETENDED}:root")


def test_a_lightsail_instance_is_stopped_and_started(tmp_path: Path) -> None:
    switch = Switch("name", "running")
    door = ScriptedDoor(
        {
            "lightsail:GetInstance": switch.told("instance", "state"),
            "lightsail:StopInstance": switch.put("stopped"),
            "lightsail:StartInstance": switch.put("running"),
        }
    )
    resource = pretended("lightsail", "Instance/miner")
    is_made_and_taken_back(stage_of(door, tmp_path, WISHES), lightsail_instance_stopped.STEP, resource)


@pytest.mark.parametrize(
    ("step", "kind", "listed", "calls"),
    [
        (batch_queue_disabled.STEP, "job-queue", "jobQueues", "JobQueue"),
        (batch_environment_disabled.STEP, "compute-environment", "computeEnvironments", "ComputeEnvironment"),
    ],
)
def test_batch_is_disabled_and_enabled(tmp_path: Path, step: Step, kind: str, listed: str, calls: str) -> None:
    switch = Switch("state", "ENABLED")
    door = ScriptedDoor({f"batch:Describe{calls}s": switch.told(listed, 0), f"batch:Update{calls}": switch.put()})
    is_made_and_taken_back(stage_of(door, tmp_path, WISHES), step, pretended("batch", f"{kind}/q"))


def test_a_fleet_of_games_is_emptied_and_filled(tmp_path: Path) -> None:
    counts = {"DESIRED": 3, "MINIMUM": 1, "MAXIMUM": 5}

    def put(parameters: Any) -> Any:
        counts.update(
            DESIRED=parameters["DesiredInstances"], MINIMUM=parameters["MinSize"], MAXIMUM=parameters["MaxSize"]
        )
        return {}

    door = ScriptedDoor(
        {
            "gamelift:DescribeFleetCapacity": lambda _: {"FleetCapacity": [{"InstanceCounts": dict(counts)}]},
            "gamelift:UpdateFleetCapacity": put,
        }
    )
    resource = pretended("gamelift", "fleet/fleet-1")
    is_made_and_taken_back(stage_of(door, tmp_path, WISHES), game_fleet_emptied.STEP, resource)
    assert counts == {"DESIRED": 3, "MINIMUM": 1, "MAXIMUM": 5}


FLEET = "11111111-2222-3333-4444-555555555555"
BUILD = "build/mine:11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize(
    ("step", "resource", "read", "on", "stop"),
    [
        (training_stopped.STEP, pretended("sagemaker", "training-job/t"), "sagemaker:DescribeTrainingJob", {"TrainingJobStatus": "InProgress"}, "sagemaker:StopTrainingJob"),
        (build_stopped.STEP, pretended("codebuild", BUILD), "codebuild:BatchGetBuilds", {"builds": [{"buildStatus": "IN_PROGRESS"}]}, "codebuild:StopBuild"),
        (task_stopped.STEP, pretended("ecs", f"task/miners/{'a' * 32}"), "ecs:DescribeTasks", {"tasks": [{"desiredStatus": "RUNNING"}]}, "ecs:StopTask"),
        (spot_fleet_cancelled.STEP, pretended("ec2", f"spot-fleet-request/sfr-{FLEET}"), "ec2:DescribeSpotFleetRequests", {"SpotFleetRequestConfigs": [{"SpotFleetRequestState": "active"}]}, "ec2:CancelSpotFleetRequests"),
        (glue_job_stopped.STEP, pretended("glue", "job/j"), "glue:GetJobRuns", {"JobRuns": [{"Id": "jr_1", "JobRunState": "RUNNING"}]}, "glue:BatchStopJobRun"),
    ],
    ids=lambda each: each.id if isinstance(each, Step) else "",
)  # fmt: skip
def test_what_runs_once_is_ended_and_the_plan_says_that_it_does_not_come_back(  # noqa: PLR0917 - one column each
    tmp_path: Path, step: Step, resource: str, read: str, on: Any, stop: str
) -> None:
    switch = Switch("on", value=True)
    door = ScriptedDoor({read: lambda _: on if switch.value else {}, stop: switch.put("")})
    stage = stage_of(door, tmp_path, WISHES)
    plan = stage.plan(step, ("us-east-1", resource))
    assert all(each.lasting for each in plan.items[0].changes)
    stage.apply(plan)
    assert stage.plan(step, ("us-east-1", resource)).items[0].standing is Standing.AS_WANTED
    assert set(door.asked) <= {*step.reads, *step.writes}
