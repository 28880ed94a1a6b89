"""One subnet gives nothing a public address by itself: Security Hub EC2.15.

Addresses of IPv6 count too: nearly all that AWS gives are public. Source: botocore's model of ec2 (ModifySubnetAttribute takes
one attribute a call); Amazon VPC User Guide, "Modify the IP addressing attributes of your subnet".
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call, Risk

_DESCRIBE: Final = "ec2:DescribeSubnets"
_MODIFY: Final = "ec2:ModifySubnetAttribute"
_GROUPS: Final = "autoscaling:DescribeAutoScalingGroups"
_FLAGS: Final = ("MapPublicIpOnLaunch", "AssignIpv6AddressOnCreation")


def _subnet(site: Site, name: str) -> Mapping[str, Any] | None:
    answer = site.call(_DESCRIBE, ("InvalidSubnetID.NotFound",), SubnetIds=[name])
    return next(iter((answer or {}).get("Subnets") or ()), None)


def _read(site: Site, name: str) -> State | None:
    found = _subnet(site, name)
    return None if found is None else {flag: bool(found.get(flag)) for flag in _FLAGS}


def _put(site: Site, name: str, key: str, target: State) -> Call:
    return Call(operation=_MODIFY, region=site.region, parameters={"SubnetId": name, key: {"Value": target[key]}})


def _cautions(site: Site, name: str, _state: State) -> Sequence[Caution]:
    return [
        Caution(text="fix_network.subnet_new_ones", values={"name": name}),
        *looked(lambda: _scaling(site, name)),
    ]


def _scaling(site: Site, name: str) -> Sequence[Caution]:
    """Auto Scaling groups that launch here: their next instances come up without an address unless they ask for one."""
    groups = site.all_of(_GROUPS, "AutoScalingGroups")
    found = sorted(
        each["AutoScalingGroupName"] for each in groups if name in str(each.get("VPCZoneIdentifier", "")).split(",")
    )
    return (Caution(text="fix_network.subnet_scaling", values={"name": name, "groups": found}),) if found else ()


STEP: Final = setting_step(
    Setting(
        id="subnet-without-public-addresses",
        order=1150,
        texts="fix_network.subnet",
        rules=("aws.ec2.subnet-without-auto-public-ip",),
        kind=Kind(service="ec2", call=_DESCRIBE, prefix="subnet/", pattern=r"subnet-[0-9a-f]{1,32}"),
        reads=(_DESCRIBE, _GROUPS),
        writes=(_MODIFY,),
        read=_read,
        safe=dict.fromkeys(_FLAGS, False),
        put=_put,
        cautions=_cautions,
        risk=Risk.MEDIUM,
    )
)
