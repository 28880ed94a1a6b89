"""The sign-in page of the simulated accounts: a name and a password for a session at the console.

A user with an MFA device is asked for a code as well, and any six digits are one. Each service of the console signs with a
key of its own, while the session's beginning stays the same: so one sign-in gives several sets of credentials.
Sources: CloudTrail User Guide, "AWS Management Console sign-in events" (the form of the event; of a failure it has no name
that is not a user's) and "CloudTrail record contents" (sessionCredentialFromConsole); IAM User Guide, "Enable custom identity
broker access to the AWS console" (12 hours).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, cast

from moto.moto_api._internal import mock_random

from sakimori.simulate.identities import Credentials, credentials_of_session
from sakimori.simulate.sessions import SessionKind, Whose, begin_session, iam_of
from sakimori.simulate.state import AccountState
from sakimori.simulate.trail.identity import of_user

_LASTS: Final = timedelta(hours=12)
_KEYS: Final = 2
_REGION: Final = "us-east-1"
_PAGE: Final = "https://console.aws.amazon.com/console/home"


class SignInRefused(Exception):  # noqa: N818 - what the page says
    """No such user, no password, another password, or no code where one is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What is typed in, and from where. `has_code`: the code of the user's MFA device is at hand."""

    user: str
    password: str
    address: str
    agent: str
    has_code: bool = False


def sign_in(state: AccountState, told: SignIn) -> tuple[Credentials, ...]:
    """The credentials of the session that begins; SignInRefused. CloudTrail tells of both."""
    user: Any = iam_of(state).users.get(told.user)
    is_right = user is not None and bool(user.password) and user.password == told.password
    is_let_in = is_right and (told.has_code or not cast("Any", user).mfa_devices)
    if user is not None:
        has_mfa = bool(is_let_in and user.mfa_devices)
        state.history.tell(_event(state, told, is_let_in=is_let_in, has_mfa=has_mfa))
    if user is None or not is_let_in:
        raise SignInRefused(told.user)
    user.password_last_used = state.clock().replace(tzinfo=None)
    return tuple(_given(state, user) for _ in range(_KEYS))


def _given(state: AccountState, user: Any) -> Credentials:
    whose = Whose(kind=SessionKind.USER, arn=str(user.arn), holder=str(user.name), holder_id=str(user.id))
    session = begin_session(state, whose, _LASTS, has_mfa=bool(user.mfa_devices), is_console=True)
    return credentials_of_session(session)


def _event(state: AccountState, told: SignIn, *, is_let_in: bool, has_mfa: bool) -> Mapping[str, Any]:
    identity = {**of_user(iam_of(state), told.user, state.account_id), "accessKeyId": ""}
    return {
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": f"{state.clock():%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "awsRegion": _REGION,
        "sourceIPAddress": told.address,
        "userAgent": told.agent,
        **({} if is_let_in else {"errorMessage": "Failed authentication"}),
        "requestParameters": None,
        "responseElements": {"ConsoleLogin": "Success" if is_let_in else "Failure"},
        "additionalEventData": {"LoginTo": _PAGE, "MobileVersion": "No", "MFAUsed": "Yes" if has_mfa else "No"},
        "eventID": str(mock_random.uuid4()),
        "readOnly": False,
        "eventType": "AwsConsoleSignIn",
        "managementEvent": True,
        "recipientAccountId": state.account_id,
        "eventCategory": "Management",
    }
