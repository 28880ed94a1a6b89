"""Statements of the sending authorization policies of identities of Amazon SES; one identity may have several policies.

Source: SES Developer Guide, "Using sending authorization"; its API v2, "GetEmailIdentityPolicies".
"""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from sakimori.aws.refusal import NOT_OFFERED
from sakimori.collect.declaration import Context, Malformed, Record, call, table
from sakimori.collect.policy_columns import statement_columns, statement_rows
from sakimori.model.words import Scope

_VARIABLE: Final = "${"


def _arn(record: Record, context: Context) -> str | None:
    name = record.get("IdentityName")
    return f"arn:{context.partition}:ses:{context.region}:{context.account_id}:identity/{name}" if name else None


def _statements(record: Record, context: Context) -> Iterator[Record | Malformed]:
    """All policies of the identity as one, in the order of their names."""
    arn, documents = _arn(record, context), record.get("Policies")
    policies: Mapping[str, str] = documents if isinstance(documents, dict) else {}
    rows = [row for _, document in sorted(policies.items()) for row in statement_rows(arn, document)]
    understood = [row for row in rows if not isinstance(row, Malformed)]
    yield from (row for row in rows if isinstance(row, Malformed))
    has_variables = any(row["has_variables"] for row in understood)
    for index, row in enumerate(understood):
        if has_variables and not row["has_variables"] and _VARIABLE in repr(row["statement"]):
            # In its version ${ is plain text, in that of the others it is not: they cannot be told as one policy.
            yield Malformed(parent=str(arn), words="policies of two versions, one of them with ${ as plain text")
        else:
            statement = msgspec.structs.replace(row["statement"], index=index)
            yield {**row, "statement": statement, "has_variables": has_variables}


TABLE = table(
    "aws_ses_identity_policy_statement",
    "Statements of the policies by which others may send mail as an identity of Amazon SES.",
    key="id",
    parent="identity_arn",
    parent_key=_arn,
    scope=Scope.REGION,
    resource_type="AWS::SES::EmailIdentity",
    rows=call("sesv2:ListEmailIdentities", "EmailIdentities", PageSize=1000, absent=(NOT_OFFERED,)),
    each=[call("sesv2:GetEmailIdentityPolicies", "Policies", with_={"EmailIdentity": "IdentityName"}, absent=("NotFoundException",))],
    expand=_statements,
    expand_needs=["Policies"],
    columns=statement_columns("identity_arn", "identity"),
)  # fmt: skip
