"""Which step takes away what: of things as an incident tells of them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sakimori.actions.catalogue import every_step
from sakimori.actions.respond.erasing import ERASING, RESTORING, Erasure, erasure_of, erasures_of
from sakimori.analysis.incident.form import Made
from sakimori.analysis.incident.made import made_lines

ACCOUNT, REGION = "111122223333", "us-west-2"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ship"
USER = f"arn:aws:iam::{ACCOUNT}:user/back"


def made(kind: str, id_: str, arn: str = "", change: str = "Create", **others: Any) -> Made:
    told = {
        "account": ACCOUNT, "region": REGION, "event_ids": ("e",), "at": datetime(2026, 11, 25, tzinfo=UTC), "by": "k",
        "is_created": True,
    }  # fmt: skip
    return Made(**{**told, "kind": kind, "id": id_, "arn": arn, "change": change, **others})


def test_every_step_that_is_named_exists() -> None:
    assert {*ERASING.values(), *RESTORING.values()} <= every_step().keys()


def test_every_kind_and_event_that_is_named_is_one_that_an_incident_tells_of() -> None:
    lines = made_lines()
    assert ERASING.keys() <= {each.kind for each in lines.values()}
    assert RESTORING.keys() <= {name for _, name in lines}


@pytest.mark.parametrize(
    ("thing", "expected"),
    [
        (made("AWS::IAM::User", "back", USER), Erasure(step="user-erased", account=ACCOUNT, region="global", resource=USER)),
        (
            made("AWS::IAM::AccessKey", "AKIAIOSFODNN7EXAMPLE", USER),
            Erasure(step="access-key-erased", account=ACCOUNT, region="global", resource=f"{USER}/AKIAIOSFODNN7EXAMPLE"),
        ),
        (
            made("AWS::AutoScaling::AutoScalingGroup", "miners"),
            Erasure(
                step="auto-scaling-erased", account=ACCOUNT, region=REGION,
                resource=f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup::autoScalingGroupName/miners",
            ),
        ),
        (
            made("AWS::EC2::Snapshot", "snap-1", f"arn:aws:ec2:{REGION}::snapshot/snap-1"),
            Erasure(step="snapshot-erased", account=ACCOUNT, region=REGION, resource=f"arn:aws:ec2:{REGION}::snapshot/snap-1"),
        ),
        (
            made("AWS::IAM::Role", "ship", ROLE, "AttachRolePolicy", is_created=False, told={"policyArn": "arn:aws:iam::aws:policy/P"}),
            Erasure(step="policy-detached", account=ACCOUNT, region="global", resource=f"{ROLE}|arn:aws:iam::aws:policy/P"),
        ),
        (
            made("AWS::IAM::Role", "ship", ROLE, "UpdateAssumeRolePolicy", is_created=False),
            Erasure(step="role-trust-narrowed", account=ACCOUNT, region="global", resource=ROLE),
        ),
        (
            made(
                "AWS::IAM::Group", "admins", f"arn:aws:iam::{ACCOUNT}:group/staff/admins", "AddUserToGroup", is_created=False,
                told={"userName": "back"},
            ),
            Erasure(step="group-left", account=ACCOUNT, region="global", resource=f"{USER}|admins"),
        ),
    ],
)  # fmt: skip
def test_a_thing_is_named_as_its_step_wants_it(thing: Made, expected: Erasure) -> None:
    assert erasure_of(thing) == expected


@pytest.mark.parametrize(
    "thing",
    [
        made("other", "x"), made("AWS::S3::Bucket", "b", "arn:aws:s3:::b"), made("AWS::EC2::Instance", "i-1"),
        made("AWS::IAM::AccessKey", "", USER), made("AWS::IAM::Role", "r", ROLE, "AttachRolePolicy", is_created=False),
        made("AWS::IAM::Role", "r", ROLE, "PutRolePolicy", is_created=False, told={"policyName": 7}),
    ],
)  # fmt: skip
def test_what_no_step_is_for_or_cannot_be_named_is_left_to_a_person(thing: Made) -> None:
    assert erasure_of(thing) is None


def test_what_starts_things_anew_goes_first_and_users_last_and_each_once() -> None:
    instance = made("AWS::EC2::Instance", "i-1", f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1")
    things = [
        made("AWS::IAM::User", "back", USER), made("AWS::IAM::AccessKey", "AKIAIOSFODNN7EXAMPLE", USER),
        made("AWS::IAM::Role", "ship", ROLE), instance, instance,
        made("AWS::EC2::Snapshot", "snap-1", f"arn:aws:ec2:{REGION}::snapshot/snap-1"),
        made("AWS::AutoScaling::AutoScalingGroup", "miners"),
        made("AWS::CloudTrail::Trail", "t", f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/t", "StopLogging", is_created=False),
    ]  # fmt: skip
    assert [each.step for each in erasures_of(things)] == [
        "trail-started", "auto-scaling-erased", "snapshot-erased", "instance-erased", "role-erased", "access-key-erased",
        "user-erased",
    ]  # fmt: skip


def test_changes_of_what_the_thief_made_itself_go_with_it() -> None:
    change = made("AWS::IAM::User", "back", USER, "PutUserPolicy", is_created=False, told={"policyName": "more"})
    assert [each.step for each in erasures_of([made("AWS::IAM::User", "back", USER), change])] == ["user-erased"]
    assert [each.step for each in erasures_of([change])] == ["inline-policy-erased"]


@pytest.mark.parametrize("kind", ["AWS::IAM::AccessKey", "AWS::IAM::LoginProfile", "AWS::IAM::SSHPublicKey"])
def test_a_key_or_password_made_for_somebodys_user_does_not_hide_the_rights_that_the_user_was_given(kind: str) -> None:
    gift = made("AWS::IAM::User", "back", USER, "AttachUserPolicy", is_created=False, told={"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"})  # fmt: skip
    assert "policy-detached" in [each.step for each in erasures_of([made(kind, "AKIAIOSFODNN7EXAMPLE", USER), gift])]


def test_a_key_that_the_thief_made_and_woke_up_again_goes_once() -> None:
    key = made("AWS::IAM::AccessKey", "AKIAIOSFODNN7EXAMPLE", USER)
    woken = made("AWS::IAM::AccessKey", "AKIAIOSFODNN7EXAMPLE", USER, "UpdateAccessKey", is_created=False)
    assert [each.step for each in erasures_of([key, woken])] == ["access-key-erased"]
