"""Statements of the resource policies of secrets."""

from collections.abc import Iterator

from sakimori.collect.declaration import Context, Malformed, Record, call, table
from sakimori.collect.policy_columns import (
    ACTIONS,
    EXTERNAL_ACCOUNT_IDS,
    HAS_CONDITION,
    identity_columns,
    public_column,
    statement_rows,
)
from sakimori.collect.secretsmanager.secret import LIST
from sakimori.model.words import Scope


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    secret = record.get("ARN")
    answer = record.get("Answer", {})
    if not isinstance(answer, dict) or "ARN" not in answer:
        yield Malformed(parent=str(secret), words="an answer that names no secret")
        return
    # A secret without a policy is answered with its name alone.
    if "ResourcePolicy" not in answer:
        return
    yield from statement_rows(secret, answer["ResourcePolicy"], name="the secret's policy")


TABLE = table(
    "aws_secretsmanager_secret_policy_statement",
    "Statements of the resource policies of secrets.",
    key="id",
    parent="secret_arn",
    parent_key="ARN",
    scope=Scope.REGION,
    resource_type="AWS::SecretsManager::ResourcePolicy",
    rows=LIST,
    each=[call("secretsmanager:GetResourcePolicy", "@", name="Answer", with_={"SecretId": "ARN"})],
    expand=_statements,
    expand_needs=["Answer"],
    columns=[
        *identity_columns("secret_arn", "secret"),
        ACTIONS,
        HAS_CONDITION,
        public_column("is_public", "It lets anyone in; NULL where its conditions do not tell."),
        EXTERNAL_ACCOUNT_IDS,
    ],
)  # fmt: skip
