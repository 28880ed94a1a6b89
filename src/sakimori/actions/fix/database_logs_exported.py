"""The main log of one database instance is sent to CloudWatch Logs: Security Hub RDS.9.

Instances of a cluster send theirs with it, and RDS Custom sends none. Source: see rds_logs.
"""

from typing import Final

from sakimori.actions.resources.rds_logs import logs_exported_step
from sakimori.actions.resources.rds_setting import INSTANCE

STEP: Final = logs_exported_step(
    "database-logs-exported", "fix_network.database_logs", 1190, "aws.rds.instance-logs-exported", INSTANCE
)
