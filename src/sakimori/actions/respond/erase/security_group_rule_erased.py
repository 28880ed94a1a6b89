"""R52: one rule that a thief put into a security group is taken out, and put back by the undo.

The resource is the ARN of the rule, a bar, and the group with what the event said of the rule (`rule_text`). The id names the
rule that is revoked. An undo makes an equal rule, to which AWS gives another id; therefore a rule is found by its content too, and one that
is not under its id any more, or says something else by now, is somebody's later work: it is held back until that is accepted.
Source: botocore's model of ec2 (DescribeSecurityGroupRules, ModifySecurityGroupRules keeps the id).
"""

import re
from collections.abc import Sequence
from typing import Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.mended import not_this
from sakimori.actions.resources.named_pair import first_of, second_of
from sakimori.actions.resources.named_resource import Kind, owner
from sakimori.actions.resources.remade_group import GROUPS, group_of, renamed
from sakimori.actions.resources.security_group_rules import (
    INTERFACES,
    RULES,
    WRITES,
    Rule,
    rule_of,
    rule_text,
    towards_rules,
    users_of,
)
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Baseline, Change, Risk
from sakimori.model.words import Scope

_RULE: Final = Kind(service="ec2", call=RULES, prefix="security-group-rule/", pattern=r"sgr-[0-9a-f]{8,32}")
_GROUP: Final = re.compile(r"sg-[0-9a-f]{1,32}\Z")


def _parts(site: Site) -> tuple[str, str, str]:
    """The rule's id, the group, and what the rule said when it was made."""
    group, _, told = second_of(site).partition(" ")
    if not _GROUP.match(group) or not told:
        raise not_this(site, RULES)
    return _RULE.name(first_of(site)), group, told


def _found(site: Site) -> tuple[str, Rule | None]:
    """The rule and its id by now: the one of this id, or else an equal one; "" and None where neither is there."""
    rule_id, group, told = _parts(site)
    own = _own_id(site, group)
    rules: dict[str, Rule] = {
        str(each["SecurityGroupRuleId"]): renamed(rule_of(each), own, group)
        for each in site.all_of(RULES, "SecurityGroupRules", Filters=[{"Name": "group-id", "Values": [own]}])
    }
    if rule_id in rules:
        return rule_id, rules[rule_id]
    return next(((name, rule) for name, rule in sorted(rules.items()) if rule_text(rule) == told), ("", None))


def _own_id(site: Site, group: str) -> str:
    """The id that the group has by now: an undo may have made it anew."""
    found = group_of(site, group)
    return str(found["GroupId"]) if found else group


def _read(site: Site) -> State:
    return {"rule": _found(site)[1]}


def _wanted(_site: Site, _state: State) -> State:
    return {"rule": None}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    group = _parts(site)[1]
    own = _own_id(site, group)
    there, wanted = ([renamed(each["rule"], group, own)] if each["rule"] else [] for each in (now, target))
    return towards_rules(site, own, there, wanted)


def _cautions(site: Site, _state: State) -> Sequence[Caution]:
    rule_id, group, told = _parts(site)
    name, rule = _found(site)
    if rule is None:
        return ()
    values = {"name": rule_id, "group": group, "before": told, "now": rule_text(rule), "other": name}
    found = list(looked(lambda: users_of(site, _own_id(site, group))))
    if name != rule_id:
        found.append(Caution(text="respond_steps.group_rule_remade", values=values, blocks=True))
    elif rule_text(rule) != told:
        found.append(Caution(text="respond_steps.group_rule_changed", values=values, blocks=True))
    return found


STEP: Final = Step(
    id="security-group-rule-erased",
    order=4110,
    texts="respond_steps.security_group_rule_erased",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.MEDIUM,
    reads=(RULES, INTERFACES, GROUPS),
    writes=WRITES,
    read=_read,
    wanted=_wanted,
    towards=_towards,
    owner=owner,
    cautions=_cautions,
    of_resources=True,
)
