"""Statements of the access policies of vaults of AWS Backup."""

from collections.abc import Iterator

from sakimori.collect.declaration import Context, Malformed, Record, call, table
from sakimori.collect.policy_columns import statement_columns, statement_rows
from sakimori.model.words import Scope


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    if "Policy" in record:
        yield from statement_rows(record.get("BackupVaultArn"), record["Policy"])


TABLE = table(
    "aws_backup_vault_policy_statement",
    "Statements of the access policies of vaults of AWS Backup.",
    key="id",
    parent="vault_arn",
    parent_key="BackupVaultArn",
    scope=Scope.REGION,
    resource_type="AWS::Backup::BackupVault",
    rows=call("backup:ListBackupVaults", "BackupVaultList", MaxResults=1000),
    each=[
        call("backup:GetBackupVaultAccessPolicy", "Policy", with_={"BackupVaultName": "BackupVaultName"},
             absent=("ResourceNotFoundException",)),
    ],
    expand=_statements,
    expand_needs=["Policy"],
    columns=statement_columns("vault_arn", "vault"),
)  # fmt: skip
