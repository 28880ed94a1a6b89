"""Statements of the policies of domains of CodeArtifact."""

from collections.abc import Iterator

from sakimori.aws.refusal import NOT_OFFERED
from sakimori.collect.declaration import Context, Malformed, Record, call, table
from sakimori.collect.policy_columns import statement_columns, statement_rows
from sakimori.model.words import Scope


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    if "Policy" in record:
        yield from statement_rows(record.get("arn"), record["Policy"])


TABLE = table(
    "aws_codeartifact_domain_policy_statement",
    "Statements of the policies of CodeArtifact domains.",
    key="id",
    parent="domain_arn",
    parent_key="arn",
    scope=Scope.REGION,
    resource_type="AWS::CodeArtifact::Domain",
    rows=call("codeartifact:ListDomains", "domains", absent=(NOT_OFFERED,)),
    each=[
        call("codeartifact:GetDomainPermissionsPolicy", "policy.document", name="Policy",
             with_={"domain": "name", "domainOwner": "owner"}, absent=("ResourceNotFoundException",)),
    ],
    expand=_statements,
    expand_needs=["Policy"],
    columns=statement_columns("domain_arn", "domain"),
)  # fmt: skip
