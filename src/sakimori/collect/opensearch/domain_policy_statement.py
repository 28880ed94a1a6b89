"""Statements of the access policies of domains of OpenSearch Service."""

from collections.abc import Iterator

from sakimori.collect.declaration import Context, Malformed, Record, table
from sakimori.collect.opensearch.domain import LIST
from sakimori.collect.policy_columns import statement_columns, statement_rows
from sakimori.model.words import Scope


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    if record.get("AccessPolicies"):
        yield from statement_rows(record.get("ARN"), record["AccessPolicies"])


TABLE = table(
    "aws_opensearch_domain_policy_statement",
    "Statements of the access policies of domains of OpenSearch Service.",
    key="id",
    parent="domain_arn",
    parent_key="ARN",
    scope=Scope.REGION,
    resource_type="AWS::OpenSearchService::Domain",
    rows=LIST,
    expand=_statements,
    columns=statement_columns("domain_arn", "domain"),
)  # fmt: skip
