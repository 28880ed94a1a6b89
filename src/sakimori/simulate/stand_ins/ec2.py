"""EC2's Regions, its snapshots with their owners, and the switch that blocks public snapshots."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from moto.ec2.exceptions import InvalidSnapshotIdError
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.ec2.models.elastic_block_store import Snapshot
from moto.utilities.utils import get_partition

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn
from sakimori.simulate.state import DEFAULT_REGIONS

_UNBLOCKED: Final = "unblocked"
_BLOCK_ALL: Final = "block-all-sharing"
_REFUSED: Final = 400


def regions(desk: Desk) -> Mapping[str, Any]:
    """The partition's Regions with the account's own opt-in status; only enabled ones without AllRegions."""
    asked = desk.parameters()
    wanted = asked.get("RegionNames") or ()
    enabled = desk.state.enabled_regions
    names = sorted(
        region.name
        for region in RegionsAndZonesBackend.regions
        if get_partition(region.name) == desk.state.partition
        and (asked.get("AllRegions") or region.name in enabled)
        and (not wanted or region.name in wanted)
    )
    return {"Regions": [_region(name, enabled) for name in names]}


def snapshots(desk: Desk) -> Mapping[str, Any]:
    """Snapshots by owner and by who may restore them; a blocked Region shows none as public."""
    asked = desk.parameters()
    filters = {each["Name"]: each.get("Values", []) for each in asked.get("Filters", ())}
    try:
        found: Iterable[Snapshot] = _backend(desk).describe_snapshots(asked.get("SnapshotIds"), filters or None)
    except InvalidSnapshotIdError as error:
        raise ServiceError("InvalidSnapshot.NotFound", "The snapshot does not exist.", 400) from error
    owners = {desk.state.account_id if owner == "self" else owner for owner in asked.get("OwnerIds", ())}
    restorers = set(asked.get("RestorableByUserIds", ()))
    shown = [
        snapshot
        for snapshot in found
        if (not owners or snapshot.owner_id in owners) and (not restorers or restorers & _restorers(desk, snapshot))
    ]
    start = int(asked.get("NextToken") or 0)
    size = int(asked.get("MaxResults") or 1000)
    page = {"Snapshots": [_entry(each) for each in shown[start : start + size]]}
    return {**page, "NextToken": str(start + size)} if start + size < len(shown) else page


def share_snapshot(desk: Desk) -> Answer:
    """Moto's answer, unless the snapshot would become public although it is encrypted, or the Region blocks that.

    Source: Amazon EBS User Guide, "Block public access for EBS snapshots" and "Share an Amazon EBS snapshot".
    """
    asked = desk.parameters()
    added = (asked.get("CreateVolumePermission") or {}).get("Add") or ()
    groups = {each.get("Group") for each in added}
    if asked.get("OperationType") == "add":
        groups |= set(asked.get("GroupNames") or ())
    if "all" in groups:
        snapshot: Snapshot | None = _backend(desk).snapshots.get(str(asked.get("SnapshotId")))
        if snapshot is not None and snapshot.encrypted:
            raise ServiceError("InvalidParameterValue", "Encrypted snapshots cannot be shared publicly.", 400)
        if desk.call.region in desk.state.snapshot_sharing:
            message = "You can't publicly share this snapshot because block public access for snapshots is enabled."
            raise ServiceError("OperationNotPermitted", message, 400)
    return desk.moto()


def snapshot_sharing(desk: Desk) -> Mapping[str, Any]:
    """The Region's state of the block of public snapshots."""
    state = desk.state.snapshot_sharing.get(desk.call.region, _UNBLOCKED)
    is_declared = "snapshots" in desk.state.services.declared_settings
    return {"State": state, "ManagedBy": "declarative-policy" if is_declared else "account"}


def block_snapshot_sharing(desk: Desk) -> Mapping[str, Any]:
    """Set the block."""
    asked = str(desk.parameters().get("State", ""))
    if asked not in (_BLOCK_ALL, "block-new-sharing"):
        raise ServiceError("InvalidParameterValue", f"Value ({asked}) for parameter State is invalid.", 400)
    desk.state.snapshot_sharing[desk.call.region] = asked
    return {"State": asked}


def unblock_snapshot_sharing(desk: Desk) -> Mapping[str, Any]:
    """Lift the block."""
    desk.state.snapshot_sharing.pop(desk.call.region, None)
    return {"State": _UNBLOCKED}


def move_interface(desk: Desk) -> Answer:
    """Moto's answer; then the groups of the interface are those alone, where moto adds the instance's first ones to them.

    Source: Amazon EC2 API reference, ModifyNetworkInterfaceAttribute, Groups: what is named replaces what was.
    """
    answer = desk.moto()
    asked = desk.parameters()
    interface: Any = _backend(desk).enis.get(str(asked.get("NetworkInterfaceId", "")))
    if answer.status < _REFUSED and asked.get("Groups") and interface is not None and interface.instance:
        interface.instance.security_groups = list(interface._group_set)  # noqa: SLF001 - moto has no other name for it
    return answer


def move_instance(desk: Desk) -> Answer:
    """Moto's answer; new groups of an instance are those of its first interface. Source: the same, ModifyInstanceAttribute."""
    answer = desk.moto()
    asked = desk.parameters()
    if answer.status < _REFUSED and asked.get("Groups"):
        instance: Any = _backend(desk).get_instance(str(asked["InstanceId"]))
        first = next(iter(instance.nics.values()))
        first._group_set = list(instance.security_groups)  # noqa: SLF001 - the same
    return answer


STAND_INS: Final[Mapping[str, StandIn]] = {
    "ec2:DescribeRegions": regions,
    "ec2:DescribeSnapshots": snapshots,
    "ec2:DisableSnapshotBlockPublicAccess": unblock_snapshot_sharing,
    "ec2:EnableSnapshotBlockPublicAccess": block_snapshot_sharing,
    "ec2:GetSnapshotBlockPublicAccessState": snapshot_sharing,
    "ec2:ModifyInstanceAttribute": move_instance,
    "ec2:ModifyNetworkInterfaceAttribute": move_interface,
    "ec2:ModifySnapshotAttribute": share_snapshot,
}


def _backend(desk: Desk) -> EC2Backend:
    return ec2_backends[desk.state.account_id][desk.call.region]


def _region(name: str, enabled: set[str]) -> Mapping[str, str]:
    opted = "opted-in" if name in enabled else "not-opted-in"
    status = "opt-in-not-required" if name in DEFAULT_REGIONS else opted
    return {"RegionName": name, "Endpoint": f"ec2.{name}.amazonaws.com", "OptInStatus": status}


def _restorers(desk: Desk, snapshot: Snapshot) -> set[str]:
    users = set(snapshot.create_volume_permission_userids)
    blocked = desk.state.snapshot_sharing.get(desk.call.region) == _BLOCK_ALL
    groups = set() if blocked else set(snapshot.create_volume_permission_groups)
    return users | groups | ({"self"} if snapshot.owner_id == desk.state.account_id else set())


def _entry(snapshot: Snapshot) -> Mapping[str, Any]:
    entry: dict[str, Any] = {
        "SnapshotId": snapshot.id,
        "VolumeId": snapshot.volume.id,
        "VolumeSize": snapshot.volume.size,
        "State": snapshot.status,
        "StartTime": snapshot.start_time,
        "Progress": snapshot.progress,
        "OwnerId": snapshot.owner_id,
        "Description": snapshot.description,
        "Encrypted": snapshot.encrypted,
        "StorageTier": snapshot.storage_tier,
        "Tags": snapshot.get_tags(),
    }
    return {**entry, "KmsKeyId": snapshot.kms_key_id} if snapshot.kms_key_id else entry
