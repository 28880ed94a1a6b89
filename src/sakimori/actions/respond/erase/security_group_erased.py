"""R51: a security group that a thief made. It goes after its rules and the machines that were in it.

What still uses it is somebody's: then it is held back, with what that is. An undo makes it anew with its name, description,
tags and rules; its id is another one. AWS shows the interfaces of a machine that was terminated for a while, and refuses
as long. Source: botocore's model of ec2; Amazon VPC User Guide, "Delete a security group" (not while a network
interface or a rule of another group has it).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.mended import GONE
from sakimori.actions.resources.named_resource import Kind, owner, unless_others
from sakimori.actions.resources.remade_group import FORMERLY, GROUPS, group_of, renamed
from sakimori.actions.resources.security_group_rules import (
    INTERFACES,
    RULES,
    WRITES,
    interface_names,
    interfaces_of,
    rules_of,
    towards_rules,
)
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import GIVEN_ID, Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_KIND: Final = Kind(service="ec2", call=GROUPS, prefix="security-group/", pattern=r"sg-[0-9a-f]{1,32}")
_CREATE: Final = "ec2:CreateSecurityGroup"
_DELETE: Final = "ec2:DeleteSecurityGroup"
_IS: Final = ("name", "description", "vpc")
_MOST_NAMED: Final = 10
_LINGERS: Final = 240.0
"""Seconds for which an interface of a terminated machine may still be there: our choice."""


def _read(site: Site, name: str) -> State | None:
    found = group_of(site, name)
    if found is None:
        return None
    own = str(found["GroupId"])
    tags = {each["Key"]: each["Value"] for each in found.get("Tags") or () if not each["Key"].startswith("aws:")}
    return {
        "name": str(found["GroupName"]), "description": str(found.get("Description") or ""), "vpc": str(found.get("VpcId") or ""),
        "tags": {key: tags[key] for key in sorted(tags) if key != FORMERLY},
        "rules": [renamed(each, own, name) for each in rules_of(site, [own])[own]],
    }  # fmt: skip


def _wanted(_site: Site, state: State) -> State:
    return GONE if "vpc" in state else state


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now == target or "vpc" not in {**now, **target}:
        return ()
    name = _KIND.name(site)
    if target == GONE:
        return (_deleted(site, name, now),)
    if now == GONE:
        return (_made(site, name, target),)
    if any(now[each] != target[each] for each in _IS):
        # Somebody's group carries the tag of it: that is left as it is.
        return ()
    own = _own_id(site, name)
    there, wanted = ([renamed(each, name, own) for each in state["rules"]] for state in (now, target))
    return towards_rules(site, own, there, wanted)


def _own_id(site: Site, name: str) -> str:
    found = group_of(site, name)
    return str(found["GroupId"]) if found else name


def _deleted(site: Site, name: str, now: State) -> Change:
    call = Call(
        operation=_DELETE, region=site.region, parameters={"GroupId": _own_id(site, name)}, settled=("InvalidGroup.NotFound",),
        not_yet=("DependencyViolation",),
    )  # fmt: skip
    values = {"group": name, "name": now["name"]}
    return Change(
        name="group", call=call, undo=(_create(site, name, now),), text="respond_steps.group_erased", values=values
    )


def _made(site: Site, name: str, target: State) -> Change:
    back = Call(operation=_DELETE, region=site.region, parameters={"GroupId": GIVEN_ID})
    values = {"group": name, "name": target["name"]}
    return Change(
        name="group", call=_create(site, name, target), undo=(back,), text="respond_steps.group_remade", values=values
    )


def _create(site: Site, name: str, target: State) -> Call:
    tags = [{"Key": key, "Value": value} for key, value in {**target["tags"], FORMERLY: name}.items()]
    parameters = {
        "GroupName": target["name"], "Description": target["description"], "VpcId": target["vpc"],
        "TagSpecifications": [{"ResourceType": "security-group", "Tags": tags}],
    }  # fmt: skip
    return Call(operation=_CREATE, region=site.region, parameters=parameters)


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    if "vpc" not in state:
        return ()
    name = _KIND.name(site)
    own = _own_id(site, name)
    values: Mapping[str, Any] = {"group": name, "name": state["name"], "now": own, "tag": FORMERLY}
    found = [Caution(text="respond_steps.group_gets_new_id", values=values)]
    if own != name:
        found.append(Caution(text="respond_steps.group_found_by_tag", values=values, blocks=True))
    return [*found, *looked(lambda: _used(site, own), blocks=True), *looked(lambda: _named_by(site, own), blocks=True)]


def _used(site: Site, group: str) -> Sequence[Caution]:
    found = interfaces_of(site, group)
    values = {"group": group, "count": len(found), "users": interface_names(found)}
    return (Caution(text="respond_steps.group_still_used", values=values, blocks=True),) if found else ()


def _named_by(site: Site, group: str) -> Sequence[Caution]:
    """Other groups with a rule that names this one, inbound or outbound."""
    ways = ("ip-permission.group-id", "egress.ip-permission.group-id")
    filters = ([{"Name": way, "Values": [group]}] for way in ways)
    ids = {str(each["GroupId"]) for one in filters for each in site.all_of(GROUPS, "SecurityGroups", Filters=one)}
    others = sorted(ids - {group})
    values = {"group": group, "count": len(others), "others": others[:_MOST_NAMED]}
    return (Caution(text="respond_steps.group_named_by", values=values, blocks=True),) if others else ()


STEP: Final = Step(
    id="security-group-erased",
    order=4210,
    texts="respond_steps.security_group_erased",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.MEDIUM,
    reads=(GROUPS, RULES, INTERFACES),
    writes=(_DELETE, _CREATE, *WRITES),
    permissions=("ec2:CreateTags",),
    read=unless_others(_KIND, _read),
    wanted=_wanted,
    towards=_towards,
    owner=owner,
    cautions=_cautions,
    shown_within=_LINGERS,
    of_resources=True,
)
