"""The standards that Security Hub CSPM checks."""

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.collect.securityhub.hub import NOT_SUBSCRIBED
from sakimori.model.words import Scope

# PENDING may be new or merely growing, and FAILED could not be turned off: neither tells.
_WORKING = {"READY": True, "INCOMPLETE": False, "DELETING": False}


def _part(record: Record, index: int) -> str:
    """Of arn:…:standards/NAME/v/VERSION, or :ruleset/NAME/v/VERSION for the oldest."""
    return record["StandardsArn"].rpartition(":")[2].split("/")[index]


def _name(record: Record, _context: Context) -> str:
    return _part(record, 1)


def _version(record: Record, _context: Context) -> str:
    return _part(record, 3)


def _is_working(record: Record, _context: Context) -> bool | None:
    return _WORKING.get(record.get("StandardsStatus", ""))


TABLE = table(
    "aws_securityhub_standard",
    "Standards that are enabled in Security Hub CSPM.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::SecurityHub::Standard",
    rows=call("securityhub:GetEnabledStandards", "StandardsSubscriptions", absent=NOT_SUBSCRIBED),
    columns=[
        col("arn", TEXT, "The ARN of the subscription.", "StandardsSubscriptionArn"),
        col("standard_arn", TEXT, "The ARN of the standard itself.", "StandardsArn"),
        col("name", TEXT, "The standard's name in its ARN, like aws-foundational-security-best-practices.", _name),
        col("version", TEXT, "The standard's version.", _version),
        col("status", TEXT, "READY, PENDING, INCOMPLETE, DELETING or FAILED (it could not be turned off).",
            "StandardsStatus"),
        col("reason", TEXT, "Why it is INCOMPLETE or FAILED; '' where AWS says nothing.",
            "StandardsStatusReason.StatusReasonCode", when_absent=""),
        col("is_working", BOOLEAN, "All its checks are on; NULL while it is PENDING or FAILED.", _is_working),
    ],
)  # fmt: skip
