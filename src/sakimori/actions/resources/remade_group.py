"""A security group that an undo made anew: AWS gives it another id, so it carries the one that it had, as a tag.

What stands in a case or a journal under the old id is found by it. Whoever may set tags can set this one: nothing is
deleted on its word alone.
"""

from collections.abc import Mapping
from typing import Any, Final

from sakimori.actions.resources.security_group_rules import Rule
from sakimori.actions.site import Site

GROUPS: Final = "ec2:DescribeSecurityGroups"
FORMERLY: Final = "sakimori:formerly"


def group_of(site: Site, group_id: str) -> Mapping[str, Any] | None:
    """The group of this id, or else the one that was made anew for it; None where neither is there."""
    filters = ({"Name": "group-id", "Values": [group_id]}, {"Name": f"tag:{FORMERLY}", "Values": [group_id]})
    return next((each for one in filters for each in site.all_of(GROUPS, "SecurityGroups", Filters=[one])), None)


def renamed(rule: Rule, before: str, after: str) -> Rule:
    """The rule, with the one id of a group as its peer in place of the other: a group may let itself in."""
    peer = rule["peer"]
    return {**rule, "peer": {**peer, "GroupId": after}} if peer.get("GroupId") == before else rule
