"""R60: the disks of an instance are kept as they are, each as a snapshot, before anything is changed about the instance.

The snapshots are tagged with the incident and stay: an undo deletes none, for they are evidence. Where the account lacks a
case there is nothing to tell them by. Source: botocore's model of ec2 (CreateSnapshots makes those of all volumes of an
instance at one moment).
"""

from collections.abc import Sequence
from typing import Any, Final

from sakimori.actions.resources.denied_principal import lacks_case
from sakimori.actions.resources.instances import DESCRIBE, INSTANCE, found_instance
from sakimori.actions.resources.mended import changes_if_there, wanted_if_there
from sakimori.actions.resources.named_resource import owner, unless_others
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.model.action import Baseline, Call, Change, Risk
from sakimori.model.words import Scope

_SNAPSHOTS: Final = "ec2:DescribeSnapshots"
_MAKE: Final = "ec2:CreateSnapshots"
_TAG: Final = "sakimori:case"


def _tags(site: Site) -> list[dict[str, str]]:
    return [{"Key": _TAG, "Value": site.wishes.case}, {"Key": "sakimori:instance", "Value": INSTANCE.name(site)}]


def _read(site: Site, name: str) -> State | None:
    """Its volumes, and those of which this incident has a snapshot that did not fail."""
    found = found_instance(site, name)
    if found is None:
        return None
    volumes = sorted(each["Ebs"]["VolumeId"] for each in found.get("BlockDeviceMappings") or () if "Ebs" in each)
    filters: list[dict[str, Any]] = [{"Name": f"tag:{each['Key']}", "Values": [each["Value"]]} for each in _tags(site)]
    kept = site.all_of(_SNAPSHOTS, "Snapshots", OwnerIds=["self"], Filters=filters) if not lacks_case(site) else []
    made = {each["VolumeId"] for each in kept if each.get("State") != "error"}
    return {"volumes": volumes, "kept": [each for each in volumes if each in made]}


def _wanted(_site: Site, state: State) -> State:
    return {**state, "kept": state["volumes"]}


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if set(target["kept"]) <= set(now["kept"]):
        return ()
    name = INSTANCE.name(site)
    tags = [{"ResourceType": "snapshot", "Tags": _tags(site)}]
    call = Call(
        operation=_MAKE,
        region=site.region,
        parameters={
            "InstanceSpecification": {"InstanceId": name}, "Description": f"sakimori {site.wishes.case}",
            "TagSpecifications": tags,
        },
    )  # fmt: skip
    values = {"name": name, "count": len(target["volumes"])}
    text, lasting = "respond_steps.snapshots_made", "respond_steps.snapshots_stay"
    return (Change(name="snapshots", call=call, text=text, lasting=lasting, values=values),)


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    values = {"name": INSTANCE.name(site), "count": len(state["volumes"])}
    return (Caution(text="respond_steps.snapshots_cost", values=values),)


STEP: Final = Step(
    id="instance-snapshotted",
    order=3220,
    texts="respond_steps.instance_snapshotted",
    scope=Scope.REGION,
    baseline=Baseline.STARTER,
    risk=Risk.NONE,
    reads=(DESCRIBE, _SNAPSHOTS),
    writes=(_MAKE,),
    permissions=("ec2:CreateTags",),
    read=unless_others(INSTANCE, _read),
    wanted=wanted_if_there(_wanted),
    towards=changes_if_there(_towards),
    lacks=lacks_case,
    owner=owner,
    cautions=_cautions,
    residue=("aws_ec2_snapshot *", "aws_ebs_snapshot *"),
    of_resources=True,
)
