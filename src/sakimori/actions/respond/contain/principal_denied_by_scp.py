"""R15: single users and roles of a member account that may do nothing any more, denied from above where nobody there can help them.

The resource is the user's or role's ARN; the step is made in the management account. All principals of one account stand in
one policy, for few policies may be attached to an account. Source: AWS Organizations User Guide, "SCP syntax"; IAM User
Guide, "AWS global condition context keys" (aws:PrincipalArn: of a role's session it is the role's ARN; of the root user
`arn:…:iam::ACCOUNT:root`, by which the Organizations User Guide's own example denies it).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from sakimori.actions.looking import looked
from sakimori.actions.resources import service_control as scp
from sakimori.actions.resources.iam_principal import CALLER, not_the_caller
from sakimori.actions.resources.mended import not_this
from sakimori.actions.resources.policy_statements import all_statements
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Approval, Baseline, Change, Risk
from sakimori.model.arn import Arn
from sakimori.model.words import Scope

_LONGEST: Final = 2048


def _account(site: Site) -> str:
    """The account of the principal; Refusal where the resource is no user, no role and not the root user."""
    try:
        arn = Arn.parse(site.resource[:_LONGEST])
    except ValueError as error:
        raise not_this(site, scp.CREATE) from error
    if (arn.partition, arn.service) != (site.account.partition, "iam") or arn.resource.split("/")[0] not in ("user", "role", "root"):  # fmt: skip
        raise not_this(site, scp.CREATE)
    return arn.account_id


def _name(site: Site) -> str:
    return f"SakimoriDenyPrincipals-{_account(site)}"


def _document(arns: Sequence[str]) -> Mapping[str, Any]:
    condition = {"ArnEquals": {"aws:PrincipalArn": sorted(arns)}}
    statement = {"Sid": "SakimoriDenyAll", "Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": condition}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _arns(policy: scp.ControlPolicy) -> list[str]:
    """Who is denied by it; nobody where it is not of our form."""
    found: list[str] = []
    for each in all_statements(policy.content):
        condition = cast("Mapping[str, Any]", each.get("Condition") or {})
        told = (condition.get("ArnEquals") or {}).get("aws:PrincipalArn") or []
        found += told if isinstance(told, list) else [told]
    return found if policy.says(_document(found)) else []


def _read(site: Site) -> State:
    account, found = _account(site), scp.read_policy(site, _name(site))
    return {"is_denied": found is not None and account in found.targets and site.resource in _arns(found)}


def _wanted(_site: Site, _state: State) -> State:
    return {"is_denied": True}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now == target:
        return ()
    account, name = _account(site), _name(site)
    found, values = scp.read_policy(site, name), {"account": account, "policy": name, "name": site.resource}
    if found is None:
        return (scp.created(site, name, _document([site.resource]), "respond_steps.scp_principal_made", values),)
    return _denied(site, found, values) if target["is_denied"] else _let_be(site, found, values)


def _denied(site: Site, policy: scp.ControlPolicy, values: Mapping[str, Any]) -> Sequence[Change]:
    account, there = _account(site), _arns(policy)
    changes: list[Change] = []
    if site.resource not in there:
        changes.append(_rewritten(site, policy, [*there, site.resource], "respond_steps.scp_principal_added", values))
    if account not in policy.targets:
        attach, detach = scp.attached_calls(site, policy.id, account)
        changes.append(
            Change(name="attached", call=attach, undo=(detach,), text="respond_steps.scp_attached", values=values)
        )
    return changes


def _let_be(site: Site, policy: scp.ControlPolicy, values: Mapping[str, Any]) -> Sequence[Change]:
    left = [each for each in _arns(policy) if each != site.resource]
    if left:
        return (_rewritten(site, policy, left, "respond_steps.scp_principal_removed", values),)
    attach, detach = scp.attached_calls(site, policy.id, _account(site))
    off = Change(name="attached", call=detach, undo=(attach,), text="respond_steps.scp_detached", values=values)
    made = scp.created(site, _name(site), _document([site.resource]), "", values)
    gone = Change(
        name="policy", call=scp.deleted_call(site, policy.id), undo=(made.call,), text="respond_steps.scp_gone",
        values=values,
    )  # fmt: skip
    return (off, gone)


def _rewritten(site: Site, policy: scp.ControlPolicy, arns: list[str], text: str, values: Mapping[str, Any]) -> Change:
    there, back = (scp.updated_call(site, policy.id, each) for each in (_document(arns), policy.content))
    return Change(name="principals", call=there, undo=(back,), text=text, values=values)


def _cautions(site: Site, _state: State) -> Sequence[Caution]:
    def other() -> Sequence[Caution]:
        found = scp.read_policy(site, _name(site))
        if found is None or _arns(found):
            return ()
        return (Caution(text="respond_steps.scp_other", values={"policy": _name(site)}, blocks=True),)

    return (
        *not_the_caller(site, site.resource),
        *looked(lambda: scp.cannot_be_controlled(site, _account(site)), other, blocks=True),
    )


STEP: Final = Step(
    id="principal-denied-by-scp",
    order=3110,
    texts="respond_steps.principal_denied_by_scp",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    risk=Risk.HIGH,
    approval=Approval.TWO_PERSON,
    reads=(*scp.READS, CALLER),
    writes=(scp.CREATE, scp.UPDATE, scp.ATTACH, scp.DETACH, scp.DELETE),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    cautions=_cautions,
    of_resources=True,
)
