"""Service control policies that stop a member account, or principals in it, from above: nobody in the account can take them off.

Made and attached by the management account (or a delegated administrator), whose own account no such policy stops. A policy
that was made for an incident says so in its description and goes with the undo; one that was there before stays. Source:
AWS Organizations User Guide, "Service control policies (SCPs)" and "SCP syntax"; botocore's model of organizations.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sakimori.actions.resources.iam_principal import parsed
from sakimori.actions.resources.mended import not_this
from sakimori.actions.resources.policy_statements import normal_policy, policy_text
from sakimori.actions.site import Site
from sakimori.actions.step import Caution
from sakimori.model.action import GIVEN_ID, Call, Change

_ORGANIZATION: Final = "organizations:DescribeOrganization"
_ROOTS: Final = "organizations:ListRoots"
_LIST: Final = "organizations:ListPolicies"
_TARGETS: Final = "organizations:ListTargetsForPolicy"
_DESCRIBE: Final = "organizations:DescribePolicy"
CREATE: Final = "organizations:CreatePolicy"
UPDATE: Final = "organizations:UpdatePolicy"
ATTACH: Final = "organizations:AttachPolicy"
DETACH: Final = "organizations:DetachPolicy"
DELETE: Final = "organizations:DeletePolicy"
READS: Final = (_ORGANIZATION, _ROOTS, _LIST, _TARGETS, _DESCRIBE)
_TYPE: Final = "SERVICE_CONTROL_POLICY"
_ACCOUNT: Final = re.compile(r"(?:arn:[a-z-]+:organizations::\d{12}:account/o-[a-z0-9]{10,32}/)?(\d{12})\Z")
_ABSENT: Final = ("PolicyNotFoundException", "PolicyNotAttachedException")


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPolicy:
    """A policy as it is: `targets` are the ids of what it is attached to."""

    id: str
    description: str
    content: Mapping[str, Any]
    targets: frozenset[str]

    def says(self, document: Mapping[str, Any]) -> bool:
        """Whether its content means the same."""
        return normal_policy(self.content) == normal_policy(document)


def account_of(site: Site) -> str:
    """The member account that the resource names, by its id or its ARN; Refusal for anything else."""
    found = _ACCOUNT.match(site.resource)
    if found is None:
        raise not_this(site, _ORGANIZATION)
    return found[1]


def read_policy(site: Site, name: str) -> ControlPolicy | None:
    """The policy of this name; None where there is none."""
    for each in site.all_of(_LIST, "Policies", Filter=_TYPE):
        if each["Name"] == name:
            told = (site.call(_DESCRIBE, PolicyId=each["Id"]) or {})["Policy"]
            targets = frozenset(
                str(target["TargetId"]) for target in site.all_of(_TARGETS, "Targets", PolicyId=each["Id"])
            )
            summary = told["PolicySummary"]
            content = parsed(str(told["Content"]))
            return ControlPolicy(
                id=str(each["Id"]), description=str(summary.get("Description", "")), content=content, targets=targets
            )
    return None


def description(site: Site) -> str:
    """What stands in a policy that was made for this incident."""
    return f"sakimori {site.wishes.case}".strip()


def created(site: Site, name: str, document: Mapping[str, Any], text: str, values: Mapping[str, Any]) -> Change:
    """The change that makes it, attached to nothing yet; the sentence tells what follows."""
    call = Call(
        operation=CREATE,
        region=site.region,
        parameters={
            "Name": name, "Description": description(site), "Type": _TYPE, "Content": policy_text(document),
        },
        settled=("DuplicatePolicyException",),
    )  # fmt: skip
    return Change(name="policy", call=call, undo=(deleted_call(site, GIVEN_ID),), text=text, values=values)


def attached_calls(site: Site, policy: str, account: str) -> tuple[Call, Call]:
    """The call that attaches a policy to an account, and the one that takes it off."""
    named = {"PolicyId": policy, "TargetId": account}
    attach = Call(
        operation=ATTACH, region=site.region, parameters=named, settled=("DuplicatePolicyAttachmentException",)
    )
    return attach, Call(operation=DETACH, region=site.region, parameters=named, settled=_ABSENT)


def updated_call(site: Site, policy: str, document: Mapping[str, Any]) -> Call:
    """The call that gives it this content."""
    named = {"PolicyId": policy, "Content": policy_text(document)}
    return Call(operation=UPDATE, region=site.region, parameters=named)


def deleted_call(site: Site, policy: str) -> Call:
    """The call that deletes it; AWS refuses while it is attached."""
    return Call(operation=DELETE, region=site.region, parameters={"PolicyId": policy}, settled=_ABSENT[:1])


def cannot_be_controlled(site: Site, account: str) -> Sequence[Caution]:
    """What holds back: it is the management account, which no such policy stops; or they are not turned on."""
    found: list[Caution] = []
    organization = (site.call(_ORGANIZATION) or {})["Organization"]
    if organization["MasterAccountId"] == account:
        found.append(Caution(text="respond_steps.scp_management", values={"account": account}, blocks=True))
    roots = site.all_of(_ROOTS, "Roots")
    is_on = any(
        each.get("Type") == _TYPE and each.get("Status") == "ENABLED"
        for root in roots for each in root.get("PolicyTypes") or ()
    )  # fmt: skip
    if not is_on:
        found.append(Caution(text="respond_steps.scp_off", blocks=True))
    return found
