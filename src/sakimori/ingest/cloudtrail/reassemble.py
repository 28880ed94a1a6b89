"""The event back from its row: what CloudTrail wrote, field for field (their order in the text aside)."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

_PLAIN: Final = {
    "event_version": "eventVersion", "event_source": "eventSource", "event_name": "eventName", "aws_region": "awsRegion",
    "source_ip_address": "sourceIPAddress", "user_agent": "userAgent", "error_code": "errorCode",
    "error_message": "errorMessage", "request_id": "requestID", "event_id": "eventID", "read_only": "readOnly",
    "event_type": "eventType", "management_event": "managementEvent", "recipient_account_id": "recipientAccountId",
    "event_category": "eventCategory", "shared_event_id": "sharedEventID", "api_version": "apiVersion",
    "vpc_endpoint_id": "vpcEndpointId", "vpc_endpoint_account_id": "vpcEndpointAccountId",
    "session_credential_from_console": "sessionCredentialFromConsole",
}  # fmt: skip
_STRUCTURED: Final = {
    "user_identity": "userIdentity", "request_parameters": "requestParameters", "response_elements": "responseElements",
    "additional_event_data": "additionalEventData", "resources": "resources", "tls_details": "tlsDetails",
    "service_event_details": "serviceEventDetails",
}  # fmt: skip
COLUMNS: Final = ("event_time", *_PLAIN, *_STRUCTURED, "null_fields", "rest")
"""What `event_of` needs of a row."""


def event_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The event of a row of `aws_cloudtrail_event`; a column that the row leaves out is a field that the event has not."""
    event = {field: row[column] for column, field in _PLAIN.items() if row.get(column) is not None}
    event |= {field: json.loads(row[column]) for column, field in _STRUCTURED.items() if row.get(column) is not None}
    event |= dict.fromkeys((row.get("null_fields") or "").split(), None)
    moment = row.get("event_time")
    if isinstance(moment, datetime):
        event["eventTime"] = moment.replace(tzinfo=None, microsecond=0).isoformat() + "Z"
    # What was not as usual stands in the rest as it was, a time in another spelling too.
    return event | (json.loads(row["rest"]) if row.get("rest") else {})
