"""R60: an instance that a thief started is terminated, by two people, once its disks are kept and what would start it anew is ended.

Its protection from being terminated or stopped, ours or the thief's, is taken off first. Source: botocore's model of ec2;
Amazon EC2 User Guide, "Terminate Amazon EC2 instances".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.instances import ATTRIBUTE, DESCRIBE, INSTANCE, MODIFY, found_instance, is_set, modified
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Approval, Call

_END: Final = "ec2:TerminateInstances"
_SNAPSHOTS: Final = "ec2:DescribeSnapshots"
_ABSENT: Final = ("InvalidInstanceID.NotFound",)


def _read(site: Site, name: str) -> State | None:
    found = found_instance(site, name)
    if found is None:
        return None
    volumes = sorted(each["Ebs"]["VolumeId"] for each in found.get("BlockDeviceMappings") or () if "Ebs" in each)
    protected = [each for each in ("disableApiTermination", "disableApiStop") if is_set(site, name, each)]
    return {"volumes": volumes, "protected": protected}


def _calls(site: Site, name: str, state: State) -> Sequence[Call]:
    # AWS takes one attribute a call.
    off = [modified(site, {each[0].upper() + each[1:]: {"Value": False}}) for each in state["protected"]]
    end = Call(operation=_END, region=site.region, parameters={"InstanceIds": [name]}, settled=_ABSENT)
    return (*off, end)


def _cautions(site: Site, name: str, state: State) -> Sequence[Caution]:
    def unkept() -> Sequence[Caution]:
        filters = [{"Name": "volume-id", "Values": state["volumes"]}]
        kept = site.all_of(_SNAPSHOTS, "Snapshots", OwnerIds=["self"], Filters=filters) if state["volumes"] else []
        done = {each["VolumeId"] for each in kept if each.get("State") == "completed"}
        lost = [each for each in state["volumes"] if each not in done]
        values = {"name": name, "volumes": lost}
        return (Caution(text="respond_steps.instance_disks_first", values=values, blocks=True),) if lost else ()

    return looked(unkept, blocks=True)


STEP: Final = ending_step(
    Ending(
        id="instance-erased", order=4200, texts="respond_steps.instance_erased", verb="erased", kind=INSTANCE,
        reads=(DESCRIBE, ATTRIBUTE, _SNAPSHOTS), writes=(MODIFY, _END), read=_read, calls=_calls, cautions=_cautions,
        approval=Approval.TWO_PERSON,
    )
)  # fmt: skip
