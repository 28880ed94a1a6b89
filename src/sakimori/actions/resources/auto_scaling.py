"""One Auto Scaling group, by its ARN or by an ARN in which the unique id is left out. Source: botocore's model of autoscaling."""

from collections.abc import Mapping
from typing import Any, Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site

DESCRIBE: Final = "autoscaling:DescribeAutoScalingGroups"
GROUP: Final = Kind(
    service="autoscaling",
    call=DESCRIBE,
    prefix="autoScalingGroup:",
    pattern=r"([0-9a-f-]{36})?:autoScalingGroupName/[ -~]{1,255}",
)


def name_of(resource: str) -> str:
    """The group's name."""
    return resource.partition("/")[2]


def found_group(site: Site, resource: str) -> Mapping[str, Any] | None:
    """It as AWS tells of it; None where there is none, or it is being deleted."""
    answer = site.call(DESCRIBE, AutoScalingGroupNames=[name_of(resource)]) or {}
    found = [each for each in answer.get("AutoScalingGroups") or () if not each.get("Status")]
    return found[0] if found else None
