"""Statements of the resource policies of secrets."""

from collections.abc import Iterator

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, Context, Malformed, Record, call, col, table
from sakimori.collect.policy_document import NotUnderstoodError, statements_of
from sakimori.collect.policy_reach import external_accounts, is_public
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
    try:
        statements = statements_of(answer["ResourcePolicy"])
    except NotUnderstoodError as error:
        yield Malformed(parent=str(secret), words=f"the secret's policy: {error}")
        return
    for statement in statements:
        yield {"secret": secret, "statement": statement}


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
        col("id", TEXT, "The secret's ARN and the statement's place in its policy.",
            lambda row, _: f"{row['secret']}#{row['statement'].index}" if row["secret"] else None),
        col("secret_arn", TEXT, "The secret that the policy is attached to.", "secret"),
        col("statement_index", INTEGER, "The statement's place in the policy, from 0.",
            lambda row, _: row["statement"].index),
        col("sid", TEXT, "The statement's name; '' where it has none.", lambda row, _: row["statement"].sid),
        col("is_allow", BOOLEAN, "It allows (false: it denies).", lambda row, _: row["statement"].is_allow),
        col("principals", TEXT, "Whom it speaks of, separated by commas; * is everyone.",
            lambda row, _: row["statement"].principals.names),
        col("actions", TEXT, "The actions, separated by commas.", lambda row, _: list(row["statement"].actions)),
        col("has_condition", BOOLEAN, "It holds only under a condition.",
            lambda row, _: bool(row["statement"].conditions)),
        col("is_public", BOOLEAN, "It lets anyone in; NULL where its conditions do not tell.",
            lambda row, _: is_public(row["statement"])),
        col("external_account_ids", TEXT, "The other accounts that it names and allows, separated by commas.",
            lambda row, account: list(external_accounts(row["statement"].principals, account.account_id))
            if row["statement"].is_allow else []),
    ],
)  # fmt: skip
