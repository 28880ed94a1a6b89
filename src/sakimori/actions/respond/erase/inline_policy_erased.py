"""R52: an inline policy that a thief wrote into a user, role or group. The resource is its ARN, a bar, and the policy's name.

An undo writes it back word by word. Source: botocore's model of iam.
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.iam_principal import CALLER, GROUP, ROLE, USER
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
    if not policy:
        raise not_this(site, holder.written_calls[1])
    missing = others_or_gone(site, holder)
    return {"policy": holder.written(site, holder.name(first_of(site)), policy)} if missing is None else missing


def _wanted(_site: Site, _state: State) -> State:
    return {"policy": None}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    text = "respond_steps.written_back" if target["policy"] else "respond_steps.written_off"
    holder = holder_of(site, *_HOLDERS)
    return (holder.written_change(first_of(site), second_of(site), (now["policy"], target["policy"]), text),)


STEP: Final = Step(
    id="inline-policy-erased",
    order=4410,
    texts="respond_steps.inline_policy_erased",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    risk=Risk.MEDIUM,
    reads=(*{each: None for holder in _HOLDERS for each in holder.reads}, CALLER),
    writes=tuple(each for holder in _HOLDERS for each in holder.written_calls),
    read=_read,
    wanted=wanted_if_there(_wanted),
    towards=changes_if_there(_towards),
    owner=owner,
    cautions=before_holder_loses,
    of_resources=True,
)
