from typing import Any

import pytest
from tests.actions.fix.mending import item_of, mends_and_is_taken_back
from tests.actions.staging import HOME, Stage

from sakimori.actions.fix.listener_redirected_to_https import STEP
from sakimori.actions.plan import Standing
from sakimori.simulate.faults import Fault, Kind


def make_listeners(stage: Stage, *, has_https: bool = True, **first: Any) -> str:
    """The ARN of an HTTP listener that forwards, or does this first."""
    ec2, elb = stage.client("ec2"), stage.client("elbv2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"]][:2]
    balancer = elb.create_load_balancer(Name="shop", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    targets = elb.create_target_group(Name="shop", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0][
        "TargetGroupArn"
    ]
    forward = {"Type": "forward", "TargetGroupArn": targets}
    if has_https:
        certificate = stage.client("acm").request_certificate(DomainName="shop.example.com")["CertificateArn"]
        elb.create_listener(
            LoadBalancerArn=balancer, Protocol="HTTPS", Port=443, DefaultActions=[forward],
            Certificates=[{"CertificateArn": certificate}],
        )  # fmt: skip
    made = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[first or forward])
    return made["Listeners"][0]["ListenerArn"]


ANSWER = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": "hi"}}  # fmt: skip
ELSEWHERE = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTP", "Port": "8080", "StatusCode": "HTTP_301"}}


@pytest.mark.parametrize("first", [{}, ANSWER, ELSEWHERE], ids=["forwards", "answers", "redirects to HTTP"])
def test_a_listener_redirects_and_does_again_what_it_did_after_an_undo(stage: Stage, first: dict[str, Any]) -> None:
    listener = make_listeners(stage, **first)
    elb = stage.client("elbv2")
    before = elb.describe_listeners(ListenerArns=[listener])["Listeners"][0]["DefaultActions"]
    plan = mends_and_is_taken_back(stage, STEP, listener)
    assert [each.text for each in plan.to_make[0].cautions] == ["fix_network.redirect_clients"]
    stage.undo("again")
    after = elb.describe_listeners(ListenerArns=[listener])["Listeners"][0]["DefaultActions"]
    assert [(each["Type"], each.get("TargetGroupArn")) for each in after] == [
        (each["Type"], each.get("TargetGroupArn")) for each in before
    ]


def test_a_site_without_https_is_held_back(stage: Stage) -> None:
    item = item_of(stage, STEP, make_listeners(stage, has_https=False))
    assert item.standing is Standing.BLOCKED
    assert [each.text for each in item.cautions if each.blocks] == ["fix_network.redirect_nowhere"]


def test_a_listener_that_redirects_or_speaks_https_or_is_gone_is_left_alone(stage: Stage) -> None:
    listener = make_listeners(stage, Type="redirect", RedirectConfig={"Protocol": "HTTPS", "StatusCode": "HTTP_301"})
    assert item_of(stage, STEP, listener).standing is Standing.AS_WANTED
    elb = stage.client("elbv2")
    balancer = elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    others = elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"]
    (secure,) = [each["ListenerArn"] for each in others if each["Protocol"] == "HTTPS"]
    assert item_of(stage, STEP, secure).standing is Standing.AS_WANTED
    elb.delete_listener(ListenerArn=listener)
    assert item_of(stage, STEP, listener).standing is Standing.AS_WANTED


def test_rules_that_go_on_over_http_are_counted_and_what_could_not_be_looked_at_is_said(stage: Stage) -> None:
    listener = make_listeners(stage)
    elb = stage.client("elbv2")
    targets = elb.describe_target_groups()["TargetGroups"][0]["TargetGroupArn"]
    path = {"Field": "path-pattern", "Values": ["/old/*"]}
    elb.create_rule(
        ListenerArn=listener, Priority=1, Conditions=[path], Actions=[{"Type": "forward", "TargetGroupArn": targets}]
    )
    texts = [each.text for each in item_of(stage, STEP, listener).cautions]
    assert texts == ["fix_network.redirect_clients", "fix_network.redirect_rules"]
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="elasticloadbalancing*:DescribeRules"))
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="elbv2:DescribeRules"))
    texts = [each.text for each in item_of(stage, STEP, listener).cautions]
    assert texts == ["fix_network.redirect_clients", "harden.not_looked_at"]


@pytest.mark.parametrize("kind", ["listener/net", "loadbalancer/app", "listener-rule/app"])
def test_what_is_no_listener_of_an_application_load_balancer_is_not_read(stage: Stage, kind: str) -> None:
    resource = f"arn:aws:elasticloadbalancing:{HOME}:606060606060:{kind}/shop/0123456789abcdef/0123456789abcdef"
    assert item_of(stage, STEP, resource).standing is Standing.UNREADABLE
