"""Nothing but web ports is open to the world in one security group: Security Hub EC2.18, with its default ports.

TCP 80 and 443, each alone, stay; so do protocols without ports, such as ICMP. Source: Security Hub User Guide, EC2.18.
"""

from typing import Final

from sakimori.actions.resources.security_group_openings import TCP, WEB_PORTS, openings_revoked, ports_of
from sakimori.actions.resources.security_group_rules import Rule


def _is_wrong(rule: Rule) -> bool:
    ports = ports_of(rule)
    if ports is None:
        return False
    return rule["protocol"] not in TCP or ports[0] != ports[1] or ports[0] not in WEB_PORTS


STEP: Final = openings_revoked(
    "open-security-group-rules-revoked",
    "fix_network.openings",
    1010,
    ("aws.ec2.security-group-authorized-ports-only",),
    _is_wrong,
)
