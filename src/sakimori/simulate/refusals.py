"""The ways in which AWS refuses a call: code, status and words, by service and protocol.

Sources: IAM user guide, "Access denied error messages"; EC2 and S3 API references, "Error
responses"; the "Common errors" page of each query and JSON API.
"""

from enum import StrEnum

from sakimori.simulate.answers import protocol_of
from sakimori.simulate.call import Call, ServiceError


class Reason(StrEnum):
    """Which policy refuses, as AWS's message names it."""

    IDENTITY_IMPLICIT = "no_identity_policy"
    IDENTITY = "identity_policy"
    SERVICE_CONTROL = "service_control_policy"
    SERVICE_CONTROL_IMPLICIT = "no_service_control_policy"
    RESOURCE_CONTROL = "resource_control_policy"
    BOUNDARY = "no_permissions_boundary"
    BOUNDARY_DENY = "permissions_boundary"
    SESSION = "no_session_policy"
    SESSION_DENY = "session_policy"
    RESOURCE = "resource_policy"
    RESOURCE_IMPLICIT = "no_resource_policy"


_WORDS = {
    Reason.IDENTITY_IMPLICIT: "because no identity-based policy allows the {action} action",
    Reason.IDENTITY: "with an explicit deny in an identity-based policy",
    Reason.SERVICE_CONTROL: "with an explicit deny in a service control policy",
    Reason.SERVICE_CONTROL_IMPLICIT: "because no service control policy allows the {action} action",
    Reason.RESOURCE_CONTROL: "with an explicit deny in a resource control policy",
    Reason.BOUNDARY: "because no permissions boundary allows the {action} action",
    Reason.BOUNDARY_DENY: "with an explicit deny in a permissions boundary",
    Reason.SESSION: "because no session policy allows the {action} action",
    Reason.SESSION_DENY: "with an explicit deny in a session policy",
    Reason.RESOURCE: "with an explicit deny in a resource-based policy",
    Reason.RESOURCE_IMPLICIT: "because no resource-based policy allows the {action} action",
}
_SNS_DENIAL = "AuthorizationError"


def access_denied(call: Call, *, arn: str, action: str, resource: str, reason: Reason) -> ServiceError:
    """The denial that `arn` meets when `reason` forbids `action` on `resource`."""
    why = _WORDS[reason].replace("{action}", action)
    message = f"User: {arn} is not authorized to perform: {action} on resource: {resource} {why}"
    protocol = protocol_of(call)
    if protocol == "ec2":
        return ServiceError(
            "UnauthorizedOperation", f"You are not authorized to perform this operation. {message}", 403
        )
    if protocol in ("json", "smithy-rpc-v2-cbor"):
        return ServiceError("AccessDeniedException", message, 400)
    if protocol == "rest-json":
        return ServiceError("AccessDeniedException", message, 403)
    return ServiceError(_SNS_DENIAL if call.service == "sns" else "AccessDenied", message, 403)


def unknown_credentials(call: Call) -> ServiceError:
    """The access key is not one of this account, is inactive, or its Region is not enabled."""
    protocol = protocol_of(call)
    if protocol == "ec2":
        return ServiceError("AuthFailure", "AWS was not able to validate the provided access credentials", 401)
    if call.service == "s3":
        message = "The AWS Access Key Id you provided does not exist in our records."
        return ServiceError("InvalidAccessKeyId", message, 403)
    message = "The security token included in the request is invalid."
    if protocol in ("json", "smithy-rpc-v2-cbor"):
        return ServiceError("UnrecognizedClientException", message, 400)
    if protocol == "rest-json":
        return ServiceError("UnrecognizedClientException", message, 403)
    return ServiceError("InvalidClientTokenId", message, 403)


def expired_credentials(call: Call) -> ServiceError:
    """The session of an assumed role is over."""
    message = "The security token included in the request is expired"
    protocol = protocol_of(call)
    if protocol == "ec2":
        return ServiceError("RequestExpired", "Request has expired.", 400)
    if call.service == "s3":
        return ServiceError("ExpiredToken", "The provided token has expired.", 400)
    if protocol in ("json", "rest-json", "smithy-rpc-v2-cbor"):
        return ServiceError("ExpiredTokenException", message, 403 if protocol == "rest-json" else 400)
    return ServiceError("ExpiredToken", message, 403)


def throttled(call: Call) -> ServiceError:
    """More calls than the service takes."""
    protocol = protocol_of(call)
    if protocol == "ec2":
        return ServiceError("RequestLimitExceeded", "Request limit exceeded.", 503)
    if protocol == "rest-xml":
        return ServiceError("SlowDown", "Please reduce your request rate.", 503)
    if call.service == "lambda":
        return ServiceError("TooManyRequestsException", "Rate exceeded", 429)
    if protocol == "query":
        return ServiceError("Throttling", "Rate exceeded", 400)
    return ServiceError("ThrottlingException", "Rate exceeded", 429 if protocol == "rest-json" else 400)


def internal_failure(call: Call) -> ServiceError:
    """The service itself failed."""
    message = "We encountered an internal error. Please try again."
    if call.service == "s3":
        return ServiceError("InternalError", message, 500)
    code = "InternalError" if protocol_of(call) == "ec2" else "InternalFailure"
    return ServiceError(code, message, 500)


def not_implemented(call: Call) -> ServiceError:
    """Neither a stand-in nor moto knows the operation: said plainly, never a made-up answer."""
    return ServiceError("NotImplemented", f"The simulated account does not implement {call.name}.", 501)
