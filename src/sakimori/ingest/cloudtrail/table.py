"""The table of CloudTrail events: native names in snake case, hot fields typed, everything else as the JSON it was."""

from datetime import date
from typing import Final

from sakimori.ingest.source import BOOLEAN, TEXT, TIMESTAMP, col, log_table
from sakimori.lake.table import Sameness

_SAMENESS: Final = Sameness(
    always=("event_time", "event_source", "event_name", "error_code"),
    where_said=(
        "aws_region", "source_ip_address", "user_agent", "user_identity_type", "user_identity_arn",
        "user_identity_principal_id", "user_identity_account_id", "user_identity_access_key_id", "session_issuer_arn",
        "mfa_authenticated", "request_parameters", "response_elements", "additional_event_data", "service_event_details",
    ),
    amended=("rest", "addendum"),
)  # fmt: skip
"""Who, what, when, where, the result, and whether with MFA. An export of some columns alone, or one that writes structures as text, tells the same event.

`addendum`: AWS delivered the event late, or again with what it lacked; updated data names the event that it amends by
`originalEventID`, and has an id of its own
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html).
"""

_BEGAN_ON: Final = date(2013, 11, 13)
"""AWS announced CloudTrail on this day (https://aws.amazon.com/blogs/aws/aws-cloudtrail-capture-aws-api-activity/)."""

TABLE = log_table(
    "aws_cloudtrail_event",
    "Events of CloudTrail: who did what, when, from where, and how it ended.",
    key="event_id",
    time="event_time",
    identity=("event_id",),
    sameness=_SAMENESS,
    essential=("event_source", "event_name", "event_id", "user_identity"),
    exempt=("event_category", "Insight"),
    began_on=_BEGAN_ON,
    distinct=(
        "event_time", "event_id", "request_id", "shared_event_id", "request_parameters", "response_elements",
        "additional_event_data", "resources", "service_event_details", "rest", "read_only", "management_event",
        "mfa_authenticated", "session_created_at",
    ),
    columns=(
        col("event_time", TIMESTAMP, "When the request was finished, to the second."),
        col("event_source", TEXT, "The service that was called, such as `s3.amazonaws.com`."),
        col("event_name", TEXT, "The operation that was called."),
        col("aws_region", TEXT, "The Region to which the request was made, as the event says it."),
        col("source_ip", TEXT, "The IP address from which the request came; NULL where a service made it."),
        col("source_ip_address", TEXT, "What the event says of the origin: an IP address, or the name of a service."),
        col("user_agent", TEXT, "The program that made the request, as it calls itself."),
        col("error_code", TEXT, "The error with which AWS answered; NULL where the call succeeded."),
        col("error_message", TEXT, "What AWS said of the error."),
        col("read_only", BOOLEAN, "The operation changes nothing."),
        col("management_event", BOOLEAN, "It is a management event, and not one of data."),
        col("event_category", TEXT, "Management, Data, NetworkActivity or Insight."),
        col("event_type", TEXT, "AwsApiCall, AwsServiceEvent, AwsConsoleAction, AwsConsoleSignIn and the like."),
        col("recipient_account_id", TEXT, "The account in which the event was recorded, as the event says it."),
        col("event_id", TEXT, "CloudTrail's identifier of this event."),
        col("request_id", TEXT, "The service's identifier of the request."),
        col("shared_event_id", TEXT, "What events of one action in several accounts have in common."),
        col("principal_root", TEXT, "Who stands behind a session: the user, role, root user or service, without the name of the session."),
        col("user_identity_type", TEXT, "Root, IAMUser, AssumedRole, FederatedUser, AWSService, AWSAccount, IdentityCenterUser and the like."),
        col("user_identity_principal_id", TEXT, "The unique identifier of the caller, for a session with its name."),
        col("user_identity_arn", TEXT, "The ARN of the caller, for a session that of the session."),
        col("user_identity_account_id", TEXT, "The account of the caller."),
        col("user_identity_access_key_id", TEXT, "The access key that signed the request."),
        col("user_identity_user_name", TEXT, "The name of the user or of the identity that called."),
        col("user_identity_invoked_by", TEXT, "The service that made the request for the caller."),
        col("session_issuer_type", TEXT, "What issued the credentials of the session: Root, IAMUser or Role."),
        col("session_issuer_arn", TEXT, "The ARN of the role or user whose session this is."),
        col("session_issuer_user_name", TEXT, "The name of the role or user whose session this is."),
        col("session_issuer_account_id", TEXT, "The account of the role or user whose session this is."),
        col("mfa_authenticated", BOOLEAN, "The session was opened with MFA."),
        col("session_created_at", TIMESTAMP, "When the credentials of the session were issued."),
        col("source_identity", TEXT, "The identity that was set when the first role was assumed, and that no later role can change."),
        col("federated_provider", TEXT, "The identity provider that opened the session, as an ARN or a name."),
        col("user_identity", TEXT, "The whole userIdentity, as JSON."),
        col("request_parameters", TEXT, "What was asked for, as JSON; NULL where the event has nothing or null."),
        col("response_elements", TEXT, "What a change answered, as JSON; NULL where the event has nothing or null."),
        col("additional_event_data", TEXT, "What the request and answer do not hold, as JSON."),
        col("resources", TEXT, "The resources that were touched, as JSON."),
        col("service_event_details", TEXT, "What a service says of an event of its own, as JSON."),
        col("tls_details", TEXT, "Version, cipher and host name of the connection, as JSON."),
        col("event_version", TEXT, "The version of the form of the event."),
        col("api_version", TEXT, "The version of the service's API."),
        col("vpc_endpoint_id", TEXT, "The VPC endpoint through which the request came."),
        col("vpc_endpoint_account_id", TEXT, "The account of that VPC endpoint."),
        col("session_credential_from_console", TEXT, "'true' where the request came from a session of the console."),
        col("null_fields", TEXT, "The fields that are null in the event, and not merely absent, with blanks between."),
        col("rest", TEXT, "All fields that have no column, and those whose type is not theirs, as JSON."),
    ),
)  # fmt: skip
