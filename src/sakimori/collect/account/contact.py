"""The primary contact of the account."""

from sakimori.collect.account.root import root_arn
from sakimori.collect.declaration import BOOLEAN, ITSELF, TEXT, Context, Record, call, col, table
from sakimori.collect.kleene import every
from sakimori.model.words import Scope


# Who and where is personal data that no rule needs: only whether it is there.
def _has(*members: str | None) -> bool | None:
    return every(None if member is None else bool(member.strip()) for member in members)


def _has_name_and_address(record: Record, _context: Context) -> bool | None:
    found = record.get("ContactInformation")
    return False if found is None else _has(found.get("FullName"), found.get("AddressLine1"), found.get("City"))


def _has_phone_number(record: Record, _context: Context) -> bool | None:
    found = record.get("ContactInformation")
    return False if found is None else _has(found.get("PhoneNumber"))


TABLE = table(
    "aws_account_contact",
    "Whether the account's primary contact is filled in, one row.",
    key="arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::::Account",
    rows=ITSELF,
    each=[call("account:GetContactInformation", "ContactInformation", absent=("ResourceNotFoundException",))],
    columns=[
        col("arn", TEXT, "The account's root ARN.", root_arn),
        col("has_name_and_address", BOOLEAN, "A name and an address are there; whether they are right, AWS does not know.",
            _has_name_and_address, needs=["ContactInformation"]),
        col("has_phone_number", BOOLEAN, "A phone number is there; AWS uses it to give a lost root user back.",
            _has_phone_number, needs=["ContactInformation"]),
    ],
)  # fmt: skip
