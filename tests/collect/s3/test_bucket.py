"""What a bucket's policy and ACL open and refuse, as one claim each."""

import json
from collections.abc import Callable
from typing import Any

import pytest

BUCKET = "arn:aws:s3:::b"
ALLOW = {"Effect": "Allow", "Principal": "*"}
TLS = {"Bool": {"aws:SecureTransport": "false"}}
DENY = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Condition": TLS}
WHOLE = [BUCKET, f"{BUCKET}/*"]
EVERYONE = "http://acs.amazonaws.com/groups/global/AllUsers"
CUSTOMERS = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"


def row_of(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Any], **answers: Any
) -> dict[str, Any]:
    """A bucket in which nothing is set but what the answers say, by operation."""
    empty = {
        "GetPublicAccessBlock": refusal("NoSuchPublicAccessBlockConfiguration"),
        "GetBucketPolicy": refusal("NoSuchBucketPolicy"),
        "GetBucketPolicyStatus": refusal("NoSuchBucketPolicy"),
        "GetBucketAcl": {"Grants": []},
        "GetBucketOwnershipControls": refusal("OwnershipControlsNotFoundError"),
        "GetBucketVersioning": {},
        "GetBucketEncryption": refusal("ServerSideEncryptionConfigurationNotFoundError"),
        "GetBucketLogging": {},
        "GetBucketLifecycleConfiguration": refusal("NoSuchLifecycleConfiguration"),
        "GetObjectLockConfiguration": refusal("ObjectLockConfigurationNotFoundError"),
        "ListBuckets": {"Buckets": [{"Name": "b", "BucketRegion": "us-east-1"}]},
    }
    door = fake_door(**{f"s3__{name}": answer for name, answer in {**empty, **answers}.items()})
    return read("aws_s3_bucket", door).only


Row = Callable[..., dict[str, Any]]


@pytest.fixture
def row(fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Any]) -> Row:
    return lambda **answers: row_of(fake_door, read, refusal, **answers)


def policy(*statements: dict[str, Any]) -> dict[str, str]:
    return {"Policy": json.dumps({"Statement": list(statements)})}


@pytest.mark.parametrize(
    ("actions", "reads", "writes"),
    [
        ("s3:GetObject", True, False),
        (["s3:ListBucket", "s3:getObjectVersion"], True, False),
        ("s3:PutObject", False, True),
        ("s3:DeleteObject*", False, True),
        ("s3:BypassGovernanceRetention", False, True),
        ("s3:*", True, True),
        ("*", True, True),
        ("s3:*Object", True, True),
        ("s3:Get*", True, False),
        ("s3:?etObject", True, True),
        ("sqs:SendMessage", False, False),
    ],
)
def test_what_strangers_may_do_follows_from_the_verbs(row: Row, actions: object, reads: bool, writes: bool) -> None:
    statement = {**ALLOW, "Action": actions, "Resource": f"{BUCKET}/*"}
    found = row(GetBucketPolicy=policy(statement), GetBucketPolicyStatus={"PolicyStatus": {"IsPublic": True}})
    assert (found["policy_allows_public_read"], found["policy_allows_public_write"]) == (reads, writes)


@pytest.mark.parametrize(
    ("left_out", "expected"),
    [("sqs:*", True), ("s3:DeleteBucket", None), ("s3:*", False), (["sqs:*", "*"], False)],
)
def test_all_actions_but_some_may_or_may_not_read(row: Row, left_out: object, expected: bool | None) -> None:
    statement = {**ALLOW, "NotAction": left_out, "Resource": f"{BUCKET}/*"}
    found = row(GetBucketPolicy=policy(statement), GetBucketPolicyStatus={"PolicyStatus": {"IsPublic": True}})
    assert (found["policy_allows_public_read"], found["policy_allows_public_write"]) == (expected, expected)


def test_where_aws_calls_a_policy_public_and_we_see_no_stranger_nothing_is_known(row: Row) -> None:
    partner = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject", "Resource": "*"}
    public = row(GetBucketPolicy=policy(partner), GetBucketPolicyStatus={"PolicyStatus": {"IsPublic": True}})
    assert (public["policy_allows_public_read"], public["policy_allows_public_write"]) == (None, None)
    private = row(GetBucketPolicy=policy(partner), GetBucketPolicyStatus={"PolicyStatus": {"IsPublic": False}})
    assert (private["policy_allows_public_read"], private["policy_allows_public_write"]) == (False, False)


def test_a_policy_that_cannot_be_understood_says_nothing(row: Row) -> None:
    found = row(GetBucketPolicy={"Policy": "{"}, GetBucketPolicyStatus={"PolicyStatus": {"IsPublic": True}})
    names = ("policy_allows_public_read", "policy_allows_public_write", "requires_tls", "receives_logs")
    assert {found[name] for name in names} == {None}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([{**DENY, "Resource": WHOLE}], True),
        ([{**DENY, "Resource": f"{BUCKET}*"}], True),
        ([{**DENY, "Resource": "*", "Principal": {"AWS": "*"}}], True),
        ([{**DENY, "Resource": BUCKET}, {**DENY, "Resource": f"{BUCKET}/*"}], True),
        ([{**DENY, "Resource": WHOLE, "Condition": {"BoolIfExists": {"AWS:SecureTransport": False}}}], True),
        ([{**DENY, "Resource": f"{BUCKET}/*"}], False),
        ([{**DENY, "Resource": [BUCKET, f"{BUCKET}/public/*"]}], False),
        ([{**DENY, "Resource": WHOLE, "Action": "s3:GetObject"}], False),
        ([{**DENY, "Resource": WHOLE, "Principal": {"AWS": "111122223333"}}], False),
        ([{**DENY, "Resource": WHOLE, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}], False),
        ([{**DENY, "Resource": WHOLE, "Condition": {**TLS, "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}], False),
        ([{**DENY, "Resource": WHOLE, "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}}], False),
        ([{**DENY, "Resource": WHOLE, "Effect": "Allow"}], False),
        ([{"Effect": "Deny", "Principal": "*", "NotAction": "s3:List*", "Resource": WHOLE, "Condition": TLS}], None),
        ([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "NotResource": "x", "Condition": TLS}], None),
    ],
)
def test_tls_is_required_only_of_everyone_for_everything_in_the_whole_bucket(
    row: Row, statements: list[dict[str, Any]], expected: bool | None
) -> None:
    found = row(GetBucketPolicy=policy(*statements), GetBucketPolicyStatus={"PolicyStatus": {"IsPublic": False}})
    assert found["requires_tls"] is expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"Action": "s3:*"}, True),
        ({"Action": "s3:GetBucketAcl"}, False),
        ({"Effect": "Deny"}, False),
        ({"Principal": {"Service": "cloudfront.amazonaws.com"}}, False),
        ({"Principal": {"AWS": "111122223333"}}, False),
    ],
)
def test_a_log_bucket_lets_a_service_that_delivers_logs_write(
    row: Row, changes: dict[str, Any], expected: bool
) -> None:
    delivery = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"{BUCKET}/*",
    }
    status = {"PolicyStatus": {"IsPublic": False}}
    found = row(GetBucketPolicy=policy({**delivery, **changes}), GetBucketPolicyStatus=status)
    assert found["receives_logs"] is expected


def test_a_bucket_in_which_nothing_is_set_says_so(row: Row) -> None:
    found = row()
    none = ("requires_tls", "receives_logs", "policy_allows_public_read", "mfa_delete_is_enabled",
            "access_logging_is_enabled", "has_lifecycle_rules", "object_lock_is_enabled", "acl_is_public")  # fmt: skip
    assert {found[name] for name in none} == {False}
    assert (found["access_log_bucket"], found["object_lock_default_mode"]) == ("", "")


@pytest.mark.parametrize(
    ("uri", "permission", "expected"),
    [
        (EVERYONE, "READ", (True, True, False)),
        (CUSTOMERS, "WRITE", (True, False, True)),
        (EVERYONE, "WRITE_ACP", (True, False, True)),
        (EVERYONE, "READ_ACP", (True, False, False)),
        (EVERYONE, "FULL_CONTROL", (True, True, True)),
        ("http://acs.amazonaws.com/groups/s3/LogDelivery", "WRITE", (False, False, False)),
        (None, "FULL_CONTROL", (False, False, False)),
    ],
)
def test_an_acl_opens_by_group_and_permission(
    row: Row, uri: str | None, permission: str, expected: tuple[bool, bool, bool]
) -> None:
    found = row(GetBucketAcl={"Grants": [{"Grantee": {"URI": uri} if uri else {"ID": "1"}, "Permission": permission}]})
    assert (
        tuple(found[f"acl_{name}"] for name in ("is_public", "allows_public_read", "allows_public_write")) == expected
    )


@pytest.mark.parametrize("answer", [{}, {"Grants": "all"}, {"Grants": [{"Permission": "READ"}]}, {"Grants": [1]}])
def test_an_acl_of_another_form_is_not_known(row: Row, answer: dict[str, Any]) -> None:
    found = row(GetBucketAcl=answer)
    assert {found[f"acl_{name}"] for name in ("is_public", "allows_public_read", "allows_public_write")} == {None}
