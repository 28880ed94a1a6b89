"""Whom AWS writes to besides the owner of the account."""

from sakimori.collect.account.root import root_arn
from sakimori.collect.declaration import BOOLEAN, ITSELF, TEXT, Call, Context, Record, call, col, table
from sakimori.model.words import Scope

_NONE = ("ResourceNotFoundException",)


def _contact(kind: str) -> Call:
    return call("account:GetAlternateContact", "AlternateContact", name=kind, absent=_NONE, AlternateContactType=kind)


# Who is named is personal data that no rule needs: only whether someone is.
def _has_security_contact(record: Record, _context: Context) -> bool:
    return "SECURITY" in record


def _has_billing_contact(record: Record, _context: Context) -> bool:
    return "BILLING" in record


def _has_operations_contact(record: Record, _context: Context) -> bool:
    return "OPERATIONS" in record


TABLE = table(
    "aws_account_alternate_contact",
    "Which alternate contacts the account names, one row.",
    key="arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::::Account",
    rows=ITSELF,
    each=[_contact("SECURITY"), _contact("BILLING"), _contact("OPERATIONS")],
    columns=[
        col("arn", TEXT, "The account's root ARN.", root_arn),
        col("has_security_contact", BOOLEAN, "AWS knows whom to tell of a security problem.",
            _has_security_contact, needs=["SECURITY"]),
        col("has_billing_contact", BOOLEAN, "AWS knows whom to tell of bills.",
            _has_billing_contact, needs=["BILLING"]),
        col("has_operations_contact", BOOLEAN, "AWS knows whom to tell of outages and maintenance.",
            _has_operations_contact, needs=["OPERATIONS"]),
    ],
)  # fmt: skip
