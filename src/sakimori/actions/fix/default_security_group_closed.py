"""The default security group of one VPC lets nothing through: Security Hub EC2.2.

AWS does not let anybody delete the group, so its rules go. Source: Amazon VPC User Guide, "Default security groups for your
VPCs".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.named_resource import is_there, owner, unless_others
from sakimori.actions.resources.security_group_names import READS as NAMED_READS
from sakimori.actions.resources.security_group_names import named_without_interface
from sakimori.actions.resources.security_group_openings import GROUP, group_of
from sakimori.actions.resources.security_group_rules import (
    INTERFACES,
    RULES,
    WRITES,
    cut_off_by_closing,
    rules_of,
    towards_rules,
)
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Baseline, Change, Risk
from sakimori.model.words import Scope


def _read(site: Site, group_id: str) -> State | None:
    group = group_of(site, group_id)
    if group is None:
        return None
    return {"is_default": group.get("GroupName") == "default", "rules": rules_of(site, [group_id])[group_id]}


def _wanted(_site: Site, state: State) -> State:
    return {**state, "rules": []} if is_there(state) and state["is_default"] else state


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if not is_there(now) or not is_there(target):
        return ()
    return towards_rules(site, GROUP.name(site), now["rules"], target["rules"])


def _cautions(site: Site, _state: State) -> Sequence[Caution]:
    group_id = GROUP.name(site)
    return [*looked(lambda: cut_off_by_closing(site, group_id)), *named_without_interface(site, [group_id])]


STEP: Final = Step(
    id="default-security-group-closed",
    order=1030,
    texts="fix_network.default_group",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.MEDIUM,
    rules=("aws.ec2.default-security-group-closed",),
    reads=("ec2:DescribeSecurityGroups", RULES, INTERFACES, *NAMED_READS),
    writes=WRITES,
    read=unless_others(GROUP, _read),
    wanted=_wanted,
    towards=_towards,
    owner=owner,
    cautions=_cautions,
    of_resources=True,
)
