"""Tables of the statements of resource policies: their rows, and the columns that all of them have."""

from collections.abc import Iterator

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, Malformed, Record, Source, col
from sakimori.collect.policy_document import NotUnderstoodError, statements_of
from sakimori.collect.policy_reach import external_accounts, is_public
from sakimori.lake.table import Column


def statement_rows(resource: str, document: object) -> Iterator[Record | Malformed]:
    """One row for each statement of the policy of `resource`, an ARN; a policy that is not understood is Malformed."""
    try:
        statements = statements_of(document)
    except NotUnderstoodError as error:
        yield Malformed(parent=resource, words=f"the policy: {error}")
        return
    for statement in statements:
        yield {"resource": resource, "statement": statement}


def statement_columns(parent: str, thing: str) -> tuple[tuple[Column, Source], ...]:
    """The columns of a table whose parent column is `parent` and whose parents are called `thing`."""
    return (
        col("id", TEXT, f"The {thing}'s ARN and the statement's place in its policy.",
            lambda row, _: f"{row['resource']}#{row['statement'].index}"),
        col(parent, TEXT, f"The {thing} that the policy is attached to.", "resource"),
        col("statement_index", INTEGER, "The statement's place in the policy, from 0.",
            lambda row, _: row["statement"].index),
        col("sid", TEXT, "The statement's name; '' where it has none.", lambda row, _: row["statement"].sid),
        col("is_allow", BOOLEAN, "It allows (false: it denies).", lambda row, _: row["statement"].is_allow),
        col("principals", TEXT, "Whom it speaks of, separated by commas; * is everyone.",
            lambda row, _: row["statement"].principals.names),
        col("has_not_principal", BOOLEAN, "It speaks of everyone but the principals it lists.",
            lambda row, _: row["statement"].principals.is_negated),
        col("actions", TEXT, "The actions, separated by commas; with has_not_action those left out.",
            lambda row, _: list(row["statement"].actions)),
        col("has_not_action", BOOLEAN, "It speaks of all actions but those it lists.",
            lambda row, _: row["statement"].is_not_action),
        col("has_condition", BOOLEAN, "It holds only under a condition.",
            lambda row, _: bool(row["statement"].conditions)),
        col("allows_public", BOOLEAN, "It lets anyone in; NULL where its conditions do not tell.",
            lambda row, _: is_public(row["statement"])),
        col("external_account_ids", TEXT, "The other accounts that it names and allows, separated by commas.",
            lambda row, account: list(external_accounts(row["statement"].principals, account.account_id))
            if row["statement"].is_allow else []),
    )  # fmt: skip
