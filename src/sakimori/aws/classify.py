"""What a failed call means: botocore's and the transport's errors as refusals."""

import re
from typing import Final

from botocore import exceptions
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from sakimori.aws.masking import mask
from sakimori.aws.refusal import Refusal
from sakimori.model.words import GapKind

_LETTERS: Final = re.compile(r"[A-Za-z][A-Za-z.:_-]{0,99}")

# botocore's list of throttling codes (botocore/retries/standard.py), and those that single services add.
_THROTTLED: Final = frozenset(
    {
        "BandwidthLimitExceeded", "EC2ThrottledException", "LimitExceededException", "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled",
        "RequestThrottledException", "SlowDown", "ThrottledException", "Throttling", "ThrottlingException",
        "TooManyRequestsException", "TransactionInProgressException", "TooManyRequests", "Client.RequestLimitExceeded",
        "Throttling.User", "429",
    }
)  # fmt: skip
_DENIED: Final = frozenset(
    {
        "AccessDenied", "AccessDeniedException", "AllAccessDisabled", "AuthorizationError",
        "AuthorizationErrorException", "Client.UnauthorizedOperation", "Forbidden", "ForbiddenException",
        "NotAuthorized", "UnauthorizedOperation", "UnauthorizedAccess", "403",
    }
)  # fmt: skip
_CREDENTIALS: Final = frozenset(
    {
        "AuthFailure", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "InvalidAccessKeyId",
        "InvalidClientTokenId", "InvalidSignatureException", "InvalidToken", "MissingAuthenticationToken",
        "MissingAuthenticationTokenException", "NotSignedUp", "RequestExpired", "RequestTimeTooSkewed",
        "SignatureDoesNotMatch", "TokenRefreshRequired", "UnauthorizedException", "UnrecognizedClientException",
    }
)  # fmt: skip
_PAID: Final = frozenset({"OptInRequired", "SubscriptionRequiredException", "SubscriptionRequired"})
_UNSUPPORTED: Final = frozenset(
    {
        "404", "405", "501", "InvalidAction", "MethodNotAllowed", "NotImplemented", "UnknownOperation",
        "UnknownOperationException", "UnsupportedOperation", "UnsupportedOperationException",
    }
)  # fmt: skip
_SERVICE: Final = frozenset(
    {
        "InternalError", "InternalFailure", "InternalServerError", "InternalServerException",
        "RequestTimeout", "RequestTimeoutException", "ServerException", "ServiceException",
        "ServiceUnavailable", "ServiceUnavailableException", "Unavailable",
    }
)  # fmt: skip
_BY_CODE: Final = {
    code: kind
    for codes, kind in (
        (_THROTTLED, GapKind.THROTTLED),
        (_DENIED, GapKind.DENIED),
        (_CREDENTIALS, GapKind.CREDENTIALS),
        (_PAID, GapKind.PAID_FEATURE),
        (_UNSUPPORTED, GapKind.UNSUPPORTED),
        (_SERVICE, GapKind.SERVICE_ERROR),
    )
    for code in codes
}
_POLICIES_OF_ORGANISATION: Final = ("service control policy", "resource control policy", "declarative policy")
_NOT_IMPLEMENTED: Final = ("has not been implemented", "not been implemented", "not yet implemented")

_TOO_MANY_REQUESTS: Final = 429
_SERVER_ERROR: Final = 500
_NOT_IMPLEMENTED_STATUS: Final = 501

_NO_CREDENTIALS: Final = (
    exceptions.NoCredentialsError, exceptions.PartialCredentialsError, exceptions.CredentialRetrievalError,
    exceptions.TokenRetrievalError, exceptions.SSOError, exceptions.LoginError, exceptions.NoAuthTokenError,
    exceptions.MetadataRetrievalError, exceptions.RefreshWithMFAUnsupportedError, exceptions.UnknownCredentialError,
)  # fmt: skip
_NO_CONNECTION: Final = (
    exceptions.ConnectionError, exceptions.HTTPClientError, exceptions.InvalidProxiesConfigError, HTTPError, OSError,
)  # fmt: skip
_NO_SUCH_THING: Final = (
    exceptions.UnknownServiceError, exceptions.UnknownEndpointError, exceptions.EndpointProviderError,
    exceptions.EndpointVariantError, exceptions.UnknownRegionError, NotImplementedError,
)  # fmt: skip
_NOT_AS_MODELLED: Final = (
    ResponseParserError, exceptions.ChecksumError, exceptions.FlexibleChecksumError, exceptions.PaginationError,
    exceptions.IncompleteReadError,
)  # fmt: skip
_REFRESHED_BUT_EXPIRED: Final = "refreshed"
"""botocore raises a bare RuntimeError whose words hold this when new credentials are expired too."""

FAILURES: Final = (
    exceptions.ClientError, exceptions.BotoCoreError, ResponseParserError, HTTPError, OSError,
    # botocore's parsers raise these on a body of another form than the service model's.
    ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError,
)  # fmt: skip
"""Everything that botocore lets out of a call."""


def refusal_of(operation: str, error: BaseException) -> Refusal:
    """The refusal that `error`, one of FAILURES, means for `service:Operation`."""
    if isinstance(error, exceptions.ClientError):
        return _of_answer(operation, error)
    return Refusal(call=operation, kind=_kind_of(error), code=type(error).__name__, message=mask(str(error)))


def _of_answer(operation: str, error: exceptions.ClientError) -> Refusal:
    details = error.response.get("Error", {})
    code = _code(str(details.get("Code", "") or "")) or type(error).__name__
    message = str(details.get("Message", "") or "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return Refusal(call=operation, kind=_kind_of_answer(code, message, status), code=code, message=mask(message))


def _kind_of_answer(code: str, message: str, status: int) -> GapKind:
    words = message[:4000].lower()
    kind = _BY_CODE.get(code)
    if kind is GapKind.DENIED and any(policy in words for policy in _POLICIES_OF_ORGANISATION):
        return GapKind.DENIED_BY_ORGANIZATION
    if kind is not None:
        return kind
    if status == _NOT_IMPLEMENTED_STATUS or any(phrase in words for phrase in _NOT_IMPLEMENTED):
        return GapKind.UNSUPPORTED
    if status == _TOO_MANY_REQUESTS:
        return GapKind.THROTTLED
    return GapKind.SERVICE_ERROR if status >= _SERVER_ERROR else GapKind.REFUSED


def _code(text: str) -> str:
    """An error code; one of letters alone stays whole, however long (S3 has one of 46), for declarations go by it."""
    return text if _LETTERS.fullmatch(text) else mask(text)


def _kind_of(error: BaseException) -> GapKind:
    """By class; the first that fits, since some classes are of two families."""
    if isinstance(error, _NO_CREDENTIALS) or (
        isinstance(error, RuntimeError) and _REFRESHED_BUT_EXPIRED in str(error).lower()
    ):
        return GapKind.CREDENTIALS
    if isinstance(error, _NO_SUCH_THING):
        return GapKind.UNSUPPORTED
    if isinstance(error, _NOT_AS_MODELLED):
        return GapKind.MALFORMED
    if isinstance(error, _NO_CONNECTION):
        return GapKind.UNREACHABLE
    return GapKind.REFUSED if isinstance(error, exceptions.BotoCoreError) else GapKind.MALFORMED
