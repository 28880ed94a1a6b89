"""HB26: whoever answers an alarm at night has a role that can look at everything and stop a leaked key, and whoever audits one that can only look.

The responder can give nobody any right: it makes keys inactive, and it attaches AWSDenyAll and nothing else. A policy
written into a user or role (iam:Put…Policy) would let it make itself an administrator, so revoking the sessions of a role
by time, and deleting a password, stay with an administrator. It reads what the account holds, data too, and may speak with
AWS Support. The auditor has AWS's SecurityAudit and the calls that the tables of `sakimori collect` make.
Source: Service Authorization Reference, IAM (`iam:PolicyARN`); IAM User Guide, "AWSDenyAll"; IAM quotas (10,240 characters
of policies in a role).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

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
from sakimori.aws.actions import action_of
from sakimori.aws.read_policy import OPENING, policy_document
from sakimori.collect.catalogue import declarations
from sakimori.model.action import Approval, Baseline, Change, Risk
from sakimori.model.words import Scope

_RESPONDER: Final = "sakimori-responder"
_AUDITOR: Final = "sakimori-auditor"
_POWER: Final = "PowerUserAccess"
_SUPPORT: Final = (
    "support:AddAttachmentsToSet", "support:AddCommunicationToCase", "support:CreateCase", "support:DescribeAttachment",
    "support:DescribeCases", "support:DescribeCommunications", "support:DescribeServices", "support:DescribeSeverityLevels",
)  # fmt: skip


def _wishes(site: Site) -> Sequence[RoleWish]:
    responder = RoleWish(
        name=_RESPONDER, step="HB26", policies=("ReadOnlyAccess",), written={"sakimori-respond": _respond(site)}
    )
    auditor = RoleWish(
        name=_AUDITOR, step="HB26", policies=("SecurityAudit",), written={"sakimori-read": _audit(site)}
    )  # fmt: skip
    return responder, auditor


def _respond(site: Site) -> Mapping[str, Any]:
    deny_all = {"ArnEquals": {"iam:PolicyARN": aws_policy(site, "AWSDenyAll")}}
    denials = ["iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:DetachRolePolicy", "iam:DetachUserPolicy"]
    from_buckets = {"StringLike": {"kms:ViaService": "s3.*"}}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "StopKeys", "Effect": "Allow", "Action": ["iam:UpdateAccessKey"], "Resource": "*"},
            {"Sid": "DenyAll", "Effect": "Allow", "Action": denials, "Resource": "*", "Condition": deny_all},
            {
                "Sid": "ReadLogs",
                "Effect": "Allow",
                "Action": ["kms:Decrypt"],
                "Resource": "*",
                "Condition": from_buckets,
            },
            {"Sid": "AskAws", "Effect": "Allow", "Action": list(_SUPPORT), "Resource": "*"},
        ],
    }


def _audit(site: Site) -> Mapping[str, Any]:
    operations = {each for table in declarations().values() for each in table.operations} | set(OPENING)
    return policy_document(sorted({action_of(each) for each in operations}), site.account.partition)


def _read(site: Site) -> State:
    return {name: read_role(site, name) for name in (_RESPONDER, _AUDITOR)}


def _wanted(site: Site, state: State) -> State:
    return {wish.name: role_wanted(site, wish, state[wish.name]) for wish in _wishes(site)}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    return [change for wish in _wishes(site) for change in role_changes(site, wish, now[wish.name], target[wish.name])]


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    return looked(
        lambda: [each for wish in _wishes(site) for each in iam_role.trusted_others(site, wish, state[wish.name])],
        lambda: identity_center.cannot_take_roles(site),
        lambda: _who_else(site),
        lambda: _more_than_meant(site, state),
        lambda: [each for wish in _wishes(site) for each in trust_replaced(site, wish, state[wish.name])],
    )


def _who_else(site: Site) -> Sequence[Caution]:
    """Who may take any role without being an administrator."""
    who = sorted(name for _, name in policy_holders.holders_of(site, aws_policy(site, _POWER)))
    return [Caution(text="harden_people.hb26_power_users", values={"who": who})] if who else []


def _more_than_meant(site: Site, state: State) -> Sequence[Caution]:
    """Rights that somebody else gave to a role of these names; they stay."""
    found: list[Caution] = []
    for wish in _wishes(site):
        now = state[wish.name] or {"attached": [], "written": {}}
        meant = {aws_policy(site, each) for each in wish.policies}
        more = [each.rpartition("/")[2] for each in now["attached"] if each not in meant]
        more += [each for each in now["written"] if each not in wish.written]
        if more:
            found.append(Caution(text="harden_people.hb26_more", values={"role": wish.name, "policies": sorted(more)}))
    return found


def _terraform(site: Site, target: State) -> Sequence[Resource]:
    return [each for wish in _wishes(site) for each in role_resources(wish, target[wish.name])]


STEP: Final = Step(
    id="HB26",
    order=260,
    texts="harden_people.hb26",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    risk=Risk.LOW,
    approval=Approval.TWO_PERSON,
    reads=(*iam_role.READS, identity_center.LIST, policy_holders.LIST),
    writes=iam_role.WRITES,
    permissions=("iam:TagRole",),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    cautions=_cautions,
    terraform=_terraform,
)
