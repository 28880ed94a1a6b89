"""R52: a user whom a thief put into a group leaves it. The resource is the user's ARN, a bar, and the group's name.

Source: botocore's model of iam.
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.iam_principal import CALLER, USER, not_the_caller
from sakimori.actions.resources.mended import changes_if_there, not_this, wanted_if_there
from sakimori.actions.resources.named_pair import first_of, had_before, others_or_gone, second_of
from sakimori.actions.resources.named_resource import owner
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_LIST: Final = "iam:ListGroupsForUser"
_GET: Final = "iam:GetUser"
_ADD: Final = "iam:AddUserToGroup"
_REMOVE: Final = "iam:RemoveUserFromGroup"


def _read(site: Site) -> State:
    name, group = USER.name(first_of(site)), second_of(site)
    if not group:
        raise not_this(site, _REMOVE)
    missing = others_or_gone(site, USER)
    if missing is not None:
        return missing
    return {"member": group in {each["GroupName"] for each in site.all_of(_LIST, "Groups", UserName=name)}}


def _wanted(_site: Site, _state: State) -> State:
    return {"member": False}


def _towards(site: Site, _now: State, target: State) -> Sequence[Change]:
    named = {"UserName": USER.name(first_of(site)), "GroupName": second_of(site)}
    add, remove = (Call(operation=each, region=site.region, parameters=named) for each in (_ADD, _REMOVE))
    there, back = (add, remove) if target["member"] else (remove, add)
    text = "respond_steps.group_joined" if target["member"] else "respond_steps.group_left"
    values = {"name": named["UserName"], "group": named["GroupName"]}
    return (Change(name="member", call=there, undo=(back,), text=text, values=values),)


def _cautions(site: Site, _state: State) -> Sequence[Caution]:
    return (*not_the_caller(site, first_of(site).resource), had_before(site, "respond_steps.group_had_before"))


STEP: Final = Step(
    id="group-left",
    order=4420,
    texts="respond_steps.group_left_step",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    risk=Risk.MEDIUM,
    reads=(_LIST, _GET, CALLER),
    writes=(_ADD, _REMOVE),
    read=_read,
    wanted=wanted_if_there(_wanted),
    towards=changes_if_there(_towards),
    owner=owner,
    cautions=_cautions,
    of_resources=True,
)
