"""Database clusters of RDS (Neptune and DocumentDB answer the same call)."""

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, call, col, table
from sakimori.collect.rds.encryption import is_encrypted
from sakimori.collect.rds.logs import exported, exports_main_log, main_log
from sakimori.model.words import Scope

TABLE = table(
    "aws_rds_cluster",
    "Database clusters of Aurora, Neptune and DocumentDB, and Multi-AZ clusters of RDS.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::RDS::DBCluster",
    rows=call("rds:DescribeDBClusters", "DBClusters", MaxRecords=100),
    columns=[
        col("arn", TEXT, "The cluster's ARN.", "DBClusterArn"),
        col("name", TEXT, "The cluster's identifier.", "DBClusterIdentifier"),
        col("engine", TEXT, "aurora-mysql, aurora-postgresql, neptune, docdb, …", "Engine"),
        col("engine_version", TEXT, "The engine's version.", "EngineVersion"),
        col("status", TEXT, "available, stopped, creating, …", "Status"),
        col("is_encrypted", BOOLEAN, "Its storage is encrypted, with whatever key.", is_encrypted("StorageEncrypted")),
        col("is_multi_az", BOOLEAN, "It has instances in more than one Availability Zone.", "MultiAZ"),
        col("has_deletion_protection", BOOLEAN, "It cannot be deleted before that is turned off.",
            "DeletionProtection"),
        col("backup_retention_days", INTEGER, "Days that automatic backups are kept.", "BackupRetentionPeriod"),
        col("has_internet_access_gateway", BOOLEAN, "It is reached over the internet, without a VPC.",
            "InternetAccessGatewayEnabled", when_absent=False),
        col("exported_logs", TEXT, "The logs that it sends to CloudWatch Logs, separated by commas.", exported),
        col("main_log", TEXT, "The log in which its engine writes sign-ins and errors; NULL where it cannot be exported.",
            main_log),
        col("exports_main_log", BOOLEAN, "It sends that log to CloudWatch Logs; NULL where it cannot be exported.",
            exports_main_log),
    ],
)  # fmt: skip
