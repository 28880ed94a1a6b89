"""One EBS snapshot is not shared with everybody: Security Hub EC2.1. Accounts that it is shared with by their ids stay.

Source: botocore's model of ec2; Amazon EBS User Guide, "Share an Amazon EBS snapshot" and "Block public access for EBS
snapshots".
"""

from typing import Final

from sakimori.actions.resources.ec2_sharing import Shared, not_shared_step
from sakimori.actions.resources.named_resource import Kind

_ATTRIBUTE: Final = "createVolumePermission"

STEP: Final = not_shared_step(
    Shared(
        id="snapshot-not-shared",
        order=1050,
        texts="fix_network.snapshot",
        rule="aws.ec2.snapshot-private",
        kind=Kind(
            service="ec2", call="ec2:DescribeSnapshotAttribute", prefix="snapshot/", pattern=r"snap-[0-9a-f]{1,32}",
            has_account=False,
        ),
        modify="ec2:ModifySnapshotAttribute",
        parameter="SnapshotId",
        attribute=_ATTRIBUTE,
        listed="CreateVolumePermissions",
        absent=("InvalidSnapshot.NotFound",),
        change=lambda is_shared: {
            "Attribute": _ATTRIBUTE, "OperationType": "add" if is_shared else "remove", "GroupNames": ["all"],
        },
        block="ec2:GetSnapshotBlockPublicAccessState",
        block_key="State",
    )
)  # fmt: skip
