from typing import Any

import pytest
from tests.actions.fix.mending import item_of, mends_and_is_taken_back
from tests.actions.fix.told import told_site
from tests.actions.staging import HOME, Stage

from sakimori.actions.fix.ecs_service_without_public_addresses import STEP
from sakimori.actions.plan import Standing, plan_item
from sakimori.simulate.faults import Fault, Kind

ARN = f"arn:aws:ecs:{HOME}:606060606060:service/shop/web"


def make_service(stage: Stage, way: str = "nat", **network: Any) -> None:
    """A Fargate service in the default VPC, which has this way to its images."""
    ec2, ecs = stage.client("ec2"), stage.client("ecs")
    subnets = ec2.describe_subnets()["Subnets"][:2]
    vpc = subnets[0]["VpcId"]
    if way == "nat":
        gateway = ec2.create_nat_gateway(SubnetId=subnets[0]["SubnetId"], ConnectivityType="private")["NatGateway"]
        (table,) = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
        ec2.create_route(
            RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", NatGatewayId=gateway["NatGatewayId"]
        )
    if way == "endpoint":
        ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{HOME}.ecr.dkr", VpcEndpointType="Interface")
    group = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"]
    ecs.create_cluster(clusterName="shop")
    ecs.register_task_definition(
        family="web", networkMode="awsvpc", containerDefinitions=[{"name": "web", "image": "web", "memory": 512}]
    )
    asked = {
        "subnets": sorted(each["SubnetId"] for each in subnets),
        "securityGroups": [group],
        "assignPublicIp": "ENABLED",
    }
    ecs.create_service(
        cluster="shop", serviceName="web", taskDefinition="web", desiredCount=1, launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {**asked, **network}},
    )  # fmt: skip


def test_tasks_get_no_public_address_and_get_one_again_after_an_undo(stage: Stage) -> None:
    make_service(stage)
    ecs = stage.client("ecs")
    before = ecs.describe_services(cluster="shop", services=["web"])["services"][0]["networkConfiguration"]
    plan = mends_and_is_taken_back(stage, STEP, ARN)
    assert [each.text for each in plan.to_make[0].cautions] == ["fix_network.ecs_replaced"]
    after = ecs.describe_services(cluster="shop", services=["web"])["services"][0]["networkConfiguration"]
    kept, now = before["awsvpcConfiguration"], after["awsvpcConfiguration"]
    assert sorted(now["subnets"]) == sorted(kept["subnets"])
    assert (now["securityGroups"], now["assignPublicIp"]) == (kept["securityGroups"], "DISABLED")


@pytest.mark.parametrize(("way", "standing"), [("none", Standing.BLOCKED), ("endpoint", Standing.TO_MAKE)])
def test_tasks_that_could_fetch_no_image_hold_it_back(stage: Stage, way: str, standing: Standing) -> None:
    make_service(stage, way)
    item = item_of(stage, STEP, ARN)
    assert item.standing is standing
    if standing is Standing.BLOCKED:
        assert len(item.cautions[-1].values["subnets"]) == 2
        stage.simulated.faults.add(Fault(kind=Kind.DENY, match="ec2:DescribeRouteTables"))
        assert item_of(stage, STEP, ARN).cautions[-1].text == "harden.not_looked_at"


def test_a_service_without_public_addresses_or_that_is_gone_is_left_alone(stage: Stage) -> None:
    assert item_of(stage, STEP, ARN).standing is Standing.AS_WANTED, "no cluster"
    make_service(stage, assignPublicIp="DISABLED")
    assert item_of(stage, STEP, ARN).standing is Standing.AS_WANTED
    assert item_of(stage, STEP, f"{ARN}-gone").standing is Standing.AS_WANTED
    assert item_of(stage, STEP, ARN.replace("service/", "task-set/")).standing is Standing.UNREADABLE


def test_a_service_that_another_deploys_is_held_back() -> None:
    network = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": "ENABLED"}}
    told = {"status": "ACTIVE", "networkConfiguration": network, "deploymentController": {"type": "CODE_DEPLOY"}}
    item = plan_item(STEP, told_site(ARN, {"ecs:DescribeServices": {"services": [told]}}))
    assert (item.standing, item.cautions[0].values["controller"]) == (Standing.BLOCKED, "CODE_DEPLOY")


def test_a_service_whose_tasks_have_no_network_of_their_own_is_left_alone() -> None:
    site = told_site(ARN, {"ecs:DescribeServices": {"services": [{"status": "ACTIVE"}]}})
    assert plan_item(STEP, site).standing is Standing.AS_WANTED
