from typing import Any

from tests.actions.staging import Stage, holds_and_is_taken_back

from sakimori.actions.fix.cloudshell_access_detached import STEP
from sakimori.actions.plan import Item, Standing

ACCOUNT = ("global", "arn:aws:iam::606060606060:root")
POLICY = "arn:aws:iam::aws:policy/AWSCloudShellFullAccess"
OTHER = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def make_holders(stage: Stage, role: str = "operator") -> Any:
    iam = stage.client("iam")
    iam.create_user(UserName="sato")
    iam.create_group(GroupName="admins")
    iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
    iam.attach_user_policy(UserName="sato", PolicyArn=POLICY)
    iam.attach_user_policy(UserName="sato", PolicyArn=OTHER)
    iam.attach_group_policy(GroupName="admins", PolicyArn=POLICY)
    iam.attach_role_policy(RoleName=role, PolicyArn=POLICY)
    return iam


def item_of(stage: Stage) -> Item:
    (item,) = stage.plan(STEP, ACCOUNT).items
    return item


def test_users_groups_and_roles_lose_the_policy_alone_and_have_it_again_after_an_undo(stage: Stage) -> None:
    iam = make_holders(stage)
    holds_and_is_taken_back(stage, STEP, ACCOUNT)
    stage.apply(stage.plan(STEP, ACCOUNT), "again")
    (left,) = iam.list_attached_user_policies(UserName="sato")["AttachedPolicies"]
    assert left["PolicyArn"] == OTHER


def test_roles_of_identity_center_are_named_and_left_alone(stage: Stage) -> None:
    iam = make_holders(stage, "AWSReservedSSO_Operators_0123456789abcdef")
    item = item_of(stage)
    assert [each.name for each in item.changes] == ["group admins", "user sato"]
    assert "fix_data.cloudshell_access_detached_fixed" in [each.text for each in item.cautions]
    iam.detach_user_policy(UserName="sato", PolicyArn=POLICY)
    iam.detach_group_policy(GroupName="admins", PolicyArn=POLICY)
    assert item_of(stage).standing is Standing.AS_WANTED


def test_an_account_in_which_nobody_has_it_is_left_alone_and_another_account_is_not_read(stage: Stage) -> None:
    assert item_of(stage).standing is Standing.AS_WANTED
    (item,) = stage.plan(STEP, ("global", "arn:aws:iam::111122223333:root")).items
    assert item.standing is Standing.UNREADABLE
