"""R12: a user of IAM Identity Center for whom one permission set allows nothing any more, in sessions that exist too.

The resource is the permission set's ARN, a bar, and the user's id in the identity store; the Region is Identity Center's,
the account the management account or its delegate. The inline policy of the set gets one statement that denies everything
to this user's id, and the set is provisioned to all its accounts: until then nothing changes in them. It is kept while a session
of before may live. Sources: IAM Identity Center User Guide, "Revoke active IAM role sessions created by permission sets", "Set
session duration for AWS accounts" (12 hours at most) and "IAM Identity Center quotas" (an inline policy has 32,768 bytes at most,
10,240 without white space); botocore's model of sso-admin (provisioning goes on after the answer, and may fail).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.resources.cutoff import OF_ROLES, cutoff_of, keep_until
from sakimori.actions.resources.iam_principal import parsed
from sakimori.actions.resources.mended import not_this
from sakimori.actions.resources.policy_statements import all_statements, normal_policy, policy_text, with_statements
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import GapKind, Scope
from sakimori.texts.language import clean

_GET: Final = "sso-admin:GetInlinePolicyForPermissionSet"
_PUT: Final = "sso-admin:PutInlinePolicyToPermissionSet"
_DELETE: Final = "sso-admin:DeleteInlinePolicyFromPermissionSet"
_WAITING: Final = "sso-admin:ListAccountsForProvisionedPermissionSet"
_PROVISION: Final = "sso-admin:ProvisionPermissionSet"
_STATUS: Final = "sso-admin:DescribePermissionSetProvisioningStatus"
_SET: Final = "sso-admin:DescribePermissionSet"
_ABSENT: Final = "ResourceNotFoundException"
_MOST_BYTES: Final = 32_768
_MOST_BLACK: Final = 10_240
"""Bytes without white space."""
_REASON: Final = 200
_RESOURCE: Final = re.compile(
    r"(arn:[a-z-]+:sso:::permissionSet/((?:sso)?ins-[a-zA-Z0-9.-]{16})/ps-[a-zA-Z0-9./-]{16})\|([0-9a-f-]{36,47})\Z"
)


def _named(site: Site) -> tuple[Mapping[str, str], str]:
    """The parameters that name the permission set, and the user's id."""
    found = _RESOURCE.match(site.resource)
    if found is None:
        raise not_this(site, _GET)
    instance = f"arn:{site.account.partition}:sso:::instance/{found[2]}"
    return {"InstanceArn": instance, "PermissionSetArn": found[1]}, found[3]


def _statement(user: str) -> Mapping[str, Any]:
    condition = {"StringEquals": {"identitystore:userId": user}}
    return {"Sid": f"SakimoriDenyAll{user.replace('-', '')}", "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}  # fmt: skip


def _read(site: Site) -> State:
    named, _ = _named(site)
    written = str((site.call(_GET, **named) or {}).get("InlinePolicy") or "")
    old = site.all_of(_WAITING, "AccountIds", **named, ProvisioningStatus="LATEST_PERMISSION_SET_NOT_PROVISIONED")
    return {"policy": written or None, "is_provisioned": not old}


def _is_denied(state: State, user: str) -> bool:
    document = {"Statement": [_statement(user)]}
    found = normal_policy(parsed(state["policy"]))["Statement"] if state["policy"] else []
    return normal_policy(document)["Statement"][0] in found


def _wanted(site: Site, state: State) -> State:
    _, user = _named(site)
    if _is_denied(state, user):
        return {**state, "is_provisioned": True}
    document = parsed(state["policy"]) or None
    kept = [each for each in all_statements(document) if each.get("Sid") != _statement(user)["Sid"]]
    policy = with_statements(document, [*kept, _statement(user)])
    return {"policy": policy_text(policy or {}), "is_provisioned": True}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    named, user = _named(site)
    provision = Call(
        operation=_PROVISION, region=site.region, parameters={**named, "TargetType": "ALL_PROVISIONED_ACCOUNTS"},
        settled=("ConflictException",),
    )  # fmt: skip
    if now == target:
        return ()
    values = {"name": _name(site, named), "user": _person(site, user)}
    changes: list[Change] = []
    if now["policy"] != target["policy"]:
        there, back = (_write(site, named, each["policy"]) for each in (target, now))
        text = "respond_steps.set_denied" if _is_denied(target, user) else "respond_steps.set_restored"
        changes.append(Change(name="policy", call=there, undo=(back,), text=text, values=values))
    if changes or (target["is_provisioned"] and not now["is_provisioned"]):
        text = "respond_steps.set_provisioned"
        changes.append(Change(name="provisioned", call=provision, undo=(provision,), text=text, values=values))
    return changes


def _name(site: Site, named: Mapping[str, str]) -> str:
    """As people know it; its id where nobody may look."""
    found = named["PermissionSetArn"].rpartition("/")[2]
    try:
        told = (site.call(_SET, **named) or {}).get("PermissionSet") or {}
    except Refusal:
        return found
    return clean(str(told.get("Name") or found), 64)


def _person(site: Site, user: str) -> str:
    """By the name too, where the case knows it: nobody knows a colleague by an id."""
    name = clean(site.wishes.people.get(user, ""), 128)
    return f"{name} ({user})" if name and name != user else user


def _has_ended(site: Site, call: Call, answer: Mapping[str, Any]) -> bool:
    """Whether the accounts have it; Refusal where AWS could not bring it to one of them."""
    request = str((answer.get("PermissionSetProvisioningStatus") or {}).get("RequestId") or "")
    if call.operation != _PROVISION or not request:
        return True
    asked = {"InstanceArn": str(call.parameters["InstanceArn"]), "ProvisionPermissionSetRequestId": request}
    told = (site.call(_STATUS, **asked) or {}).get("PermissionSetProvisioningStatus") or {}
    if told.get("Status") == "FAILED":
        code = clean(f"FAILED {told.get('FailureReason') or ''}".strip(), _REASON)
        raise Refusal(call=_PROVISION, kind=GapKind.REFUSED, code=code, message="not all accounts have it")
    return told.get("Status") != "IN_PROGRESS"


def _let_go(site: Site, before: State, now: State) -> None:
    """Refusal while a session of the user's from before the denial may live."""
    _, user = _named(site)
    if _is_denied(now, user) and not _is_denied(before, user):
        keep_until(site, _PUT, cutoff_of(site), OF_ROLES)


def _write(site: Site, named: Mapping[str, str], policy: str | None) -> Call:
    if policy is None:
        return Call(operation=_DELETE, region=site.region, parameters=named, settled=(_ABSENT,))
    return Call(operation=_PUT, region=site.region, parameters={**named, "InlinePolicy": policy})


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    named, user = _named(site)
    values = {"name": _name(site, named), "user": _person(site, user)}
    policy = str(_wanted(site, state)["policy"])
    size, black = len(policy.encode()), len("".join(policy.split()).encode())
    if policy != state["policy"] and (size > _MOST_BYTES or black > _MOST_BLACK):
        sizes = {"bytes": size, "black": black, "most": _MOST_BYTES, "most_black": _MOST_BLACK}
        return [Caution(text="respond_steps.set_too_long", values={**values, **sizes}, blocks=True)]
    found = [Caution(text="respond_steps.set_goes_on", values=values)]
    if not state["is_provisioned"]:
        found.append(Caution(text="respond_steps.set_waited", values=values))
    return found


STEP: Final = Step(
    id="identity-center-user-denied",
    order=3070,
    texts="respond_steps.identity_center_user_denied",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.HIGH,
    reads=(_GET, _WAITING, _SET, _STATUS),
    writes=(_PUT, _DELETE, _PROVISION),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    cautions=_cautions,
    let_go=_let_go,
    has_ended=_has_ended,
    shown_within=120.0,
    of_resources=True,
)
