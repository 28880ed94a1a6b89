"""Replication instances of Database Migration Service."""

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, call, col, table
from sakimori.model.words import Scope

TABLE = table(
    "aws_dms_replication_instance",
    "Replication instances of Database Migration Service (DMS).",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::DMS::ReplicationInstance",
    rows=call("dms:DescribeReplicationInstances", "ReplicationInstances"),
    columns=[
        col("arn", TEXT, "The replication instance's ARN.", "ReplicationInstanceArn"),
        col("name", TEXT, "The replication instance's identifier.", "ReplicationInstanceIdentifier"),
        col("status", TEXT, "creating, available, modifying, deleting, …", "ReplicationInstanceStatus"),
        col("is_publicly_accessible", BOOLEAN, "It has a public IP address.", "PubliclyAccessible"),
        col("upgrades_minor_versions", BOOLEAN, "New minor versions of its engine are installed by themselves.",
            "AutoMinorVersionUpgrade"),
        col("created_at", TIMESTAMP, "When it was made.", "InstanceCreateTime"),
    ],
)  # fmt: skip
