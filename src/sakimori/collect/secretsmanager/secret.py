"""Secrets in Secrets Manager: what is told of them, never what is in them."""

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.model.words import Scope

LIST = call("secretsmanager:ListSecrets", "SecretList", MaxResults=100)


def _is_managed_by_service(record: Record, _context: Context) -> bool:
    return bool(record.get("OwningService"))


def _is_replica(record: Record, context: Context) -> bool:
    return record.get("PrimaryRegion") not in (None, context.region)


def _idle_since_at(record: Record, _context: Context) -> object:
    return record.get("LastAccessedDate") or record.get("CreatedDate")


def _value_changed_at(record: Record, _context: Context) -> object:
    current = [each for each in record["Versions"] if "AWSCURRENT" in each.get("VersionStages", ())]
    return current[0].get("CreatedDate") if len(current) == 1 else None


TABLE = table(
    "aws_secretsmanager_secret",
    "Secrets in Secrets Manager; those that wait for their deletion are left out.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::SecretsManager::Secret",
    rows=LIST,
    each=[
        # The list tells of any change, a new tag too; only its version tells the age of the value.
        call("secretsmanager:ListSecretVersionIds", "Versions", with_={"SecretId": "ARN"}),
    ],
    columns=[
        col("arn", TEXT, "The secret's ARN.", "ARN"),
        col("name", TEXT, "The secret's name.", "Name"),
        col("kms_key_id", TEXT, "The customer managed key that encrypts it; '' where AWS's own does.",
            "KmsKeyId", when_absent=""),
        col("owning_service", TEXT, "The AWS service that made it and manages it; '' where none does.",
            "OwningService", when_absent=""),
        col("is_managed_by_service", BOOLEAN, "An AWS service made it and manages it.", _is_managed_by_service),
        col("is_replica", BOOLEAN, "It is the copy of a secret in another Region.", _is_replica),
        # Left out for a secret that never had a rotation.
        col("rotation_is_enabled", BOOLEAN, "It is rotated by a schedule.", "RotationEnabled", when_absent=False),
        col("rotation_days", INTEGER, "Days between two rotations; NULL where a cron expression or nothing says it.",
            "RotationRules.AutomaticallyAfterDays"),
        col("last_rotated_at", TIMESTAMP, "When a rotation last succeeded; NULL where none did.", "LastRotatedDate"),
        col("value_changed_at", TIMESTAMP, "When its present value was set, by a rotation or by hand.",
            _value_changed_at, needs=["Versions"]),
        # AWS tells the day alone.
        col("last_accessed_at", TIMESTAMP, "The day it was last read in this Region; NULL where it never was.",
            "LastAccessedDate"),
        col("idle_since_at", TIMESTAMP, "The day it was last read, or else when it was made.", _idle_since_at),
        col("created_at", TIMESTAMP, "When it was made.", "CreatedDate"),
    ],
)  # fmt: skip
