"""Containment is real: what was revoked is refused, and what was forgotten still works."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sakimori.simulate.clients import client_of
from sakimori.simulate.identities import Credentials
from sakimori.simulate.server import SimulatedAccount

DENY_ALL = {"Effect": "Deny", "Action": "*", "Resource": "*"}
ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def revoke_before(cutoff: datetime) -> dict[str, Any]:
    return {**DENY_ALL, "Condition": {"DateLessThan": {"aws:TokenIssueTime": cutoff.strftime("%Y-%m-%dT%H:%M:%SZ")}}}


class Scene:
    """An account, a clock that stands, and an administrator named victim."""

    def __init__(self, account: SimulatedAccount) -> None:
        self.account = account
        self.now = account.state.clock().replace(microsecond=0)
        for state in account.states:
            state.clock = lambda: self.now
        self.iam = account.client("iam")
        self.iam.create_user(UserName="victim")
        self.iam.put_user_policy(UserName="victim", PolicyName="all", PolicyDocument=document(ALLOW_ALL))
        self.key = self.key_of("victim")

    def key_of(self, user: str) -> Credentials:
        made = self.iam.create_access_key(UserName=user)["AccessKey"]
        return Credentials(access_key_id=made["AccessKeyId"], secret_access_key=made["SecretAccessKey"])

    def wait(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)

    def as_client(self, service: str, who: Credentials) -> Any:
        return client_of(service, "us-east-1", self.account.endpoint_url, who)

    def works(self, who: Credentials, service: str = "ec2", method: str = "describe_vpcs") -> str:
        """The error's code, "" where the call works."""
        try:
            getattr(self.as_client(service, who), method)()
        except ClientError as error:
            return str(error.response.get("Error", {}).get("Code"))
        return ""

    def role(self, name: str, principal: Any, *, account: int = 0, **condition: Any) -> str:
        trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **condition}
        iam = self.account.client("iam", account=account)
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=document(ALLOW_ALL))
        return arn

    def assume(self, who: Credentials, arn: str, **more: Any) -> Credentials:
        given = self.as_client("sts", who).assume_role(RoleArn=arn, RoleSessionName="night", **more)
        return credentials_in(given)

    def session_token(self, who: Credentials, **more: Any) -> Credentials:
        return credentials_in(self.as_client("sts", who).get_session_token(**more))


def credentials_in(answer: dict[str, Any]) -> Credentials:
    given = answer["Credentials"]
    return Credentials(
        access_key_id=given["AccessKeyId"],
        secret_access_key=given["SecretAccessKey"],
        session_token=given["SessionToken"],
    )


@pytest.fixture
def scene(account: SimulatedAccount) -> Scene:
    return Scene(account)


ROOT = {"AWS": "arn:aws:iam::123456789012:root"}


def test_a_session_outlives_the_key_that_asked_for_it_until_the_user_is_denied(scene: Scene) -> None:
    session = scene.session_token(scene.key)
    scene.iam.update_access_key(UserName="victim", AccessKeyId=scene.key.access_key_id, Status="Inactive")
    assert scene.works(scene.key) == "AuthFailure"
    assert scene.works(session) == ""
    scene.iam.put_user_policy(UserName="victim", PolicyName="no", PolicyDocument=document(DENY_ALL))
    assert scene.works(session) == "UnauthorizedOperation"
    assert scene.works(session, "sts", "get_caller_identity") == ""


@pytest.mark.slow
def test_a_cutoff_on_a_role_ends_older_sessions_and_lets_newer_ones_pass(scene: Scene) -> None:
    arn = scene.role("deploy", ROOT)
    old = scene.assume(scene.key, arn)
    scene.wait(5)
    statement = revoke_before(scene.now)
    scene.iam.put_role_policy(
        RoleName="deploy", PolicyName="AWSRevokeOlderSessions", PolicyDocument=document(statement)
    )
    new = scene.assume(scene.key, arn)
    assert scene.works(old) == "UnauthorizedOperation"
    assert scene.works(new) == ""


@pytest.mark.slow
def test_a_cutoff_on_a_user_ends_its_sessions_and_not_its_keys(scene: Scene) -> None:
    session = scene.session_token(scene.key)
    scene.wait(5)
    scene.iam.put_user_policy(UserName="victim", PolicyName="cut", PolicyDocument=document(revoke_before(scene.now)))
    assert scene.works(session) == "UnauthorizedOperation"
    assert scene.works(scene.key) == ""


def test_a_role_that_was_forgotten_in_the_chain_still_works(scene: Scene) -> None:
    first = scene.assume(scene.key, scene.role("one", ROOT))
    second = scene.assume(first, scene.role("two", {"AWS": "arn:aws:iam::123456789012:role/one"}))
    scene.wait(1)
    scene.iam.put_user_policy(UserName="victim", PolicyName="no", PolicyDocument=document(DENY_ALL))
    scene.iam.put_role_policy(RoleName="one", PolicyName="no", PolicyDocument=document(revoke_before(scene.now)))
    assert scene.works(first) == "UnauthorizedOperation"
    assert scene.works(second) == ""
    assert scene.as_client("sts", second).get_caller_identity()["Arn"].endswith(":assumed-role/two/night")


def test_a_narrowed_trust_refuses_to_be_assumed_again(scene: Scene, refusal_of: Callable[..., Any]) -> None:
    arn = scene.role("deploy", ROOT)
    held = scene.assume(scene.key, arn)
    narrow = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:user/auditor"},
        "Action": "sts:AssumeRole",
    }
    scene.iam.update_assume_role_policy(RoleName="deploy", PolicyDocument=document(narrow))
    sts = scene.as_client("sts", scene.key)
    assert refusal_of(sts.assume_role, RoleArn=arn, RoleSessionName="again")[0] == "AccessDenied"
    assert scene.works(held) == ""


@pytest.mark.parametrize(
    ("principal", "may"),
    [
        (ROOT, True),
        ({"AWS": "123456789012"}, True),
        ({"AWS": "arn:aws:iam::123456789012:user/victim"}, True),
        ({"AWS": "*"}, True),
        ("*", True),
        ({"AWS": "arn:aws:iam::123456789012:user/auditor"}, False),
        ({"AWS": "arn:aws:iam::123456789013:root"}, False),
        ({"Service": "ec2.amazonaws.com"}, False),
    ],
)
def test_a_role_is_assumed_by_whom_it_trusts(scene: Scene, principal: Any, may: bool) -> None:
    arn = scene.role("r", principal)
    if may:
        assert scene.works(scene.assume(scene.key, arn)) == ""
    else:
        with pytest.raises(ClientError, match="AccessDenied"):
            scene.assume(scene.key, arn)


def test_trust_in_the_account_needs_the_users_own_right_and_trust_in_the_user_does_not(scene: Scene) -> None:
    nobody = scene.account.credentials("nobody")
    with pytest.raises(ClientError, match="AccessDenied"):
        scene.assume(nobody, scene.role("by-account", ROOT))
    assert scene.assume(nobody, scene.role("by-name", {"AWS": "arn:aws:iam::123456789012:user/nobody"}))


def test_trust_in_one_session_is_not_trust_in_another(scene: Scene) -> None:
    one = scene.assume(scene.key, scene.role("one", ROOT))
    named = "arn:aws:sts::123456789012:assumed-role/one/{}"
    assert scene.assume(one, scene.role("mine", {"AWS": named.format("night")}))
    other = scene.role("others", {"AWS": named.format("other")})
    with pytest.raises(ClientError, match="AccessDenied"):
        scene.assume(one, other)


@pytest.mark.slow
def test_chained_roles_last_an_hour_at_most(scene: Scene, refusal_of: Callable[..., Any]) -> None:
    one = scene.assume(scene.key, scene.role("one", ROOT))
    two = scene.role("two", ROOT)
    sts = scene.as_client("sts", one)
    assert (
        refusal_of(sts.assume_role, RoleArn=two, RoleSessionName="night", DurationSeconds=7200)[0] == "ValidationError"
    )
    held = scene.assume(one, two)
    scene.wait(61)
    assert scene.works(held) == "RequestExpired"


def test_a_session_of_the_user_reaches_iam_only_with_mfa(scene: Scene) -> None:
    assert scene.works(scene.session_token(scene.key), "iam", "list_users") == "InvalidClientTokenId"
    device = scene.iam.create_virtual_mfa_device(VirtualMFADeviceName="m")["VirtualMFADevice"]["SerialNumber"]
    scene.iam.enable_mfa_device(
        UserName="victim", SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="234567"
    )
    strong = scene.session_token(scene.key, SerialNumber=device, TokenCode="123456")
    assert scene.works(strong, "iam", "list_users") == ""
    assert scene.works(strong, "sts", "get_session_token") == "AccessDenied"


def test_a_policy_may_ask_for_mfa(scene: Scene) -> None:
    arn = scene.role("r", ROOT, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    with pytest.raises(ClientError, match="AccessDenied"):
        scene.assume(scene.key, arn)


@pytest.mark.slow
def test_a_federated_user_may_what_user_and_passed_policy_both_allow(scene: Scene) -> None:
    sts = scene.as_client("sts", scene.key)
    policy = document({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"})
    given = credentials_in(sts.get_federation_token(Name="guest", Policy=policy))
    bare = credentials_in(sts.get_federation_token(Name="guest"))
    assert scene.works(given) == ""
    assert scene.works(given, "sns", "list_topics") == "AuthorizationError"
    assert scene.works(given, "iam", "list_users") == "InvalidClientTokenId"
    assert scene.works(bare) == "UnauthorizedOperation"
    who = scene.as_client("sts", given).get_caller_identity()
    assert who["Arn"] == "arn:aws:sts::123456789012:federated-user/guest"
    scene.iam.put_user_policy(UserName="victim", PolicyName="no", PolicyDocument=document(DENY_ALL))
    assert scene.works(given) == "UnauthorizedOperation"


def test_a_session_policy_narrows_a_role(scene: Scene) -> None:
    policy = document({"Effect": "Allow", "Action": "sns:*", "Resource": "*"})
    session = scene.assume(scene.key, scene.role("r", ROOT), Policy=policy)
    assert scene.works(session, "sns", "list_topics") == ""
    assert scene.works(session) == "UnauthorizedOperation"


@pytest.mark.slow
def test_a_boundary_narrows_a_user_and_a_role(scene: Scene) -> None:
    only = document({"Effect": "Allow", "Action": ["sns:*", "sts:*"], "Resource": "*"})
    arn = scene.iam.create_policy(PolicyName="only", PolicyDocument=only)["Policy"]["Arn"]
    session = scene.assume(scene.key, scene.role("r", ROOT))
    scene.iam.put_user_permissions_boundary(UserName="victim", PermissionsBoundary=arn)
    scene.iam.put_role_permissions_boundary(RoleName="r", PermissionsBoundary=arn)
    for who in (scene.key, session):
        assert scene.works(who) == "UnauthorizedOperation"
        assert scene.works(who, "sns", "list_topics") == ""
    scene.iam.delete_user_permissions_boundary(UserName="victim")
    assert scene.works(scene.key) == ""


@pytest.mark.slow
def test_deleting_the_user_or_role_ends_their_sessions_even_where_a_namesake_is_made(scene: Scene) -> None:
    arn = scene.role("r", ROOT)
    of_role, of_user = scene.assume(scene.key, arn), scene.session_token(scene.key)
    scene.iam.delete_role_policy(RoleName="r", PolicyName="all")
    scene.iam.delete_role(RoleName="r")
    scene.role("r", ROOT)
    assert scene.works(of_role) == "AuthFailure"
    scene.iam.delete_access_key(UserName="victim", AccessKeyId=scene.key.access_key_id)
    scene.iam.delete_user_policy(UserName="victim", PolicyName="all")
    scene.iam.delete_user(UserName="victim")
    assert scene.works(scene.key) == scene.works(of_user) == "AuthFailure"


def test_a_wrong_token_opens_nothing(scene: Scene) -> None:
    session = scene.session_token(scene.key)
    wrong = Credentials(access_key_id=session.access_key_id, secret_access_key="x" * 40, session_token="t" * 80)
    assert scene.works(wrong) == "AuthFailure"


def test_what_an_inactive_key_tries_leaves_no_event(scene: Scene) -> None:
    scene.iam.update_access_key(UserName="victim", AccessKeyId=scene.key.access_key_id, Status="Inactive")
    assert scene.works(scene.key) == "AuthFailure"
    found = scene.account.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "AccessKeyId", "AttributeValue": scene.key.access_key_id}]
    )
    assert found["Events"] == []


def test_a_bucket_policy_can_deny_its_own_account(scene: Scene) -> None:
    s3 = scene.account.client("s3")
    s3.create_bucket(Bucket="shouko-1")
    deny = {**DENY_ALL, "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::shouko-1/*"}
    s3.put_bucket_policy(Bucket="shouko-1", Policy=document(deny))
    with pytest.raises(ClientError, match="AccessDenied"):
        scene.as_client("s3", scene.key).delete_object(Bucket="shouko-1", Key="k")
