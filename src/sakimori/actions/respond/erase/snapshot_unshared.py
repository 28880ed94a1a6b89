"""R52: a snapshot of EBS that is shared with no other account any more, nor with everybody.

The resource is the snapshot's ARN, or it, a bar and the one account that must not see it. What another account has copied
stays there. Source: botocore's model of ec2 (ModifySnapshotAttribute); Amazon EBS User Guide, "Share an Amazon EBS snapshot".
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from sakimori.actions.resources.mended import GONE, changes_if_there, wanted_if_there
from sakimori.actions.resources.named_resource import Kind, owner
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_GET: Final = "ec2:DescribeSnapshotAttribute"
_MODIFY: Final = "ec2:ModifySnapshotAttribute"
_EVERYBODY: Final = "all"
_KIND: Final = Kind(
    service="ec2", call=_GET, prefix="snapshot/", pattern=r"snap-[0-9a-f]{8,17}", has_account=False
)  # fmt: skip


def _parts(site: Site) -> tuple[str, str]:
    """The snapshot's id, and the account that is named, "" for all."""
    arn, _, account = site.resource.partition("|")
    return _KIND.name(replace(site, resource=arn)), account


def _read(site: Site) -> State:
    name, _ = _parts(site)
    answer = site.call(_GET, ("InvalidSnapshot.NotFound",), SnapshotId=name, Attribute="createVolumePermission")
    if answer is None:
        return GONE
    told = answer.get("CreateVolumePermissions") or ()
    return {"shared": sorted({str(each.get("UserId") or each.get("Group")) for each in told})}


def _wanted(site: Site, state: State) -> State:
    _, account = _parts(site)
    return {"shared": [each for each in state["shared"] if account and each != account]}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    name, _ = _parts(site)
    ways = (
        ("remove", "add", "respond_steps.unshared", now, target),
        ("add", "remove", "respond_steps.shared", target, now),
    )
    found: list[Change] = []
    for there, back, text, has, lacks in ways:
        names = [each for each in has["shared"] if each not in lacks["shared"]]
        # Accounts and everybody are two lists of AWS's, changed by one call each.
        for key, listed in (("UserIds", [each for each in names if each != _EVERYBODY]), ("GroupNames", [each for each in names if each == _EVERYBODY])):  # fmt: skip
            if listed:
                call, undo = (_call(site, name, each, {key: listed}) for each in (there, back))
                values = {"name": name, "who": listed}
                found.append(Change(name=f"{there} {key}", call=call, undo=(undo,), text=text, values=values))
    return found


def _call(site: Site, name: str, way: str, listed: Mapping[str, Sequence[str]]) -> Call:
    named = {"SnapshotId": name, "Attribute": "createVolumePermission", "OperationType": way, **listed}
    return Call(operation=_MODIFY, region=site.region, parameters=named)


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    values = {"name": _parts(site)[0], "who": state["shared"]}
    return (Caution(text="respond_steps.snapshot_unshared_copies", values=values),)


STEP: Final = Step(
    id="snapshot-unshared",
    order=4100,
    texts="respond_steps.snapshot_unshared",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.MEDIUM,
    reads=(_GET,),
    writes=(_MODIFY,),
    read=_read,
    wanted=wanted_if_there(_wanted),
    towards=changes_if_there(_towards),
    owner=owner,
    cautions=_cautions,
    of_resources=True,
)
