"""R33: the access keys of the user that gets a new one. Making one is `making.make_key`, whose secret no plan may hold.

As a step it only takes back: towards the keys of before, those that came since are deleted. The resource is the user's ARN.
Source: botocore's model of iam (ListAccessKeys, DeleteAccessKey); IAM User Guide, "Manage access keys for IAM users".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.iam_principal import ABSENT, LAST_USED, LIST_KEYS, SHOWN, USER
from sakimori.actions.resources.mended import changes_if_there, unless_gone
from sakimori.actions.resources.named_resource import is_there, owner, unless_others
from sakimori.actions.site import Site
from sakimori.actions.step import State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

ID: Final = "replacement-key"
CREATE: Final = "iam:CreateAccessKey"
_DELETE: Final = "iam:DeleteAccessKey"
_SHOWN_WITHIN: Final = 10.0


def _read(site: Site, _name: str) -> State:
    found = site.all_of(LIST_KEYS, "AccessKeyMetadata", UserName=USER.name(site))
    return {"keys": sorted(str(each["AccessKeyId"]) for each in found)}


def keys_of(site: Site) -> State:
    """The ids of the keys that the user has; Refusal where they cannot be read."""
    return unless_others(USER.kind, _read)(site)


def _as_it_is(_site: Site, state: State) -> State:
    return state


def _added(now: State, target: State) -> list[str]:
    return sorted(set(now["keys"]) - set(target["keys"]))


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    name = USER.name(site)
    return [
        Change(
            name=f"key {each}",
            call=Call(
                operation=_DELETE, region=site.region, parameters={"UserName": name, "AccessKeyId": each},
                settled=(ABSENT,),
            ),
            text="respond_rotate.key_gone", values={"user": name, "key": each[-SHOWN:]},
            lasting="respond_rotate.key_gone_lasting",
        )
        for each in _added(now, target)
    ]  # fmt: skip


def _loses(site: Site, before: State, now: State) -> str:
    """A key that is in use by now is taken away only by who names it."""
    if not (is_there(before) and is_there(now)):
        return ""
    for each in _added(now, before):
        used = (site.call(LAST_USED, (ABSENT,), AccessKeyId=each) or {}).get("AccessKeyLastUsed") or {}
        if used.get("LastUsedDate"):
            return each
    return ""


STEP: Final = Step(
    id=ID,
    order=5020,
    texts="respond_rotate.step_key",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    risk=Risk.LOW,
    reads=(LIST_KEYS, LAST_USED),
    writes=(CREATE, _DELETE),
    read=unless_gone(keys_of, ABSENT),
    wanted=_as_it_is,
    towards=changes_if_there(_towards),
    owner=owner,
    loses=_loses,
    shown_within=_SHOWN_WITHIN,
    of_resources=True,
)
