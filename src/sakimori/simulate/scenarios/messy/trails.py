"""A third trail, left over from a hands-on that somebody followed one evening, and who looks at the buckets of all three."""

from typing import Any, Final

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import TOKYO, VIRGINIA
from sakimori.simulate.scenarios.messy.monitoring import CLOUDTRAIL
from sakimori.simulate.scenarios.messy.storage import full_name, put_bucket_policy

# As its author wrote it.
_TRAIL: Final = "securiry-hands-on-cloudtrail"
_BUCKET: Final = "handson"
_LOGS: Final = "access-logs"


def seed(seeding: Seeding) -> None:
    """The trail with a key of its own and a public bucket; the Tokyo trail's bucket is watched well."""
    for name, region, trail in (
        ("all", TOKYO, "awase-all"),
        ("tokyo", TOKYO, "tokyo-only"),
        ("hands-on", VIRGINIA, _TRAIL),
    ):
        seeding.names[f"trail.{name}"] = f"arn:aws:cloudtrail:{region}:{seeding.state.account_id}:trail/{trail}"
    _hands_on(seeding)
    s3: Any = seeding.client("s3", TOKYO)
    s3.create_bucket(
        Bucket=full_name(seeding, _LOGS), CreateBucketConfiguration={"LocationConstraint": TOKYO}
    )  # fmt: skip
    logging = {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject"}
    put_bucket_policy(s3, full_name(seeding, _LOGS), [logging], "/*")
    s3.put_bucket_logging(
        Bucket=full_name(seeding, "trail-tokyo"),
        BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": full_name(seeding, _LOGS), "TargetPrefix": "trail/"}},
    )
    own = {"Type": "AWS::S3::Object", "Values": [f"arn:aws:s3:::{full_name(seeding, 'trail-tokyo')}/"]}
    seeding.client("cloudtrail", TOKYO).put_event_selectors(
        TrailName="tokyo-only",
        EventSelectors=[{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [own]}],
    )


def _hands_on(seeding: Seeding) -> None:
    """It records only what writes, of every bucket too; its bucket is laid open to everyone."""
    bucket = full_name(seeding, _BUCKET)
    s3: Any = seeding.client("s3", VIRGINIA)
    s3.create_bucket(Bucket=bucket)
    s3.delete_public_access_block(Bucket=bucket)
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    put_bucket_policy(s3, bucket, [CLOUDTRAIL, everyone], "/*")
    key = seeding.client("kms", VIRGINIA).create_key(Description="hands-on")["KeyMetadata"]["Arn"]
    cloudtrail: Any = seeding.client("cloudtrail", VIRGINIA)
    cloudtrail.create_trail(
        Name=_TRAIL, S3BucketName=bucket, IsMultiRegionTrail=True, KmsKeyId=key, EnableLogFileValidation=False
    )
    writes = {"Field": "readOnly", "Equals": ["false"]}
    data = [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}]
    cloudtrail.put_event_selectors(
        TrailName=_TRAIL,
        AdvancedEventSelectors=[
            {"Name": "management", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, writes]},
            {"Name": "objects", "FieldSelectors": [*data, writes]},
        ],
    )
    cloudtrail.put_insight_selectors(TrailName=_TRAIL, InsightSelectors=[{"InsightType": "ApiCallRateInsight"}])
    cloudtrail.start_logging(Name=_TRAIL)
