"""Ports for administration, databases and old protocols are not open to the world in one security group.

Other open ports stay, so that whoever mends an open SSH does not close a service that is meant for everybody.
Source: Security Hub User Guide, EC2.13, EC2.14, EC2.19, EC2.53, EC2.54.
"""

from typing import Final

from sakimori.actions.resources.security_group_openings import openings_revoked, ports_of
from sakimori.actions.resources.security_group_rules import Rule

HIGH_RISK_PORTS: Final = (
    20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601, 8080, 8088, 8888,
    9200, 9300,
)  # fmt: skip
"""The ports that the rules speak of, those of all of them together; a test holds them to the rulebook."""


def _is_wrong(rule: Rule) -> bool:
    ports = ports_of(rule)
    return ports is not None and any(ports[0] <= each <= ports[1] for each in HIGH_RISK_PORTS)


STEP: Final = openings_revoked(
    "high-risk-ports-closed",
    "fix_network.high_risk",
    1020,
    (
        "aws.ec2.security-group-high-risk-ports-closed",
        "aws.ec2.security-group-ssh-closed",
        "aws.ec2.security-group-rdp-closed",
        "aws.ec2.security-group-cifs-closed",
        "aws.ec2.security-group-ipv4-admin-ports-closed",
        "aws.ec2.security-group-ipv6-admin-ports-closed",
    ),
    _is_wrong,
)
