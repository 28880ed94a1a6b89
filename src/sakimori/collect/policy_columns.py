"""Tables of the statements of policies: their rows, and the columns that they have in common."""

import json
from collections.abc import Iterator
from typing import TypeAlias

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, Malformed, Record, Source, col
from sakimori.collect.policy_document import NotUnderstoodError, document_of, plain_statement
from sakimori.collect.policy_reach import external_accounts, is_public
from sakimori.lake.table import Column

_Declared: TypeAlias = tuple[Column, Source]

STATEMENT: tuple[_Declared, ...] = (
    col("statement_index", INTEGER, "The statement's place in the policy, from 0.",
        lambda row, _: row["statement"].index),
    col("sid", TEXT, "The statement's name; '' where it has none.", lambda row, _: row["statement"].sid),
    col("is_allow", BOOLEAN, "It allows (false: it denies).", lambda row, _: row["statement"].is_allow),
    col("principals", TEXT, "Whom it speaks of, separated by commas; * is everyone.",
        lambda row, _: row["statement"].principals.names),
)  # fmt: skip
WHOLE: tuple[_Declared, ...] = (
    col("statement", TEXT, "The whole statement, as JSON.",
        lambda row, _: json.dumps(plain_statement(row["statement"]), ensure_ascii=False)),
    col("has_variables", BOOLEAN, "The policy's version is one in which ${…} stands for a key of the request.",
        lambda row, _: row["has_variables"]),
)  # fmt: skip
ACTIONS: _Declared = col(
    "actions", TEXT, "The actions, separated by commas.", lambda row, _: list(row["statement"].actions)
)
# Where a table tells what a statement leaves out, all three belong to it.
NAMED_OR_LEFT_OUT: tuple[_Declared, ...] = (
    col("has_not_principal", BOOLEAN, "It speaks of everyone but the principals it lists.",
        lambda row, _: row["statement"].principals.is_negated),
    col("actions", TEXT, "The actions, separated by commas; with has_not_action those left out.",
        lambda row, _: list(row["statement"].actions)),
    col("has_not_action", BOOLEAN, "It speaks of all actions but those it lists.",
        lambda row, _: row["statement"].is_not_action),
)  # fmt: skip
HAS_CONDITION: _Declared = col(
    "has_condition", BOOLEAN, "It holds only under a condition.", lambda row, _: bool(row["statement"].conditions)
)
EXTERNAL_ACCOUNT_IDS: _Declared = col(
    "external_account_ids", TEXT, "The other accounts that it names and allows, separated by commas.",
    lambda row, account: list(external_accounts(row["statement"].principals, account.account_id))
    if row["statement"].is_allow else [],
)  # fmt: skip


def statement_rows(resource: object, document: object, *, name: str = "the policy") -> Iterator[Record | Malformed]:
    """One row for each statement of the policy of `resource`, an ARN: its `resource` and its `statement`.

    A policy that is not understood is Malformed, and called `name`.
    """
    try:
        policy = document_of(document)
    except NotUnderstoodError as error:
        yield Malformed(parent=str(resource), words=f"{name}: {error}")
        return
    for statement in policy.statements:
        yield {"resource": resource, "statement": statement, "has_variables": policy.has_variables}


def identity_columns(parent: str, thing: str) -> tuple[_Declared, ...]:
    """The first columns of a table whose parent column is `parent` and whose parents are called `thing`."""
    return (
        col("id", TEXT, f"The {thing}'s ARN and the statement's place in its policy.",
            lambda row, _: f"{row['resource']}#{row['statement'].index}" if row["resource"] else None),
        col(parent, TEXT, f"The {thing} that the policy is attached to.", "resource"),
        *STATEMENT,
        *WHOLE,
    )  # fmt: skip


def public_column(name: str, sentence: str) -> _Declared:
    """Whether a statement lets anyone in; NULL where its conditions do not tell."""
    return col(name, BOOLEAN, sentence, lambda row, _: is_public(row["statement"]))


def statement_columns(parent: str, thing: str) -> tuple[_Declared, ...]:
    """All columns of a table that has none of its own."""
    return (
        *identity_columns(parent, thing),
        *NAMED_OR_LEFT_OUT,
        HAS_CONDITION,
        public_column("allows_public", "It lets anyone in; NULL where its conditions do not tell."),
        EXTERNAL_ACCOUNT_IDS,
    )
