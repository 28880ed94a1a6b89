"""R15: a member account in which nothing may be done any more, except by the responder's role. It is stopped from above.

The resource is the member account's id or ARN; the step is made in the management account. Service-linked roles go on.
Source: AWS Organizations User Guide, "Service control policies (SCPs)" ("Tasks and entities not restricted by SCPs").
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.looking import looked
from sakimori.actions.resources import service_control as scp
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Approval, Baseline, Change, Risk
from sakimori.model.words import Scope

_NAME: Final = "SakimoriQuarantine"
_RESPONDER: Final = "sakimori-responder"


def _document(site: Site) -> Mapping[str, Any]:
    spared = {"ArnNotLike": {"aws:PrincipalArn": [f"arn:{site.account.partition}:iam::*:role/{_RESPONDER}"]}}
    statement = {"Sid": "SakimoriDenyAll", "Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": spared}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _read(site: Site) -> State:
    account, found = scp.account_of(site), scp.read_policy(site, _NAME)
    return {"is_denied": found is not None and account in found.targets}


def _wanted(_site: Site, _state: State) -> State:
    return {"is_denied": True}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now == target:
        return ()
    account, found = scp.account_of(site), scp.read_policy(site, _NAME)
    values = {"account": account, "policy": _NAME}
    if found is None:
        return (scp.created(site, _NAME, _document(site), "respond_steps.scp_made", values),)
    attach, detach = scp.attached_calls(site, found.id, account)
    if target["is_denied"]:
        return (Change(name="attached", call=attach, undo=(detach,), text="respond_steps.scp_attached", values=values),)
    off = Change(name="attached", call=detach, undo=(attach,), text="respond_steps.scp_detached", values=values)
    if found.targets != {account} or found.description != scp.description(site):
        return (off,)
    made = scp.created(site, _NAME, _document(site), "", values)
    gone = Change(
        name="policy", call=scp.deleted_call(site, found.id), undo=(made.call,), text="respond_steps.scp_gone",
        values=values,
    )  # fmt: skip
    return (off, gone)


def _cautions(site: Site, _state: State) -> Sequence[Caution]:
    account = scp.account_of(site)

    def other() -> Sequence[Caution]:
        found = scp.read_policy(site, _NAME)
        if found is None or found.says(_document(site)):
            return ()
        return (Caution(text="respond_steps.scp_other", values={"policy": _NAME}, blocks=True),)

    return (
        Caution(text="respond_steps.account_stops", values={"account": account, "role": _RESPONDER}),
        *looked(lambda: scp.cannot_be_controlled(site, account), other, blocks=True),
    )


STEP: Final = Step(
    id="account-denied",
    order=3100,
    texts="respond_steps.account_denied",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    risk=Risk.HIGH,
    approval=Approval.TWO_PERSON,
    reads=scp.READS,
    writes=(scp.CREATE, scp.ATTACH, scp.DETACH, scp.DELETE),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    cautions=_cautions,
    of_resources=True,
)
