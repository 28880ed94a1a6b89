from typing import Any

import pytest
from tests.actions.fix.mending import item_of, mends_and_is_taken_back
from tests.actions.fix.told import told_site
from tests.actions.staging import HOME, Stage

from sakimori.actions.fix import redshift_not_public as not_public
from sakimori.actions.fix import redshift_routed_in_vpc as routed
from sakimori.actions.plan import Standing, plan_item
from sakimori.actions.step import Step
from sakimori.simulate.faults import Fault, Kind

ARN = f"arn:aws:redshift:{HOME}:606060606060:cluster:shop"
STEPS = (not_public.STEP, routed.STEP)


def make_cluster(stage: Stage, **settings: Any) -> None:
    wrong = {"PubliclyAccessible": True, "EnhancedVpcRouting": False, "NodeType": "ra3.large", "MasterUsername": "shop"}
    made = {**wrong, "MasterUserPassword": "Not-a-secret-1", **settings}
    stage.client("redshift").create_cluster(ClusterIdentifier="shop", **made)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.id)
def test_a_cluster_is_made_safe_and_put_back(stage: Stage, step: Step) -> None:
    make_cluster(stage)
    mends_and_is_taken_back(stage, step, ARN)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.id)
def test_a_cluster_that_is_safe_or_gone_is_left_alone(stage: Stage, step: Step) -> None:
    make_cluster(stage, PubliclyAccessible=False, EnhancedVpcRouting=True)
    assert item_of(stage, step, ARN).standing is Standing.AS_WANTED
    assert item_of(stage, step, f"{ARN}-gone").standing is Standing.AS_WANTED
    assert item_of(stage, step, ARN.replace("cluster:", "snapshot:")).standing is Standing.UNREADABLE


def told(**cluster: Any) -> dict[str, Any]:
    return {
        "redshift:DescribeClusters": {
            "Clusters": [{"ClusterIdentifier": "shop", "ClusterStatus": "available", **cluster}]
        },
        "ec2:DescribeSecurityGroupRules": {},
        "ec2:DescribeVpcEndpoints": {},
    }


def test_what_is_on_its_way_is_not_asked_for_again() -> None:
    pending = {"PubliclyAccessible": False, "EnhancedVpcRouting": True}
    answers = told(PubliclyAccessible=True, EnhancedVpcRouting=False, PendingModifiedValues=pending)
    for step in STEPS:
        assert plan_item(step, told_site(ARN, answers)).standing is Standing.AS_WANTED


def test_a_fixed_address_is_given_back() -> None:
    public = told(PubliclyAccessible=True, ElasticIpStatus={"ElasticIp": "203.0.113.9", "Status": "active"})
    (change,) = plan_item(not_public.STEP, told_site(ARN, public)).changes
    assert change.call.parameters == {"ClusterIdentifier": "shop", "PubliclyAccessible": False}
    (back,) = change.undo
    assert back.parameters == {"ClusterIdentifier": "shop", "PubliclyAccessible": True, "ElasticIp": "203.0.113.9"}
    assert plan_item(not_public.STEP, told_site(ARN, told(PubliclyAccessible=False))).standing is Standing.AS_WANTED


def test_a_cluster_that_is_not_ready_is_said_to_be_so() -> None:
    paused = told(PubliclyAccessible=True, EnhancedVpcRouting=False, ClusterStatus="paused")
    for step in STEPS:
        caution = plan_item(step, told_site(ARN, paused)).cautions[0]
        assert (caution.text, caution.values["status"]) == ("fix_network.busy", "paused")


def test_a_way_to_s3_is_looked_for(stage: Stage) -> None:
    # Moto's clusters do not say in which VPC they are.
    answers = told(EnhancedVpcRouting=False, VpcId="vpc-1")
    texts = [each.text for each in plan_item(routed.STEP, told_site(ARN, answers)).cautions]
    assert texts == ["fix_network.redshift_restarts", "fix_network.no_s3_endpoint"]
    answers["ec2:DescribeVpcEndpoints"] = {"VpcEndpoints": [{"ServiceName": f"com.amazonaws.{HOME}.s3"}]}
    texts = [each.text for each in plan_item(routed.STEP, told_site(ARN, answers)).cautions]
    assert texts == ["fix_network.redshift_restarts"]
    make_cluster(stage)
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="ec2:DescribeVpcEndpoints"))
    texts = [each.text for each in item_of(stage, routed.STEP, ARN).cautions]
    assert texts == ["fix_network.redshift_restarts", "harden.not_looked_at"]
