import json
from typing import Any

import pytest
from tests.actions.fix.mending import item_of, mends_and_is_taken_back
from tests.actions.fix.told import told_site
from tests.actions.staging import HOME, Stage

from sakimori.actions.fix import eks_audit_logged as audit
from sakimori.actions.fix import eks_endpoint_private as endpoint
from sakimori.actions.plan import Standing, plan_item
from sakimori.actions.step import Step
from sakimori.model.action import Approval
from sakimori.simulate.faults import Fault, Kind

ARN = f"arn:aws:eks:{HOME}:606060606060:cluster/shop"
STEPS = (audit.STEP, endpoint.STEP)


def make_cluster(stage: Stage, *, has_dns: bool = True, logs: tuple[str, ...] = (), **config: Any) -> None:
    ec2 = stage.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": has_dns})
    subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"]]
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    role = stage.client("iam").create_role(RoleName="eks", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    logging = {"logging": {"clusterLogging": [{"types": list(logs), "enabled": True}]}} if logs else {}
    stage.client("eks").create_cluster(
        name="shop", roleArn=role, resourcesVpcConfig={"subnetIds": subnets, **config}, **logging
    )


@pytest.mark.parametrize("logs", [(), ("api", "scheduler")], ids=["no logs", "other logs"])
def test_the_audit_log_is_turned_on_and_off_again_and_other_logs_stay(stage: Stage, logs: tuple[str, ...]) -> None:
    make_cluster(stage, logs=logs)
    mends_and_is_taken_back(stage, audit.STEP, ARN)
    told = stage.client("eks").describe_cluster(name="shop")["cluster"]["logging"]["clusterLogging"]
    assert sorted(kind for each in told if each["enabled"] for kind in each["types"]) == sorted([*logs, "audit"])


@pytest.mark.parametrize(
    "config",
    [{}, {"endpointPrivateAccess": True}, {"publicAccessCidrs": ["198.51.100.7/32", "203.0.113.0/24"]}],
    ids=["as made", "private too", "for some"],
)
def test_the_endpoint_is_private_and_as_before_after_an_undo(stage: Stage, config: dict[str, Any]) -> None:
    make_cluster(stage, **config)
    mends_and_is_taken_back(stage, endpoint.STEP, ARN)


def test_a_cluster_that_is_safe_or_gone_is_left_alone(stage: Stage) -> None:
    make_cluster(stage, logs=("audit",), endpointPublicAccess=False, endpointPrivateAccess=True)
    for step in STEPS:
        assert item_of(stage, step, ARN).standing is Standing.AS_WANTED
        assert item_of(stage, step, f"{ARN}-gone").standing is Standing.AS_WANTED
        assert item_of(stage, step, ARN.replace("cluster/", "nodegroup/")).standing is Standing.UNREADABLE


def test_an_endpoint_whose_name_nodes_could_not_find_is_held_back(stage: Stage) -> None:
    make_cluster(stage, has_dns=False, publicAccessCidrs=["203.0.113.0/24"])
    item = item_of(stage, endpoint.STEP, ARN)
    assert item.standing is Standing.BLOCKED
    assert [each.text for each in item.cautions] == ["fix_network.eks_outsiders", "fix_network.eks_no_dns"]
    assert item.cautions[0].values["ranges"] == ["203.0.113.0/24"]
    assert item.cautions[1].values["off"] == ["enableDnsHostnames"]
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="ec2:DescribeVpcAttribute"))
    assert item_of(stage, endpoint.STEP, ARN).cautions[1].text == "harden.not_looked_at"


@pytest.mark.parametrize(
    ("step", "params"),
    [
        (audit.STEP, {"ClusterLogging": '{"clusterLogging":[{"types":["audit"],"enabled":true}]}'}),
        (endpoint.STEP, {"EndpointPublicAccess": "false", "EndpointPrivateAccess": "true", "PublicAccessCidrs": "[]"}),
    ],
    ids=lambda each: each.id if isinstance(each, Step) else "",
)
@pytest.mark.parametrize("status", ["InProgress", "Failed"])
def test_an_update_that_is_in_progress_is_not_asked_for_again(step: Step, params: dict[str, str], status: str) -> None:
    config = {
        "endpointPublicAccess": True,
        "endpointPrivateAccess": False,
        "publicAccessCidrs": ["0.0.0.0/0"],
        "vpcId": "vpc-1",
    }
    update = {"status": status, "params": [{"type": key, "value": value} for key, value in params.items()]}
    answers = {
        "eks:DescribeCluster": {"cluster": {"status": "UPDATING", "resourcesVpcConfig": config, "logging": {}}},
        "eks:ListUpdates": {"updateIds": ["one"]},
        "eks:DescribeUpdate": {"update": update},
        "ec2:DescribeVpcAttribute": {"EnableDnsSupport": {"Value": True}, "EnableDnsHostnames": {"Value": True}},
    }
    item = plan_item(step, told_site(ARN, answers))
    if status == "InProgress":
        assert item.standing is Standing.AS_WANTED
    else:
        assert (item.standing, item.cautions[0].text) == (Standing.TO_MAKE, "fix_network.busy")


def test_two_people_agree_to_closing_the_endpoint() -> None:
    assert endpoint.STEP.approval is Approval.TWO_PERSON


def test_that_nobody_knows_what_the_log_costs_is_said(stage: Stage) -> None:
    make_cluster(stage)
    (part,) = item_of(stage, audit.STEP, ARN).cost.unknown
    assert part.price == "cloudwatch.logs_gb"
