"""Statements of the policies of ECR's repositories."""

from collections.abc import Iterator

from sakimori.collect.declaration import Context, Malformed, Record, call, table
from sakimori.collect.ecr.repository import LIST
from sakimori.collect.policy_columns import (
    ACTIONS,
    EXTERNAL_ACCOUNT_IDS,
    HAS_CONDITION,
    identity_columns,
    public_column,
    statement_rows,
)
from sakimori.model.words import Scope


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    if "Policy" not in record:
        return
    repository = record.get("repositoryArn")
    yield from statement_rows(repository, record["Policy"], name="the repository's policy")


TABLE = table(
    "aws_ecr_repository_policy_statement",
    "Statements of the policies of private repositories.",
    key="id",
    parent="repository_arn",
    parent_key="repositoryArn",
    scope=Scope.REGION,
    resource_type="AWS::ECR::Repository",
    rows=LIST,
    each=[
        call("ecr:GetRepositoryPolicy", "policyText", name="Policy", with_={"repositoryName": "repositoryName"},
             absent=("RepositoryPolicyNotFoundException",)),
    ],
    expand=_statements,
    expand_needs=["Policy"],
    columns=[
        *identity_columns("repository_arn", "repository"),
        ACTIONS,
        HAS_CONDITION,
        public_column("is_public", "It lets any AWS account in; NULL where its conditions do not tell."),
        EXTERNAL_ACCOUNT_IDS,
    ],
)  # fmt: skip
