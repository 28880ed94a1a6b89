"""Detectors of GuardDuty."""

from sakimori.collect.declaration import BOOLEAN, TEXT, Call, Context, Record, call, col, table
from sakimori.collect.kleene import some
from sakimori.model.words import Scope

LIST: Call = call("guardduty:ListDetectors", "DetectorIds")
GET: Call = call("guardduty:GetDetector", "@", name="Detector", with_={"DetectorId": "value"})


def arn(record: Record, context: Context) -> str:
    """The detector's ARN, which AWS does not tell."""
    return f"arn:{context.partition}:guardduty:{context.region}:{context.account_id}:detector/{record['value']}"


def _is_enabled(record: Record, _context: Context) -> bool | None:
    status = record.get("Detector", {}).get("Status")
    return None if status is None else status == "ENABLED"


def _exports_findings(record: Record, _context: Context) -> bool | None:
    found = record.get("Destinations")
    return some(_publishes(each.get("Status")) for each in found) if isinstance(found, list) else None


def _publishes(status: str | None) -> bool | None:
    return None if status is None else status == "PUBLISHING"


TABLE = table(
    "aws_guardduty_detector",
    "Detectors of GuardDuty; a Region has one or none.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::GuardDuty::Detector",
    rows=LIST,
    each=[
        GET,
        call("guardduty:ListPublishingDestinations", "Destinations", with_={"DetectorId": "value"}),
    ],
    columns=[
        col("arn", TEXT, "The detector's ARN.", arn),
        col("detector_id", TEXT, "The detector's id.", "value"),
        col("status", TEXT, "ENABLED or DISABLED.", "Detector.Status"),
        col("is_enabled", BOOLEAN, "It is watching.", _is_enabled, needs=["Detector"]),
        col("publishing_frequency", TEXT,
            "How soon a finding that comes again is published: FIFTEEN_MINUTES, ONE_HOUR, SIX_HOURS.",
            "Detector.FindingPublishingFrequency"),
        col("exports_findings", BOOLEAN, "Its findings are written to a bucket, where they outlive GuardDuty's 90 days.",
            _exports_findings, needs=["Destinations"]),
    ],
)  # fmt: skip
