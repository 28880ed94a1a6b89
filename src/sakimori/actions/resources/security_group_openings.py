"""Inbound rules of one security group that are open to the world, and the step that revokes some of them.

Source: Amazon VPC User Guide, "Security group rules"; Security Hub User Guide, EC2.13 to EC2.19, EC2.53 and EC2.54.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.named_resource import Kind, is_there, owner, unless_others
from sakimori.actions.resources.security_group_rules import (
    AUTHORIZE_INGRESS,
    INTERFACES,
    REVOKE_INGRESS,
    RULES,
    WORLD,
    Rule,
    interfaces_of,
    rules_of,
    shown,
    towards_rules,
    users_of,
)
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Baseline, Change, Risk
from sakimori.model.words import Scope

_GROUPS: Final = "ec2:DescribeSecurityGroups"
GROUP: Final = Kind(service="ec2", call=_GROUPS, prefix="security-group/", pattern=r"sg-[0-9a-f]{1,32}")
WEB_PORTS: Final = (80, 443)
TCP: Final = ("tcp", "6")
_EVERY_PORT: Final = (0, 65535)
_WITH_PORTS: Final = (*TCP, "udp", "17")
_MOST_INTERFACES: Final = 20
"""Of so many interfaces the flow logs are asked."""
_STACK: Final = "aws:cloudformation:stack-name"


def group_of(site: Site, group_id: str) -> dict[str, Any] | None:
    """The group as AWS tells of it; None where it is not there any more."""
    answer = site.call(_GROUPS, ("InvalidGroup.NotFound",), GroupIds=[group_id])
    return next(iter((answer or {}).get("SecurityGroups") or ()), None)


def ports_of(rule: Rule) -> tuple[int, int] | None:
    """First and last port that the rule opens; None where its protocol has no ports."""
    if rule["protocol"] == "-1":
        return _EVERY_PORT
    if rule["protocol"] not in _WITH_PORTS:
        return None
    low, high = rule["ports"] or _EVERY_PORT
    return _EVERY_PORT if low == -1 else (low, high)


def openings_revoked(
    identifier: str, texts: str, order: int, rules: tuple[str, ...], is_wrong: Callable[[Rule], bool]
) -> Step:
    """The step that revokes the inbound rules of one group that are open to the world and `is_wrong`."""

    def read(site: Site, group_id: str) -> State | None:
        if group_of(site, group_id) is None:
            return None
        return {
            "openings": [each for each in rules_of(site, [group_id])[group_id] if _is_open(each) and is_wrong(each)]
        }

    def towards(site: Site, now: State, target: State) -> Sequence[Change]:
        if not is_there(now) or not is_there(target):
            return ()
        return towards_rules(site, GROUP.name(site), now["openings"], target["openings"])

    return Step(
        id=identifier, order=order, texts=texts, scope=Scope.REGION, baseline=Baseline.STARTER, risk=Risk.MEDIUM,
        rules=rules, reads=(_GROUPS, RULES, INTERFACES), writes=(AUTHORIZE_INGRESS, REVOKE_INGRESS),
        read=unless_others(GROUP, read), wanted=_wanted, towards=towards, owner=owner, cautions=_cautions, of_resources=True,
    )  # fmt: skip


def _is_open(rule: Rule) -> bool:
    return rule["is_ingress"] and next(iter(rule["peer"].values())) in WORLD


def _wanted(_site: Site, state: State) -> State:
    return {"openings": []} if is_there(state) else state


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    group_id = GROUP.name(site)
    found = [*looked(lambda: _traffic(site, group_id, state))]
    web = [shown(each) for each in state["openings"] if each["protocol"] not in ("udp", "17") and _opens_web(each)]
    if web:
        found.append(Caution(text="fix_network.web_closed", values={"group": group_id, "rules": web}))
    return [*found, *looked(lambda: users_of(site, group_id)), *looked(lambda: _stack(site, group_id))]


def _traffic(site: Site, group_id: str, state: State) -> Sequence[Caution]:
    """What flow logs say of who comes in by these openings."""
    interfaces = [str(each["NetworkInterfaceId"]) for each in interfaces_of(site, group_id)[:_MOST_INTERFACES]]
    ranges = {ports for each in state["openings"] if (ports := ports_of(each)) is not None}
    seen = [site.logs.accepted(interface, ports) for interface in interfaces for ports in sorted(ranges)]
    watched = [each for each in seen if each.days]
    values = {
        "group": group_id,
        "count": sum(each.count for each in seen),
        "days": max((each.days for each in watched), default=0),
    }
    if values["count"]:
        return (Caution(text="fix_network.traffic_seen", values=values),)
    if interfaces and len(watched) == len(seen):
        return (Caution(text="fix_network.traffic_none", values=values),)
    if not interfaces:
        return ()
    return (Caution(text="fix_network.traffic_unseen", values={"group": group_id}),)


def _opens_web(rule: Rule) -> bool:
    ports = ports_of(rule)
    return ports is not None and any(ports[0] <= each <= ports[1] for each in WEB_PORTS)


def _stack(site: Site, group_id: str) -> Sequence[Caution]:
    """The stack that made the group: it puts the rules back, or fails, at its next update."""
    tags = {each["Key"]: each["Value"] for each in (group_of(site, group_id) or {}).get("Tags") or ()}
    if _STACK not in tags:
        return ()
    return (Caution(text="fix_network.stack", values={"name": group_id, "stack": tags[_STACK]}),)
