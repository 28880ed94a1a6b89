"""Passwords and access keys of users and of the root user."""

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, TIMESTAMP, Context, Reader, Record, col, table
from sakimori.collect.iam.credential_report import GENERATE, GET, read_credentials
from sakimori.model.words import Scope


def _key(record: Record, _context: Context) -> str | None:
    arn = record.get("arn")
    return f"{arn}/{record['kind']}" if arn else None


TABLE = table(
    "aws_iam_credential",
    "Password and two access keys of each user and of the root user, three rows each, whether they exist or not.",
    key="credential_key",
    scope=Scope.ACCOUNT,
    resource_type="AWS::IAM::User",
    # AWS makes the report anew at most every four hours: `reported_at` says when.
    rows=Reader(function=read_credentials, operations=(GENERATE, GET)),
    columns=[
        col("credential_key", TEXT, "The user's ARN, a slash and the kind.", _key),
        col("user_arn", TEXT, "The user's ARN, or the account's root ARN.", "arn"),
        col("user_name", TEXT, "The user's name, <root_account> for the root user.", "name"),
        col("kind", TEXT, "password, access_key_1 or access_key_2.", "kind"),
        col("is_root", BOOLEAN, "It is the root user's.", "is_root"),
        col("is_active", BOOLEAN,
            "It exists and can be used; NULL for the root user's password where AWS does not say.",
            "is_active"),
        col("has_mfa", BOOLEAN, "The user has an MFA device.", "has_mfa"),
        col("was_used", BOOLEAN, "It was used since AWS began to record it.", "was_used"),
        col("last_used_at", TIMESTAMP, "Its last use; NULL where was_used is false.", "last_used_at"),
        col("rotated_at", TIMESTAMP, "When it was made or last changed; NULL where there is none.", "rotated_at"),
        col("created_at", TIMESTAMP, "When the user was made.", "created_at"),
        col("idle_since_at", TIMESTAMP, "Its last use, or else its last change, or else when the user was made.",
            "idle_since_at"),
        col("made_after_minutes", INTEGER,
            "Minutes from the making of the user to when this was made or last changed; NULL where there is none.",
            "made_after_minutes"),
        col("user_has_password", BOOLEAN, "The user can sign in to the console; NULL for the root user.",
            "user_has_password"),
        col("user_active_key_count", INTEGER, "Active access keys of the user, 0 to 2.", "user_active_key_count"),
        col("reported_at", TIMESTAMP, "When AWS made the report that says all this.", "generated_at"),
    ],
)  # fmt: skip
