from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.actions.fix.mending import item_of, mends_and_is_taken_back
from tests.actions.staging import HOME, Stage, now

from sakimori.actions.fix import instance_metadata_token_required as metadata
from sakimori.actions.fix import subnet_without_public_addresses as subnet
from sakimori.actions.plan import Standing
from sakimori.simulate.faults import Fault, Kind

OWN = "606060606060"


def make_instance(stage: Stage, **options: Any) -> str:
    """The id of an instance with these metadata options, tokens optional unless they say otherwise."""
    ec2 = stage.client("ec2")
    there = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    made = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=there)["Instances"][0][
        "InstanceId"
    ]
    ec2.modify_instance_metadata_options(InstanceId=made, **{"HttpTokens": "optional", **options})
    return made


def arn(instance: str) -> str:
    return f"arn:aws:ec2:{HOME}:{OWN}:instance/{instance}"


def ask_without_token(stage: Stage, instance: str, count: float, when: datetime) -> None:
    stage.client("cloudwatch").put_metric_data(
        Namespace="AWS/EC2",
        MetricData=[{
            "MetricName": "MetadataNoToken", "Value": count, "Timestamp": when,
            "Dimensions": [{"Name": "InstanceId", "Value": instance}],
        }],
    )  # fmt: skip


def options_of(stage: Stage, instance: str) -> dict[str, Any]:
    (reservation,) = stage.client("ec2").describe_instances(InstanceIds=[instance])["Reservations"]
    return reservation["Instances"][0]["MetadataOptions"]


def test_an_instance_asks_for_a_token_and_no_longer_after_an_undo(stage: Stage) -> None:
    instance = make_instance(stage, HttpPutResponseHopLimit=3, InstanceMetadataTags="enabled")
    before = options_of(stage, instance)
    mends_and_is_taken_back(stage, metadata.STEP, arn(instance))
    assert options_of(stage, instance) == {**before, "HttpTokens": "required"}, "the other options stay"


@pytest.mark.parametrize("there", ["required", "no metadata at all", "terminated", "gone"])
def test_an_instance_that_cannot_be_asked_without_a_token_is_left_alone(stage: Stage, there: str) -> None:
    options = {"required": {"HttpTokens": "required"}, "no metadata at all": {"HttpEndpoint": "disabled"}}
    instance = make_instance(stage, **options.get(there, {}))
    if there == "terminated":
        stage.client("ec2").terminate_instances(InstanceIds=[instance])
    resource = arn("i-0123456789abcdef0" if there == "gone" else instance)
    assert item_of(stage, metadata.STEP, resource).standing is Standing.AS_WANTED


def test_what_still_asks_without_a_token_holds_it_back(stage: Stage) -> None:
    instance = make_instance(stage, HttpPutResponseHopLimit=2)
    (caution,) = item_of(stage, metadata.STEP, arn(instance)).cautions
    assert caution.text == "fix_network.metadata_use_unknown"
    ask_without_token(stage, instance, 0, now() - timedelta(days=1))
    item = item_of(stage, metadata.STEP, arn(instance))
    assert (item.standing, item.cautions) == (Standing.TO_MAKE, ())
    ask_without_token(stage, instance, 4, now() - timedelta(days=20))
    assert item_of(stage, metadata.STEP, arn(instance)).standing is Standing.TO_MAKE, "long ago"
    ask_without_token(stage, instance, 7, now() - timedelta(days=3))
    item = item_of(stage, metadata.STEP, arn(instance))
    assert (item.standing, item.cautions[0].values["count"]) == (Standing.BLOCKED, 7)


def test_that_the_metric_could_not_be_read_and_that_containers_may_lose_their_role_is_said(stage: Stage) -> None:
    instance = make_instance(stage, HttpPutResponseHopLimit=1)
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="cloudwatch:GetMetricStatistics"))
    texts = [each.text for each in item_of(stage, metadata.STEP, arn(instance)).cautions]
    assert texts == ["harden.not_looked_at", "fix_network.metadata_one_hop"]


def subnet_of(stage: Stage, *, ipv4: bool, ipv6: bool) -> str:
    ec2 = stage.client("ec2")
    found = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    ec2.modify_subnet_attribute(SubnetId=found, MapPublicIpOnLaunch={"Value": ipv4})
    ec2.modify_subnet_attribute(SubnetId=found, AssignIpv6AddressOnCreation={"Value": ipv6})
    return found


def subnet_arn(name: str, account: str = OWN) -> str:
    return f"arn:aws:ec2:{HOME}:{account}:subnet/{name}"


@pytest.mark.parametrize(("ipv4", "ipv6"), [(True, False), (False, True), (True, True)])
def test_a_subnet_gives_no_public_addresses_and_gives_them_again_after_an_undo(
    stage: Stage, ipv4: bool, ipv6: bool
) -> None:
    plan = mends_and_is_taken_back(stage, subnet.STEP, subnet_arn(subnet_of(stage, ipv4=ipv4, ipv6=ipv6)))
    assert len(plan.to_make[0].changes) == ipv4 + ipv6, "one attribute a call"


def test_a_subnet_that_gives_none_is_gone_or_is_anothers_is_left_alone(stage: Stage) -> None:
    name = subnet_of(stage, ipv4=False, ipv6=False)
    assert item_of(stage, subnet.STEP, subnet_arn(name)).standing is Standing.AS_WANTED
    assert item_of(stage, subnet.STEP, subnet_arn("subnet-0123456789abcdef0")).standing is Standing.AS_WANTED
    assert item_of(stage, subnet.STEP, subnet_arn(name, "111122223333")).standing is Standing.ADOPTED


def test_scaling_groups_that_may_rely_on_an_address_are_named(stage: Stage) -> None:
    name = subnet_of(stage, ipv4=True, ipv6=False)
    scaling = stage.client("autoscaling")
    scaling.create_launch_configuration(LaunchConfigurationName="web", ImageId="ami-12c6146b", InstanceType="t3.micro")
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="web", LaunchConfigurationName="web", MinSize=0, MaxSize=1, VPCZoneIdentifier=name
    )
    cautions = item_of(stage, subnet.STEP, subnet_arn(name)).cautions
    assert [each.text for each in cautions] == ["fix_network.subnet_new_ones", "fix_network.subnet_scaling"]
    assert cautions[1].values["groups"] == ["web"]
