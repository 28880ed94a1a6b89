from typing import Any

import pytest
from tests.analysis.facts.events import OWN, by, by_role, call, told

from sakimori.analysis.facts.fact import Value

USER = f"arn:aws:iam::{OWN}:user/alice"


def acts(event: dict[str, Any]) -> tuple[Value, Value]:
    return told("by_aws_service", event), told("through_service", event)


@pytest.mark.parametrize(
    "fields",
    [
        {"userIdentity": {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}},
        {"userIdentity": {"type": "AWSService", "invokedBy": "AWS Internal"}, "sourceIPAddress": "AWS Internal"},
        {"userIdentity": {"invokedBy": "delivery.logs.amazonaws.com"}},
        {"userIdentity": {"accountId": OWN, "invokedBy": "AWS Internal"}, "eventType": "AwsServiceEvent"},
        {"userIdentity": by_role("AWSServiceRoleForAutoScaling", "aws-service-role/autoscaling.amazonaws.com/")},
    ],
)
def test_a_service_of_its_own_accord(fields: dict[str, Any]) -> None:
    assert acts(call("CreateNetworkInterface", **fields)) == (True, False)


@pytest.mark.parametrize(
    "fields",
    [
        {"userIdentity": by("IAMUser", arn=USER, invokedBy="cloudformation.amazonaws.com")},
        {"userIdentity": by_role(invokedBy="AWS Internal"), "sourceIPAddress": "AWS Internal"},
        {"userIdentity": by_role(), "sourceIPAddress": "athena.amazonaws.com"},
        {"userIdentity": by("Root", arn=f"arn:aws:iam::{OWN}:root", invokedBy="cloudformation.amazonaws.com")},
    ],
)
def test_a_request_that_a_service_forwards_is_its_principals(fields: dict[str, Any]) -> None:
    assert acts(call("CreateUser", **fields)) == (False, True)


@pytest.mark.parametrize(
    "fields",
    [
        {"userIdentity": by("IAMUser", arn=USER), "sourceIPAddress": "198.51.100.7"},
        # The user agent is the caller's own words.
        {"userIdentity": by("IAMUser", arn=USER), "userAgent": "cloudformation.amazonaws.com"},
        {"userIdentity": by("IAMUser", arn=USER), "sourceIPAddress": "evil-amazonaws.com"},
        {},
    ],
)
def test_a_person_is_no_service(fields: dict[str, Any]) -> None:
    assert acts(call("CreateUser", **fields)) == (False, False)


def test_a_service_linked_role_is_told_by_its_path() -> None:
    linked = by_role("AWSServiceRoleForSupport", "aws-service-role/support.amazonaws.com/")
    assert told("service_linked_role", call("GetUser", userIdentity=linked)) is True
    assert told("service_linked_role", call("GetUser", userIdentity=by_role("aws-service-role"))) is False
    assert told("service_linked_role", call("GetUser", userIdentity=by_role("lambda", "service-role/"))) is False


def test_root_is_told_by_its_type() -> None:
    assert told("root", call("GetUser", userIdentity=by("Root"))) is True
    assert told("root", call("GetUser", userIdentity=by("IAMUser", userName="root"))) is False


@pytest.mark.parametrize(
    ("fields", "is_interactive"),
    [
        ({"eventType": "AwsConsoleSignIn"}, True),
        ({"sessionCredentialFromConsole": "true"}, True),
        ({"sessionCredentialFromConsole": True, "sourceIPAddress": "AWS Internal", "userIdentity": by_role()}, True),
        ({"userAgent": "console.ec2.amazonaws.com"}, True),
        ({"userAgent": "Mozilla/5.0 (Windows NT 10.0) Firefox/115.0"}, True),
        ({"userAgent": "aws-cli/2.1 exec-env/CloudShell", "userIdentity": by_role()}, True),
        ({"userAgent": "aws-cli/2.1", "userIdentity": by_role("AWSReservedSSO_Admin_0123456789abcdef")}, True),
        ({"userAgent": "aws-cli/2.1", "userIdentity": by_role()}, False),
        ({"userAgent": "Boto3/1.40", "userIdentity": by("IAMUser", arn=USER)}, False),
        ({"userAgent": "signin.amazonaws.com", "userIdentity": {"type": "AWSService"}}, False),
    ],
)
def test_a_person_at_work(fields: dict[str, Any], is_interactive: bool) -> None:
    assert told("interactive", call("CreateUser", **fields)) is is_interactive


@pytest.mark.parametrize(
    ("event", "used"),
    [
        (call("ConsoleLogin", eventType="AwsConsoleSignIn", additionalEventData={"MFAUsed": "Yes"}), True),
        (
            call(
                "ConsoleLogin",
                eventType="AwsConsoleSignIn",
                additionalEventData={"MFAUsed": "No"},
                userIdentity=by("IAMUser"),
            ),
            False,
        ),
        (
            call(
                "ConsoleLogin",
                eventType="AwsConsoleSignIn",
                additionalEventData={"MFAUsed": "No"},
                userIdentity=by_role("AWSReservedSSO_Admin_0123456789abcdef"),
            ),
            None,
        ),
        (call("A", userIdentity=by("IAMUser", sessionContext={"attributes": {"mfaAuthenticated": "true"}})), True),
        (call("A", userIdentity=by("IAMUser", sessionContext={"attributes": {"mfaAuthenticated": "false"}})), False),
        (call("A", userIdentity=by("IAMUser", accessKeyId="AKIAIOSFODNN7EXAMPLE")), False),
        (call("A", userIdentity=by("AssumedRole", sessionContext={"attributes": {"mfaAuthenticated": "true"}})), True),
        (call("A", userIdentity=by_role()), None),
        (call("A", userIdentity={"type": "AWSService"}), None),
        (call("CredentialVerification", additionalEventData={"CredentialType": "TOTP"}), True),
        (call("CredentialVerification", additionalEventData={"CredentialType": "PASSWORD"}), None),
    ],
)
def test_mfa_is_known_only_where_the_event_tells(event: dict[str, Any], used: bool | None) -> None:
    assert told("mfa", event) is used
