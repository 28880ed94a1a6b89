"""Manual snapshots of database instances, and whom they are shared with."""

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, call, col, table
from sakimori.collect.rds.encryption import is_encrypted
from sakimori.collect.rds.sharing import ATTRIBUTES, accounts, is_public
from sakimori.model.words import Scope

# An automatic snapshot can be shared only after it was copied into a manual one.
# Source: RDS User Guide, "Sharing a DB snapshot".
TABLE = table(
    "aws_rds_snapshot",
    "Manual snapshots of database instances; automatic ones cannot be shared.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::RDS::DBSnapshot",
    rows=call("rds:DescribeDBSnapshots", "DBSnapshots", SnapshotType="manual", MaxRecords=100),
    each=[
        call("rds:DescribeDBSnapshotAttributes", "DBSnapshotAttributesResult.DBSnapshotAttributes", name=ATTRIBUTES,
             with_={"DBSnapshotIdentifier": "DBSnapshotIdentifier"}),
    ],
    columns=[
        col("arn", TEXT, "The snapshot's ARN.", "DBSnapshotArn"),
        col("name", TEXT, "The snapshot's identifier.", "DBSnapshotIdentifier"),
        col("instance_name", TEXT, "The database instance it was made of.", "DBInstanceIdentifier"),
        col("engine", TEXT, "mysql, postgres, oracle-se2, …", "Engine"),
        col("is_encrypted", BOOLEAN, "It is encrypted; an encrypted snapshot cannot be public.",
            is_encrypted("Encrypted")),
        col("created_at", TIMESTAMP, "When it was made.", "SnapshotCreateTime"),
        col("is_public", BOOLEAN, "Every AWS account may restore it.", is_public, needs=[ATTRIBUTES]),
        col("shared_account_ids", TEXT, "The accounts that may restore it, separated by commas.",
            accounts, needs=[ATTRIBUTES]),
    ],
)  # fmt: skip
