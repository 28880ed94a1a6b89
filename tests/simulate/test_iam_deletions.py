"""What somebody still has is not deleted."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sakimori.simulate.server import SimulatedAccount

_READ = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}}'
_AUDIT = "arn:aws:iam::aws:policy/SecurityAudit"
_OWN = "arn:aws:iam::606060606060:policy/own"


@pytest.fixture
def iam() -> Iterator[Any]:
    with SimulatedAccount(account_id="606060606060") as account:
        client = account.client("iam", region="us-east-1")
        client.create_group(GroupName="staff")
        client.create_policy(PolicyName="own", PolicyDocument=_READ)
        yield client


def code_of(call: Callable[..., object], **parameters: object) -> str:
    try:
        call(**parameters)
    except ClientError as refused:
        return refused.response["Error"]["Code"]
    return ""


@pytest.mark.parametrize(
    "fill",
    [
        lambda iam: iam.add_user_to_group(GroupName="staff", UserName="nobody"),
        lambda iam: iam.attach_group_policy(GroupName="staff", PolicyArn=_AUDIT),
        lambda iam: iam.put_group_policy(GroupName="staff", PolicyName="read", PolicyDocument=_READ),
    ],
    ids=["member", "attached policy", "inline policy"],
)
def test_a_group_that_is_not_empty_stays(iam: Any, fill: Callable[[Any], object]) -> None:
    fill(iam)
    assert code_of(iam.delete_group, GroupName="staff") == "DeleteConflict"
    assert [each["GroupName"] for each in iam.list_groups()["Groups"]] == ["staff"]


@pytest.mark.parametrize(
    "use",
    [
        lambda iam: iam.attach_user_policy(UserName="nobody", PolicyArn=_OWN),
        lambda iam: iam.create_policy_version(PolicyArn=_OWN, PolicyDocument=_READ, SetAsDefault=True),
    ],
    ids=["attached", "two versions"],
)
def test_a_policy_that_is_in_use_or_has_more_versions_stays(iam: Any, use: Callable[[Any], object]) -> None:
    use(iam)
    assert code_of(iam.delete_policy, PolicyArn=_OWN) == "DeleteConflict"
    assert iam.get_policy(PolicyArn=_OWN)


@pytest.mark.slow
def test_what_is_empty_goes_once(iam: Any) -> None:
    assert code_of(iam.delete_group, GroupName="staff") == ""
    assert code_of(iam.delete_group, GroupName="staff") == "NoSuchEntity"
    assert code_of(iam.delete_policy, PolicyArn=_OWN) == ""
    assert code_of(iam.delete_policy, PolicyArn=_OWN) == "NoSuchEntity"


def test_who_has_a_policy_of_aws_is_known_before_anybody_has_it(iam: Any) -> None:
    arn = "arn:aws:iam::aws:policy/AWSSupportAccess"
    answer = iam.list_entities_for_policy(PolicyArn=arn)
    assert [answer[each] for each in ("PolicyGroups", "PolicyUsers", "PolicyRoles")] == [[], [], []]
