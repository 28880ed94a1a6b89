"""What stops accounts, principals and people from above: service control policies and permission sets."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.actions.respond.scripted import ScriptedDoor, is_made_and_taken_back, stage_of
from tests.actions.staging import WISHES, Stage, holds_and_is_taken_back

from sakimori.actions.plan import Item, Standing
from sakimori.actions.respond.contain import account_denied, identity_center_user_denied, principal_denied_by_scp
from sakimori.actions.step import Step
from sakimori.actions.wishes import Wishes
from sakimori.model.action import Approval
from sakimori.model.errors import ActionError

MANAGEMENT = "606060606060"
CASED = replace(WISHES, case="SKM-20261125-01")


@pytest.fixture
def organization(stage: Stage) -> tuple[Stage, str]:
    """An organisation with service control policies, and a member account of it."""
    client = stage.client("organizations")
    client.create_organization(FeatureSet="ALL")
    root = client.list_roots()["Roots"][0]["Id"]
    client.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    member = client.create_account(AccountName="m", Email="m@example.com")["CreateAccountStatus"]["AccountId"]
    return replace(stage, wishes=CASED), member


def item_of(stage: Stage, step: Step, resource: str) -> Item:
    (item,) = stage.plan(step, ("global", resource)).items
    return item


def attached(stage: Stage, account: str) -> dict[str, Any]:
    client = stage.client("organizations")
    found = client.list_policies_for_target(TargetId=account, Filter="SERVICE_CONTROL_POLICY")["Policies"]
    return {
        each["Name"]: json.loads(client.describe_policy(PolicyId=each["Id"])["Policy"]["Content"])["Statement"]
        for each in found if each["Name"].startswith("Sakimori")
    }  # fmt: skip


def names(stage: Stage) -> set[str]:
    found = stage.client("organizations").list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
    return {each["Name"] for each in found}


def test_an_account_is_stopped_and_let_go_and_two_must_agree(organization: tuple[Stage, str]) -> None:
    stage, member = organization
    assert account_denied.STEP.approval is Approval.TWO_PERSON
    before = names(stage)
    stage.apply(stage.plan(account_denied.STEP, ("global", member)))
    ((statement,),) = attached(stage, member).values()
    assert (statement["Effect"], statement["Action"]) == ("Deny", ["*"])
    assert item_of(stage, account_denied.STEP, member).standing is Standing.AS_WANTED
    stage.undo()
    assert attached(stage, member) == {}
    assert names(stage) == before


def test_a_policy_that_was_there_detached_before_stays(organization: tuple[Stage, str]) -> None:
    stage, member = organization
    stage.apply(stage.plan(account_denied.STEP, ("global", member)), "first")
    client = stage.client("organizations")
    (policy,) = (
        each
        for each in client.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
        if each["Name"] == "SakimoriQuarantine"
    )
    client.detach_policy(PolicyId=policy["Id"], TargetId=member)
    client.update_policy(PolicyId=policy["Id"], Description="made at peace")
    stage.apply(stage.plan(account_denied.STEP, ("global", member)), "second")
    stage.undo("second")
    assert "SakimoriQuarantine" in names(stage)
    assert attached(stage, member) == {}


def test_the_management_account_is_held_back_for_no_such_policy_stops_it(organization: tuple[Stage, str]) -> None:
    stage, _ = organization
    item = item_of(stage, account_denied.STEP, MANAGEMENT)
    assert item.standing is Standing.BLOCKED
    assert "respond_steps.scp_management" in [each.text for each in item.cautions]


def test_without_service_control_policies_it_is_held_back(stage: Stage) -> None:
    client = stage.client("organizations")
    client.create_organization(FeatureSet="ALL")
    member = client.create_account(AccountName="m", Email="m@example.com")["CreateAccountStatus"]["AccountId"]
    item = item_of(stage, account_denied.STEP, member)
    assert item.standing is Standing.BLOCKED
    assert "respond_steps.scp_off" in [each.text for each in item.cautions]


@pytest.mark.parametrize("resource", ["", "12345", "arn:aws:iam::111122223333:root", "111122223333x"])
def test_what_is_no_account_is_not_read(stage: Stage, resource: str) -> None:
    assert item_of(stage, account_denied.STEP, resource).reason.endswith("NotThisResource")


def test_principals_of_one_account_share_one_policy_and_each_is_let_go_alone(organization: tuple[Stage, str]) -> None:
    stage, member = organization
    user, role = (f"arn:aws:iam::{member}:{each}" for each in ("user/thief", "role/door"))
    step = principal_denied_by_scp.STEP
    before = names(stage)
    stage.apply(stage.plan(step, ("global", user)), "user")
    stage.apply(stage.plan(step, ("global", role)), "role")
    ((statement,),) = attached(stage, member).values()
    assert sorted(statement["Condition"]["ArnEquals"]["aws:PrincipalArn"]) == sorted([user, role])
    stage.undo("user")
    ((statement,),) = attached(stage, member).values()
    assert statement["Condition"]["ArnEquals"]["aws:PrincipalArn"] == [role]
    assert item_of(stage, step, role).standing is Standing.AS_WANTED
    stage.undo("role")
    assert attached(stage, member) == {}
    assert names(stage) == before


def test_two_principals_are_denied_by_one_plan(organization: tuple[Stage, str]) -> None:
    stage, member = organization
    places = [("global", f"arn:aws:iam::{member}:{each}") for each in ("user/thief", "role/door")]
    plan = stage.plan(principal_denied_by_scp.STEP, *places)
    stage.apply(plan)
    assert [item_of(stage, principal_denied_by_scp.STEP, each).standing for _, each in places] == [
        Standing.AS_WANTED
    ] * 2
    stage.undo()
    assert attached(stage, member) == {}


SET = "arn:aws:sso:::permissionSet/ssoins-1111111111111111/ps-2222222222222222"
PERSON = "11111111-2222-3333-4444-555555555555"
OWN = {"Version": "2012-10-17", "Statement": [{"Sid": "Own", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}


class PermissionSet:
    """One permission set, and whether its accounts have what it says."""

    def __init__(self, policy: str = "") -> None:
        self.policy, self.provisioned = policy, policy
        self.takes, self.asked, self.fails = 2, 0, ""

    def answers(self) -> dict[str, Callable[[Any], Any]]:
        return {
            "sso-admin:GetInlinePolicyForPermissionSet": lambda _: {"InlinePolicy": self.policy},
            "sso-admin:PutInlinePolicyToPermissionSet": self._put,
            "sso-admin:DeleteInlinePolicyFromPermissionSet": self._put,
            "sso-admin:ListAccountsForProvisionedPermissionSet": self._waiting,
            "sso-admin:ProvisionPermissionSet": self._provision,
            "sso-admin:DescribePermissionSet": lambda _: {"PermissionSet": {"Name": "Admin"}},
            "sso-admin:DescribePermissionSetProvisioningStatus": self._status,
        }

    def _put(self, parameters: Any) -> Any:
        self.policy = parameters.get("InlinePolicy", "")
        return {}

    def _waiting(self, parameters: Any) -> Any:
        assert parameters["ProvisioningStatus"] == "LATEST_PERMISSION_SET_NOT_PROVISIONED"
        return {"AccountIds": ["111122223333"] if self.policy != self.provisioned else []}

    def _provision(self, _parameters: Any) -> Any:
        self.asked = 0
        return {"PermissionSetProvisioningStatus": {"Status": "IN_PROGRESS", "RequestId": "r"}}

    def _status(self, parameters: Any) -> Any:
        assert parameters["ProvisionPermissionSetRequestId"] == "r"
        self.asked += 1
        if self.asked < self.takes:
            return {"PermissionSetProvisioningStatus": {"Status": "IN_PROGRESS"}}
        if self.fails:
            return {"PermissionSetProvisioningStatus": {"Status": "FAILED", "FailureReason": self.fails}}
        self.provisioned = self.policy
        return {"PermissionSetProvisioningStatus": {"Status": "SUCCEEDED"}}


LONG_AGO = replace(WISHES, revoked_before="2026-11-25T00:00:00Z")
"""All sessions of then have ended."""


@pytest.mark.parametrize("policy", ["", json.dumps(OWN), json.dumps(OWN, indent=2)])
def test_a_person_is_denied_in_a_permission_set_and_no_longer(tmp_path: Path, policy: str) -> None:
    found = PermissionSet(policy)
    stage = stage_of(ScriptedDoor(found.answers()), tmp_path, LONG_AGO)
    is_made_and_taken_back(stage, identity_center_user_denied.STEP, f"{SET}|{PERSON}")
    assert (found.policy, found.provisioned) == (policy, policy)


@pytest.mark.parametrize("wishes", [WISHES, replace(WISHES, revoked_before="2026-11-25T23:00:00Z")])
def test_a_denied_person_is_not_let_in_again_while_a_session_of_before_may_live(tmp_path: Path, wishes: Wishes) -> None:
    found = PermissionSet()
    stage = stage_of(ScriptedDoor(found.answers()), tmp_path, wishes)
    stage.apply(stage.plan(identity_center_user_denied.STEP, ("us-east-1", f"{SET}|{PERSON}")))
    with pytest.raises(ActionError) as caught:
        stage.undo()
    assert str(caught.value.values["code"]).startswith("StolenSessionsMayLive")
    assert PERSON in found.provisioned


def test_a_provisioning_that_fails_is_told_with_its_reason_and_is_not_done(tmp_path: Path) -> None:
    found = PermissionSet()
    found.fails = "111122223333: the role cannot be updated"
    stage = stage_of(ScriptedDoor(found.answers()), tmp_path, WISHES)
    with pytest.raises(ActionError) as caught:
        stage.apply(stage.plan(identity_center_user_denied.STEP, ("us-east-1", f"{SET}|{PERSON}")))
    assert caught.value.values["code"] == f"FAILED {found.fails}"
    (item,) = stage.plan(identity_center_user_denied.STEP, ("us-east-1", f"{SET}|{PERSON}")).items
    assert [each.call.operation for each in item.changes] == ["sso-admin:ProvisionPermissionSet"]


@pytest.mark.parametrize(
    ("characters", "blanks", "is_held"), [(10_000, 0, True), (9_000, 0, False), (9_000, 23_500, True)]
)
def test_a_set_without_room_for_the_denial_is_held_back_before_anything_is_written(
    tmp_path: Path, characters: int, blanks: int, is_held: bool
) -> None:
    own = {**OWN, "Statement": [{**OWN["Statement"][0], "Resource": ["x" * characters, " " * blanks]}]}
    found = PermissionSet(json.dumps(own))
    stage = stage_of(ScriptedDoor(found.answers()), tmp_path, WISHES)
    (item,) = stage.plan(identity_center_user_denied.STEP, ("us-east-1", f"{SET}|{PERSON}")).items
    told = [each.text for each in item.cautions if each.blocks]
    assert (item.standing is Standing.BLOCKED, told) == (is_held, ["respond_steps.set_too_long"] if is_held else [])
    assert found.policy == json.dumps(own)


def test_the_permission_sets_own_statements_stay_and_the_accounts_have_the_denial(tmp_path: Path) -> None:
    found = PermissionSet(json.dumps(OWN))
    stage = stage_of(ScriptedDoor(found.answers()), tmp_path, WISHES)
    stage.apply(stage.plan(identity_center_user_denied.STEP, ("us-east-1", f"{SET}|{PERSON}")))
    own, denial = json.loads(found.provisioned)["Statement"]
    assert own == OWN["Statement"][0]
    assert denial["Condition"] == {"StringEquals": {"identitystore:userId": PERSON}}


def test_a_denial_that_was_written_and_not_provisioned_is_provisioned(tmp_path: Path) -> None:
    found = PermissionSet()
    stage = stage_of(ScriptedDoor(found.answers()), tmp_path, WISHES)
    stage.apply(stage.plan(identity_center_user_denied.STEP, ("us-east-1", f"{SET}|{PERSON}")))
    found.provisioned = ""
    (item,) = stage.plan(identity_center_user_denied.STEP, ("us-east-1", f"{SET}|{PERSON}")).items
    assert [each.call.operation for each in item.changes] == ["sso-admin:ProvisionPermissionSet"]


def test_the_law_of_steps_holds_of_an_account_that_is_stopped(organization: tuple[Stage, str]) -> None:
    stage, member = organization
    holds_and_is_taken_back(stage, account_denied.STEP, ("global", member))
