"""Detectors of GuardDuty."""

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope


def _arn(record: Record, context: Context) -> str:
    return f"arn:{context.partition}:guardduty:{context.region}:{context.account_id}:detector/{record['value']}"


def _is_enabled(record: Record, _context: Context) -> bool | None:
    status = record.get("Detector", {}).get("Status")
    return None if status is None else status == "ENABLED"


TABLE = table(
    "aws_guardduty_detector",
    "Detectors of GuardDuty; a Region has one or none.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::GuardDuty::Detector",
    rows=call("guardduty:ListDetectors", "DetectorIds"),
    each=[call("guardduty:GetDetector", "@", name="Detector", with_={"DetectorId": "value"})],
    columns=[
        col("arn", TEXT, "The detector's ARN.", _arn),
        col("detector_id", TEXT, "The detector's id.", "value"),
        col("status", TEXT, "ENABLED or DISABLED.", "Detector.Status"),
        col("is_enabled", BOOLEAN, "It is watching.", _is_enabled, needs=["Detector"]),
        col("publishing_frequency", TEXT,
            "How soon a finding that comes again is published: FIFTEEN_MINUTES, ONE_HOUR, SIX_HOURS.",
            "Detector.FindingPublishingFrequency"),
    ],
)  # fmt: skip
