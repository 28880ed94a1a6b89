import json
from dataclasses import replace
from typing import Any

import pytest
from tests.actions.harden.way_back import the_way_back_is_as_shown
from tests.actions.staging import Stage, holds_and_is_taken_back

from sakimori.actions.applying import journaled_items
from sakimori.actions.harden.groups_made import STEP
from sakimori.actions.identity.mfa_policies import OPERATORS, asks_for_mfa, mfa_policy
from sakimori.actions.journal import open_journal
from sakimori.actions.plan import Item, Standing
from sakimori.actions.site import Site
from sakimori.actions.terraform import rendered
from sakimori.model.errors import ActionError
from sakimori.model.words import GLOBAL
from sakimori.simulate.faults import Fault, Kind

AWS = "arn:aws:iam::aws:policy/"
OURS = {"sakimori-admins", "sakimori-operators", "sakimori-readonly", "sakimori-billing"}


def groups(stage: Stage) -> dict[str, set[str]]:
    iam = stage.client("iam")
    return {
        group["GroupName"]: {
            each["PolicyName"] for each in iam.list_attached_group_policies(GroupName=group["GroupName"])["AttachedPolicies"]
        }
        for group in iam.list_groups()["Groups"]
    }  # fmt: skip


def policies(stage: Stage) -> set[str]:
    return {each["PolicyName"] for each in stage.client("iam").list_policies(Scope="Local")["Policies"]}


def only(stage: Stage) -> Item:
    (item,) = stage.plan(STEP).items
    return item


def half_there(iam: Any) -> None:
    iam.create_group(GroupName="sakimori-admins")
    iam.create_group(GroupName="sakimori-operators")
    iam.attach_group_policy(GroupName="sakimori-operators", PolicyArn=f"{AWS}PowerUserAccess")
    iam.add_user_to_group(GroupName="sakimori-admins", UserName="nobody")


def wrongly_there(iam: Any) -> None:
    iam.create_group(GroupName="admins")
    iam.attach_group_policy(GroupName="admins", PolicyArn=f"{AWS}ReadOnlyAccess")
    iam.create_group(GroupName="sakimori-billing")
    iam.attach_group_policy(GroupName="sakimori-billing", PolicyArn=f"{AWS}AmazonS3ReadOnlyAccess")


@pytest.mark.parametrize("arrange", [lambda _iam: None, half_there, wrongly_there], ids=["nothing", "half", "wrong"])
def test_groups_and_policies_are_made_and_taken_back(stage: Stage, arrange: Any) -> None:
    arrange(stage.client("iam"))
    accepting = replace(stage, accepted=frozenset({"HB24"}))
    the_way_back_is_as_shown(accepting, STEP)
    holds_and_is_taken_back(accepting, STEP)


def test_who_is_in_a_group_of_our_name_gets_nothing_unless_that_is_meant(stage: Stage) -> None:
    half_there(stage.client("iam"))
    (item,) = stage.plan(STEP).items
    assert item.standing is Standing.BLOCKED
    (held,) = [each for each in item.cautions if each.blocks]
    assert held.values == {"group": "sakimori-admins", "users": ["nobody"], "policy": "AdministratorAccess"}


def test_nobody_is_put_into_a_group_and_no_policy_is_attached(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    iam = stage.client("iam")
    assert groups(stage) == {
        "sakimori-admins": {"AdministratorAccess"},
        "sakimori-operators": {"PowerUserAccess"},
        "sakimori-readonly": {"ViewOnlyAccess"},
        "sakimori-billing": {"AWSBillingReadOnlyAccess"},
    }
    assert not [user for name in OURS for user in iam.get_group(GroupName=name)["Users"]]
    assert policies(stage) == set(OPERATORS)
    assert {each["AttachmentCount"] for each in iam.list_policies(Scope="Local")["Policies"]} == {0}


def test_groups_of_the_owner_serve_whatever_their_name(stage: Stage) -> None:
    iam = stage.client("iam")
    for name, policy in {"kanri": "AdministratorAccess", "keiri": "job-function/Billing"}.items():
        iam.create_group(GroupName=name)
        iam.attach_group_policy(GroupName=name, PolicyArn=AWS + policy)
    holds_and_is_taken_back(stage, STEP)
    stage.apply(stage.plan(STEP), "again")
    assert groups(stage).keys() == {"kanri", "keiri", "sakimori-operators", "sakimori-readonly"}


def test_a_policy_of_the_owner_that_asks_for_mfa_serves(stage: Stage) -> None:
    site = Site(door=stage.door, region=GLOBAL)
    document = mfa_policy(site.account, "sakimori-mfa-required")
    stage.client("iam").create_policy(PolicyName="Force_MFA", PolicyDocument=document)
    stage.apply(stage.plan(STEP))
    assert policies(stage) == {"Force_MFA"}


def test_where_everything_is_there_nothing_is_planned(stage: Stage) -> None:
    iam = stage.client("iam")
    for number, policy in enumerate(
        ("AdministratorAccess", "PowerUserAccess", "ReadOnlyAccess", "AWSBillingReadOnlyAccess")
    ):
        iam.create_group(GroupName=f"team{number}")
        iam.attach_group_policy(GroupName=f"team{number}", PolicyArn=AWS + policy)
    document = '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:multifactorauthpresent": "false"}}}}'
    iam.create_policy(PolicyName="Force_MFA", PolicyDocument=document)
    assert only(stage).standing is Standing.AS_WANTED


def test_where_people_come_by_identity_center_nothing_is_made(stage: Stage) -> None:
    stage.client("iam").create_role(
        RoleName="AWSReservedSSO_AdministratorAccess_0123456789abcdef",
        Path="/aws-reserved/sso.amazonaws.com/ap-northeast-1/",
        AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}',
    )
    assert (only(stage).standing, only(stage).reason) == (Standing.ADOPTED, "IAM Identity Center")


# -- the way back -------------------------------------------------------------------


def loses(stage: Stage) -> str:
    journal, lines = open_journal(stage.place, stage.door.account.id, "run")
    journal.close()
    (item,) = journaled_items(lines)
    return stage.hand().loses(item)


def test_who_was_put_into_a_group_meanwhile_is_taken_out_after_its_name_was_typed(stage: Stage) -> None:
    before = stage.rows()
    stage.apply(stage.plan(STEP))
    assert not loses(stage)
    iam = stage.client("iam")
    iam.add_user_to_group(GroupName="sakimori-readonly", UserName="nobody")
    iam.put_group_policy(GroupName="sakimori-readonly", PolicyName="more", PolicyDocument=mfa_policy(stage.door.account, "sakimori-mfa-required"))  # fmt: skip
    iam.attach_group_policy(GroupName="sakimori-readonly", PolicyArn=f"{AWS}AmazonS3ReadOnlyAccess")
    assert loses(stage) == "sakimori-readonly"
    stage.undo()
    assert stage.rows() == before


def test_a_group_that_was_there_keeps_those_who_came_meanwhile(stage: Stage) -> None:
    iam = stage.client("iam")
    iam.create_group(GroupName="sakimori-admins")
    stage.apply(stage.plan(STEP))
    iam.add_user_to_group(GroupName="sakimori-admins", UserName="nobody")
    iam.attach_group_policy(GroupName="sakimori-admins", PolicyArn=f"{AWS}AmazonS3ReadOnlyAccess")
    assert not loses(stage), "the group stays, and so do its members"
    stage.undo()
    assert groups(stage) == {"sakimori-admins": {"AmazonS3ReadOnlyAccess"}}
    assert [each["UserName"] for each in iam.get_group(GroupName="sakimori-admins")["Users"]] == ["nobody"]


def test_a_policy_that_somebody_attached_stops_the_undo_before_anything_is_taken_back(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    name = "sakimori-mfa-required"
    stage.client("iam").attach_user_policy(UserName="nobody", PolicyArn=f"arn:aws:iam::606060606060:policy/{name}")
    with pytest.raises(ActionError) as refused:
        stage.undo()
    assert refused.value.values["code"] == "DeleteConflict"
    assert name in policies(stage)
    assert groups(stage).keys() == OURS


# -- what the two policies do ---------------------------------------------------------


def test_the_plan_says_whom_the_policies_would_shut_out(stage: Stage) -> None:
    stage.client("iam").create_login_profile(UserName="nobody", Password="correct-horse-1A")  # noqa: S106 - nobody signs in with it
    cautions = {each.text: each.values["users"] for each in only(stage).cautions}
    assert cautions == {
        "harden_people.hb24_without_mfa": ["nobody"],
        "harden_people.hb24_keys": ["auditor", "nobody", "owner"],
    }
    assert not any(each.blocks for each in only(stage).cautions)


def test_that_users_could_not_be_looked_at_is_said(stage: Stage) -> None:
    stage.simulated.faults.add(Fault(kind=Kind.DENY, match="iam:GenerateCredentialReport"))
    (caution,) = only(stage).cautions
    assert caution.values == {"call": "iam:GenerateCredentialReport", "code": "AccessDenied"}
    assert only(stage).standing is Standing.TO_MAKE


@pytest.mark.parametrize(
    ("policy", "action", "context", "is_denied"),
    [
        ("sakimori-mfa-required", "s3:ListAllMyBuckets", {}, True),
        ("sakimori-mfa-required-console", "s3:ListAllMyBuckets", {}, False),
        ("sakimori-mfa-required", "s3:ListAllMyBuckets", {"aws:MultiFactorAuthPresent": "false"}, True),
        ("sakimori-mfa-required-console", "s3:ListAllMyBuckets", {"aws:MultiFactorAuthPresent": "false"}, True),
        ("sakimori-mfa-required", "s3:ListAllMyBuckets", {"aws:MultiFactorAuthPresent": "true"}, False),
        ("sakimori-mfa-required", "iam:EnableMFADevice", {"aws:MultiFactorAuthPresent": "false"}, False),
        ("sakimori-mfa-required", "sts:GetSessionToken", {}, False),
        ("sakimori-mfa-required", "iam:DeactivateMFADevice", {"aws:MultiFactorAuthPresent": "false"}, True),
    ],
)
def test_without_mfa_nothing_is_possible_but_to_get_it(
    stage: Stage, policy: str, action: str, context: dict[str, str], is_denied: bool
) -> None:
    document = json.loads(mfa_policy(stage.door.account, policy))
    assert asks_for_mfa(document)
    (deny,) = [each for each in document["Statement"] if each["Effect"] == "Deny"]
    told = {"aws:ViaAWSService": "false", **context}
    hits = all(
        told.get(key, "absent") == wanted or (operator == "BoolIfExists" and key not in told)
        for operator, pairs in deny["Condition"].items()
        for key, wanted in pairs.items()
    )
    assert (hits and action not in deny["NotAction"]) is is_denied


def test_terraform_makes_groups_and_policies_and_computes_nothing_from_their_text(stage: Stage) -> None:
    item = only(stage)
    assert STEP.terraform is not None
    assert item.target is not None
    text = rendered(STEP.terraform(Site(door=stage.door, region=GLOBAL), item.target))
    assert text.count('resource "aws_iam_group" ') == 4
    assert text.count('resource "aws_iam_policy" ') == 2
    assert "group = aws_iam_group.sakimori-admins.name" in text
    assert "user/$${aws:username}" in text
