import json
from typing import Any

import pytest
from tests.actions.harden.way_back import the_way_back_is_as_shown
from tests.actions.staging import Stage, holds_and_is_taken_back

from sakimori.actions.harden.support_role_made import STEP
from sakimori.actions.plan import Item, Standing
from sakimori.actions.resources.policy_statements import normal_policy
from sakimori.actions.site import Site
from sakimori.actions.terraform import rendered
from sakimori.model.errors import ActionError
from sakimori.model.words import GLOBAL

SUPPORT = "arn:aws:iam::aws:policy/AWSSupportAccess"
ROOT = "arn:aws:iam::606060606060:root"
ROLE = "sakimori-support"


def trust(principal: object, **condition: object) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]}
    )


MFA = {"aws:MultiFactorAuthPresent": "true"}
WITH_MFA = trust({"AWS": ROOT}, Bool=MFA)


def only(stage: Stage) -> Item:
    (item,) = stage.plan(STEP).items
    return item


def role(stage: Stage) -> dict[str, Any]:
    return stage.client("iam").get_role(RoleName=ROLE)["Role"]


def without_policy(iam: Any) -> None:
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=WITH_MFA)


def open_to_all(iam: Any) -> None:
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust({"AWS": "*"}), MaxSessionDuration=43200)
    iam.attach_role_policy(RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    iam.put_role_policy(RoleName=ROLE, PolicyName="more", PolicyDocument=trust("*").replace('"Principal": "*", ', '"Resource": "*", '))  # fmt: skip


@pytest.mark.parametrize(
    "arrange", [lambda _iam: None, without_policy, open_to_all], ids=["nothing", "without its policy", "open to all"]
)
def test_the_support_role_is_made_and_taken_back(stage: Stage, arrange: Any) -> None:
    arrange(stage.client("iam"))
    the_way_back_is_as_shown(stage, STEP)
    holds_and_is_taken_back(stage, STEP)


def test_whoever_takes_the_role_is_of_this_account_and_has_shown_mfa(stage: Stage) -> None:
    stage.apply(stage.plan(STEP))
    assert role(stage)["AssumeRolePolicyDocument"] == normal_policy(json.loads(WITH_MFA))
    assert role(stage)["MaxSessionDuration"] == 3600
    assert role(stage)["Tags"] == [{"Key": "sakimori", "Value": "HB25"}]


@pytest.mark.parametrize("kind", ["role", "group", "user"])
def test_whoever_holds_the_policy_already_serves(stage: Stage, kind: str) -> None:
    iam = stage.client("iam")
    if kind == "role":
        iam.create_role(RoleName="madoguchi", AssumeRolePolicyDocument=WITH_MFA)
        iam.attach_role_policy(RoleName="madoguchi", PolicyArn=SUPPORT)
    elif kind == "group":
        iam.create_group(GroupName="madoguchi")
        iam.attach_group_policy(GroupName="madoguchi", PolicyArn=SUPPORT)
    else:
        iam.attach_user_policy(UserName="nobody", PolicyArn=SUPPORT)
    item = only(stage)
    assert item.standing is Standing.AS_WANTED
    assert item.before is not None
    assert item.before["others"] == ["nobody" if kind == "user" else "madoguchi"]
    assert STEP.terraform is not None
    assert item.target is not None
    assert not STEP.terraform(Site(door=stage.door, region=GLOBAL), item.target)


@pytest.mark.parametrize(
    ("there", "is_replaced"),
    [
        (trust({"AWS": ROOT}), True),
        (trust("*"), True),
        (trust({"AWS": ROOT}, BoolIfExists={"aws:MultiFactorAuthPresent": "true"}), True),
        (trust({"AWS": ROOT}, Bool={"aws:MultiFactorAuthPresent": "false"}), True),
        (trust({"AWS": ROOT}, StringEquals={"aws:PrincipalOrgID": "o-1234567890"}), True),
        (trust({"AWS": f"{ROOT[:-4]}user/sato"}, Bool={"aws:multifactorauthpresent": ["true"]}), False),
        (trust({"AWS": ROOT}, NumericLessThan={"aws:MultiFactorAuthAge": "3600"}), False),
        (
            trust({"AWS": "arn:aws:iam::111122223333:root"}, StringEquals={"sts:ExternalId": "a-long-random-text"}),
            False,
        ),
        (trust({"Federated": "arn:aws:iam::606060606060:saml-provider/company"}), False),
    ],
)
def test_a_trust_that_asks_for_something_stays_and_one_that_asks_for_nothing_is_replaced(
    stage: Stage, there: str, is_replaced: bool
) -> None:
    stage.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=there)
    stage.apply(stage.plan(STEP))
    expected = normal_policy(json.loads(WITH_MFA)) if is_replaced else json.loads(there)
    assert role(stage)["AssumeRolePolicyDocument"] == expected


def test_a_trust_that_aws_tells_in_another_order_is_the_same(stage: Stage) -> None:
    people = [f"{ROOT[:-4]}user/{name}" for name in ("sato", "abe")]
    iam = stage.client("iam")
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust({"AWS": people}, Bool=MFA))
    plan = stage.plan(STEP)
    iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=trust({"AWS": people[::-1]}, Bool=MFA))
    stage.apply(plan)
    assert only(stage).standing is Standing.AS_WANTED


def test_who_takes_the_role_without_mfa_today_is_told_before(stage: Stage) -> None:
    open_to_all(stage.client("iam"))
    (caution,) = only(stage).cautions
    assert (caution.text, caution.values) == ("harden_people.role_trust_replaced", {"role": ROLE, "day": "-"})


def test_a_role_that_asks_for_mfa_keeps_its_long_sessions(stage: Stage) -> None:
    stage.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=WITH_MFA, MaxSessionDuration=43200)
    stage.apply(stage.plan(STEP))
    assert role(stage)["MaxSessionDuration"] == 43200


def test_what_others_gave_a_role_that_was_there_stays_after_an_undo(stage: Stage) -> None:
    iam = stage.client("iam")
    without_policy(iam)
    stage.apply(stage.plan(STEP))
    other = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=other)
    stage.undo()
    assert [each["PolicyArn"] for each in iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"]] == [other]


def test_a_role_of_a_stack_is_left_alone(stage: Stage) -> None:
    template = {
        "Resources": {
            "Support": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "RoleName": ROLE,
                    "AssumeRolePolicyDocument": json.loads(trust({"AWS": ROOT})),
                    "Tags": [{"Key": "aws:cloudformation:stack-name", "Value": "roles"}],
                },
            }
        }
    }
    stage.client("cloudformation").create_stack(StackName="roles", TemplateBody=json.dumps(template))
    assert only(stage).standing is Standing.AS_WANTED


def test_people_of_identity_center_are_told_that_they_cannot_take_the_role(stage: Stage) -> None:
    assert not only(stage).cautions
    stage.client("iam").create_role(
        RoleName="AWSReservedSSO_AdministratorAccess_0123456789abcdef",
        Path="/aws-reserved/sso.amazonaws.com/",
        AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}',
    )
    (caution,) = only(stage).cautions
    assert (caution.text, caution.blocks) == ("harden_people.no_mfa_mark", False)


def test_an_undo_stops_before_anything_is_detached_where_a_role_is_in_an_instance_profile(stage: Stage) -> None:
    iam = stage.client("iam")
    stage.apply(stage.plan(STEP))
    iam.create_instance_profile(InstanceProfileName="jump")
    iam.add_role_to_instance_profile(InstanceProfileName="jump", RoleName=ROLE)
    before = stage.rows(("iam",))
    with pytest.raises(ActionError) as refused:
        stage.undo()
    assert (refused.value.text, refused.value.values["call"]) == ("harden.refused", "iam:DeleteRole")
    assert stage.rows(("iam",)) == before
    iam.remove_role_from_instance_profile(InstanceProfileName="jump", RoleName=ROLE)
    stage.undo()
    assert not {ROLE} & {each["RoleName"] for each in iam.list_roles()["Roles"]}


def test_terraform_says_the_same(stage: Stage) -> None:
    item = only(stage)
    assert STEP.terraform is not None
    assert item.target is not None
    text = rendered(STEP.terraform(Site(door=stage.door, region=GLOBAL), item.target))
    assert "role = aws_iam_role.sakimori-support.name" in text
    assert f'policy_arn = "{SUPPORT}"' in text
    assert "region" not in text
