"""HB25: somebody may open a case with AWS Support without the root user.

Whoever holds AWSSupportAccess already (a role, a group or a user) serves, and then nothing is made. AdministratorAccess
does not count: it is taken on less readily, and CIS asks for the policy by name. Source: IAM User Guide and AWS Support
User Guide, "Manage access to AWS Support Center"; CIS AWS Foundations Benchmark 5.0, 1.16.
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.identity import iam_role, identity_center, policy_holders
from sakimori.actions.identity.iam_role import (
    RoleWish,
    aws_policy,
    read_role,
    role_changes,
    role_resources,
    role_wanted,
    trust_replaced,
)
from sakimori.actions.looking import looked
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.actions.terraform import Resource
from sakimori.model.action import Baseline, Change, Risk
from sakimori.model.words import Scope

_POLICY: Final = "AWSSupportAccess"
_WISH: Final = RoleWish(name="sakimori-support", step="HB25", policies=(_POLICY,))


def _read(site: Site) -> State:
    others = {name for _, name in policy_holders.holders_of(site, aws_policy(site, _POLICY))} - {_WISH.name}
    return {"others": sorted(others), "role": read_role(site, _WISH.name)}


def _wanted(site: Site, state: State) -> State:
    return state if state["others"] else {**state, "role": role_wanted(site, _WISH, state["role"])}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    return role_changes(site, _WISH, now["role"], target["role"])


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    return looked(
        lambda: iam_role.trusted_others(site, _WISH, state["role"]),
        lambda: identity_center.cannot_take_roles(site),
        lambda: trust_replaced(site, _WISH, state["role"]),
    )


def _terraform(_site: Site, target: State) -> Sequence[Resource]:
    return () if target["others"] else role_resources(_WISH, target["role"])


STEP: Final = Step(
    id="HB25",
    order=250,
    texts="harden_people.hb25",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    risk=Risk.LOW,
    rules=("aws.iam.support-role-exists",),
    reads=(policy_holders.LIST, *iam_role.READS, identity_center.LIST),
    writes=iam_role.WRITES,
    permissions=("iam:TagRole",),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    cautions=_cautions,
    terraform=_terraform,
)
