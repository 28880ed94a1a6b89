"""Nobody has CloudShell with everything in it, upload and download too (Security Hub: IAM.27).

The finding's resource is the account. What IAM Identity Center manages cannot be changed in IAM: it is named and left
alone. Source: botocore's model of iam; IAM User Guide, "Adding and removing IAM identity permissions"; AWS CloudShell
User Guide, "Managing AWS CloudShell access and usage with IAM policies".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.identity.iam_role import aws_policy
from sakimori.actions.identity.policy_holders import LIST, holders_of
from sakimori.actions.resources.mended import not_this
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_POLICY: Final = "AWSCloudShellFullAccess"
_IDENTITY_CENTER: Final = "AWSReservedSSO_"
_ABSENT: Final = "NoSuchEntity"
# By kind of holder: how a call names it, and the two calls.
_KINDS: Final = {
    "group": ("GroupName", "iam:DetachGroupPolicy", "iam:AttachGroupPolicy"),
    "role": ("RoleName", "iam:DetachRolePolicy", "iam:AttachRolePolicy"),
    "user": ("UserName", "iam:DetachUserPolicy", "iam:AttachUserPolicy"),
}


def _read(site: Site) -> State:
    if site.resource != f"arn:{site.account.partition}:iam::{site.account.id}:root":
        raise not_this(site, LIST)
    return {"holders": [f"{kind} {name}" for kind, name in holders_of(site, aws_policy(site, _POLICY))]}


def _is_fixed(holder: str) -> bool:
    return holder.startswith(f"role {_IDENTITY_CENTER}")


def _wanted(_site: Site, state: State) -> State:
    return {"holders": [each for each in state["holders"] if _is_fixed(each)]}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    gone = [each for each in now["holders"] if each not in target["holders"]]
    come = [each for each in target["holders"] if each not in now["holders"]]
    return [
        *(_change(site, each, is_attached=False) for each in gone),
        *(_change(site, each, is_attached=True) for each in come),
    ]


def _change(site: Site, holder: str, *, is_attached: bool) -> Change:
    kind, _, name = holder.partition(" ")
    parameter, detach, attach = _KINDS[kind]
    parameters = {parameter: name, "PolicyArn": aws_policy(site, _POLICY)}
    on = Call(operation=attach, region=site.region, parameters=parameters)
    off = Call(operation=detach, region=site.region, parameters=parameters, settled=(_ABSENT,))
    there, back = (on, off) if is_attached else (off, on)
    text = "fix_data.cloudshell_access_detached_on" if is_attached else "fix_data.cloudshell_access_detached_off"
    return Change(name=holder, call=there, undo=(back,), text=text, values={"holder": name, "policy": _POLICY})


def _cautions(_site: Site, state: State) -> Sequence[Caution]:
    found = [Caution(text="fix_data.cloudshell_access_detached_shell", values={"policy": _POLICY})]
    fixed = [each.partition(" ")[2] for each in state["holders"] if _is_fixed(each)]
    if fixed:
        found.append(Caution(text="fix_data.cloudshell_access_detached_fixed", values={"roles": fixed}))
    return found


STEP: Final = Step(
    id="cloudshell-access-detached",
    order=2120,
    texts="fix_data.cloudshell_access_detached",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    risk=Risk.LOW,
    rules=("aws.iam.cloudshell-full-access-detached",),
    reads=(LIST,),
    writes=tuple(call for _, *calls in _KINDS.values() for call in calls),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    cautions=_cautions,
    of_resources=True,
)
