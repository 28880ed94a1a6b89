"""Tasks of one ECS service get no public address: Security Hub ECS.2.

A new deployment replaces all tasks, and the new ones need another way to their image. Source: botocore's model of ecs
(UpdateService, networkConfiguration); Amazon ECS Developer Guide, "Fargate task networking".
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call, Risk

_DESCRIBE: Final = "ecs:DescribeServices"
_UPDATE: Final = "ecs:UpdateService"
_SUBNETS: Final = "ec2:DescribeSubnets"
_TABLES: Final = "ec2:DescribeRouteTables"
_ENDPOINTS: Final = "ec2:DescribeVpcEndpoints"
_KEY: Final = "awsvpcConfiguration"
_PUBLIC: Final = "assignPublicIp"
_OFF: Final = "DISABLED"
_ROLLING: Final = "ECS"
_WAYS: Final = ("NatGatewayId", "TransitGatewayId", "NetworkInterfaceId", "InstanceId", "CoreNetworkArn", "VpcPeeringConnectionId")  # fmt: skip
"""What a route may lead to that needs no public address of its own."""


def _service(site: Site, name: str) -> Mapping[str, Any] | None:
    cluster, _, service = name.partition("/")
    answer = site.call(_DESCRIBE, ("ClusterNotFoundException",), cluster=cluster, services=[service]) or {}
    return next((each for each in answer.get("services") or () if each.get("status") != "INACTIVE"), None)


def _read(site: Site, name: str) -> State | None:
    """Empty where tasks have no network of their own, and so no address."""
    found = _service(site, name)
    if found is None:
        return None
    network = (found.get("networkConfiguration") or {}).get(_KEY)
    if not network:
        return {}
    listed = {key: sorted(network.get(key) or ()) for key in ("subnets", "securityGroups")}
    return {_KEY: {**listed, _PUBLIC: network.get(_PUBLIC) or _OFF}}


def _safe(state: State) -> State:
    return {key: {**value, _PUBLIC: _OFF} for key, value in state.items()}


def _put(site: Site, name: str, _key: str, target: State) -> Call:
    cluster, _, service = name.partition("/")
    network = {key: value for key, value in target[_KEY].items() if value}
    parameters = {"cluster": cluster, "service": service, "networkConfiguration": {_KEY: network}}
    return Call(operation=_UPDATE, region=site.region, parameters=parameters)


def _cautions(site: Site, name: str, state: State) -> Sequence[Caution]:
    controller = ((_service(site, name) or {}).get("deploymentController") or {}).get("type", _ROLLING)
    if controller != _ROLLING:
        return (
            Caution(text="fix_network.ecs_controller", values={"name": name, "controller": controller}, blocks=True),
        )
    replaced = Caution(text="fix_network.ecs_replaced", values={"name": name})
    return [replaced, *looked(lambda: _ways_out(site, name, state[_KEY]["subnets"]))]


def _ways_out(site: Site, name: str, subnet_ids: Sequence[str]) -> Sequence[Caution]:
    """Subnets whose tasks could fetch no image at all: no route out, and no endpoint of ECR in their VPC."""
    subnets = site.all_of(_SUBNETS, "Subnets", SubnetIds=list(subnet_ids))
    filters = [{"Name": "vpc-id", "Values": sorted({each["VpcId"] for each in subnets})}]
    tables = site.all_of(_TABLES, "RouteTables", Filters=filters)
    endpoints = site.all_of(_ENDPOINTS, "VpcEndpoints", Filters=filters)
    reached = {each["VpcId"] for each in endpoints if str(each.get("ServiceName")).endswith(".ecr.dkr")}
    shut = sorted(
        each["SubnetId"] for each in subnets if each["VpcId"] not in reached and not _leads_out(_table(tables, each))
    )
    return (
        (Caution(text="fix_network.ecs_no_way", values={"name": name, "subnets": shut}, blocks=True),) if shut else ()
    )


def _table(tables: Sequence[Mapping[str, Any]], subnet: Mapping[str, Any]) -> Mapping[str, Any]:
    """The route table that the subnet names, or the main one of its VPC."""
    places = [(each, place) for each in tables for place in each.get("Associations") or ()]
    own = [each for each, place in places if place.get("SubnetId") == subnet["SubnetId"]]
    main = [each for each, place in places if place.get("Main") and each.get("VpcId") == subnet["VpcId"]]
    return next(iter([*own, *main]), {})


def _leads_out(table: Mapping[str, Any]) -> bool:
    return any(
        each.get("DestinationCidrBlock") == "0.0.0.0/0" and any(each.get(way) for way in _WAYS)
        for each in table.get("Routes") or ()
    )


STEP: Final = setting_step(
    Setting(
        id="ecs-service-without-public-addresses",
        order=1230,
        texts="fix_network.ecs_service",
        rules=("aws.ecs.service-without-public-ip",),
        kind=Kind(
            service="ecs", call=_DESCRIBE, prefix="service/", pattern=r"[A-Za-z0-9_-]{1,255}/[A-Za-z0-9_-]{1,255}"
        ),
        reads=(_DESCRIBE, _SUBNETS, _TABLES, _ENDPOINTS),
        writes=(_UPDATE,),
        read=_read,
        safe=_safe,
        put=_put,
        cautions=_cautions,
        risk=Risk.MEDIUM,
    )
)  # fmt: skip
