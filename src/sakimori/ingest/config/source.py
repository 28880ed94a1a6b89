"""Configuration items of AWS Config: files of its history and its snapshots, and notifications of a change.

An item stands in a history file and in every snapshot until the resource changes; it is one row. What environment
variables, user data and the like hold is not kept (`config_values`). Source: AWS Config Developer Guide, "Components of
a Configuration Item" and "Viewing the configuration snapshot".
"""

import re
from functools import partial
from typing import Final

from sakimori.ingest.config.items import cut, head, items_of
from sakimori.ingest.config.values import hide_values
from sakimori.ingest.json_members import Values, finished, plan_of, take
from sakimori.ingest.json_records import Record, decoded, guarded, top_keys
from sakimori.ingest.rows import RowBatch
from sakimori.ingest.source import (
    INTEGER,
    TEXT,
    TIMESTAMP,
    Document,
    Reason,
    Refused,
    Row,
    Rows,
    Source,
    col,
    log_table,
)
from sakimori.lake.table import Column

TABLE: Final = log_table(
    "aws_config_item",
    "Configuration items of AWS Config: how a resource was configured from a moment on.",
    key="arn",
    time="configuration_item_capture_time",
    identity=("resource_type", "resource_id", "configuration_item_capture_time", "configuration_state_id"),
    distinct=("configuration_item_capture_time", "configuration_state_id", "configuration_item_md5_hash"),
    columns=(
        col("configuration_item_capture_time", TIMESTAMP, "When AWS Config recorded the configuration."),
        col("configuration_item_status", TEXT, "OK, ResourceDiscovered, ResourceDeleted or the like."),
        col("resource_type", TEXT, "The resource's type, such as `AWS::S3::Bucket`."),
        col("resource_id", TEXT, "The resource's identifier."),
        col("resource_name", TEXT, "The resource's name; NULL where it has none of its own."),
        col("arn", TEXT, "The resource's ARN; NULL where it has none."),
        col("aws_region", TEXT, "The Region of the resource as the item says it, or `global`."),
        col("availability_zone", TEXT, "Its Availability Zone, or what AWS Config writes in its place."),
        col("resource_creation_time", TIMESTAMP, "When the resource was made; NULL where AWS Config does not know."),
        col("tags", TEXT, "Its tags, as JSON."),
        col("relationships", TEXT, "The resources that it is related to, as JSON."),
        col("related_events", TEXT, "The CloudTrail events that led to the item, as JSON."),
        Column(name="configuration", type=TEXT, sensitive=True,
            sentence="The configuration, as JSON; `***` for what environment variables, user data and passwords hold."),
        Column(name="supplementary_configuration", type=TEXT, sensitive=True,
            sentence="What AWS Config adds to the configuration, as JSON."),
        col("configuration_state_id", INTEGER, "A number that puts the items of one resource in order."),
        col("configuration_item_md5_hash", TEXT, "A hash of the configuration."),
        col("configuration_item_version", TEXT, "The version of the item's format."),
        col("rest", TEXT, "All other fields, as JSON."),
    ),
)  # fmt: skip

_PLAN: Final = plan_of(
    TABLE,
    {
        "configurationItemCaptureTime": "configuration_item_capture_time",
        "configurationItemStatus": "configuration_item_status",
        "resourceType": "resource_type",
        "resourceId": "resource_id",
        "resourceName": "resource_name",
        "ARN": "arn",
        "arn": "arn",
        "availabilityZone": "availability_zone",
        "resourceCreationTime": "resource_creation_time",
        "configurationStateId": "configuration_state_id",
        "configurationStateMd5Hash": "configuration_item_md5_hash",
        "configurationItemMD5Hash": "configuration_item_md5_hash",
        "configurationItemVersion": "configuration_item_version",
        "version": "configuration_item_version",
        "awsAccountId": "account_id",
        "accountId": "account_id",
        "awsRegion": "aws_region",
    },
    {
        "tags": "tags",
        "relationships": "relationships",
        "relatedEvents": "related_events",
        "configuration": "configuration",
        "supplementaryConfiguration": "supplementary_configuration",
    },
)
_PATH: Final = re.compile(r"/Config(?:History|Snapshot)/|_Config_[a-z0-9-]+_Config(?:History|Snapshot)_")


def _rows(document: Document) -> Rows:
    for found in items_of(document):
        yield found if isinstance(found, Refused) else guarded(_row, found)


def _row(record: Record) -> Row | Refused:
    row: Values = {}
    rest = dict(record.members)
    configuration = rest.get("configuration")
    if isinstance(configuration, str):
        # The API shows the configuration as a JSON text, the files as an object.
        rest["configuration"] = _parsed(configuration)
    hide_values(rest)
    take(_PLAN, rest, row)
    if "resource_type" not in row or not ("resource_id" in row or "arn" in row):
        return Refused(offset=record.offset, reason=Reason.NOT_A_RECORD)
    row["region"] = row.get("aws_region")
    return finished(record, TABLE, row, rest)


def _parsed(text: str) -> object:
    try:
        return decoded(text.encode("utf-8", "replace"))
    except ValueError:
        return text


def _recognises(name: str, beginning: bytes) -> bool:
    keys = top_keys(beginning)
    if keys & {"configurationItems", "configurationItem"} or {"configurationItemCaptureTime", "resourceType"} <= keys:
        return True
    is_event = "detail" in keys and re.search(rb'"detail-type"\s*:\s*"Config Configuration Item Change"', beginning)
    return bool(is_event or (_PATH.search(name) and not keys))


SOURCE: Final = Source(
    name="config", table=TABLE, batch=partial(RowBatch, TABLE, _rows), recognises=_recognises, cut=cut, head=head
)
