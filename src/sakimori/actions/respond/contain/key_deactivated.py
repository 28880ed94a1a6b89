"""R10: a leaked access key, named by its id, works no longer. Whoever holds sessions that it gave out still does: `user-denied`.

The resource is the user's ARN, a slash and the key's id. Source: botocore's model of iam (UpdateAccessKey); IAM User Guide,
"Update access keys".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.iam_principal import (
    ABSENT,
    CALLER,
    LAST_USED,
    LIST_KEYS,
    NAME,
    SHOWN,
    last_use,
    not_the_caller,
)
from sakimori.actions.resources.mended import changes_if_there, unless_gone, wanted_if_there
from sakimori.actions.resources.named_resource import Kind, owner, unless_others
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_UPDATE: Final = "iam:UpdateAccessKey"
_OFF: Final = "Inactive"
_KIND: Final = Kind(
    service="iam", call=LIST_KEYS, prefix="user/", pattern=rf"{NAME}/AKIA[A-Z0-9]{{12,124}}", has_region=False
)


def _named(site: Site) -> tuple[str, str]:
    """The user's name and the key's id."""
    user, _, key = _KIND.name(site).rpartition("/")
    return user.rpartition("/")[2], key


def _read(site: Site, _name: str) -> State | None:
    user, key = _named(site)
    found = site.all_of(LIST_KEYS, "AccessKeyMetadata", UserName=user)
    return next(({"status": each["Status"]} for each in found if each["AccessKeyId"] == key), None)


def _wanted(_site: Site, _state: State) -> State:
    return {"status": _OFF}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    user, key = _named(site)
    text = "respond_steps.key_off" if target["status"] == _OFF else "respond_steps.key_on"
    values = {"user": user, "key": key[-SHOWN:]}
    return (Change(name="status", call=_call(site, target), undo=(_call(site, now),), text=text, values=values),)


def _call(site: Site, state: State) -> Call:
    user, key = _named(site)
    named = {"UserName": user, "AccessKeyId": key, "Status": state["status"]}
    return Call(operation=_UPDATE, region=site.region, parameters=named)


def _cautions(site: Site, _state: State) -> Sequence[Caution]:
    user, key = _named(site)
    return looked(
        lambda: not_the_caller(site, site.resource.removesuffix(f"/{key}")),
        lambda: (last_use(site, user, key),),
    )


STEP: Final = Step(
    id="key-deactivated",
    order=3010,
    texts="respond_steps.key_deactivated",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    risk=Risk.HIGH,
    reads=(LIST_KEYS, LAST_USED, CALLER),
    writes=(_UPDATE,),
    read=unless_gone(unless_others(_KIND, _read), ABSENT),
    wanted=wanted_if_there(_wanted),
    towards=changes_if_there(_towards),
    owner=owner,
    cautions=_cautions,
    of_resources=True,
)
