"""R16, R60: an instance that works for a thief is kept: not to be terminated, without network, without its role, stopped.

What its memory, console and disks tell is captured first, by other steps. Connections that are tracked go on after the
change of groups, and credentials that the instance read from its metadata live on: stopping it ends the first, revoking the
sessions of its role the second. AWS neither protects nor stops a Spot Instance for good, and stops none whose root is in
the instance store. Source: Amazon EC2 User Guide, "Security group connection tracking", "Change instance termination
protection", "Enable stop protection", "Stop and start Amazon EC2 instances"; botocore's model of ec2.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.resources import quarantine_group
from sakimori.actions.resources.instances import (
    ATTRIBUTE,
    DESCRIBE,
    INSTANCE,
    MODIFY,
    cannot_stop,
    found_instance,
    is_set,
    modified,
)
from sakimori.actions.resources.mended import changes_if_there, wanted_if_there
from sakimori.actions.resources.named_resource import owner, unless_others
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_PROFILES: Final = "ec2:DescribeIamInstanceProfileAssociations"
_PUT_ON: Final = "ec2:AssociateIamInstanceProfile"
_TAKE_OFF: Final = "ec2:DisassociateIamInstanceProfile"
_GROUPS: Final = "ec2:ModifyNetworkInterfaceAttribute"
_STOP: Final = "ec2:StopInstances"
_START: Final = "ec2:StartInstances"
_NOT_THERE: Final = "-"
_QUARANTINE: Final = [quarantine_group.NAME]


def _read(site: Site, name: str) -> State | None:
    """Groups by network interface, the quarantine's by its name (which no other group's id can be)."""
    found = found_instance(site, name)
    if found is None:
        return None
    interfaces = found.get("NetworkInterfaces") or ()
    group = quarantine_group.found_group(site, found["VpcId"]) if found.get("VpcId") else None
    closed = group["GroupId"] if group and not _rules(group) else ""
    return {
        "vpc": found.get("VpcId", ""),
        "can_stop": not cannot_stop(found),
        "terminable": not is_set(site, name, "disableApiTermination"),
        "stoppable": not is_set(site, name, "disableApiStop"),
        "groups": {
            each["NetworkInterfaceId"]: _QUARANTINE if _ids(each) == [closed] else _ids(each) for each in interfaces
        },
        "profile": (_association(site, name) or {}).get("IamInstanceProfile", {}).get("Arn", ""),
        "running": found["State"]["Name"] in ("pending", "running"),
    }


def _rules(group: Mapping[str, Any]) -> bool:
    return bool(group.get("IpPermissions") or group.get("IpPermissionsEgress"))


def _ids(interface: Mapping[str, Any]) -> list[str]:
    return sorted(str(each["GroupId"]) for each in interface.get("Groups") or ())


def _association(site: Site, name: str) -> Mapping[str, Any] | None:
    filters = [{"Name": "instance-id", "Values": [name]}, {"Name": "state", "Values": ["associating", "associated"]}]
    return next(iter(site.all_of(_PROFILES, "IamInstanceProfileAssociations", Filters=filters)), None)


def _wanted(_site: Site, state: State) -> State:
    cut_off = {**state, "groups": dict.fromkeys(state["groups"], _QUARANTINE), "profile": ""}
    if not state["can_stop"]:
        return cut_off
    return {
        **cut_off,
        "terminable": False,
        "stoppable": True if state["running"] else state["stoppable"],
        "running": False,
    }


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    return [each for way in (_protection, _network, _profile, _power) for each in way(site, now, target)]


def _values(site: Site) -> Mapping[str, Any]:
    return {"name": INSTANCE.name(site)}


def _protection(site: Site, now: State, target: State) -> Sequence[Change]:
    flags = (("terminable", "DisableApiTermination", "terminate"), ("stoppable", "DisableApiStop", "stop"))
    return [
        Change(
            name=key, call=modified(site, {flag: {"Value": not target[key]}}),
            undo=(modified(site, {flag: {"Value": not now[key]}}),),
            text=f"respond_steps.may_{word}" if target[key] else f"respond_steps.may_not_{word}", values=_values(site),
        )
        for key, flag, word in flags if now[key] != target[key]
    ]  # fmt: skip


def _network(site: Site, now: State, target: State) -> Sequence[Change]:
    differing = [each for each, groups in target["groups"].items() if now["groups"].get(each, groups) != groups]
    if not differing:
        return ()
    values, vpc = {**_values(site), "vpc": target["vpc"]}, str(target["vpc"])
    is_isolating = any(target["groups"][each] == _QUARANTINE for each in differing)
    group = quarantine_group.found_group(site, vpc)
    if is_isolating and group is None:
        return (quarantine_group.made(site, vpc, values),)
    closed = str(group["GroupId"]) if group else _NOT_THERE
    moves = [
        Change(
            name=f"groups {each}", call=_put_into(site, each, target["groups"][each], closed),
            undo=(_put_into(site, each, now["groups"][each], closed),),
            text="respond_steps.groups_quarantine" if target["groups"][each] == _QUARANTINE else "respond_steps.groups_back",
            values={**values, "interface": each},
        )
        for each in differing
    ]  # fmt: skip
    if is_isolating:
        return (*quarantine_group.closed(site, group or {}, values), *moves)
    return (*moves, *quarantine_group.dropped(site, vpc, differing, values))


def _put_into(site: Site, interface: str, groups: Sequence[str], closed: str) -> Call:
    ids = [closed] if groups == _QUARANTINE else list(groups)
    return Call(operation=_GROUPS, region=site.region, parameters={"NetworkInterfaceId": interface, "Groups": ids})


def _profile(site: Site, now: State, target: State) -> Sequence[Change]:
    if now["profile"] == target["profile"]:
        return ()
    name, association = INSTANCE.name(site), _association(site, INSTANCE.name(site))
    off = Call(
        operation=_TAKE_OFF, region=site.region,
        parameters={"AssociationId": association["AssociationId"] if association else _NOT_THERE},
        settled=("InvalidAssociationID.NotFound",),
    )  # fmt: skip
    on = Call(
        operation=_PUT_ON, region=site.region,
        parameters={"InstanceId": name, "IamInstanceProfile": {"Arn": target["profile"] or now["profile"]}},
    )  # fmt: skip
    there, back = (on, off) if target["profile"] else (off, on)
    text = "respond_steps.profile_on" if target["profile"] else "respond_steps.profile_off"
    profile = str(target["profile"] or now["profile"]).rpartition("/")[2]
    return (Change(name="profile", call=there, undo=(back,), text=text, values={**_values(site), "profile": profile}),)


def _power(site: Site, now: State, target: State) -> Sequence[Change]:
    if now["running"] == target["running"]:
        return ()
    start, stop = (
        Call(
            operation=each, region=site.region, parameters={"InstanceIds": [INSTANCE.name(site)]},
            not_yet=("IncorrectInstanceState",),
        )
        for each in (_START, _STOP)
    )  # fmt: skip
    there, back = (start, stop) if target["running"] else (stop, start)
    text = "respond_steps.instance_started" if target["running"] else "respond_steps.instance_stopped"
    return (Change(name="power", call=there, undo=(back,), text=text, values=_values(site)),)


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    found = found_instance(site, INSTANCE.name(site)) or {}
    tags = {each["Key"]: each["Value"] for each in found.get("Tags") or ()}
    values = _values(site)
    told = [Caution(text="respond_steps.instance_captured_first", values={**values, "region": site.region})]
    if not state["can_stop"]:
        told.append(Caution(text="respond_steps.instance_not_stopped", values={**values, "why": cannot_stop(found)}))
    if "aws:autoscaling:groupName" in tags:
        group = {"group": tags["aws:autoscaling:groupName"]}
        told.append(Caution(text="respond_steps.instance_respawns", values={**values, **group}))
    if state["profile"]:
        told.append(Caution(text="respond_steps.instance_keeps_role", values=values))
    if state["running"] and state["can_stop"]:
        told.append(Caution(text="respond_steps.instance_loses_memory", values=values))
    return told


STEP: Final = Step(
    id="instance-isolated",
    order=3230,
    texts="respond_steps.instance_isolated",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.HIGH,
    reads=(DESCRIBE, ATTRIBUTE, _PROFILES, *quarantine_group.READS),
    writes=(MODIFY, _GROUPS, _PUT_ON, _TAKE_OFF, _START, _STOP, *quarantine_group.WRITES),
    permissions=("iam:PassRole", "ec2:CreateTags"),
    read=unless_others(INSTANCE, _read),
    wanted=wanted_if_there(_wanted),
    towards=changes_if_there(_towards),
    owner=owner,
    cautions=_cautions,
    shown_within=180.0,
    of_resources=True,
)
