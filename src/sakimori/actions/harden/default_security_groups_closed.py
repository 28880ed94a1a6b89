"""HB20: the default security group of each VPC has no rules, in every enabled Region.

Only a group that no network interface uses is closed. One that is used stays open and is named; where there is nothing
but such groups the step is held back. An interface that comes between the plan and the call makes the plan stale, and one
that comes later still keeps its network: no rule is taken from a group that the plan saw free and that is used now.
Groups that another account shares with this one are not touched.
Source: botocore's model of ec2; Amazon VPC User Guide, "Default security groups for your VPCs".
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.resources.security_group_names import READS as NAMED_READS
from sakimori.actions.resources.security_group_names import named_without_interface
from sakimori.actions.resources.security_group_rules import (
    AUTHORIZE_EGRESS,
    AUTHORIZE_INGRESS,
    INTERFACES,
    RULES,
    WRITES,
    rules_of,
    towards_rules,
)
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.actions.terraform import Resource, identifier
from sakimori.model.action import Baseline, Change, Risk
from sakimori.model.words import Scope

_GROUPS: Final = "ec2:DescribeSecurityGroups"
_ADDS: Final = frozenset({AUTHORIZE_INGRESS, AUTHORIZE_EGRESS})

Groups = Mapping[str, Mapping[str, Any]]


def _read(site: Site) -> State:
    told = site.all_of(_GROUPS, "SecurityGroups", Filters=[{"Name": "group-name", "Values": ["default"]}])
    vpcs = {each["GroupId"]: each.get("VpcId", "") for each in told if each.get("OwnerId") == site.account.id}
    rules = rules_of(site, sorted(vpcs))
    # Only of open groups: in a closed one interfaces may come and go without changing the state.
    used = _users(site, [group for group in vpcs if rules[group]])
    return {
        "groups": {
            group: {"vpc": vpcs[group], "rules": list(rules[group]), "is_used": group in used} for group in sorted(vpcs)
        }
    }


def _users(site: Site, groups: Sequence[str]) -> Mapping[str, int]:
    """How many interfaces each of these groups has; those without any are left out."""
    found: dict[str, int] = {}
    if not groups:
        return found
    for interface in site.all_of(INTERFACES, "NetworkInterfaces", Filters=[{"Name": "group-id", "Values": groups}]):
        for each in interface.get("Groups") or ():
            if each["GroupId"] in groups:
                found[each["GroupId"]] = found.get(each["GroupId"], 0) + 1
    return found


def _wanted(_site: Site, state: State) -> State:
    groups: Groups = state["groups"]
    chosen = _closed(groups) or _used(groups)
    return {"groups": {name: {**each, "rules": []} if name in chosen else each for name, each in groups.items()}}


def _closed(groups: Groups) -> Sequence[str]:
    """Those to be closed: open, and used by nothing."""
    return [name for name, each in groups.items() if each["rules"] and not each["is_used"]]


def _used(groups: Groups) -> Sequence[str]:
    return [name for name, each in groups.items() if each["is_used"]]


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    found: list[Change] = []
    for name, wanted in target["groups"].items():
        there = now["groups"].get(name)
        if there is None:
            continue
        changes = towards_rules(site, name, there["rules"], wanted["rules"])
        is_newly_used = there["is_used"] and not wanted["is_used"]
        found += [each for each in changes if not is_newly_used or each.call.operation in _ADDS]
    return found


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    groups: Groups = state["groups"]
    closed, used = _closed(groups), _used(groups)
    kept = [Caution(text="harden_watch.hb20_used", values={"groups": used}, blocks=not closed)] if used else []
    if not closed:
        return kept
    return [*kept, Caution(text="harden_watch.hb20_later"), *named_without_interface(site, closed)]


def _terraform(site: Site, target: State) -> Sequence[Resource]:
    return [
        Resource(
            type="aws_default_security_group", name=identifier(each["vpc"]), arguments={"vpc_id": each["vpc"]},
            region=site.region,
        )
        for each in target["groups"].values()
        if not each["rules"]
    ]  # fmt: skip


STEP: Final = Step(
    id="HB20",
    order=200,
    texts="harden_watch.hb20",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.MEDIUM,
    rules=("aws.ec2.default-security-group-closed",),
    reads=(_GROUPS, RULES, INTERFACES, *NAMED_READS),
    writes=WRITES,
    read=_read,
    wanted=_wanted,
    towards=_towards,
    cautions=_cautions,
    terraform=_terraform,
)
