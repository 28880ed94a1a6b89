"""IAM Identity Center of the simulated account: what is written reaches an account when it is provisioned, and holds there."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests.simulate.identity_center_world import (
    BOB,
    CAROL,
    DELEGATE,
    HOME,
    MANAGEMENT,
    PRODUCTION,
    Center,
    identity_center,
)

from sakimori.simulate.portal import NotAssignedError

Refusal = Callable[..., tuple[str, str, int]]


@pytest.fixture(scope="module")
def shared() -> Iterator[Center]:
    with identity_center() as center:
        yield center


@pytest.fixture
def center(shared: Center) -> Center:
    """As it was at first."""
    shared.admin.inline_policy = ""
    shared.held.failing.clear()
    shared.held.takes = timedelta(0)
    shared.held.provision(shared.admin, "", shared.account.states[MANAGEMENT].accounts, shared.account.clock())
    return shared


def denial(person: str) -> str:
    condition = {"StringEquals": {"identitystore:userId": person}}
    statement = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def named(center: Center) -> dict[str, str]:
    return {"InstanceArn": center.held.arn, "PermissionSetArn": center.admin.arn}


def stale(center: Center) -> list[str]:
    asked = {**named(center), "ProvisioningStatus": "LATEST_PERMISSION_SET_NOT_PROVISIONED"}
    return center.sso().list_accounts_for_provisioned_permission_set(**asked)["AccountIds"]


def provision(center: Center, number: int = MANAGEMENT) -> dict[str, Any]:
    sso = center.sso(number)
    asked = sso.provision_permission_set(**named(center), TargetType="ALL_PROVISIONED_ACCOUNTS")
    request = asked["PermissionSetProvisioningStatus"]
    assert request["Status"] == "IN_PROGRESS"
    told = {"InstanceArn": center.held.arn, "ProvisionPermissionSetRequestId": request["RequestId"]}
    return sso.describe_permission_set_provisioning_status(**told)["PermissionSetProvisioningStatus"]


@pytest.mark.slow
def test_a_denial_holds_when_it_is_provisioned_and_for_its_person_alone(center: Center) -> None:
    bob, carol = center.enters(BOB), center.enters(CAROL)
    policy = denial(center.held.person(BOB))
    center.sso().put_inline_policy_to_permission_set(**named(center), InlinePolicy=policy)
    assert (stale(center), center.may(bob), center.role_policy()) == ([center.ids(PRODUCTION)], True, "")
    assert provision(center)["Status"] == "SUCCEEDED"
    assert (stale(center), center.may(bob), center.may(carol)) == ([], False, True)
    assert center.role_policy() == policy
    center.sso().delete_inline_policy_from_permission_set(**named(center))
    assert not center.may(bob)
    provision(center)
    assert (center.may(bob), center.role_policy()) == (True, "")


def test_an_account_in_which_it_fails_keeps_what_it_has_and_the_reason_is_told(center: Center) -> None:
    bob = center.enters(BOB)
    center.held.failing[center.ids(PRODUCTION)] = "the role cannot be updated"
    center.sso().put_inline_policy_to_permission_set(**named(center), InlinePolicy=denial(center.held.person(BOB)))
    found = provision(center)
    assert (found["Status"], "cannot be updated" in found["FailureReason"]) == ("FAILED", True)
    assert (center.may(bob), stale(center)) == (True, [center.ids(PRODUCTION)])


def test_while_it_goes_on_another_request_is_refused(center: Center, refusal_of: Refusal) -> None:
    center.held.takes = timedelta(hours=1)
    assert provision(center)["Status"] == "IN_PROGRESS"
    again = {**named(center), "TargetType": "ALL_PROVISIONED_ACCOUNTS"}
    assert refusal_of(center.sso().provision_permission_set, **again)[0] == "ConflictException"
    for request in center.held.requests.values():
        request.due = request.at


@pytest.mark.parametrize(("blacks", "blanks", "code"), [(10_241, 0, "ServiceQuotaExceededException"), (100, 32_700, "ValidationException")])  # fmt: skip
def test_a_policy_beyond_the_quotas_is_refused(
    center: Center, refusal_of: Refusal, blacks: int, blanks: int, code: str
) -> None:
    put = center.sso().put_inline_policy_to_permission_set
    assert refusal_of(put, **named(center), InlinePolicy="x" * blacks + " " * blanks)[0] == code
    assert center.admin.inline_policy == ""


def test_it_is_seen_at_home_and_administered_by_its_owner_and_the_delegate(center: Center, refusal_of: Refusal) -> None:
    assert center.sso(region="us-east-1").list_instances()["Instances"] == []
    for number in (MANAGEMENT, PRODUCTION, DELEGATE):
        (seen,) = center.sso(number).list_instances()["Instances"]
        assert (seen["InstanceArn"], seen["OwnerAccountId"]) == (center.held.arn, center.ids(MANAGEMENT))
    assert len(center.sso(DELEGATE).list_permission_sets(InstanceArn=center.held.arn)["PermissionSets"]) == 2
    refused = refusal_of(center.sso(PRODUCTION).list_permission_sets, InstanceArn=center.held.arn)
    assert refused[0] == "AccessDeniedException"


@pytest.mark.slow
def test_a_delegate_changes_no_set_that_the_management_account_has(refusal_of: Refusal) -> None:
    with identity_center() as center:
        assert provision(center, DELEGATE)["Status"] == "SUCCEEDED"
        center.held.assign(center.admin, center.account.states[MANAGEMENT], center.held.person(BOB))
        put = center.sso(DELEGATE).put_inline_policy_to_permission_set
        assert refusal_of(put, **named(center), InlinePolicy=denial("x"))[0] == "AccessDeniedException"


@pytest.mark.slow
def test_nobody_changes_its_roles_in_iam(center: Center, refusal_of: Refusal) -> None:
    iam = center.account.client("iam", account=PRODUCTION)
    role = center.admin.accounts[center.ids(PRODUCTION)].role
    found = iam.get_role(RoleName=role)["Role"]
    assert found["Path"] == f"/aws-reserved/sso.amazonaws.com/{HOME}/"
    asked = {"RoleName": role, "PolicyName": "x", "PolicyDocument": denial("x")}
    code, words, _ = refusal_of(iam.put_role_policy, **asked)
    assert (code, "only modifiable by AWS" in words) == ("UnmodifiableEntity", True)
    assert refusal_of(iam.delete_role, RoleName=role)[0] == "UnmodifiableEntity"


@pytest.mark.slow
def test_people_are_found_by_their_names_in_any_case(center: Center, refusal_of: Refusal) -> None:
    store = center.account.client("identitystore", region=HOME)
    asked = {"IdentityStoreId": center.held.store}
    by_name = {"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": BOB.upper()}}
    person = store.get_user_id(**asked, AlternateIdentifier=by_name)["UserId"]
    assert store.describe_user(**asked, UserId=person)["UserName"] == BOB
    by_name["UniqueAttribute"]["AttributeValue"] = "nobody"
    assert refusal_of(store.get_user_id, **asked, AlternateIdentifier=by_name)[0] == "ResourceNotFoundException"


@pytest.mark.slow
def test_both_accounts_tell_who_came_in(center: Center) -> None:
    session = center.enters(BOB, "203.0.113.9")
    assert center.may(session)
    portal, *_ = told(center, MANAGEMENT, "GetRoleCredentials")
    whom = {"userId": center.held.person(BOB), "identityStoreArn": center.held.store_arn}
    assert (portal["userIdentity"]["type"], portal["userIdentity"]["onBehalfOf"]) == ("IdentityCenterUser", whom)
    assert portal["sourceIPAddress"] == "203.0.113.9"
    entered, *_ = told(center, PRODUCTION, "AssumeRoleWithSAML")
    assert entered["userIdentity"]["type"] == "SAMLUser"
    assert entered["responseElements"]["credentials"]["accessKeyId"] == session.access_key_id
    assert "_DO_NOT_DELETE" in entered["requestParameters"]["principalArn"]
    called, *_ = told(center, PRODUCTION, "DescribeVpcs")
    assert called["userIdentity"]["arn"].endswith(f"/{BOB}")
    assert "onBehalfOf" not in called["userIdentity"]


def told(center: Center, number: int, name: str) -> list[dict[str, Any]]:
    asked = {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": name}]}
    found = center.account.client("cloudtrail", region=HOME, account=number).lookup_events(**asked)
    return [json.loads(each["CloudTrailEvent"]) for each in found["Events"]]


def test_whoever_is_not_assigned_is_not_let_in(center: Center) -> None:
    with pytest.raises(NotAssignedError):
        center.enters("mallory@example.com")


def test_what_is_not_served_is_lacking_and_not_moto_s_own_memory(center: Center, refusal_of: Refusal) -> None:
    assert refusal_of(center.sso().list_trusted_token_issuers, InstanceArn=center.held.arn)[0] == "NotImplemented"
