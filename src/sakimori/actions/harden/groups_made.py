"""HB24: rights come by groups, and two policies that ask for MFA lie ready.

A group serves whatever its name where it has a policy of AWS that fits; only what no group does is made, under names of
our own, so that a group `admins` of the owner is never changed. Those who read see what is set up and no data
(ViewOnlyAccess). Nobody is put into a group, and the policies are attached to nobody: which of the two, and to whom, a
person decides who has read whom it would shut out. Where people come by IAM Identity Center, groups of IAM do nothing:
its permission sets are adopted. Undoing takes out whoever was put into a group meanwhile, after its name was typed; a
policy that is attached AWS does not delete (DeleteConflict), and then nothing else is undone either.
Source: IAM API Reference, GetAccountAuthorizationDetails; IAM User Guide, "AWS managed policies for job functions".
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sakimori.actions.identity.iam_role import aws_policy
from sakimori.actions.identity.identity_center import LIST, people_come_by_identity_center
from sakimori.actions.identity.mfa_policies import OPERATORS, asks_for_mfa, mfa_policy
from sakimori.actions.looking import looked
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.actions.terraform import Expression, Resource, identifier
from sakimori.collect.iam.credential_report import GENERATE, GET, read_credentials
from sakimori.model.action import Baseline, Call, Change
from sakimori.model.words import Scope

_DETAILS: Final = "iam:GetAccountAuthorizationDetails"
_MEMBERS: Final = "iam:GetGroup"
_WRITES: Final = (
    "iam:CreateGroup", "iam:DeleteGroup", "iam:AttachGroupPolicy", "iam:DetachGroupPolicy", "iam:AddUserToGroup",
    "iam:RemoveUserFromGroup", "iam:PutGroupPolicy", "iam:DeleteGroupPolicy", "iam:CreatePolicy", "iam:DeletePolicy",
)  # fmt: skip
_FITTING: Final = {
    "sakimori-admins": ("AdministratorAccess",),
    "sakimori-operators": ("PowerUserAccess", "job-function/SystemAdministrator"),
    "sakimori-readonly": ("job-function/ViewOnlyAccess", "ReadOnlyAccess", "SecurityAudit"),
    "sakimori-billing": ("AWSBillingReadOnlyAccess", "job-function/Billing"),
}
"""By name of the group: the policies with which a group serves, the one that ours gets first."""
_GONE: Final = ("NoSuchEntity",)
_THERE: Final = ("EntityAlreadyExists",)


def _read(site: Site) -> State:
    groups = {each["GroupName"]: each for each in site.all_of(_DETAILS, "GroupDetailList", Filter=["Group"])}
    policies = site.all_of(_DETAILS, "Policies", Filter=["LocalManagedPolicy"])
    return {
        "identity_center": people_come_by_identity_center(site),
        "others": {name: _others(site, groups, name) for name in _FITTING},
        "groups": {name: _group(site, name, groups.get(name)) for name in _FITTING},
        "other_policies": sorted(each["PolicyName"] for each in policies if each["PolicyName"] not in OPERATORS and _asks(each)),
        "policies": {name: any(each["PolicyName"] == name for each in policies) for name in OPERATORS},
    }  # fmt: skip


def _attached(group: Mapping[str, Any]) -> set[str]:
    return {each["PolicyArn"] for each in group.get("AttachedManagedPolicies") or ()}


def _others(site: Site, groups: Mapping[str, Mapping[str, Any]], name: str) -> list[str]:
    """Groups that serve in the place of ours."""
    fitting = {aws_policy(site, each) for each in _FITTING[name]}
    return sorted(other for other, group in groups.items() if other not in _FITTING and fitting & _attached(group))


def _group(site: Site, name: str, found: Mapping[str, Any] | None) -> State | None:
    if found is None:
        return None
    return {
        "attached": sorted(_attached(found)),
        "written": {each["PolicyName"]: each["PolicyDocument"] for each in found.get("GroupPolicyList") or ()},
        "members": sorted(each["UserName"] for each in site.all_of(_MEMBERS, "Users", GroupName=name)),
    }


def _asks(policy: Mapping[str, Any]) -> bool:
    return any(each.get("IsDefaultVersion") and asks_for_mfa(each["Document"]) for each in policy["PolicyVersionList"])


def _wanted(site: Site, state: State) -> State:
    groups = {
        name: now if state["others"][name] or _serves(site, name, now) else _with_policy(site, name, now)
        for name, now in state["groups"].items()
    }
    policies = state["policies"] if state["other_policies"] else dict.fromkeys(OPERATORS, True)
    return {**state, "groups": groups, "policies": policies}


def _serves(site: Site, name: str, group: State | None) -> bool:
    return group is not None and any(aws_policy(site, each) in group["attached"] for each in _FITTING[name])


def _with_policy(site: Site, name: str, group: State | None) -> State:
    known = group or {"attached": [], "written": {}, "members": []}
    return {**known, "attached": sorted({*known["attached"], aws_policy(site, _FITTING[name][0])})}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    # Policies first: an attached one is not deleted, and then the groups are not touched.
    changes = [
        _policy_change(site, name, is_made=target["policies"][name])
        for name in OPERATORS
        if now["policies"][name] != target["policies"][name]
    ]
    for name in _FITTING:
        changes += _group_changes(site, name, now["groups"][name], target["groups"][name])
    return changes


def _call(site: Site, operation: str, settled: tuple[str, ...] = (), **parameters: object) -> Call:
    return Call(operation=operation, region=site.region, parameters=parameters, settled=settled)


def _policy_change(site: Site, name: str, *, is_made: bool) -> Change:
    arn = f"arn:{site.account.partition}:iam::{site.account.id}:policy/{name}"
    tags = [{"Key": "sakimori", "Value": "HB24"}]
    document = mfa_policy(site.account, name)
    make = _call(site, "iam:CreatePolicy", _THERE, PolicyName=name, PolicyDocument=document, Tags=tags)
    drop = _call(site, "iam:DeletePolicy", _GONE, PolicyArn=arn)
    there, back = (make, drop) if is_made else (drop, make)
    text = "harden_people.hb24_policy_made" if is_made else "harden_people.hb24_policy_gone"
    return Change(name=name, call=there, undo=(back,), text=text, values={"policy": name})


def _group_changes(site: Site, name: str, now: State | None, target: State | None) -> Iterator[Change]:
    """A group that stays keeps its members and what was written into it, whoever changed them meanwhile."""
    create, delete = _call(site, "iam:CreateGroup", _THERE, GroupName=name), _call(site, "iam:DeleteGroup", _GONE, GroupName=name)  # fmt: skip
    values = {"group": name}
    if now is None and target is not None:
        yield Change(name=name, call=create, undo=(delete,), text="harden_people.hb24_group_made", values=values)
    held = set(now["attached"]) if now else set[str]()
    wanted = set(target["attached"]) if target else set[str]()
    ours = {aws_policy(site, each) for each in _FITTING[name]}
    for arn in (*sorted(wanted - held), *sorted(held - wanted)):
        if now and target and arn not in ours:
            continue
        attach = _call(site, "iam:AttachGroupPolicy", GroupName=name, PolicyArn=arn)
        detach = _call(site, "iam:DetachGroupPolicy", _GONE, GroupName=name, PolicyArn=arn)
        there, back = (attach, detach) if arn in wanted else (detach, attach)
        text = "harden_people.hb24_allowed" if arn in wanted else "harden_people.hb24_not_allowed"
        yield Change(
            name=f"{name} {arn}", call=there, undo=(back,), text=text, values={**values, "policy": arn.rpartition("/")[2]}
        )  # fmt: skip
    if now is not None and target is None:
        yield from _emptied(site, name, now)
        yield Change(name=name, call=delete, undo=(create,), text="harden_people.hb24_group_gone", values=values)


def _emptied(site: Site, name: str, now: State) -> Iterator[Change]:
    """What AWS wants out of a group before it deletes it."""
    for policy, document in now["written"].items():
        drop = _call(site, "iam:DeleteGroupPolicy", _GONE, GroupName=name, PolicyName=policy)
        back = _call(site, "iam:PutGroupPolicy", GroupName=name, PolicyName=policy, PolicyDocument=json.dumps(document))
        values = {"group": name, "policy": policy}
        yield Change(
            name=f"{name} {policy}", call=drop, undo=(back,), text="harden_people.hb24_not_allowed", values=values
        )
    for user in now["members"]:
        drop = _call(site, "iam:RemoveUserFromGroup", _GONE, GroupName=name, UserName=user)
        back = _call(site, "iam:AddUserToGroup", GroupName=name, UserName=user)
        values = {"group": name, "user": user}
        yield Change(
            name=f"{name} {user}", call=drop, undo=(back,), text="harden_people.hb24_member_out", values=values
        )


def _loses(_site: Site, before: State, now: State) -> str:
    """The groups whose members would lose what the group allows them."""
    found = [name for name, group in now["groups"].items() if group and group["members"] and not before["groups"][name]]
    return ",".join(found)


def _owner(state: State) -> str:
    return "IAM Identity Center" if state["identity_center"] else ""


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    return [*_who_would_get(site, state), *looked(lambda: _who_is_hit(site))]


def _who_would_get(site: Site, state: State) -> Iterator[Caution]:
    """A group of one of our names that has members already: they would get the policy, whoever put them there."""
    wanted = _wanted(site, state)["groups"]
    for name, group in state["groups"].items():
        if group and group["members"] and wanted[name] != group:
            values = {"group": name, "users": group["members"], "policy": _FITTING[name][0].rpartition("/")[2]}
            yield Caution(text="harden_people.hb24_members", values=values, blocks=True)


def _who_is_hit(site: Site) -> Sequence[Caution]:
    """Whom the two policies would shut out, were they attached to everybody."""
    found = [each for each in read_credentials(site.door, site.region) if each["is_active"] and not each["is_root"]]
    people = sorted(each["name"] for each in found if each["kind"] == "password" and not each["has_mfa"])
    keys = sorted({each["name"] for each in found if each["kind"] != "password"})
    cautions = (("harden_people.hb24_without_mfa", people), ("harden_people.hb24_keys", keys))
    return [Caution(text=text, values={"users": users}) for text, users in cautions if users]


def _terraform(site: Site, target: State) -> Sequence[Resource]:
    resources: list[Resource] = []
    for name, group in target["groups"].items():
        if group is None:
            continue
        resources.append(Resource(type="aws_iam_group", name=name, arguments={"name": name}))
        reference = Expression(f"aws_iam_group.{identifier(name)}.name")
        resources += [
            Resource(
                type="aws_iam_group_policy_attachment", name=f"{name}-{arn.rpartition('/')[2]}",
                arguments={"group": reference, "policy_arn": arn},
            )
            for arn in group["attached"]
        ]  # fmt: skip
    resources += [
        Resource(
            type="aws_iam_policy", name=name,
            arguments={"name": name, "policy": mfa_policy(site.account, name), "tags": {"sakimori": "HB24"}},
        )
        for name, is_there in target["policies"].items()
        if is_there
    ]  # fmt: skip
    return resources


STEP: Final = Step(
    id="HB24",
    order=240,
    texts="harden_people.hb24",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    reads=(_DETAILS, _MEMBERS, LIST, GENERATE, GET),
    writes=_WRITES,
    permissions=("iam:TagPolicy",),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    owner=_owner,
    cautions=_cautions,
    loses=_loses,
    terraform=_terraform,
)
