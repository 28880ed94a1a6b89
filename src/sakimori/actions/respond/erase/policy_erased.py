"""R51: a customer managed policy that a thief made, with its versions, once it is attached to nobody. Source: botocore's model of iam."""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.iam_principal import ABSENT
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Approval, Call
from sakimori.model.words import Scope

_GET: Final = "iam:GetPolicy"
_VERSIONS: Final = "iam:ListPolicyVersions"
_HOLDERS: Final = "iam:ListEntitiesForPolicy"
_DELETE_VERSION: Final = "iam:DeletePolicyVersion"
_DELETE: Final = "iam:DeletePolicy"


def _read(site: Site, _name: str) -> State | None:
    if site.call(_GET, (ABSENT,), PolicyArn=site.resource) is None:
        return None
    versions = site.all_of(_VERSIONS, "Versions", PolicyArn=site.resource)
    return {"versions": sorted(str(each["VersionId"]) for each in versions if not each["IsDefaultVersion"])}


def _calls(site: Site, _name: str, state: State) -> Sequence[Call]:
    named = {"PolicyArn": site.resource}
    versions = [
        Call(operation=_DELETE_VERSION, region=site.region, parameters={**named, "VersionId": each}, settled=(ABSENT,))
        for each in state["versions"]
    ]
    return (*versions, Call(operation=_DELETE, region=site.region, parameters=named, settled=(ABSENT,)))


def _cautions(site: Site, name: str, _state: State) -> Sequence[Caution]:
    def held() -> Sequence[Caution]:
        kinds = (("PolicyGroups", "GroupName"), ("PolicyUsers", "UserName"), ("PolicyRoles", "RoleName"))
        who = [str(each[word]) for key, word in kinds for each in site.all_of(_HOLDERS, key, PolicyArn=site.resource)]
        values = {"name": name.rpartition("/")[2], "who": sorted(who)[:20]}
        return (Caution(text="respond_steps.policy_held", values=values, blocks=True),) if who else ()

    return looked(held, blocks=True)


STEP: Final = ending_step(
    Ending(
        id="policy-erased", order=4440, texts="respond_steps.policy_erased", verb="erased",
        kind=Kind(service="iam", call=_GET, prefix="policy/", pattern=r"([!-{}~]*/)?[A-Za-z0-9+=,.@_-]{1,128}", has_region=False),
        reads=(_GET, _VERSIONS, _HOLDERS), writes=(_DELETE_VERSION, _DELETE), read=_read, calls=_calls,
        cautions=_cautions, scope=Scope.ACCOUNT, approval=Approval.TWO_PERSON,
    )
)  # fmt: skip
