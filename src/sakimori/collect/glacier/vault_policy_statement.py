"""Statements of the access policies of vaults of S3 Glacier, the service with an API of its own."""

from collections.abc import Iterator

from sakimori.aws.refusal import NOT_OFFERED
from sakimori.collect.declaration import Context, Malformed, Record, call, table
from sakimori.collect.policy_columns import statement_columns, statement_rows
from sakimori.model.words import Scope


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    if "Policy" in record:
        yield from statement_rows(record.get("VaultARN"), record["Policy"])


TABLE = table(
    "aws_glacier_vault_policy_statement",
    "Statements of the access policies of vaults of S3 Glacier.",
    key="id",
    parent="vault_arn",
    parent_key="VaultARN",
    scope=Scope.REGION,
    resource_type="AWS::Glacier::Vault",
    rows=call("glacier:ListVaults", "VaultList", absent=(NOT_OFFERED,), accountId="-"),
    each=[
        call("glacier:GetVaultAccessPolicy", "policy.Policy", with_={"vaultName": "VaultName"}, accountId="-",
             absent=("ResourceNotFoundException",)),
    ],
    expand=_statements,
    expand_needs=["Policy"],
    columns=statement_columns("vault_arn", "vault"),
)  # fmt: skip
