from typing import Any

import pytest
from tests.analysis.facts.events import call, told


@pytest.mark.parametrize(
    "code",
    [
        "AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation", "UnauthorizedOperation",
        "AuthorizationError", "AuthorizationErrorException", "UnauthorizedAccess", "kms:AccessDeniedException",
    ],
)  # fmt: skip
def test_a_refusal_is_denied_and_failed(code: str) -> None:
    event = call("GetObject", errorCode=code)
    assert (told("denied", event), told("failed", event), told("succeeded", event)) == (True, True, False)


@pytest.mark.parametrize(
    "code", ["NoSuchBucket", "ThrottlingException", "NotAuthorizedException", "Client.AuthFailure"]
)
def test_another_error_failed_but_was_not_denied(code: str) -> None:
    event = call("GetObject", errorCode=code)
    assert (told("denied", event), told("failed", event)) == (False, True)


def test_a_call_without_an_error_succeeded() -> None:
    event = call("GetObject")
    assert (told("denied", event), told("failed", event), told("succeeded", event)) == (False, False, True)


@pytest.mark.parametrize(
    "fields",
    [
        {"responseElements": {"ConsoleLogin": "Failure"}, "errorMessage": "Failed authentication"},
        {"responseElements": {"ConsoleLogin": "Failure"}},
    ],
)
def test_a_failed_sign_in_failed_but_was_not_denied(fields: dict[str, Any]) -> None:
    event = call("ConsoleLogin", **fields)
    assert (told("denied", event), told("failed", event)) == (False, True)


def test_a_sign_in_succeeded() -> None:
    assert told("succeeded", call("ConsoleLogin", responseElements={"ConsoleLogin": "Success"})) is True


def test_a_failed_sign_in_to_the_access_portal_failed() -> None:
    event = call("CredentialVerification", serviceEventDetails={"CredentialVerification": "Failure"})
    assert told("failed", event) is True


def test_a_dry_run_took_no_effect_and_was_not_denied() -> None:
    event = call("RunInstances", errorCode="Client.DryRunOperation")
    assert (told("dry_run", event), told("denied", event), told("succeeded", event)) == (True, False, False)


@pytest.mark.parametrize(
    ("source", "name", "action"),
    [
        ("lambda.amazonaws.com", "CreateFunction20150331", "lambda:CreateFunction"),
        ("lambda.amazonaws.com", "UpdateFunctionCode20150331v2", "lambda:UpdateFunctionCode"),
        ("cloudfront.amazonaws.com", "CreateDistribution2020_05_31", "cloudfront:CreateDistribution"),
        ("s3.amazonaws.com", "PutBucketAcl", "s3:PutBucketAcl"),
        ("monitoring.amazonaws.com", "DeleteAlarms", "cloudwatch:DeleteAlarms"),
        ("s3.amazonaws.com", "ListObjectsV2", "s3:ListObjectsV2"),
    ],
)
def test_an_action_has_no_version(source: str | None, name: str, action: str) -> None:
    assert told("action", call(name, eventSource=source)) == action


def test_an_event_without_a_source_has_no_known_action() -> None:
    assert told("action", call("GetObject")) is None
