"""R52: a customer managed policy of which an earlier version is the one in force again.

The resource is the policy's ARN, a bar, and the version that was in force before (`v3`): what the event that changed it, or
AWS Config, tells. Source: botocore's model of iam (SetDefaultPolicyVersion); IAM User Guide, "Versioning IAM policies".
"""

import re
from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.iam_principal import ABSENT
from sakimori.actions.resources.mended import GONE, changes_if_there, not_this, wanted_if_there
from sakimori.actions.resources.named_pair import first_of, second_of
from sakimori.actions.resources.named_resource import Kind, owner
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_LIST: Final = "iam:ListPolicyVersions"
_SET: Final = "iam:SetDefaultPolicyVersion"
_VERSION: Final = re.compile(r"v[1-9][0-9]{0,9}\Z")
_KIND: Final = Kind(
    service="iam", call=_LIST, prefix="policy/", pattern=r"([!-{}~]*/)?[A-Za-z0-9+=,.@_-]{1,128}", has_region=False
)  # fmt: skip


def _read(site: Site) -> State:
    """The version in force; GONE where the one that is wanted is no longer kept."""
    policy = first_of(site)
    _KIND.name(policy)
    if not _VERSION.match(second_of(site)):
        raise not_this(site, _SET)
    others = _KIND.state_of_others(policy)
    if others is not None:
        return others
    if site.call(_LIST, (ABSENT,), PolicyArn=policy.resource) is None:
        return GONE
    versions = site.all_of(_LIST, "Versions", PolicyArn=policy.resource)
    if second_of(site) not in {each["VersionId"] for each in versions}:
        raise not_this(site, _SET)
    return {"version": next(str(each["VersionId"]) for each in versions if each["IsDefaultVersion"])}


def _wanted(site: Site, _state: State) -> State:
    return {"version": second_of(site)}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    policy = first_of(site).resource
    there, back = (
        Call(operation=_SET, region=site.region, parameters={"PolicyArn": policy, "VersionId": each["version"]})
        for each in (target, now)
    )
    values = {"name": policy.rpartition("/")[2], "version": target["version"]}
    return (Change(name="version", call=there, undo=(back,), text="respond_steps.version_set", values=values),)


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    values = {"name": first_of(site).resource.rpartition("/")[2], "version": state["version"]}
    return (Caution(text="respond_steps.version_stays", values=values),)


STEP: Final = Step(
    id="policy-version-restored",
    order=4430,
    texts="respond_steps.policy_version_restored",
    scope=Scope.ACCOUNT,
    baseline=Baseline.STARTER,
    risk=Risk.MEDIUM,
    reads=(_LIST,),
    writes=(_SET,),
    read=_read,
    wanted=wanted_if_there(_wanted),
    towards=changes_if_there(_towards),
    owner=owner,
    cautions=_cautions,
    of_resources=True,
)
