"""Deliveries of CloudFront's access logs by standard logging (v2), which CloudWatch Logs keeps."""

from collections.abc import Iterator

from sakimori.aws.door import Door
from sakimori.collect.declaration import TEXT, Reader, Record, col, table
from sakimori.model.words import GLOBAL, Scope

_SOURCES = "logs:DescribeDeliverySources"
_DELIVERIES = "logs:DescribeDeliveries"
_ACCESS_LOGS = "ACCESS_LOGS"


def _deliveries(door: Door, _region: str) -> Iterator[Record]:
    """Each delivery of a distribution's access logs. CloudFront's sources are in the Region of global services."""
    sources = {
        source["name"]: source
        for page in door.pages(_SOURCES, GLOBAL, {})
        for source in page.get("deliverySources") or ()
        if source["service"] == "cloudfront" and source["logType"] == _ACCESS_LOGS
    }
    if not sources:
        return
    for page in door.pages(_DELIVERIES, GLOBAL, {}):
        for delivery in page.get("deliveries") or ():
            source = sources.get(delivery["deliverySourceName"], {})
            for distribution in source.get("resourceArns") or ():
                yield {**delivery, "distribution": distribution}


TABLE = table(
    "aws_cloudfront_log_delivery",
    "Deliveries of access logs by standard logging (v2); a distribution may have several.",
    key="id",
    scope=Scope.ACCOUNT,
    resource_type="AWS::Logs::Delivery",
    rows=Reader(function=_deliveries, operations=(_SOURCES, _DELIVERIES)),
    columns=[
        col("id", TEXT, "The distribution's ARN and the delivery's id.",
            lambda record, _: f"{record['distribution']}/{record['id']}"),
        col("distribution_arn", TEXT, "The distribution whose access logs are delivered.", "distribution"),
        col("source_name", TEXT, "The delivery source.", "deliverySourceName"),
        col("destination_arn", TEXT, "The delivery destination.", "deliveryDestinationArn"),
        col("destination_type", TEXT, "S3, CWL (CloudWatch Logs), FH (Firehose) or XRAY.", "deliveryDestinationType"),
    ],
)  # fmt: skip
