"""Settings of EC2 that hold for a whole Region."""

from sakimori.collect.account.root import root_arn
from sakimori.collect.declaration import BOOLEAN, ITSELF, TEXT, call, col, table
from sakimori.model.words import Scope

TABLE = table(
    "aws_ec2_region",
    "Settings of EC2 that hold for a whole Region, one row each.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::::Account",
    rows=ITSELF,
    each=[
        call("ec2:GetEbsEncryptionByDefault", "EbsEncryptionByDefault"),
        call("ec2:GetSnapshotBlockPublicAccessState", "State"),
    ],
    columns=[
        col("arn", TEXT, "The account's root ARN; with `region` it names the account in this Region.", root_arn),
        col("ebs_encryption_by_default", BOOLEAN, "New volumes and copies of snapshots are encrypted.",
            "EbsEncryptionByDefault"),
        col("snapshot_public_sharing", TEXT,
            "Whether snapshots may be public: unblocked, block-new-sharing or block-all-sharing.",
            "State"),
    ],
)  # fmt: skip
