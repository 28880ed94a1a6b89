"""What a thief left in IAM is taken away or put back: what can be undone is undone, and what cannot says so."""

import json
from dataclasses import replace
from typing import Any

import pytest
from moto.core.responses import ActionResult
from moto.iam.models import iam_backends
from moto.iam.responses import IamResponse
from tests.actions.staging import WISHES, Stage, holds_and_is_taken_back

from sakimori.actions.plan import Item, Standing
from sakimori.actions.respond.contain import key_deactivated, role_denied, user_denied
from sakimori.actions.respond.erase import (
    access_key_erased,
    group_left,
    identity_provider_erased,
    inline_policy_erased,
    instance_profile_erased,
    policy_detached,
    policy_erased,
    policy_version_restored,
    quarantine_lifted,
    role_erased,
    user_erased,
)
from sakimori.actions.step import Step
from sakimori.model.action import Approval
from sakimori.texts.language import LANGUAGES
from sakimori.texts.sentences import say

ACCOUNT = "606060606060"
CASED = replace(WISHES, case="SKM-20261125-01", revoked_before="2026-11-20T00:00:00Z")
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
QUARANTINE = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
ANYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
LESS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}],
}


@pytest.fixture(autouse=True)
def nobody_has_passwords_for_single_services(monkeypatch: pytest.MonkeyPatch) -> None:
    """Moto does not know them."""

    def answer(_self: IamResponse) -> ActionResult:
        return ActionResult({"ServiceSpecificCredentials": []})

    monkeypatch.setattr(IamResponse, "list_service_specific_credentials", answer, raising=False)


@pytest.fixture
def scene(stage: Stage) -> Stage:
    """A user, a role and a group, each with what a thief gives."""
    iam = stage.client("iam")
    iam.create_user(UserName="back", Path="/door/")
    iam.create_role(RoleName="door", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.create_group(GroupName="admins")
    iam.attach_user_policy(UserName="back", PolicyArn=ADMIN)
    iam.attach_role_policy(RoleName="door", PolicyArn=ADMIN)
    iam.attach_group_policy(GroupName="admins", PolicyArn=ADMIN)
    iam.put_user_policy(UserName="back", PolicyName="more", PolicyDocument=json.dumps(ANYTHING))
    iam.put_role_policy(RoleName="door", PolicyName="more", PolicyDocument=json.dumps(ANYTHING))
    iam.put_group_policy(GroupName="admins", PolicyName="more", PolicyDocument=json.dumps(ANYTHING))
    iam.add_user_to_group(GroupName="admins", UserName="back")
    return replace(stage, wishes=CASED)


def arn(rest: str) -> tuple[str, str]:
    return "global", f"arn:aws:iam::{ACCOUNT}:{rest}"


USER, ROLE = arn("user/door/back"), arn("role/door")


def item_of(stage: Stage, step: Step, place: tuple[str, str]) -> Item:
    (item,) = stage.plan(step, place).items
    return item


def blocked_by(item: Item) -> list[str]:
    assert item.standing is Standing.BLOCKED, (item.standing, item.reason)
    return [each.text.removeprefix("respond_steps.") for each in item.cautions if each.blocks]


def ends(stage: Stage, step: Step, place: tuple[str, str], run: str = "end") -> None:
    plan = stage.plan(step, place)
    (item,) = plan.items
    assert item.standing is Standing.TO_MAKE, (item.standing, item.reason, item.cautions)
    assert {each.call.operation for each in item.changes} <= set(step.writes)
    assert all(each.lasting and not each.undo for each in item.changes)
    stage.simulated.forget_calls()
    stage.apply(plan, run)
    assert {call.name for call in stage.simulated.calls} <= {*step.reads, *step.writes}
    assert item_of(stage, step, place).standing is Standing.AS_WANTED
    assert stage.undoing(run)[0].changes == ()


@pytest.mark.parametrize("rest", ["user/door/back", "role/door", "group/admins"])
def test_a_policy_is_detached_and_attached_again(scene: Stage, rest: str) -> None:
    holds_and_is_taken_back(scene, policy_detached.STEP, arn(f"{rest}|{ADMIN}"))


@pytest.mark.parametrize("rest", ["user/door/back", "role/door", "group/admins"])
def test_an_inline_policy_is_taken_out_and_comes_back_word_by_word(scene: Stage, rest: str) -> None:
    holds_and_is_taken_back(scene, inline_policy_erased.STEP, arn(f"{rest}|more"))


@pytest.mark.parametrize(
    ("step", "rest", "text"),
    [
        (policy_detached.STEP, f"user/door/back|{ADMIN}", "policy_had_before"),
        (inline_policy_erased.STEP, "role/door|more", "policy_had_before"),
        (group_left.STEP, "user/door/back|admins", "group_had_before"),
    ],
)
def test_whoever_may_have_had_it_before_is_named_with_the_way_back(
    scene: Stage, step: Step, rest: str, text: str
) -> None:
    item = item_of(scene, step, arn(rest))
    assert item.standing is Standing.TO_MAKE
    (caution,) = [each for each in item.cautions if each.text == f"respond_steps.{text}"]
    assert all("respond undo --step R51" in say(caution.text, each, **caution.values) for each in LANGUAGES)


def test_a_user_leaves_a_group_and_joins_it_again(scene: Stage) -> None:
    holds_and_is_taken_back(scene, group_left.STEP, arn("user/door/back|admins"))


@pytest.mark.parametrize(
    ("step", "rest"),
    [
        (policy_detached.STEP, "user/door/back"), (policy_detached.STEP, "user/door/back|admin"),
        (inline_policy_erased.STEP, "role/door"), (inline_policy_erased.STEP, "policy/p|x"), (group_left.STEP, "user/door/back"),
        (policy_version_restored.STEP, "policy/p"), (policy_version_restored.STEP, "policy/p|latest"),
    ],
)  # fmt: skip
def test_what_names_only_half_is_not_read(scene: Stage, step: Step, rest: str) -> None:
    assert item_of(scene, step, arn(rest)).reason.endswith("NotThisResource")


def test_an_earlier_version_of_a_policy_is_in_force_again_and_no_longer(scene: Stage) -> None:
    iam = scene.client("iam")
    policy = iam.create_policy(PolicyName="p", PolicyDocument=json.dumps(LESS))["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=json.dumps(ANYTHING), SetAsDefault=True)
    holds_and_is_taken_back(scene, policy_version_restored.STEP, ("global", f"{policy}|v1"))


def test_a_policy_is_deleted_with_its_versions_once_nobody_has_it(scene: Stage) -> None:
    iam = scene.client("iam")
    policy = iam.create_policy(PolicyName="p", PolicyDocument=json.dumps(LESS))["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=json.dumps(ANYTHING), SetAsDefault=True)
    iam.attach_user_policy(UserName="back", PolicyArn=policy)
    assert blocked_by(item_of(scene, policy_erased.STEP, ("global", policy))) == ["policy_held"]
    iam.detach_user_policy(UserName="back", PolicyArn=policy)
    ends(scene, policy_erased.STEP, ("global", policy))


def test_a_key_is_deleted_only_once_it_is_deactivated(scene: Stage) -> None:
    iam = scene.client("iam")
    key = iam.create_access_key(UserName="back")["AccessKey"]["AccessKeyId"]
    place = arn(f"user/door/back/{key}")
    assert blocked_by(item_of(scene, access_key_erased.STEP, place)) == ["key_still_active"]
    scene.apply(scene.plan(key_deactivated.STEP, place))
    ends(scene, access_key_erased.STEP, place)


def test_a_role_is_erased_with_all_that_it_has_once_it_is_frozen(scene: Stage) -> None:
    iam = scene.client("iam")
    iam.create_instance_profile(InstanceProfileName="door")
    iam.add_role_to_instance_profile(InstanceProfileName="door", RoleName="door")
    assert blocked_by(item_of(scene, role_erased.STEP, ROLE)) == ["not_frozen"]
    scene.apply(scene.plan(role_denied.STEP, ROLE))
    ends(scene, role_erased.STEP, ROLE)
    ends(scene, instance_profile_erased.STEP, arn("instance-profile/door"), "profile")


def give_everything(stage: Stage) -> None:
    iam = stage.client("iam")
    iam.create_access_key(UserName="back")
    iam.create_login_profile(UserName="back", Password="Not-a-real-1!")  # noqa: S106 - made up
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="back")["VirtualMFADevice"]["SerialNumber"]
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "234567"}
    iam.enable_mfa_device(UserName="back", SerialNumber=serial, **codes)


def test_a_user_is_erased_with_all_that_it_has_once_it_is_frozen_and_the_denial_goes_last(scene: Stage) -> None:
    give_everything(scene)
    assert blocked_by(item_of(scene, user_erased.STEP, USER)) == ["not_frozen"]
    scene.apply(scene.plan(user_denied.STEP, USER))
    calls = [each.call for each in item_of(scene, user_erased.STEP, USER).changes]
    assert calls[-1].operation == "iam:DeleteUser"
    assert calls[-2].parameters["PolicyName"].startswith("SakimoriQuarantine-")
    ends(scene, user_erased.STEP, USER)
    assert "back" not in iam_backends[ACCOUNT]["aws"].users
    assert scene.client("iam").list_virtual_mfa_devices()["VirtualMFADevices"] == []


def test_a_user_whom_aws_quarantined_is_not_erased_before_aws_lets_go(scene: Stage) -> None:
    scene.apply(scene.plan(user_denied.STEP, USER))
    scene.client("iam").attach_user_policy(UserName="back", PolicyArn=QUARANTINE)
    assert blocked_by(item_of(scene, user_erased.STEP, USER)) == ["quarantine_asks_aws"]


def test_awss_quarantine_is_lifted_by_its_own_step_alone_and_only_where_aws_said_so(scene: Stage) -> None:
    scene.client("iam").attach_user_policy(UserName="back", PolicyArn=QUARANTINE)
    assert item_of(scene, policy_detached.STEP, arn(f"user/door/back|{QUARANTINE}")).reason.endswith("NotThisResource")
    assert blocked_by(item_of(scene, quarantine_lifted.STEP, USER)) == ["quarantine_asks_aws"]
    assert quarantine_lifted.STEP.approval is Approval.TWO_PERSON
    accepting = replace(scene, accepted=frozenset({"quarantine-lifted"}))
    holds_and_is_taken_back(accepting, quarantine_lifted.STEP, USER)


def test_identity_providers_are_deleted(scene: Stage) -> None:
    iam = scene.client("iam")
    oidc = iam.create_open_id_connect_provider(Url="https://idp.example.com", ThumbprintList=["a" * 40])
    ends(scene, identity_provider_erased.STEP, ("global", oidc["OpenIDConnectProviderArn"]), "oidc")
    saml = iam.create_saml_provider(Name="idp", SAMLMetadataDocument="<x>" + "a" * 1024 + "</x>")["SAMLProviderArn"]
    ends(scene, identity_provider_erased.STEP, ("global", saml), "saml")


@pytest.mark.parametrize("step", [user_erased.STEP, access_key_erased.STEP], ids=lambda each: each.id)
def test_this_program_does_not_erase_itself(scene: Stage, step: Step) -> None:
    caller = scene.client("sts").get_caller_identity()["Arn"]
    name: Any = caller.rpartition("/")[2]
    key = scene.client("iam").list_access_keys(UserName=name)["AccessKeyMetadata"][0]["AccessKeyId"]
    resource = caller if step is user_erased.STEP else f"{caller}/{key}"
    assert "own" in blocked_by(item_of(scene, step, ("global", resource)))
