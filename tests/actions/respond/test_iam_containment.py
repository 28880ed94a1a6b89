"""What contains a leaked key in IAM: keys, users, roles, passwords, MFA devices; each made, held and taken back."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from tests.actions.staging import WISHES, Stage, holds_and_is_taken_back

from sakimori.actions.applying import journaled_items
from sakimori.actions.journal import open_journal
from sakimori.actions.plan import Item, Standing
from sakimori.actions.respond.contain import (
    console_closed,
    key_deactivated,
    mfa_device_deactivated,
    role_denied,
    role_deny_attached,
    role_sessions_revoked,
    role_trust_narrowed,
    user_denied,
    user_deny_attached,
    user_sessions_revoked,
)
from sakimori.actions.step import Step
from sakimori.model.errors import ActionError
from sakimori.simulate.faults import Fault, Kind

ACCOUNT = "606060606060"
OWNER_OF_ALL = f"arn:aws:iam::{ACCOUNT}:root"
OUTSIDE = "arn:aws:iam::999988887777:root"
CASE = "SKM-20261125-01"
LONG_AGO = "2026-11-24T00:00:00.5Z"
JUST_NOW = "2026-11-25T23:00:00Z"
DENIED = {"Sid": "SakimoriDenyAll", "Effect": "Deny", "Action": "*", "Resource": "*"}


@pytest.fixture
def scene(stage: Stage) -> Stage:
    """A user and a role of whom a thief has hold, an incident with a name, and sessions that expired long ago."""
    iam = stage.client("iam")
    iam.create_user(UserName="deploy", Path="/robots/")
    iam.create_role(
        RoleName="ship",
        Path="/robots/",
        AssumeRolePolicyDocument=json.dumps(trust(OWNER_OF_ALL, "lambda.amazonaws.com")),
    )
    return replace(stage, wishes=replace(WISHES, case=CASE, revoked_before=LONG_AGO))


def trust(principal: str | list[str], service: str = "") -> dict[str, Any]:
    named: dict[str, Any] = {"AWS": principal, **({"Service": service} if service else {})}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": named, "Action": "sts:AssumeRole"}],
    }


def arn(rest: str) -> tuple[str, str]:
    return "global", f"arn:aws:iam::{ACCOUNT}:{rest}"


USER = arn("user/robots/deploy")
ROLE = arn("role/robots/ship")


def item_of(stage: Stage, step: Step, place: tuple[str, str]) -> Item:
    (item,) = stage.plan(step, place).items
    return item


def texts(item: Item) -> list[str]:
    return [each.text.removeprefix("respond_steps.") for each in item.cautions]


def inline(stage: Stage, policy: str, **named: str) -> Any:
    get = f"get_{next(iter(named)).removesuffix('Name').lower()}_policy"
    return getattr(stage.client("iam"), get)(PolicyName=policy, **named)["PolicyDocument"]["Statement"]


def test_exactly_the_key_that_is_named_is_switched_off_and_on_again(scene: Stage) -> None:
    iam = scene.client("iam")
    first, second = (iam.create_access_key(UserName="deploy")["AccessKey"]["AccessKeyId"] for _ in range(2))
    plan = holds_and_is_taken_back(scene, key_deactivated.STEP, (USER[0], f"{USER[1]}/{second}"))
    (change,) = plan.items[0].changes
    assert change.call.parameters["AccessKeyId"] == second != first
    scene.apply(plan, "again")
    states = {
        each["AccessKeyId"]: each["Status"] for each in iam.list_access_keys(UserName="deploy")["AccessKeyMetadata"]
    }
    assert states == {first: "Active", second: "Inactive"}


def test_a_key_that_is_not_the_users_is_nothing_to_do(scene: Stage) -> None:
    place = USER[0], f"{USER[1]}/AKIAIOSFODNN7EXAMPLE"
    assert item_of(scene, key_deactivated.STEP, place).standing is Standing.AS_WANTED


@pytest.mark.parametrize("step", [user_denied.STEP, user_deny_attached.STEP], ids=lambda each: each.id)
def test_a_user_is_denied_everything_and_no_longer(scene: Stage, step: Step) -> None:
    scene.client("iam").put_user_policy(
        UserName="deploy",
        PolicyName="own",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {**DENIED, "Action": "s3:*"}}),
    )
    holds_and_is_taken_back(scene, step, USER)


@pytest.mark.parametrize("step", [role_denied.STEP, role_deny_attached.STEP], ids=lambda each: each.id)
def test_a_role_is_denied_everything_and_no_longer(scene: Stage, step: Step) -> None:
    holds_and_is_taken_back(scene, step, ROLE)


def test_the_denial_bears_the_name_of_the_incident(scene: Stage) -> None:
    scene.apply(scene.plan(user_denied.STEP, USER))
    assert inline(scene, f"SakimoriQuarantine-{CASE}", UserName="deploy") == [DENIED]


def test_a_policy_of_the_same_name_that_a_thief_wrote_is_replaced_and_comes_back(scene: Stage) -> None:
    allowed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    scene.client("iam").put_user_policy(
        UserName="deploy", PolicyName=f"SakimoriQuarantine-{CASE}", PolicyDocument=json.dumps(allowed)
    )
    holds_and_is_taken_back(scene, user_denied.STEP, USER)
    assert inline(scene, f"SakimoriQuarantine-{CASE}", UserName="deploy") == allowed["Statement"]


def fill_inline(stage: Stage) -> None:
    actions = [f"s3:GetObjectNumber{number:04}" for number in range(80)]
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
    stage.client("iam").put_user_policy(UserName="deploy", PolicyName="full", PolicyDocument=json.dumps(document))


def test_where_inline_policies_are_full_awsdenyall_is_attached(scene: Stage) -> None:
    fill_inline(scene)
    plan = holds_and_is_taken_back(scene, user_denied.STEP, USER)
    (change,) = plan.items[0].changes
    assert change.call.operation == "iam:AttachUserPolicy"
    assert change.call.parameters["PolicyArn"] == "arn:aws:iam::aws:policy/AWSDenyAll"


def test_where_nothing_fits_any_more_it_is_held_back_with_the_reason(scene: Stage) -> None:
    fill_inline(scene)
    iam = scene.client("iam")
    for number in range(10):
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
        policy = iam.create_policy(PolicyName=f"p{number}", PolicyDocument=json.dumps(document))["Policy"]["Arn"]
        iam.attach_user_policy(UserName="deploy", PolicyArn=policy)
    item = item_of(scene, user_denied.STEP, USER)
    assert item.standing is Standing.BLOCKED
    assert "no_room" in texts(item)


def test_who_may_not_look_at_quotas_and_policies_can_still_deny(scene: Stage) -> None:
    for call in ("iam:GetAccountSummary", "iam:ListUserPolicies"):
        scene.simulated.faults.add(Fault(kind=Kind.DENY, match=call))
    assert item_of(scene, user_denied.STEP, USER).standing is Standing.TO_MAKE


def test_a_user_that_a_thief_makes_powerful_again_is_to_be_denied_again(scene: Stage) -> None:
    scene.apply(scene.plan(user_denied.STEP, USER))
    assert item_of(scene, user_denied.STEP, USER).standing is Standing.AS_WANTED
    scene.client("iam").delete_user_policy(UserName="deploy", PolicyName=f"SakimoriQuarantine-{CASE}")
    assert item_of(scene, user_denied.STEP, USER).standing is Standing.TO_MAKE


@pytest.mark.parametrize("case", ["", "no spaces", "x" * 61, "../x"])
def test_without_a_name_of_the_incident_nothing_is_written(scene: Stage, case: str) -> None:
    item = item_of(replace(scene, wishes=replace(scene.wishes, case=case)), user_denied.STEP, USER)
    assert (item.standing, item.reason) == (Standing.UNSAID, "respond_steps.no_case")


def taken_back(stage: Stage, *accepted: str) -> None:
    journal, lines = open_journal(stage.place, stage.door.account.id, "run")
    try:
        replace(stage.hand(), accepted=frozenset(accepted)).undo(journaled_items(lines), journal, lambda _name: True)
    finally:
        journal.close()


@pytest.mark.parametrize(("step", "place"), [(user_denied.STEP, USER), (role_sessions_revoked.STEP, ROLE)])
@pytest.mark.parametrize("moment", ["", JUST_NOW])
def test_a_denial_stays_while_a_stolen_session_may_live(
    scene: Stage, step: Step, place: tuple[str, str], moment: str
) -> None:
    if not moment and step is role_sessions_revoked.STEP:
        pytest.skip("there is none without a cutoff")
    stage = replace(scene, wishes=replace(scene.wishes, revoked_before=moment))
    stage.apply(stage.plan(step, place))
    with pytest.raises(ActionError) as raised:
        taken_back(stage)
    assert str(raised.value.values["code"]).startswith("StolenSessionsMayLive")
    assert item_of(stage, step, place).standing is Standing.AS_WANTED
    taken_back(stage, step.id)
    assert item_of(stage, step, place).standing is Standing.TO_MAKE


def test_a_user_is_let_go_once_its_old_sessions_are_revoked_by_their_time(scene: Stage) -> None:
    stage = replace(scene, wishes=replace(scene.wishes, revoked_before=JUST_NOW))
    stage.apply(stage.plan(user_denied.STEP, USER))
    stage.apply(stage.plan(user_sessions_revoked.STEP, USER), "swap")
    taken_back(stage)
    assert item_of(stage, user_denied.STEP, USER).standing is Standing.TO_MAKE
    assert item_of(stage, user_sessions_revoked.STEP, USER).standing is Standing.AS_WANTED


@pytest.mark.parametrize(
    ("step", "place"), [(role_sessions_revoked.STEP, ROLE), (user_sessions_revoked.STEP, USER)], ids=lambda each: str(each)[:20]
)  # fmt: skip
def test_sessions_of_before_are_revoked_and_no_longer(scene: Stage, step: Step, place: tuple[str, str]) -> None:
    holds_and_is_taken_back(scene, step, place)


def test_the_policy_is_the_consoles_and_its_time_is_not_before_the_wish(scene: Stage) -> None:
    scene.apply(scene.plan(role_sessions_revoked.STEP, ROLE))
    (statement,) = inline(scene, "AWSRevokeOlderSessions", RoleName="ship")
    assert statement["Condition"] == {"DateLessThan": {"aws:TokenIssueTime": "2026-11-24T00:00:01Z"}}


@pytest.mark.parametrize(
    ("there", "standing"), [("2026-11-20T00:00:00Z", Standing.TO_MAKE), ("2026-11-25T00:00:00Z", Standing.AS_WANTED)]
)
def test_an_older_revocation_is_renewed_and_comes_back_and_a_newer_one_is_enough(
    scene: Stage, there: str, standing: Standing
) -> None:
    condition = {"DateLessThan": {"aws:TokenIssueTime": there}}
    statement = {"Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": condition}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    scene.client("iam").put_role_policy(RoleName="ship", PolicyName="AWSRevokeOlderSessions", PolicyDocument=document)
    assert item_of(scene, role_sessions_revoked.STEP, ROLE).standing is standing
    if standing is Standing.TO_MAKE:
        scene.apply(scene.plan(role_sessions_revoked.STEP, ROLE))
        assert inline(scene, "AWSRevokeOlderSessions", RoleName="ship") != [statement]
        scene.undo()
        assert inline(scene, "AWSRevokeOlderSessions", RoleName="ship") == [statement]


def test_without_a_cutoff_no_sessions_are_revoked(scene: Stage) -> None:
    item = item_of(replace(scene, wishes=WISHES), role_sessions_revoked.STEP, ROLE)
    assert (item.standing, item.reason) == (Standing.UNSAID, "respond_steps.no_cutoff")


def test_services_that_use_the_role_are_said(scene: Stage) -> None:
    assert texts(item_of(scene, role_sessions_revoked.STEP, ROLE)) == ["role_never_used", "refresh_functions"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/aws-reserved/sso.amazonaws.com/", "role_of_identity_center"), ("/aws-service-role/ecs.amazonaws.com/", "role_of_service")],
)  # fmt: skip
@pytest.mark.parametrize("step", [role_sessions_revoked.STEP, role_denied.STEP, role_trust_narrowed.STEP])
def test_roles_that_aws_lets_nobody_edit_are_held_back(scene: Stage, path: str, reason: str, step: Step) -> None:
    scene.client("iam").create_role(RoleName="fixed", Path=path, AssumeRolePolicyDocument=json.dumps(trust(OUTSIDE)))
    item = item_of(scene, step, arn(f"role{path}fixed"))
    assert item.standing is Standing.BLOCKED
    assert reason in texts(item)


def test_a_console_password_is_deleted_and_the_plan_says_that_it_does_not_come_back(scene: Stage) -> None:
    iam = scene.client("iam")
    iam.create_login_profile(UserName="deploy", Password="Not-a-real-1!")  # noqa: S106 - made up
    plan = scene.plan(console_closed.STEP, USER)
    (change,) = plan.items[0].changes
    assert change.lasting
    assert texts(plan.items[0]) == ["console_closed_unused"]
    scene.apply(plan)
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_login_profile(UserName="deploy")
    assert item_of(scene, console_closed.STEP, USER).standing is Standing.AS_WANTED
    (left,) = scene.undoing()
    assert left.changes == ()
    taken_back(scene)


def test_the_named_mfa_device_is_deactivated_and_the_users_own_stays(scene: Stage) -> None:
    iam = scene.client("iam")
    serials = []
    for name in ("own", "thiefs"):
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
        serials.append(device["SerialNumber"])
        codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "234567"}
        iam.enable_mfa_device(UserName="deploy", SerialNumber=device["SerialNumber"], **codes)
    scene.apply(scene.plan(mfa_device_deactivated.STEP, ("global", serials[1])))
    assert [each["SerialNumber"] for each in iam.list_mfa_devices(UserName="deploy")["MFADevices"]] == serials[:1]
    assert item_of(scene, mfa_device_deactivated.STEP, ("global", serials[1])).standing is Standing.AS_WANTED


def narrowed(stage: Stage, document: dict[str, Any], principal: str = "") -> Any:
    iam = stage.client("iam")
    iam.update_assume_role_policy(RoleName="ship", PolicyDocument=json.dumps(document))
    place = ROLE[0], f"{ROLE[1]}|{principal}" if principal else ROLE[1]
    holds_and_is_taken_back(stage, role_trust_narrowed.STEP, place)
    stage.apply(stage.plan(role_trust_narrowed.STEP, place), "again")
    return iam.get_role(RoleName="ship")["Role"]["AssumeRolePolicyDocument"]["Statement"]


def test_accounts_from_outside_may_take_the_role_no_longer_and_all_others_may(scene: Stage) -> None:
    (statement,) = narrowed(scene, trust([OWNER_OF_ALL, OUTSIDE, "111122223333"], "lambda.amazonaws.com"))
    assert statement["Principal"] == {"AWS": OWNER_OF_ALL, "Service": "lambda.amazonaws.com"}


@pytest.mark.parametrize("principal", ["999988887777", OUTSIDE])
def test_one_principal_is_named_by_its_account_or_its_arn(scene: Stage, principal: str) -> None:
    (statement,) = narrowed(scene, trust([OUTSIDE, "arn:aws:iam::111122223333:root"]), principal)
    assert statement["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}


def test_a_policy_that_let_in_nobody_else_lets_in_nobody(scene: Stage) -> None:
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}
    (statement,) = narrowed(scene, document)
    assert (statement["Effect"], statement["Sid"]) == ("Deny", "SakimoriNobody")


def test_a_trust_in_which_nobody_unwanted_stands_is_left_alone(scene: Stage) -> None:
    assert item_of(scene, role_trust_narrowed.STEP, ROLE).standing is Standing.AS_WANTED


def own_places(stage: Stage) -> Sequence[tuple[Step, str]]:
    caller = stage.client("sts").get_caller_identity()["Arn"]
    return [(user_denied.STEP, caller), (user_deny_attached.STEP, caller), (user_sessions_revoked.STEP, caller), (console_closed.STEP, caller)]  # fmt: skip


def test_this_program_never_locks_itself_out(scene: Stage) -> None:
    caller = scene.client("sts").get_caller_identity()["Arn"]
    name = caller.rpartition("/")[2]
    iam = scene.client("iam")
    iam.create_login_profile(UserName=name, Password="Not-a-real-1!")  # noqa: S106 - made up
    key = iam.list_access_keys(UserName=name)["AccessKeyMetadata"][0]["AccessKeyId"]
    for step, resource in (*own_places(scene), (key_deactivated.STEP, f"{caller}/{key}")):
        item = item_of(scene, step, ("global", resource))
        assert item.standing is Standing.BLOCKED, step.id
        assert "own" in texts(item)


def test_where_nobody_may_look_who_asks_nothing_is_denied(scene: Stage) -> None:
    scene.simulated.faults.add(Fault(kind=Kind.DENY, match="sts:GetCallerIdentity"))
    assert item_of(scene, user_denied.STEP, USER).standing is Standing.BLOCKED


@pytest.mark.parametrize(
    "step", [user_denied.STEP, user_sessions_revoked.STEP, role_denied.STEP, role_trust_narrowed.STEP]
)
def test_who_is_gone_is_nothing_to_do_and_who_is_anothers_is_theirs(scene: Stage, step: Step) -> None:
    kind = "user" if step.id.startswith("user") else "role"
    assert item_of(scene, step, arn(f"{kind}/left-long-ago")).standing is Standing.AS_WANTED
    other = item_of(scene, step, ("global", f"arn:aws:iam::111122223333:{kind}/left-long-ago"))
    assert (other.standing, other.reason) == (Standing.ADOPTED, "111122223333")


def test_the_last_use_of_what_stops_is_said(scene: Stage) -> None:
    scene.client("iam").create_access_key(UserName="deploy")
    assert "key_never_used" in texts(item_of(scene, user_denied.STEP, USER))
