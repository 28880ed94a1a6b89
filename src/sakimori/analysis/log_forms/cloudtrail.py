"""CloudTrail by its native names: `userIdentity.arn`, `requestParameters.bucketName`, and facts of the event."""

from functools import cache
from typing import Final

from sakimori.analysis.facts.catalogue import facts
from sakimori.analysis.log_forms.form import LogForm
from sakimori.ingest.cloudtrail.table import TABLE

_HEADS: Final = {
    "eventTime": "event_time", "eventVersion": "event_version", "eventSource": "event_source", "eventName": "event_name",
    "awsRegion": "aws_region", "sourceIPAddress": "source_ip_address", "userAgent": "user_agent",
    "errorCode": "error_code", "errorMessage": "error_message", "readOnly": "read_only",
    "managementEvent": "management_event", "eventCategory": "event_category", "eventType": "event_type",
    "recipientAccountId": "recipient_account_id", "eventID": "event_id", "requestID": "request_id",
    "sharedEventID": "shared_event_id", "apiVersion": "api_version", "vpcEndpointId": "vpc_endpoint_id",
    "vpcEndpointAccountId": "vpc_endpoint_account_id", "sessionCredentialFromConsole": "session_credential_from_console",
    "userIdentity": "user_identity", "requestParameters": "request_parameters", "responseElements": "response_elements",
    "additionalEventData": "additional_event_data", "resources": "resources", "tlsDetails": "tls_details",
    "serviceEventDetails": "service_event_details",
}  # fmt: skip
_JSON: Final = frozenset({
    "user_identity", "request_parameters", "response_elements", "additional_event_data", "resources", "tls_details",
    "service_event_details",
})  # fmt: skip
_TYPED: Final = {
    "userIdentity.type": "user_identity_type",
    "userIdentity.principalId": "user_identity_principal_id",
    "userIdentity.arn": "user_identity_arn",
    "userIdentity.accountId": "user_identity_account_id",
    "userIdentity.accessKeyId": "user_identity_access_key_id",
    "userIdentity.userName": "user_identity_user_name",
    "userIdentity.invokedBy": "user_identity_invoked_by",
    "userIdentity.sessionContext.sessionIssuer.type": "session_issuer_type",
    "userIdentity.sessionContext.sessionIssuer.arn": "session_issuer_arn",
    "userIdentity.sessionContext.sessionIssuer.userName": "session_issuer_user_name",
    "userIdentity.sessionContext.sessionIssuer.accountId": "session_issuer_account_id",
    "userIdentity.sessionContext.attributes.mfaAuthenticated": "mfa_authenticated",
    "userIdentity.sessionContext.sourceIdentity": "source_identity",
}
_UNMAPPED: Final = frozenset({"addendum", "edgeDeviceDetails", "eventContext", "insightDetails"})
"""https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html"""


@cache
def _facts() -> frozenset[str]:
    return frozenset(facts())


FORM: Final = LogForm(
    table=TABLE,
    services=("cloudtrail",),
    heads=_HEADS,
    json=_JSON,
    typed=_TYPED,
    unmapped=_UNMAPPED,
    event_id="event_id",
    principal=("principal_root",),
    origin=("source_ip_address",),
    anchors=("event_name", "event_source"),
    facts=_facts,
)
