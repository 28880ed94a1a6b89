"""The security group that lets nothing in or out: one a VPC, made when the first instance is isolated, gone with the last.

A group that was there before under this name is used and stays. Source: botocore's model of ec2; Amazon EC2 User Guide,
"Security group connection tracking" (connections that are tracked go on after a change of groups).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.site import Site
from sakimori.model.action import GIVEN_ID, Call, Change

NAME: Final = "sakimori-quarantine"
_TAG: Final = {"Key": "sakimori", "Value": "quarantine"}
GROUPS: Final = "ec2:DescribeSecurityGroups"
INTERFACES: Final = "ec2:DescribeNetworkInterfaces"
_CREATE: Final = "ec2:CreateSecurityGroup"
_DELETE: Final = "ec2:DeleteSecurityGroup"
_CLOSE: Final = "ec2:RevokeSecurityGroupEgress"
_OPEN: Final = "ec2:AuthorizeSecurityGroupEgress"
_CLOSE_IN: Final = "ec2:RevokeSecurityGroupIngress"
_OPEN_IN: Final = "ec2:AuthorizeSecurityGroupIngress"
READS: Final = (GROUPS, INTERFACES)
WRITES: Final = (_CREATE, _DELETE, _CLOSE, _OPEN, _CLOSE_IN, _OPEN_IN)


def found_group(site: Site, vpc: str) -> Mapping[str, Any] | None:
    """The group of this VPC, None where there is none."""
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": [NAME]}]
    return next(iter(site.all_of(GROUPS, "SecurityGroups", Filters=filters)), None)


def made(site: Site, vpc: str, values: Mapping[str, Any]) -> Change:
    """The change that makes it; the sentence tells what follows once it has an id."""
    tags = [{"ResourceType": "security-group", "Tags": [_TAG]}]
    call = Call(
        operation=_CREATE,
        region=site.region,
        parameters={
            "GroupName": NAME, "Description": "Lets nothing in or out.", "VpcId": vpc, "TagSpecifications": tags,
        },
        settled=("InvalidGroup.Duplicate",),
    )  # fmt: skip
    return Change(
        name="quarantine group",
        call=call,
        undo=(_delete(site, GIVEN_ID),),
        text="respond_steps.group_made",
        values=values,
    )


def closed(site: Site, group: Mapping[str, Any], values: Mapping[str, Any]) -> Sequence[Change]:
    """The changes that take every rule out of it: AWS makes a group with one that lets everything out."""
    found: list[Change] = []
    ways = (("IpPermissionsEgress", _CLOSE, _OPEN), ("IpPermissions", _CLOSE_IN, _OPEN_IN))
    for key, close, reopen in ways:
        rules = [_rule(each) for each in group.get(key) or ()]
        if rules:
            named = {"GroupId": group["GroupId"], "IpPermissions": rules}
            there = Call(operation=close, region=site.region, parameters=named, settled=("InvalidPermission.NotFound",))
            back = Call(operation=reopen, region=site.region, parameters=named)
            found.append(
                Change(name=f"rules {key}", call=there, undo=(back,), text="respond_steps.group_closed", values=values)
            )
    return found


def dropped(site: Site, vpc: str, leaving: Sequence[str], values: Mapping[str, Any]) -> Sequence[Change]:
    """The change that deletes it once these interfaces have left: nothing where another is in it, or it is not ours."""
    group = found_group(site, vpc)
    if group is None or _TAG not in (group.get("Tags") or ()):
        return ()
    inside = site.all_of(
        INTERFACES, "NetworkInterfaces", Filters=[{"Name": "group-id", "Values": [group["GroupId"]]}]
    )  # fmt: skip
    if {each["NetworkInterfaceId"] for each in inside} - set(leaving):
        return ()
    call = _delete(site, str(group["GroupId"]))
    return (
        Change(
            name="quarantine group", call=call, undo=(made(site, vpc, values).call,), text="respond_steps.group_gone",
            values=values,
        ),
    )  # fmt: skip


def _delete(site: Site, group: str) -> Call:
    named = {"GroupId": group}
    return Call(operation=_DELETE, region=site.region, parameters=named, settled=("InvalidGroup.NotFound",))


def _rule(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """A rule as it is named when it is taken out: without the lists that are empty."""
    return {key: value for key, value in told.items() if value != []}
