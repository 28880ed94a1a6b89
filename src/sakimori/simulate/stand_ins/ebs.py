"""The blocks of snapshots that EC2 made: moto's direct APIs of EBS know only those that were written through them.

What moto's EC2 copies is an empty volume, and of that there is no block.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from moto.ebs.models import ebs_backends
from moto.ec2.models import ec2_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_BLOCK_BYTES: Final = 512 << 10
"""Source: Amazon EBS User Guide, "EBS direct APIs concepts"."""
_LASTS: Final = timedelta(days=7)


def snapshot_blocks(desk: Desk) -> Answer | Mapping[str, Any]:
    """Moto's answer where the snapshot was written block by block, no block of any other."""
    snapshot = str(desk.parameters()["SnapshotId"])
    account, region = desk.state.account_id, desk.call.region
    if snapshot in ebs_backends[account][region].snapshots:
        return desk.moto()
    found: Any = ec2_backends[account][region].snapshots.get(snapshot)
    if found is None:
        raise ServiceError("ResourceNotFoundException", f"The snapshot '{snapshot}' does not exist.", 404)
    size = int(found.volume.size)
    return {"Blocks": [], "VolumeSize": size, "BlockSize": _BLOCK_BYTES, "ExpiryTime": desk.state.clock() + _LASTS}


STAND_INS: Final[Mapping[str, StandIn]] = {"ebs:ListSnapshotBlocks": snapshot_blocks}
