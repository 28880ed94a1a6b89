"""R52: a managed policy that a thief attached to a user, role or group. The resource is its ARN, a bar, and the policy's ARN.

Source: botocore's model of iam.
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.iam_principal import (
    CALLER,
    GROUP,
    QUARANTINE,
    ROLE,
    USER,
)
from sakimori.actions.resources.mended import changes_if_there, not_this, wanted_if_there
from sakimori.actions.resources.named_pair import before_holder_loses, first_of, holder_of, others_or_gone, second_of
from sakimori.actions.resources.named_resource import owner
from sakimori.actions.site import Site
from sakimori.actions.step import State, Step
from sakimori.model.action import Baseline, Change, Risk
from sakimori.model.words import Scope

_HOLDERS: Final = (USER, ROLE, GROUP)


def _read(site: Site) -> State:
    holder, policy = holder_of(site, *_HOLDERS), second_of(site)
    if not policy.startswith("arn:") or QUARANTINE in policy:
        # AWS's own quarantine goes by `quarantine-lifted` alone.
        raise not_this(site, holder.attached_calls[1])
    missing = others_or_gone(site, holder)
    if missing is not None:
        return missing
    return {"attached": policy in holder.attached(site, holder.name(first_of(site)))}


def _wanted(_site: Site, _state: State) -> State:
    return {"attached": False}


def _towards(site: Site, _now: State, target: State) -> Sequence[Change]:
    text = "respond_steps.policy_attached" if target["attached"] else "respond_steps.policy_detached"
    holder = holder_of(site, *_HOLDERS)
    return (holder.attached_change(first_of(site), second_of(site), text, is_attached=target["attached"]),)


STEP: Final = Step(
    id="policy-detached",
    order=4400,
    texts="respond_steps.policy_off",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    risk=Risk.MEDIUM,
    reads=(*{each: None for holder in _HOLDERS for each in holder.reads}, CALLER),
    writes=tuple(each for holder in _HOLDERS for each in holder.attached_calls),
    read=_read,
    wanted=wanted_if_there(_wanted),
    towards=changes_if_there(_towards),
    owner=owner,
    cautions=before_holder_loses,
    of_resources=True,
)
