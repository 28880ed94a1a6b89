"""R52: a snapshot of EBS that a thief made. Source: botocore's model of ec2 (DeleteSnapshot)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Approval, Call

_DESCRIBE: Final = "ec2:DescribeSnapshots"
_DELETE: Final = "ec2:DeleteSnapshot"
_ABSENT: Final = ("InvalidSnapshot.NotFound",)
_CASE: Final = "sakimori:case"


def _read(site: Site, name: str) -> State | None:
    """Its volume, and whether it is evidence of an incident by its tag."""
    found = _found(site, name)
    if not found:
        return None
    is_evidence = bool(_found(site, name, {"Name": "tag-key", "Values": [_CASE]}))
    return {"volume": str(found[0].get("VolumeId", "")), "is_evidence": is_evidence}


def _found(site: Site, name: str, *filters: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The account's own snapshot of this id that the filters let through; nothing where it is gone."""
    by_id = {"Name": "snapshot-id", "Values": [name]}
    return site.all_of(_DESCRIBE, "Snapshots", OwnerIds=["self"], Filters=[by_id, *filters])


def _calls(site: Site, name: str, _state: State) -> Sequence[Call]:
    return (Call(operation=_DELETE, region=site.region, parameters={"SnapshotId": name}, settled=_ABSENT),)


def _cautions(_site: Site, name: str, state: State) -> Sequence[Caution]:
    if not state["is_evidence"]:
        return ()
    return (Caution(text="respond_steps.snapshot_is_evidence", values={"name": name}, blocks=True),)


STEP: Final = ending_step(
    Ending(
        id="snapshot-erased", order=4120, texts="respond_steps.snapshot_erased", verb="erased",
        kind=Kind(service="ec2", call=_DESCRIBE, prefix="snapshot/", pattern=r"snap-[0-9a-f]{8,17}", has_account=False),
        reads=(_DESCRIBE,), writes=(_DELETE,), read=_read, calls=_calls, cautions=_cautions,
        approval=Approval.TWO_PERSON,
    )
)  # fmt: skip
