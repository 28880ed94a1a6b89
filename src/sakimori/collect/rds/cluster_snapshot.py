"""Manual snapshots of database clusters, and whom they are shared with."""

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, call, col, table
from sakimori.collect.rds.encryption import is_encrypted
from sakimori.collect.rds.sharing import ATTRIBUTES, accounts, is_public
from sakimori.model.words import Scope

TABLE = table(
    "aws_rds_cluster_snapshot",
    "Manual snapshots of database clusters (Aurora, Neptune, DocumentDB, Multi-AZ); automatic ones cannot be shared.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::RDS::DBClusterSnapshot",
    rows=call("rds:DescribeDBClusterSnapshots", "DBClusterSnapshots", SnapshotType="manual", MaxRecords=100),
    each=[
        call("rds:DescribeDBClusterSnapshotAttributes", "DBClusterSnapshotAttributesResult.DBClusterSnapshotAttributes",
             name=ATTRIBUTES, with_={"DBClusterSnapshotIdentifier": "DBClusterSnapshotIdentifier"}),
    ],
    columns=[
        col("arn", TEXT, "The snapshot's ARN.", "DBClusterSnapshotArn"),
        col("name", TEXT, "The snapshot's identifier.", "DBClusterSnapshotIdentifier"),
        col("cluster_name", TEXT, "The database cluster it was made of.", "DBClusterIdentifier"),
        col("engine", TEXT, "aurora-mysql, aurora-postgresql, neptune, docdb, …", "Engine"),
        col("is_encrypted", BOOLEAN, "It is encrypted; an encrypted snapshot cannot be public.",
            is_encrypted("StorageEncrypted")),
        col("created_at", TIMESTAMP, "When it was made.", "SnapshotCreateTime"),
        col("is_public", BOOLEAN, "Every AWS account may restore it.", is_public, needs=[ATTRIBUTES]),
        col("shared_account_ids", TEXT, "The accounts that may restore it, separated by commas.",
            accounts, needs=[ATTRIBUTES]),
    ],
)  # fmt: skip
