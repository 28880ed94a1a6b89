"""The company's networks: doors open to the world beside doors that only look open."""

from collections.abc import Mapping
from typing import Any, Final

from moto.ec2.models import EC2Backend, ec2_backends

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import IRELAND, TOKYO, VIRGINIA

_ANYONE: Final = "0.0.0.0/0"
_ANYONE_V6: Final = "::/0"


def _open(port: int, to: int | None = None, *, cidr: str = _ANYONE) -> Mapping[str, Any]:
    ranges = {"Ipv6Ranges": [{"CidrIpv6": cidr}]} if ":" in cidr else {"IpRanges": [{"CidrIp": cidr}]}
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": to or port, **ranges}


_EVERY_PROTOCOL: Final = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": _ANYONE}]}
_GROUPS: Final[Mapping[str, tuple[str, tuple[Mapping[str, Any], ...]]]] = {
    "ssh-open": (TOKYO, (_open(22),)),
    "admin-8443": (TOKYO, (_open(8443),)),
    "web-443": (TOKYO, (_open(443), _open(443, cidr=_ANYONE_V6))),
    "db-ipv6": (TOKYO, (_open(3306, cidr=_ANYONE_V6),)),
    "internal-db": (TOKYO, (_open(5432, cidr="10.0.0.0/8"),)),
    "office-ssh": (TOKYO, (_open(22, cidr="203.0.113.5/32"),)),
    "ssh-ipv6": (TOKYO, (_open(22, cidr=_ANYONE_V6),)),
    "office-share": (TOKYO, (_open(445, cidr="10.0.0.0/8"),)),
    "file-share": (IRELAND, (_open(445),)),
    "wide-range": (VIRGINIA, (_open(1000, 4000),)),
    "everything-open": (VIRGINIA, (_EVERY_PROTOCOL,)),
    "web-80-443": (IRELAND, (_open(80), _open(443))),
    "no-rules": (IRELAND, ()),
}


def seed(seeding: Seeding) -> None:
    """One VPC of the company's own in Tokyo; security groups there and in the other default VPCs."""
    ec2 = seeding.client("ec2", TOKYO)
    tags = [{"Key": "Name", "Value": "本番ネットワーク"}]
    specification = [{"ResourceType": "vpc", "Tags": tags}]
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=specification)["Vpc"]["VpcId"]
    seeding.names["vpc.production"] = _arn(seeding, TOKYO, f"vpc/{vpc}")
    for name, (region, permissions) in _GROUPS.items():
        _group(seeding, name, region, permissions)
    _behind_the_web(seeding)
    _close_default_group(seeding, vpc)
    _subnet_and_flow_log(seeding, vpc)
    _name_the_defaults(seeding, vpc)


def _group(seeding: Seeding, name: str, region: str, permissions: tuple[Mapping[str, Any], ...]) -> None:
    ec2 = seeding.client("ec2", region)
    made = ec2.create_security_group(GroupName=name, Description=f"{name} (scenario)")["GroupId"]
    seeding.names[f"sg.{name}"] = _arn(seeding, region, f"security-group/{made}")
    if permissions:
        ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=list(permissions))


def _behind_the_web(seeding: Seeding) -> None:
    """SSH, but only from another group."""
    web = seeding.names["sg.web-443"].rpartition("/")[2]
    peers = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "UserIdGroupPairs": [{"GroupId": web}]}
    _group(seeding, "from-other-group", TOKYO, (peers,))


def _close_default_group(seeding: Seeding, vpc: str) -> None:
    ec2 = seeding.client("ec2", TOKYO)
    chosen = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    group = ec2.describe_security_groups(Filters=chosen)["SecurityGroups"][0]
    for permissions, revoke in (
        (group["IpPermissions"], ec2.revoke_security_group_ingress),
        (group["IpPermissionsEgress"], ec2.revoke_security_group_egress),
    ):
        if permissions:
            revoke(GroupId=group["GroupId"], IpPermissions=permissions)
    seeding.names["sg.default-closed"] = _arn(seeding, TOKYO, f"security-group/{group['GroupId']}")


def _subnet_and_flow_log(seeding: Seeding, vpc: str) -> None:
    ec2 = seeding.client("ec2", TOKYO)
    seeding.names["subnet.production"] = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    seeding.client("logs", TOKYO).create_log_group(logGroupName="/vpc/production")
    ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogGroupName="/vpc/production",
        DeliverLogsPermissionArn=f"arn:aws:iam::{seeding.state.account_id}:role/flow-logs",
    )


def _name_the_defaults(seeding: Seeding, own_vpc: str) -> None:
    """`vpc.defaults` and `sg.defaults`: what AWS put into every enabled Region."""
    vpcs, groups = [], []
    for region in sorted(seeding.state.enabled_regions):
        backend: EC2Backend = ec2_backends[seeding.state.account_id][region]
        for vpc in backend.vpcs.values():
            if vpc.id != own_vpc:
                vpcs.append(_arn(seeding, region, f"vpc/{vpc.id}"))
                defaults = [group for group in backend.groups[vpc.id].values() if group.name == "default"]
                groups += [_arn(seeding, region, f"security-group/{group.id}") for group in defaults]
    seeding.names["vpc.defaults"] = " ".join(vpcs)
    seeding.names["sg.defaults"] = " ".join(groups)


def _arn(seeding: Seeding, region: str, resource: str) -> str:
    return f"arn:aws:ec2:{region}:{seeding.state.account_id}:{resource}"
