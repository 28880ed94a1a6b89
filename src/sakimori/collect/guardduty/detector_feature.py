"""Protection plans and data sources of GuardDuty's detectors."""

from collections.abc import Iterator

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Malformed, Record, col, table
from sakimori.collect.guardduty.detector import GET, LIST, arn
from sakimori.model.words import Scope


def _features(record: Record, context: Context) -> Iterator[Record | Malformed]:
    detector = record.get("Detector", {})
    listed = detector.get("Features")
    if not isinstance(listed, list):
        yield Malformed(parent=arn(record, context), words="a detector without a list of features")
        return
    for feature in listed:
        yield {
            "detector": arn(record, context),
            "detector_id": record["value"],
            "state": detector.get("Status"),
            **feature,
        }


def _is_enabled(status: object) -> bool | None:
    return {"ENABLED": True, "DISABLED": False}.get(str(status))


TABLE = table(
    "aws_guardduty_detector_feature",
    "Features of GuardDuty's detectors; one that the Region does not offer has no row.",
    key="id",
    parent="detector_arn",
    parent_key=arn,
    scope=Scope.REGION,
    resource_type="AWS::GuardDuty::Detector",
    rows=LIST,
    each=[GET],
    expand=_features,
    expand_needs=["Detector"],
    columns=[
        col("id", TEXT, "The detector's ARN and the feature's name.",
            lambda row, _: f"{row['detector']}/{row['Name']}" if row.get("Name") else None),
        col("detector_arn", TEXT, "The detector.", "detector"),
        col("detector_id", TEXT, "The detector's id.", "detector_id"),
        col("detector_is_enabled", BOOLEAN, "The detector is watching at all.", lambda row, _: _is_enabled(row["state"])),
        col("name", TEXT, "S3_DATA_EVENTS, EKS_AUDIT_LOGS, RDS_LOGIN_EVENTS, RUNTIME_MONITORING, …", "Name"),
        col("status", TEXT, "ENABLED or DISABLED.", "Status"),
        col("is_enabled", BOOLEAN, "The feature is on.", lambda row, _: _is_enabled(row.get("Status"))),
    ],
)  # fmt: skip
