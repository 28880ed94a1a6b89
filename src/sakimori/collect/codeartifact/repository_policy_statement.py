"""Statements of the policies of repositories of CodeArtifact, those too that are in a domain of another account."""

from collections.abc import Iterator

from sakimori.aws.refusal import NOT_OFFERED
from sakimori.collect.declaration import Context, Malformed, Record, call, table
from sakimori.collect.policy_columns import statement_columns, statement_rows
from sakimori.model.words import Scope


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    if "Policy" in record:
        yield from statement_rows(record.get("arn"), record["Policy"])


TABLE = table(
    "aws_codeartifact_repository_policy_statement",
    "Statements of the policies of CodeArtifact repositories.",
    key="id",
    parent="repository_arn",
    parent_key="arn",
    scope=Scope.REGION,
    resource_type="AWS::CodeArtifact::Repository",
    rows=call("codeartifact:ListRepositories", "repositories", absent=(NOT_OFFERED,)),
    each=[
        call("codeartifact:GetRepositoryPermissionsPolicy", "policy.document", name="Policy",
             with_={"domain": "domainName", "domainOwner": "domainOwner", "repository": "name"}, absent=("ResourceNotFoundException",)),
    ],
    expand=_statements,
    expand_needs=["Policy"],
    columns=statement_columns("repository_arn", "repository"),
)  # fmt: skip
