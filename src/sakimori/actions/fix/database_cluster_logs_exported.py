"""The main log of one database cluster is sent to CloudWatch Logs: Security Hub RDS.34. Source: see rds_logs."""

from typing import Final

from sakimori.actions.resources.rds_logs import logs_exported_step
from sakimori.actions.resources.rds_setting import CLUSTER

STEP: Final = logs_exported_step(
    "database-cluster-logs-exported", "fix_network.cluster_logs", 1200, "aws.rds.cluster-logs-exported", CLUSTER
)
