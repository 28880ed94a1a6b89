"""R51: a role that a thief made, with its policies. It is denied everything first, and deleted once a day has been quiet.

Source: botocore's model of iam; IAM User Guide, "Delete roles or instance profiles".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.denied_principal import not_frozen
from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.iam_principal import ABSENT, CALLER, ROLE, cannot_be_edited, not_the_caller
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Approval, Call
from sakimori.model.words import Scope

_WRITTEN: Final = "iam:ListRolePolicies"
_PROFILES: Final = "iam:ListInstanceProfilesForRole"
_DETACH: Final = "iam:DetachRolePolicy"
_DELETE_WRITTEN: Final = "iam:DeleteRolePolicy"
_LEAVE: Final = "iam:RemoveRoleFromInstanceProfile"
_DELETE: Final = "iam:DeleteRole"


def _read(site: Site, _name: str) -> State | None:
    name = ROLE.name(site)
    if not ROLE.is_there(site, name):
        return None
    profiles = site.all_of(_PROFILES, "InstanceProfiles", RoleName=name)
    return {
        "attached": sorted(ROLE.attached(site, name)),
        "written": sorted(site.all_of(_WRITTEN, "PolicyNames", RoleName=name)),
        "profiles": sorted(each["InstanceProfileName"] for each in profiles),
    }


def _calls(site: Site, _name: str, state: State) -> Sequence[Call]:
    """The denial goes last of the policies, so that the role is never let go."""
    role = {"RoleName": ROLE.name(site)}
    parts = (
        (_LEAVE, "InstanceProfileName", state["profiles"]),
        (_DETACH, "PolicyArn", sorted(state["attached"], key=lambda each: each.endswith("/AWSDenyAll"))),
        (
            _DELETE_WRITTEN,
            "PolicyName",
            sorted(state["written"], key=lambda each: each.startswith("SakimoriQuarantine")),
        ),
    )
    off = [
        Call(operation=operation, region=site.region, parameters={**role, key: each}, settled=(ABSENT,))
        for operation, key, names in parts for each in names
    ]  # fmt: skip
    return (*off, Call(operation=_DELETE, region=site.region, parameters=role, settled=(ABSENT,)))


def _cautions(site: Site, _name: str, _state: State) -> Sequence[Caution]:
    return looked(
        lambda: not_the_caller(site, site.resource),
        lambda: cannot_be_edited(site.resource),
        lambda: not_frozen(site, ROLE),
    )


STEP: Final = ending_step(
    Ending(
        id="role-erased", order=4510, texts="respond_steps.role_erased", verb="erased", kind=ROLE.kind,
        reads=(*ROLE.reads, _PROFILES, CALLER), writes=(_LEAVE, _DETACH, _DELETE_WRITTEN, _DELETE), read=_read,
        calls=_calls, cautions=_cautions, scope=Scope.ACCOUNT, approval=Approval.TWO_PERSON,
    )
)  # fmt: skip
