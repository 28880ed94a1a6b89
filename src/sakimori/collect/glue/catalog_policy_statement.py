"""Statements of the policy of the Data Catalog of Glue, one policy for each Region."""

from collections.abc import Iterator

from sakimori.collect.declaration import ITSELF, Context, Malformed, Record, call, table
from sakimori.collect.policy_columns import statement_columns, statement_rows
from sakimori.model.words import Scope


def _arn(_record: Record, context: Context) -> str:
    return f"arn:{context.partition}:glue:{context.region}:{context.account_id}:catalog"


def _statements(record: Record, context: Context) -> Iterator[Record | Malformed]:
    if "Policy" in record:
        yield from statement_rows(_arn(record, context), record["Policy"])


TABLE = table(
    "aws_glue_catalog_policy_statement",
    "Statements of the policy of the Data Catalog of AWS Glue.",
    key="id",
    parent="catalog_arn",
    parent_key=_arn,
    scope=Scope.REGION,
    resource_type="AWS::Glue::DataCatalog",
    rows=ITSELF,
    each=[call("glue:GetResourcePolicy", "PolicyInJson", name="Policy", absent=("EntityNotFoundException",))],
    expand=_statements,
    expand_needs=["Policy"],
    columns=statement_columns("catalog_arn", "catalog"),
)  # fmt: skip
