import json
from dataclasses import replace
from typing import Any

import pytest
from tests.actions.harden.way_back import the_way_back_is_as_shown
from tests.actions.staging import Stage, holds_and_is_taken_back

from sakimori.actions.harden.responder_roles_made import STEP
from sakimori.actions.plan import Item, Standing
from sakimori.actions.site import Site
from sakimori.actions.terraform import rendered
from sakimori.app.permissions import actions_for
from sakimori.collect.catalogue import declarations
from sakimori.model.action import Approval
from sakimori.model.errors import ActionError
from sakimori.model.words import GLOBAL

ROLES = ("sakimori-responder", "sakimori-auditor")
WITH_MFA = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": ["arn:aws:iam::606060606060:root"]},
            "Action": ["sts:AssumeRole"],
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": ["true"]}},
        }
    ],
}


def only(stage: Stage) -> Item:
    (item,) = stage.plan(STEP).items
    return item


def written(stage: Stage, role: str, policy: str) -> dict[str, Any]:
    return stage.client("iam").get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]


def auditor_from_outside(iam: Any) -> None:
    """As the template of `sakimori permissions` makes it, in an older version."""
    statement = {
        "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "a-long-random-text"}},
    }  # fmt: skip
    iam.create_role(RoleName=ROLES[1], AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))  # fmt: skip
    old = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}],
    }
    iam.put_role_policy(RoleName=ROLES[1], PolicyName="sakimori-read", PolicyDocument=json.dumps(old))


def responder_open_to_all(iam: Any) -> None:
    trust = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}
    iam.create_role(RoleName=ROLES[0], AssumeRolePolicyDocument=json.dumps(trust), MaxSessionDuration=43200)
    iam.attach_role_policy(RoleName=ROLES[0], PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")


@pytest.mark.parametrize(
    "arrange", [lambda _iam: None, auditor_from_outside, responder_open_to_all], ids=["nothing", "half", "wrong"]
)
def test_the_roles_are_made_and_taken_back(stage: Stage, arrange: Any) -> None:
    arrange(stage.client("iam"))
    accepting = replace(stage, accepted=frozenset({"HB26"}))
    the_way_back_is_as_shown(accepting, STEP)
    holds_and_is_taken_back(accepting, STEP)


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": "arn:aws:iam::999999999999:root"},
        {"Federated": "arn:aws:iam::999999999999:oidc-provider/token.actions.githubusercontent.com"},
        {"Service": "ec2.amazonaws.com"},
    ],
)
def test_a_role_of_our_name_that_lets_in_others_gets_nothing_unless_that_is_meant(stage: Stage, principal: Any) -> None:
    guarded = {"StringEquals": {"sts:ExternalId": "x" * 20}}
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": guarded}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    stage.client("iam").create_role(RoleName=ROLES[0], AssumeRolePolicyDocument=document)
    (item,) = stage.plan(STEP).items
    assert item.standing is Standing.BLOCKED
    (held,) = [each for each in item.cautions if each.blocks]
    assert held.values == {"role": ROLES[0], "who": list(principal.values())}


def test_both_ask_for_mfa_and_last_an_hour(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    for name in ROLES:
        role = stage.client("iam").get_role(RoleName=name)["Role"]
        assert role["AssumeRolePolicyDocument"] == WITH_MFA
        assert role["MaxSessionDuration"] == 3600


def test_two_people_must_agree() -> None:
    assert STEP.approval is Approval.TWO_PERSON


def test_the_responder_can_give_nobody_any_right(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    statements = written(stage, ROLES[0], "sakimori-respond")["Statement"]
    by_action = {action: each for each in statements for action in each["Action"]}
    changing = {each for each in by_action if not each.startswith(("support:", "kms:"))}
    assert changing == {
        "iam:UpdateAccessKey", "iam:AttachUserPolicy", "iam:AttachRolePolicy", "iam:DetachUserPolicy", "iam:DetachRolePolicy",
    }  # fmt: skip
    for action in changing - {"iam:UpdateAccessKey"}:
        assert by_action[action]["Condition"] == {
            "ArnEquals": {"iam:PolicyARN": ["arn:aws:iam::aws:policy/AWSDenyAll"]}
        }
    assert "*" not in "".join(by_action), "every action is named"


def test_the_auditor_may_make_every_call_of_every_table_and_no_other(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    statements = written(stage, ROLES[1], "sakimori-read")["Statement"]
    assert {action for each in statements for action in each["Action"]} == set(actions_for(declarations()))


def test_what_is_written_into_a_role_fits(stage: Stage) -> None:
    """10,240 characters for all policies in a role, white space not counted (IAM and STS quotas)."""
    stage.apply(stage.plan(STEP))
    for role, policy in zip(ROLES, ("sakimori-respond", "sakimori-read"), strict=True):
        assert len(json.dumps(written(stage, role, policy), separators=(",", ":"))) <= 10_240


def test_an_auditor_of_another_account_keeps_its_trust_and_gets_what_it_lacks(stage: Stage) -> None:
    iam = stage.client("iam")
    auditor_from_outside(iam)
    before = iam.get_role(RoleName=ROLES[1])["Role"]["AssumeRolePolicyDocument"]
    stage.apply(replace(stage, accepted=frozenset({"HB26"})).plan(STEP))
    assert iam.get_role(RoleName=ROLES[1])["Role"]["AssumeRolePolicyDocument"] == before
    attached = iam.list_attached_role_policies(RoleName=ROLES[1])["AttachedPolicies"]
    assert [each["PolicyName"] for each in attached] == ["SecurityAudit"]


def test_the_plan_says_who_else_can_take_the_roles_and_what_they_have_too_much(stage: Stage) -> None:
    assert not only(stage).cautions
    iam = stage.client("iam")
    responder_open_to_all(iam)
    iam.create_group(GroupName="operators")
    iam.attach_group_policy(GroupName="operators", PolicyArn="arn:aws:iam::aws:policy/PowerUserAccess")
    found = {each.text: each.values for each in only(stage).cautions}
    assert found == {
        "harden_people.hb26_power_users": {"who": ["operators"]},
        "harden_people.hb26_more": {"role": ROLES[0], "policies": ["AmazonS3ReadOnlyAccess"]},
        "harden_people.role_trust_replaced": {"role": ROLES[0], "day": "-"},
    }
    stage.apply(stage.plan(STEP))
    attached = iam.list_attached_role_policies(RoleName=ROLES[0])["AttachedPolicies"]
    assert {each["PolicyName"] for each in attached} == {"AmazonS3ReadOnlyAccess", "ReadOnlyAccess"}


def test_an_undo_stops_before_anything_is_detached_where_a_role_is_in_an_instance_profile(stage: Stage) -> None:
    iam = stage.client("iam")
    stage.apply(stage.plan(STEP))
    iam.create_instance_profile(InstanceProfileName="jump")
    iam.add_role_to_instance_profile(InstanceProfileName="jump", RoleName=ROLES[1])
    before = stage.rows(("iam",))
    with pytest.raises(ActionError) as refused:
        stage.undo()
    assert (refused.value.text, refused.value.values["call"]) == ("harden.refused", "iam:DeleteRole")
    assert stage.rows(("iam",)) == before
    iam.remove_role_from_instance_profile(InstanceProfileName="jump", RoleName=ROLES[1])
    stage.undo()
    assert not {*ROLES} & {each["RoleName"] for each in iam.list_roles()["Roles"]}


def test_terraform_says_the_same(stage: Stage) -> None:
    item = only(stage)
    assert item.standing is Standing.TO_MAKE
    assert STEP.terraform is not None
    assert item.target is not None
    text = rendered(STEP.terraform(Site(door=stage.door, region=GLOBAL), item.target))
    assert text.count('resource "aws_iam_role" ') == 2
    assert text.count('resource "aws_iam_role_policy" ') == 2
    assert text.count('resource "aws_iam_role_policy_attachment" ') == 2
