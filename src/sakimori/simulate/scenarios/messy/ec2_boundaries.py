"""The edges of the company's networks: network ACLs, subnets, and what whole Regions forbid."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from moto.ec2.models import EC2Backend, ec2_backends

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import IRELAND, TOKYO, VIRGINIA

_ANYONE: Final = "0.0.0.0/0"
_ANYONE_V6: Final = "::/0"
_TCP: Final = "6"
_UDP: Final = "17"
_ALL: Final = "-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """One inbound rule; port 0 is every port."""

    number: int
    action: str
    protocol: str = _ALL
    port: int = 0
    cidr: str = _ANYONE


# Port 22 is open to the office alone; every other allow comes after the denials.
_CLOSED: Final = (
    _Rule(number=10, action="allow", protocol=_TCP, port=22, cidr="203.0.113.0/24"),
    _Rule(number=20, action="deny", protocol=_TCP, port=22),
    _Rule(number=21, action="deny", protocol=_UDP, port=22),
    _Rule(number=30, action="deny", protocol=_TCP, port=3389),
    _Rule(number=31, action="deny", protocol=_UDP, port=3389),
    _Rule(number=100, action="allow"),
    _Rule(number=101, action="allow", protocol=_TCP, port=443, cidr=_ANYONE_V6),
)
_LATE: Final = (
    _Rule(number=100, action="allow", protocol=_TCP, port=22),
    _Rule(number=200, action="deny", protocol=_TCP, port=22),
)


def seed(seeding: Seeding) -> None:
    """After the networks and the images: a Region that blocks public images now still has the one from before."""
    _network_acls(seeding)
    _regions(seeding)
    _name_the_defaults(seeding)


def _network_acls(seeding: Seeding) -> None:
    """One that forbids before it allows, one that forbids too late, and one that nobody took away."""
    ec2 = seeding.client("ec2", TOKYO)
    production = seeding.names["vpc.production"].rpartition("/")[2]
    closed = _network_acl(seeding, production, "closed", "本番サブネット", _CLOSED)
    _network_acl(seeding, production, "late", "検証用", _LATE)
    _network_acl(seeding, production, "unused", "<i>old</i>", ())
    subnet = seeding.names["subnet.production"]
    seeding.names["subnet-arn.production"] = _arn(seeding, TOKYO, f"subnet/{subnet}")
    found = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])
    bound = [each for acl in found["NetworkAcls"] for each in acl["Associations"] if each["SubnetId"] == subnet]
    ec2.replace_network_acl_association(AssociationId=bound[0]["NetworkAclAssociationId"], NetworkAclId=closed)


def _network_acl(seeding: Seeding, vpc: str, name: str, title: str, rules: Sequence[_Rule]) -> str:
    ec2 = seeding.client("ec2", TOKYO)
    tags = [{"ResourceType": "network-acl", "Tags": [{"Key": "Name", "Value": title}]}]
    made = ec2.create_network_acl(VpcId=vpc, TagSpecifications=tags)["NetworkAcl"]["NetworkAclId"]
    seeding.names[f"nacl.{name}"] = _arn(seeding, TOKYO, f"network-acl/{made}")
    for rule in rules:
        more: dict[str, Any] = {"Ipv6CidrBlock" if ":" in rule.cidr else "CidrBlock": rule.cidr}
        if rule.port:
            more["PortRange"] = {"From": rule.port, "To": rule.port}
        ec2.create_network_acl_entry(
            NetworkAclId=made,
            RuleNumber=rule.number,
            Protocol=rule.protocol,
            RuleAction=rule.action,
            Egress=False,
            **more,
        )
    return made


def _regions(seeding: Seeding) -> None:
    """Tokyo is half done, Virginia blocks snapshots, Ireland was closed by a careful visitor."""
    tokyo, virginia, ireland = (seeding.client("ec2", region) for region in (TOKYO, VIRGINIA, IRELAND))
    tokyo.modify_instance_metadata_defaults(HttpTokens="required", HttpPutResponseHopLimit=2)
    virginia.modify_instance_metadata_defaults(HttpTokens="optional")
    ireland.modify_instance_metadata_defaults(HttpTokens="required", HttpTokensEnforced="enabled")
    tokyo.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
    tokyo.enable_snapshot_block_public_access(State="block-new-sharing")
    virginia.enable_snapshot_block_public_access(State="block-all-sharing")
    ireland.modify_vpc_block_public_access_options(InternetGatewayBlockMode="block-ingress")


def _name_the_defaults(seeding: Seeding) -> None:
    """What AWS put into every enabled Region: ACLs and subnets of default VPCs, and which of these VPCs are used."""
    named: dict[str, list[str]] = {
        "nacl.defaults": [],
        "subnets.default": [],
        "vpc.default-used": [],
        "vpc.default-idle": [],
    }
    for region in sorted(seeding.state.enabled_regions):
        backend: EC2Backend = ec2_backends[seeding.state.account_id][region]
        used = {interface.subnet.vpc_id for interface in backend.enis.values()}
        for acl in backend.network_acls.values():
            if acl.default:
                named["nacl.defaults"].append(_arn(seeding, region, f"network-acl/{acl.id}"))
        for vpc in backend.vpcs.values():
            if vpc.is_default:
                use = "vpc.default-used" if vpc.id in used else "vpc.default-idle"
                named[use].append(_arn(seeding, region, f"vpc/{vpc.id}"))
        for zone in backend.subnets.values():
            for subnet in zone.values():
                if subnet.default_for_az:
                    named["subnets.default"].append(_arn(seeding, region, f"subnet/{subnet.id}"))
    seeding.names.update({name: " ".join(found) for name, found in named.items()})


def _arn(seeding: Seeding, region: str, resource: str) -> str:
    return f"arn:aws:ec2:{region}:{seeding.state.account_id}:{resource}"
