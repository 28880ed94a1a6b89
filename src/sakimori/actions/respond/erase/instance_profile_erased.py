"""R51: an instance profile that a thief made; its role stays. Source: botocore's model of iam."""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.iam_principal import ABSENT
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Approval, Call
from sakimori.model.words import Scope

_GET: Final = "iam:GetInstanceProfile"
_REMOVE: Final = "iam:RemoveRoleFromInstanceProfile"
_DELETE: Final = "iam:DeleteInstanceProfile"


def _read(site: Site, name: str) -> State | None:
    found = site.call(_GET, (ABSENT,), InstanceProfileName=name.rpartition("/")[2])
    return {"roles": [each["RoleName"] for each in found["InstanceProfile"]["Roles"]]} if found else None


def _calls(site: Site, name: str, state: State) -> Sequence[Call]:
    named = {"InstanceProfileName": name.rpartition("/")[2]}
    roles = [
        Call(operation=_REMOVE, region=site.region, parameters={**named, "RoleName": each}, settled=(ABSENT,))
        for each in state["roles"]
    ]
    return (*roles, Call(operation=_DELETE, region=site.region, parameters=named, settled=(ABSENT,)))


def _cautions(_site: Site, name: str, _state: State) -> Sequence[Caution]:
    return (Caution(text="respond_steps.profile_in_use", values={"name": name.rpartition("/")[2]}),)


STEP: Final = ending_step(
    Ending(
        id="instance-profile-erased", order=4500, texts="respond_steps.instance_profile_erased", verb="erased",
        kind=Kind(service="iam", call=_GET, prefix="instance-profile/", pattern=r"([!-{}~]*/)?[A-Za-z0-9+=,.@_-]{1,128}", has_region=False),
        reads=(_GET,), writes=(_REMOVE, _DELETE), read=_read, calls=_calls, cautions=_cautions, scope=Scope.ACCOUNT,
        approval=Approval.TWO_PERSON,
    )
)  # fmt: skip
