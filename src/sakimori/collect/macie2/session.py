"""Amazon Macie, Region by Region."""

from sakimori.collect.account.root import root_arn
from sakimori.collect.declaration import BOOLEAN, ITSELF, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.model.words import Scope


def _is_enabled(record: Record, _context: Context) -> bool | None:
    session = record.get("Session")
    if session is None:
        return False
    return {"ENABLED": True, "PAUSED": False}.get(session.get("status", ""))


TABLE = table(
    "aws_macie2_session",
    "Amazon Macie in this account, one row for each Region.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::Macie::Session",
    rows=ITSELF,
    each=[
        # The code is that of a denial too; only these words mean that Macie is off.
        call("macie2:GetMacieSession", "@", name="Session", absent=("AccessDeniedException:Macie is not enabled",)),
    ],
    columns=[
        col("arn", TEXT, "The account's root ARN; with `region` it names the account in this Region.", root_arn),
        col("status", TEXT, "ENABLED or PAUSED; '' where Macie is off.", "Session.status", when_absent=""),
        col("is_enabled", BOOLEAN, "Macie is watching the buckets.", _is_enabled, needs=["Session"]),
        col("enabled_at", TIMESTAMP, "When it was turned on; NULL where it is off.", "Session.createdAt"),
    ],
)  # fmt: skip
