"""The attribute of access logs that every load balancer has, and the bucket that must let them in."""

import json
from collections.abc import Mapping
from typing import Any, Final

from moto.elbv2.models import ELBv2Backend, elbv2_backends
from moto.s3.models import s3_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_ENABLED: Final = "access_logs.s3.enabled"
_BUCKET: Final = "access_logs.s3.bucket"
# Source: "Enable access logs for your Application Load Balancer", ELB user guide (the older form names an account).
_PRINCIPALS: Final = ("logdelivery.elasticloadbalancing.amazonaws.com", ":iam::582318560864:root")


def attributes(desk: Desk) -> Answer:
    """Moto's attributes, with access logs off where nobody turned them on; a Gateway Load Balancer has none of them."""
    balancer = _backend(desk).load_balancers.get(str(desk.parameters().get("LoadBalancerArn", "")))
    if balancer is None:
        return desk.moto()
    if balancer.arn.partition(":loadbalancer/")[2].startswith("gwy/"):
        for name in [name for name in balancer.attrs if name.startswith("access_logs.")]:
            del balancer.attrs[name]
    else:
        balancer.attrs.setdefault(_ENABLED, "false")
    return desk.moto()


def modify_attributes(desk: Desk) -> Answer:
    """Moto's answer, if the bucket of access logs is in the Region and lets Elastic Load Balancing write."""
    asked = {each["Key"]: each.get("Value", "") for each in desk.parameters().get("Attributes", ())}
    if asked.get(_ENABLED) == "true" and not _may_write(desk, asked.get(_BUCKET, "")):
        message = f"Access Denied for bucket: {asked.get(_BUCKET, '')}. Please check S3bucket permission"
        raise ServiceError("InvalidConfigurationRequest", message)
    return desk.moto()


STAND_INS: Final[Mapping[str, StandIn]] = {
    "elbv2:DescribeLoadBalancerAttributes": attributes,
    "elbv2:ModifyLoadBalancerAttributes": modify_attributes,
}


def _backend(desk: Desk) -> ELBv2Backend:
    return elbv2_backends[desk.state.account_id][desk.call.region]


def _may_write(desk: Desk, name: str) -> bool:
    bucket: Any = s3_backends[desk.state.account_id][desk.state.partition].buckets.get(name)
    if bucket is None or bucket.region_name != desk.call.region or not bucket.policy:
        return False
    listed = json.loads(bucket.policy).get("Statement", [])
    statements = listed if isinstance(listed, list) else [listed]
    return any(
        each.get("Effect") == "Allow"
        and "s3:PutObject" in json.dumps(each.get("Action", ""))
        and any(principal in json.dumps(each.get("Principal", "")) for principal in _PRINCIPALS)
        for each in statements
    )
