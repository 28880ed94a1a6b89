"""Why there are no credentials, as an error whose sentence names the next command."""

from collections.abc import Sequence
from typing import Final

from botocore import exceptions

from sakimori.aws.classify import refusal_of
from sakimori.aws.masking import mask
from sakimori.model.errors import AccessError
from sakimori.model.words import GapKind

_EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"})
_SKEWED: Final = frozenset({"RequestExpired", "RequestTimeTooSkewed"})
_SHOWN_PROFILES: Final = 10

# By class; the first that fits.
_TEXTS: Final = (
    (exceptions.ConfigParseError, "aws.configuration_broken"),
    (exceptions.ConfigNotFound, "aws.configuration_broken"),
    (exceptions.InvalidConfigError, "aws.configuration_broken"),
    (exceptions.SSOError, "aws.sso_expired"),
    (exceptions.TokenRetrievalError, "aws.sso_expired"),
    (exceptions.LoginError, "aws.login_expired"),
    (exceptions.NoCredentialsError, "aws.no_credentials"),
    (exceptions.PartialCredentialsError, "aws.credentials_partial"),
    (exceptions.ConnectionError, "aws.unreachable"),
    (exceptions.HTTPClientError, "aws.unreachable"),
    (RuntimeError, "aws.credentials_expired"),  # botocore: what was renewed is expired too
)


def access_error(
    error: BaseException, *, profile: str = "", role: str = "", known_profiles: Sequence[str] = ()
) -> AccessError:
    """The AccessError for what botocore raised while credentials were fetched (one of `classify.FAILURES`)."""
    name = profile or "default"
    if isinstance(error, exceptions.ProfileNotFound):
        if not known_profiles:
            return AccessError("aws.no_profiles", profile=name)
        return AccessError("aws.profile_not_found", profile=name, known=tuple(known_profiles[:_SHOWN_PROFILES]))
    values = {"profile": name, "role": role, "code": type(error).__name__, "message": mask(str(error))}
    if isinstance(error, exceptions.ClientError):
        return _of_answer(error, values)
    for kind, text in _TEXTS:
        if isinstance(error, kind):
            return AccessError(text, **values)
    return AccessError("aws.credentials_not_retrieved", **values)


def text_of_credentials(code: str, message: str) -> str:
    """The sentence for credentials that AWS did not accept: expired, a wrong clock, or not valid."""
    if code in _EXPIRED:
        return "aws.credentials_expired"
    words = message.lower()
    if code in _SKEWED or "signature expired" in words or "signature not yet current" in words:
        return "aws.clock_skewed"
    return "aws.credentials_invalid"


def _of_answer(error: exceptions.ClientError, values: dict[str, str]) -> AccessError:
    refusal = refusal_of(f"sts:{error.operation_name}", error)
    values |= {"code": refusal.code, "message": refusal.message, "kind": str(refusal.kind)}
    if error.operation_name == "GetRoleCredentials":
        return AccessError("aws.sso_role_refused", **values)
    if refusal.kind is GapKind.CREDENTIALS:
        return AccessError(text_of_credentials(refusal.code, refusal.message), **values)
    return AccessError("aws.role_not_assumable" if values["role"] else "aws.credentials_not_retrieved", **values)
