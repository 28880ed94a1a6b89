"""Statements of the policies of ECR's repositories."""

from collections.abc import Iterator

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, Context, Malformed, Record, call, col, table
from sakimori.collect.ecr.repository import LIST
from sakimori.collect.policy_document import NotUnderstoodError, statements_of
from sakimori.collect.policy_reach import external_accounts, is_public
from sakimori.model.words import Scope


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    if "Policy" not in record:
        return
    repository = record.get("repositoryArn")
    try:
        statements = statements_of(record["Policy"])
    except NotUnderstoodError as error:
        yield Malformed(parent=str(repository), words=f"the repository's policy: {error}")
        return
    for statement in statements:
        yield {"repository": repository, "statement": statement}


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
        col("id", TEXT, "The repository's ARN and the statement's place in its policy.",
            lambda row, _: f"{row['repository']}#{row['statement'].index}" if row["repository"] else None),
        col("repository_arn", TEXT, "The repository that the policy is attached to.", "repository"),
        col("statement_index", INTEGER, "The statement's place in the policy, from 0.",
            lambda row, _: row["statement"].index),
        col("sid", TEXT, "The statement's name; '' where it has none.", lambda row, _: row["statement"].sid),
        col("is_allow", BOOLEAN, "It allows (false: it denies).", lambda row, _: row["statement"].is_allow),
        col("principals", TEXT, "Whom it speaks of, separated by commas; * is everyone.",
            lambda row, _: row["statement"].principals.names),
        col("actions", TEXT, "The actions, separated by commas.", lambda row, _: list(row["statement"].actions)),
        col("has_condition", BOOLEAN, "It holds only under a condition.",
            lambda row, _: bool(row["statement"].conditions)),
        col("is_public", BOOLEAN, "It lets any AWS account in; NULL where its conditions do not tell.",
            lambda row, _: is_public(row["statement"])),
        col("external_account_ids", TEXT, "The other accounts that it names and allows, separated by commas.",
            lambda row, account: list(external_accounts(row["statement"].principals, account.account_id))
            if row["statement"].is_allow else []),
    ],
)  # fmt: skip
