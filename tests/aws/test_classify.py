import pytest
from botocore import exceptions
from botocore.parsers import ResponseParserError
from urllib3.exceptions import ProtocolError

from sakimori.aws.classify import refusal_of
from sakimori.model.words import GapKind


def answer(code: str, message: str = "no", status: int = 400) -> exceptions.ClientError:
    return exceptions.ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}, "ListThings"
    )


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccessDenied", GapKind.DENIED),
        ("AccessDeniedException", GapKind.DENIED),
        ("UnauthorizedOperation", GapKind.DENIED),
        ("Client.UnauthorizedOperation", GapKind.DENIED),
        ("AuthorizationError", GapKind.DENIED),
        ("403", GapKind.DENIED),
        ("SubscriptionRequiredException", GapKind.PAID_FEATURE),
        ("ExpiredToken", GapKind.CREDENTIALS),
        ("InvalidClientTokenId", GapKind.CREDENTIALS),
        ("UnrecognizedClientException", GapKind.CREDENTIALS),
        ("AuthFailure", GapKind.CREDENTIALS),
        ("SignatureDoesNotMatch", GapKind.CREDENTIALS),
        ("RequestExpired", GapKind.CREDENTIALS),
        ("RequestLimitExceeded", GapKind.THROTTLED),
        ("ThrottlingException", GapKind.THROTTLED),
        ("SlowDown", GapKind.THROTTLED),
        ("InternalFailure", GapKind.SERVICE_ERROR),
        ("UnknownOperationException", GapKind.UNSUPPORTED),
        ("NoSuchBucket", GapKind.REFUSED),
    ],
)
def test_code_of_aws_decides(code: str, kind: GapKind) -> None:
    refusal = refusal_of("x:Y", answer(code))
    assert (refusal.call, refusal.kind, refusal.code, refusal.message) == ("x:Y", kind, code, "no")


@pytest.mark.parametrize("policy", ["service control policy", "resource control policy"])
def test_policy_of_the_organisation_is_told_from_the_callers_own(policy: str) -> None:
    error = answer("AccessDeniedException", f"not authorized to perform: a:B with an explicit deny in a {policy}")
    assert refusal_of("a:B", error).kind is GapKind.DENIED_BY_ORGANIZATION


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (429, "", GapKind.THROTTLED),
        (503, "", GapKind.SERVICE_ERROR),
        (501, "", GapKind.UNSUPPORTED),
        (500, "The list_things action has not been implemented", GapKind.UNSUPPORTED),
        (400, "", GapKind.REFUSED),
    ],
)
def test_status_decides_where_the_code_is_unknown(status: int, message: str, kind: GapKind) -> None:
    assert refusal_of("a:B", answer("Whatever", message, status)).kind is kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (exceptions.EndpointConnectionError(endpoint_url="https://x", error="e"), GapKind.UNREACHABLE),
        (exceptions.ReadTimeoutError(endpoint_url="https://x", error="e"), GapKind.UNREACHABLE),
        (exceptions.SSLError(endpoint_url="https://x", error="e"), GapKind.UNREACHABLE),
        (ProtocolError("broken"), GapKind.UNREACHABLE),
        (ResponseParserError("garbage"), GapKind.MALFORMED),
        (TypeError("'int' object is not iterable"), GapKind.MALFORMED),
        (exceptions.PaginationError(message="twice"), GapKind.MALFORMED),
        (exceptions.NoCredentialsError(), GapKind.CREDENTIALS),
        (exceptions.UnauthorizedSSOTokenError(), GapKind.CREDENTIALS),
        (RuntimeError("Credentials were refreshed, but still expired."), GapKind.CREDENTIALS),
        (NotImplementedError("x"), GapKind.UNSUPPORTED),
        (exceptions.UnknownServiceError(service_name="x", known_service_names="y"), GapKind.UNSUPPORTED),
        (exceptions.ParamValidationError(report="r"), GapKind.REFUSED),
    ],
)
def test_error_of_the_transport_is_classified(error: Exception, kind: GapKind) -> None:
    refusal = refusal_of("a:B", error)
    assert refusal.kind is kind
    assert refusal.code == type(error).__name__


def test_long_and_secret_words_are_bounded() -> None:
    refusal = refusal_of("a:B", answer("C" * 5000, "word " * 5000 + "s" * 40))
    assert len(refusal.code) <= 300
    assert len(refusal.message) == 300


def test_a_long_error_code_of_letters_stays_whole() -> None:
    code = "ServerSideEncryptionConfigurationNotFoundError"
    error = exceptions.ClientError({"Error": {"Code": code, "Message": ""}}, "GetBucketEncryption")
    assert refusal_of("s3:GetBucketEncryption", error).code == code
