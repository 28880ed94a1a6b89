"""One EC2 instance: what it is, and its attributes. Source: botocore's model of ec2."""

from collections.abc import Mapping
from typing import Any, Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.model.action import Call

DESCRIBE: Final = "ec2:DescribeInstances"
ATTRIBUTE: Final = "ec2:DescribeInstanceAttribute"
MODIFY: Final = "ec2:ModifyInstanceAttribute"
INSTANCE: Final = Kind(service="ec2", call=DESCRIBE, prefix="instance/", pattern=r"i-[0-9a-f]{8,17}")
_ENDED: Final = ("terminated", "shutting-down")
_ABSENT: Final = ("InvalidInstanceID.NotFound",)


def found_instance(site: Site, name: str) -> Mapping[str, Any] | None:
    """It as AWS tells of it; None where it is not there any more, or is being terminated."""
    answer = site.call(DESCRIBE, _ABSENT, InstanceIds=[name]) or {}
    found = [each for group in answer.get("Reservations") or () for each in group["Instances"]]
    return found[0] if found and found[0]["State"]["Name"] not in _ENDED else None


def is_set(site: Site, name: str, attribute: str) -> bool:
    """Whether a switch among its attributes, named as `disableApiStop` is, is on."""
    told = site.call(ATTRIBUTE, InstanceId=name, Attribute=attribute) or {}
    return bool((told.get(attribute[0].upper() + attribute[1:]) or {}).get("Value"))


def modified(site: Site, values: Mapping[str, Any]) -> Call:
    """The call that sets attributes of it."""
    named = {"InstanceId": INSTANCE.name(site), **values}
    return Call(operation=MODIFY, region=site.region, parameters=named)


def cannot_stop(instance: Mapping[str, Any]) -> str:
    """Why AWS would not stop it for good, as a word for a sentence; "" where it would."""
    if instance.get("InstanceLifecycle") == "spot":
        return "Spot"
    return "instance store" if instance.get("RootDeviceType") == "instance-store" else ""
