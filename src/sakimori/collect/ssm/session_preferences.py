"""What becomes of what is typed in Session Manager's sessions: the preferences of a Region.

Source: Systems Manager user guide, "Session document schema" and "Create a Session Manager
preferences document": the document SSM-SessionManagerRunShell holds them, and there is none
before someone changes them.
"""

import json
from collections.abc import Mapping
from typing import Any, cast

from sakimori.collect.account.root import root_arn
from sakimori.collect.declaration import BOOLEAN, ITSELF, TEXT, Context, Derive, Record, call, col, table
from sakimori.model.words import Scope


def _inputs(record: Record) -> Mapping[str, Any] | None:
    """The preferences; none at all where there is no document, None where it is not understood."""
    if "Content" not in record:
        return {}
    try:
        content = json.loads(record["Content"])
    except (ValueError, RecursionError):
        return None
    inputs = cast("dict[str, Any]", content).get("inputs", {}) if isinstance(content, dict) else None
    return cast("dict[str, Any]", inputs) if isinstance(inputs, dict) else None


def _text(name: str) -> Derive:
    def derive(record: Record, _context: Context) -> str | None:
        inputs = _inputs(record)
        found = "" if inputs is None else inputs.get(name, "")
        return found if inputs is not None and isinstance(found, str) else None

    return derive


_BUCKET = _text("s3BucketName")
_GROUP = _text("cloudWatchLogGroupName")


def _is_logged(record: Record, context: Context) -> bool | None:
    bucket, group = _BUCKET(record, context), _GROUP(record, context)
    if bucket or group:
        return True
    return None if bucket is None or group is None else False


TABLE = table(
    "aws_ssm_session_preferences",
    "Preferences of Session Manager, one row per Region.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::::Account",
    rows=ITSELF,
    each=[
        call("ssm:GetDocument", "Content", absent=("InvalidDocument",), Name="SSM-SessionManagerRunShell",
             DocumentFormat="JSON"),
    ],
    columns=[
        col("arn", TEXT, "The account's root ARN; with `region` it names the account in this Region.", root_arn),
        col("has_document", BOOLEAN, "Someone has set preferences.",
            lambda record, _: "Content" in record, needs=["Content"]),
        col("s3_bucket_name", TEXT, "The bucket that gets the records of sessions; '' where none does.",
            _BUCKET, needs=["Content"]),
        col("log_group_name", TEXT, "The log group that gets the records of sessions; '' where none does.",
            _GROUP, needs=["Content"]),
        col("kms_key_id", TEXT, "The KMS key that encrypts sessions besides TLS; '' where none does.",
            _text("kmsKeyId"), needs=["Content"]),
        col("sessions_are_logged", BOOLEAN, "What is typed and shown is kept in S3 or in CloudWatch Logs.",
            _is_logged, needs=["Content"]),
    ],
)  # fmt: skip
