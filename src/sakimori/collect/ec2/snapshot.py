"""EBS snapshots, and which of them anyone may copy."""

from collections.abc import Iterator

from sakimori.aws.door import Door
from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, TIMESTAMP, Context, Reader, Record, col, table
from sakimori.model.words import Scope

_LIST = "ec2:DescribeSnapshots"
_OWN = {"OwnerIds": ["self"], "MaxResults": 1000}


def _snapshots(door: Door, region: str) -> Iterator[Record]:
    """The account's own snapshots, each with `is_public`: two listings instead of one call per snapshot."""
    public = {
        snapshot.get("SnapshotId")
        for page in door.pages(_LIST, region, {**_OWN, "RestorableByUserIds": ["all"]})
        for snapshot in page.get("Snapshots", ())
    }
    for page in door.pages(_LIST, region, _OWN):
        for snapshot in page.get("Snapshots", ()):
            yield {**snapshot, "is_public": snapshot.get("SnapshotId") in public}


def arn(record: Record, context: Context) -> str | None:
    """A snapshot's ARN holds no account id."""
    found = record.get("SnapshotId")
    return f"arn:{context.partition}:ec2:{context.region}::snapshot/{found}" if found else None


TABLE = table(
    "aws_ec2_snapshot",
    "EBS snapshots that the account owns.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::EC2::Snapshot",
    rows=Reader(function=_snapshots, operations=(_LIST,)),
    columns=[
        col("arn", TEXT, "The snapshot's ARN.", arn),
        col("snapshot_id", TEXT, "snap-…", "SnapshotId"),
        col("volume_id", TEXT, "The volume it was made of; an id of all f where that is none.",
            "VolumeId", when_absent=""),
        col("size_gib", INTEGER, "The size of that volume.", "VolumeSize"),
        col("is_encrypted", BOOLEAN, "It is encrypted; an encrypted snapshot cannot be public.", "Encrypted"),
        col("is_public", BOOLEAN, "Anyone may make a volume of it.", "is_public"),
        col("started_at", TIMESTAMP, "When it was begun.", "StartTime"),
        col("description", TEXT, "What its maker wrote.", "Description", when_absent=""),
    ],
)  # fmt: skip
