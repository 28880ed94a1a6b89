"""Statements of the resource policies of REST APIs of API Gateway."""

import json
from collections.abc import Iterator

from sakimori.collect.declaration import Context, Malformed, Record, call, table
from sakimori.collect.policy_columns import statement_columns, statement_rows
from sakimori.model.words import Scope


def _arn(record: Record, context: Context) -> str | None:
    """As its policy names it: whoever calls the API does so under this ARN."""
    found = record.get("id")
    return f"arn:{context.partition}:execute-api:{context.region}:{context.account_id}:{found}" if found else None


def _unescaped(policy: str) -> str:
    """API Gateway gives the document as it stands inside a JSON text, with a backslash before each quote."""
    if not policy.lstrip().startswith("{\\"):
        return policy
    try:
        return str(json.loads(f'"{policy}"'))
    except ValueError:
        return policy


def _statements(record: Record, context: Context) -> Iterator[Record | Malformed]:
    if record.get("policy"):
        yield from statement_rows(_arn(record, context), _unescaped(str(record["policy"])))


TABLE = table(
    "aws_apigateway_api_policy_statement",
    "Statements of the resource policies of REST APIs of API Gateway.",
    key="id",
    parent="api_arn",
    parent_key=_arn,
    scope=Scope.REGION,
    resource_type="AWS::ApiGateway::RestApi",
    rows=call("apigateway:GetRestApis", "items", limit=500),
    expand=_statements,
    columns=statement_columns("api_arn", "API"),
)  # fmt: skip
