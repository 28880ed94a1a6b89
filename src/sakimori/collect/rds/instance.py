"""Database instances of RDS (and of Aurora, Neptune and DocumentDB, which answer the same call)."""

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, Context, Record, call, col, table
from sakimori.collect.rds.encryption import is_encrypted
from sakimori.collect.rds.logs import exported, exports_main_log, main_log
from sakimori.collect.rds.subnets import ROUTING, is_in_public_subnet, public_subnets
from sakimori.model.words import Scope


def _replica_of(record: Record, _context: Context) -> str:
    """The source's name, or its ARN where it is in another Region."""
    return str(
        record.get("ReadReplicaSourceDBInstanceIdentifier") or record.get("ReadReplicaSourceDBClusterIdentifier") or ""
    )


TABLE = table(
    "aws_rds_instance",
    "Database instances of RDS, Aurora, Neptune and DocumentDB.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::RDS::DBInstance",
    rows=call("rds:DescribeDBInstances", "DBInstances", MaxRecords=100),
    each=[
        call("ec2:DescribeRouteTables", "@", name=ROUTING, when="DBSubnetGroup.VpcId",
             with_={"Filters": "[{Name: 'vpc-id', Values: [DBSubnetGroup.VpcId]}]"}),
    ],
    columns=[
        col("arn", TEXT, "The instance's ARN.", "DBInstanceArn"),
        col("name", TEXT, "The instance's identifier.", "DBInstanceIdentifier"),
        col("engine", TEXT, "mysql, postgres, aurora-postgresql, …", "Engine"),
        col("engine_version", TEXT, "The engine's version.", "EngineVersion"),
        col("status", TEXT, "available, stopped, creating, …", "DBInstanceStatus"),
        col("is_publicly_accessible", BOOLEAN, "Its name resolves to a public address from outside the VPC.",
            "PubliclyAccessible"),
        col("is_encrypted", BOOLEAN, "Its storage is encrypted, with whatever key.", is_encrypted("StorageEncrypted")),
        col("is_multi_az", BOOLEAN, "A standby waits in another Availability Zone.", "MultiAZ"),
        col("has_deletion_protection", BOOLEAN, "It cannot be deleted before that is turned off.",
            "DeletionProtection"),
        col("upgrades_minor_versions", BOOLEAN, "Minor upgrades of the engine are made on their own.",
            "AutoMinorVersionUpgrade"),
        col("backup_retention_days", INTEGER, "Days that automatic backups are kept; 0 where none is made.",
            "BackupRetentionPeriod"),
        col("vpc_id", TEXT, "The VPC it is in; '' where AWS names none.", "DBSubnetGroup.VpcId", when_absent=""),
        col("port", INTEGER, "The port it listens on; NULL while it has no endpoint.", "Endpoint.Port"),
        col("cluster_name", TEXT, "The cluster it belongs to; '' where it stands alone.",
            "DBClusterIdentifier", when_absent=""),
        col("replica_of", TEXT, "The database that it is a read replica of; '' where it is none.", _replica_of),
        col("exported_logs", TEXT, "The logs that it sends to CloudWatch Logs, separated by commas.", exported),
        col("main_log", TEXT, "The log in which its engine writes sign-ins and errors; NULL where it cannot be exported.",
            main_log),
        col("exports_main_log", BOOLEAN, "It sends that log to CloudWatch Logs; NULL where it cannot be exported.",
            exports_main_log),
        col("public_subnet_ids", TEXT, "Those of its subnets that have a route to an internet gateway, separated by commas.",
            public_subnets, needs=[ROUTING]),
        col("is_in_public_subnet", BOOLEAN, "One of its subnets has a route to an internet gateway; NULL where it has no subnets.",
            is_in_public_subnet, needs=[ROUTING]),
    ],
)  # fmt: skip
