from typing import Any

import pytest
from tests.analysis.facts.events import OWN, by, by_role, call, told

ALICE = by("IAMUser", userName="alice", arn=f"arn:aws:iam::{OWN}:user/team/alice")
IAM = "iam.amazonaws.com"


@pytest.mark.parametrize(
    ("name", "request_", "identity", "is_own"),
    [
        ("CreateAccessKey", None, ALICE, True),
        ("CreateAccessKey", {"userName": "alice"}, ALICE, True),
        ("CreateAccessKey", {"userName": "bob"}, ALICE, False),
        ("AttachUserPolicy", {"userName": "alice"}, ALICE, True),
        ("AttachUserPolicy", {"userName": "alice"}, by("IAMUser", arn=f"arn:aws:iam::{OWN}:user/team/alice"), True),
        ("AddUserToGroup", {"userName": "bob", "groupName": "admins"}, ALICE, False),
        ("PutRolePolicy", {"roleName": "deploy"}, by_role("deploy"), True),
        ("PutRolePolicy", {"roleName": "other"}, by_role("deploy"), False),
        ("CreateAccessKey", {"userName": "alice"}, by_role("alice"), False),
        ("CreateAccessKey", None, by("Root"), True),
        ("CreateAccessKey", {"userName": "alice"}, by("Root"), False),
        ("CreateGroup", {"groupName": "alice"}, ALICE, False),
    ],
)
def test_an_operation_on_the_caller_itself(name: str, request_: Any, identity: dict[str, Any], is_own: bool) -> None:
    event = call(name, request_, eventSource=IAM, userIdentity=identity)
    assert told("on_self", event) is is_own


def test_an_operation_of_another_service_is_not_on_the_caller() -> None:
    assert told("on_self", call("GetObject", {"userName": "alice"}, eventSource="s3.amazonaws.com")) is False


@pytest.mark.parametrize(
    ("event", "target"),
    [
        (call("AttachUserPolicy", {"policyArn": "arn:aws:iam::aws:policy/X", "userName": "bob"}), "bob"),
        (call("PutBucketPolicy", {"bucketName": "logs", "bucketPolicy": {}}), "logs"),
        (call("CreateAccessKey", userIdentity=ALICE), f"arn:aws:iam::{OWN}:user/team/alice"),
        (call("Decrypt", resources=[{"ARN": "arn:aws:kms:us-east-1:111122223333:key/k"}]), "arn:aws:kms:us-east-1:111122223333:key/k"),
        (call("PutUserPolicy", {"userName": "HIDDEN_DUE_TO_SECURITY_REASONS", "policyName": "p"}), "p"),
        (call("ListBuckets"), None),
    ],
)  # fmt: skip
def test_what_is_acted_upon(event: dict[str, Any], target: str | None) -> None:
    assert told("target", event) == target


@pytest.mark.parametrize(
    ("answer", "keys"),
    [
        ({"accessKey": {"accessKeyId": "AKIAIOSFODNN7EXAMPLE", "userName": "bob"}}, ("AKIAIOSFODNN7EXAMPLE",)),
        ({"credentials": {"accessKeyId": "ASIAIOSFODNN7EXAMPLE", "sessionToken": "x"}}, ("ASIAIOSFODNN7EXAMPLE",)),
        ({"credentials": {"accessKeyId": "HIDDEN_DUE_TO_SECURITY_REASONS"}}, ()),
        (None, ()),
        ("text", ()),
    ],
)
def test_keys_that_are_given_out(answer: Any, keys: tuple[str, ...]) -> None:
    assert told("issued_keys", call("CreateAccessKey", responseElements=answer)) == keys
