"""Plans of AWS Backup."""

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.model.words import Scope


def _has_selection(record: Record, _context: Context) -> bool | None:
    found = record.get("Selections")
    return bool(found) if isinstance(found, list) else None


TABLE = table(
    "aws_backup_plan",
    "Plans of AWS Backup.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::Backup::BackupPlan",
    rows=call("backup:ListBackupPlans", "BackupPlansList", MaxResults=1000),
    each=[
        call("backup:ListBackupSelections", "BackupSelectionsList", name="Selections",
             with_={"BackupPlanId": "BackupPlanId"}),
    ],
    columns=[
        col("arn", TEXT, "The plan's ARN.", "BackupPlanArn"),
        col("plan_id", TEXT, "The plan's id.", "BackupPlanId"),
        col("name", TEXT, "The plan's name.", "BackupPlanName"),
        col("created_at", TIMESTAMP, "When it was made.", "CreationDate"),
        col("last_run_at", TIMESTAMP, "When it last began a backup; NULL where it never did.", "LastExecutionDate"),
        col("has_selection", BOOLEAN, "Resources are assigned to it, by name or by tag.",
            _has_selection, needs=["Selections"]),
    ],
)  # fmt: skip
