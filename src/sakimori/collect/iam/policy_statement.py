"""Statements of every customer managed and inline policy."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, Context, Malformed, Record, col, table
from sakimori.collect.iam.authorization import EVERYTHING, policies_in
from sakimori.collect.policy_document import NotUnderstoodError, Statement, statements_of
from sakimori.collect.policy_reach import covers
from sakimori.model.words import Scope

_EVERY_ACTION = re.compile(r"\*+(:\*+)?\Z")
_DECRYPTION = ("kms:Decrypt", "kms:ReEncryptFrom")
_WHOLE_SERVICE = re.compile(r"[a-z0-9-]+:\*+\Z", re.IGNORECASE)


def _statements(record: Record, _context: Context) -> Iterator[Record | Malformed]:
    for policy in policies_in(record):
        try:
            statements = statements_of(policy.document)
        except NotUnderstoodError as error:
            yield Malformed(parent=policy.key, words=f"the policy document: {error}")
            continue
        for statement in statements:
            yield {"policy": policy, "statement": statement}


def allows_everything(statement: Statement) -> bool:
    """Every action on every resource; a condition changes nothing (IAM.1 looks at none)."""
    return (
        statement.is_allow
        and not statement.is_not_action
        and not statement.is_not_resource
        and any(_EVERY_ACTION.match(action) for action in statement.actions)
        and any(not resource.strip("*") for resource in statement.resources)
    )


def allows_whole_service(statement: Statement) -> bool:
    """Every action of a service, or with NotAction every action but a whole service's (IAM.21 names both)."""
    return statement.is_allow and any(_WHOLE_SERVICE.match(action) for action in statement.actions)


def allows_decryption_with_every_key(statement: Statement, account: Context) -> bool:
    """Decrypting with all of the account's keys in all Regions; a condition changes nothing.

    What matches a key that cannot exist names none. Source: AWS Config developer guide,
    iam-customer-policy-blocked-kms-actions (the rule behind Security Hub KMS.1).
    """
    no_key = f"arn:{account.partition}:kms:no-region:{account.account_id}:key/no-key"
    names_every_key = any(fnmatchcase(no_key, each.replace("[", "[[]")) for each in statement.resources)
    return (
        statement.is_allow
        and any(covers(statement, action) for action in _DECRYPTION)
        and names_every_key != statement.is_not_resource
    )


TABLE = table(
    "aws_iam_policy_statement",
    "Statements of customer managed policies (the version in force) and of inline policies.",
    key="id",
    parent="policy_key",
    parent_key="Arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::IAM::Policy",
    rows=EVERYTHING,
    expand=_statements,
    columns=[
        col("id", TEXT, "The policy's key and the statement's place in it.",
            lambda row, _: f"{row['policy'].key}#{row['statement'].index}"),
        col("policy_key", TEXT, "The policy's ARN, or for an inline policy its owner's ARN, a slash and its name.",
            lambda row, _: row["policy"].key),
        col("policy_name", TEXT, "The policy's name.", lambda row, _: row["policy"].name),
        col("owner_kind", TEXT, "managed, user, group or role.", lambda row, _: row["policy"].owner_kind),
        col("owner_arn", TEXT, "The managed policy itself, or the user, group or role that holds the inline policy.",
            lambda row, _: row["policy"].owner_arn),
        col("statement_index", INTEGER, "The statement's place in the document, from 0.",
            lambda row, _: row["statement"].index),
        col("sid", TEXT, "The statement's name; '' where it has none.", lambda row, _: row["statement"].sid),
        col("effect", TEXT, "Allow or Deny.", lambda row, _: "Allow" if row["statement"].is_allow else "Deny"),
        col("is_allow", BOOLEAN, "It allows (false: it denies).", lambda row, _: row["statement"].is_allow),
        col("actions", TEXT, "The actions, separated by commas; with has_not_action those left out.",
            lambda row, _: list(row["statement"].actions)),
        col("resources", TEXT, "The resources, separated by commas; with has_not_resource those left out.",
            lambda row, _: list(row["statement"].resources)),
        col("has_not_action", BOOLEAN, "It speaks of all actions but those it lists.",
            lambda row, _: row["statement"].is_not_action),
        col("has_not_resource", BOOLEAN, "It speaks of all resources but those it lists.",
            lambda row, _: row["statement"].is_not_resource),
        col("has_condition", BOOLEAN, "It holds only under a condition.",
            lambda row, _: bool(row["statement"].conditions)),
        col("allows_everything", BOOLEAN, "It allows every action on every resource.",
            lambda row, _: allows_everything(row["statement"])),
        col("has_service_wildcard", BOOLEAN,
            "It allows every action of a service, or with NotAction all but a service's.",
            lambda row, _: allows_whole_service(row["statement"])),
        col("allows_decryption_with_every_key", BOOLEAN,
            "It allows decrypting (kms:Decrypt or kms:ReEncryptFrom) with every KMS key.",
            lambda row, account: allows_decryption_with_every_key(row["statement"], account)),
    ],
)  # fmt: skip
