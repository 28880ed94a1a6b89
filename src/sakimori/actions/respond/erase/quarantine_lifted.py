"""R71: the policies by which AWS quarantined a user whose key was found in public are taken off. Only once AWS's case says so.

No other step detaches them. Source: AWS's notice of an exposed key (follow its steps and answer the case before the
restriction goes); AWS Managed Policy Reference, "AWSCompromisedKeyQuarantineV3".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.iam_principal import LAST_USED, LIST_KEYS, QUARANTINE, USER, last_uses
from sakimori.actions.resources.mended import GONE, changes_if_there, wanted_if_there
from sakimori.actions.resources.named_resource import owner, unless_others
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Approval, Baseline, Change, Risk
from sakimori.model.words import Scope


def _read(site: Site, _name: str) -> State:
    name = USER.name(site)
    if not USER.is_there(site, name):
        return GONE
    return {"attached": sorted(each for each in USER.attached(site, name) if QUARANTINE in each)}


def _wanted(_site: Site, _state: State) -> State:
    return {"attached": []}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    return [
        USER.attached_change(
            site, each, "respond_steps.policy_attached" if each in target["attached"] else "respond_steps.policy_detached",
            is_attached=each in target["attached"],
        )
        for each in sorted(set(now["attached"]) ^ set(target["attached"]))
    ]  # fmt: skip


def _cautions(site: Site, _state: State) -> Sequence[Caution]:
    name = USER.name(site)
    word = Caution(text="respond_steps.quarantine_asks_aws", values={"name": name}, blocks=True)
    return (word, *looked(lambda: last_uses(site, name)))


STEP: Final = Step(
    id="quarantine-lifted",
    order=4900,
    texts="respond_steps.quarantine_lifted",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    risk=Risk.HIGH,
    approval=Approval.TWO_PERSON,
    reads=(*USER.reads, LIST_KEYS, LAST_USED),
    writes=USER.attached_calls,
    read=unless_others(USER.kind, _read),
    wanted=wanted_if_there(_wanted),
    towards=changes_if_there(_towards),
    owner=owner,
    cautions=_cautions,
    of_resources=True,
)
