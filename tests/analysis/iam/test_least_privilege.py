"""A policy from recorded use allows what was recorded, and claims nothing of what was not."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.iam.test_backtest import ACCOUNT, ALICE, event

from sakimori.analysis.iam.account import IamAccount, iam_account
from sakimori.analysis.iam.context import Context
from sakimori.analysis.iam.least_privilege import LeastPrivilege, least_privilege
from sakimori.analysis.iam.policy import policy_of
from sakimori.analysis.iam.recorded_use import RecordedUse, recorded_use
from sakimori.analysis.iam.resource_patterns import MOST, generalised
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.lake.engines.duck import Engine


def use_of(events: Sequence[dict[str, object]], principal: str = ALICE) -> RecordedUse:
    with closing(Engine(threads=1)) as engine:
        engine.create(TABLE)
        engine.insert(TABLE, events)
        return recorded_use(engine, lambda columns: f"select {', '.join(columns)} from {TABLE.name}", principal)


def put(number: int, key: str, **more: Any) -> dict[str, object]:
    return event(number, "PutObject", "s3", request_parameters=f'{{"bucketName":"books","key":"{key}"}}', **more)


def account_with(*statements: dict[str, Any]) -> IamAccount:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return iam_account([{"Arn": ALICE, "UserName": "alice", "UserId": "AIDACKCEVSQ6C2EXAMPLE", "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": document}]}])  # fmt: skip


def beside(events: Sequence[dict[str, object]], *statements: dict[str, Any]) -> LeastPrivilege:
    account = account_with(*statements)
    return least_privilege(use_of(events), account, account.identities[ALICE])


def test_actions_stand_with_their_resources_or_else_with_their_regions() -> None:
    found = least_privilege(
        use_of([put(0, "a/1"), event(1, "DescribeInstances", "ec2", aws_region="eu-west-1"), event(2, "CreateUser")])
    )
    assert found.policy is not None
    assert [(each["Action"], each["Resource"], each.get("Condition")) for each in found.policy["Statement"]] == [
        (["ec2:DescribeInstances"], ["*"], {"StringEquals": {"aws:RequestedRegion": ["eu-west-1"]}}),
        (["iam:CreateUser"], ["*"], None),
        (["s3:PutObject"], ["arn:aws:s3:::books/a/1"], None),
    ]


def test_what_aws_refused_is_not_allowed_by_the_proposal() -> None:
    found = least_privilege(use_of([event(0, error_code="AccessDenied")]))
    assert found.policy is None
    assert [(each.action, each.refused_count, each.is_allowed) for each in found.use.uses] == [
        ("iam:CreateUser", 1, False)
    ]


def test_objects_of_one_folder_become_the_folder() -> None:
    (used,) = use_of([put(number, f"in/{number}") for number in range(9)]).uses
    assert generalised(used.resources) == ("arn:aws:s3:::books/in/*",)
    assert used.count == 9


def test_a_request_on_several_resources_counts_once() -> None:
    items = '{"instancesSet":{"items":[{"instanceId":"i-00"},{"instanceId":"i-0f"}]}}'
    (used,) = use_of([event(0, "TerminateInstances", "ec2", request_parameters=items)]).uses
    assert (used.count, len(used.resources), used.is_partly_known) == (1, 2, False)


def test_operations_without_known_action_are_listed() -> None:
    found = use_of([event(0, "Frobnicate", "nothing")])
    assert (found.unmapped, found.uses) == ((("nothing.amazonaws.com", "Frobnicate", 1),), ())


def test_what_would_be_taken_away_is_told_by_pattern_and_service() -> None:
    found = beside(
        [event(0, "CreateUser")],
        {"Effect": "Allow", "Action": ["iam:CreateUser", "iam:DeleteUser", "sns:*"], "Resource": "*"},
    )
    assert found.taken is not None
    assert {(each.pattern, each.prefix, each.has_evidence) for each in found.taken} == {
        ("iam:DeleteUser", "iam", True),
        ("sns:*", "sns", False),
    }
    assert found.no_evidence == ("sns",)


@pytest.mark.slow
def test_data_that_is_recorded_is_evidence() -> None:
    found = beside([put(0, "a", event_category="Data")], {"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    assert found.no_evidence == ()
    assert found.taken
    assert all(each.has_evidence for each in found.taken)


@pytest.mark.slow
def test_use_that_no_policy_of_today_allows_is_shown() -> None:
    found = beside(
        [put(0, "a"), event(1, "CreateUser")],
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::other/*"},
    )
    assert [(each.action, each.is_known) for each in found.unexplained] == [
        ("iam:CreateUser", True),
        # A policy of the bucket, which was not told, may have allowed it.
        ("s3:PutObject", False),
    ]


def test_without_the_policies_of_today_nothing_is_said_of_them() -> None:
    found = least_privilege(use_of([event(0)]))
    assert (found.taken, found.unexplained) == (None, ())


@pytest.mark.slow
@given(
    st.lists(
        st.builds(
            lambda service, kind, name: f"arn:aws:{service}:us-east-1:{ACCOUNT}:{kind}{name}",
            st.sampled_from(("s3", "sqs", "ssm")), st.sampled_from(("", "a/", "a/b/", "c:")), st.text("ab*?$/:{}", max_size=6),
        ),
        min_size=1, max_size=40,
    )
)  # fmt: skip
def test_the_patterns_are_few_and_cover_every_resource(arns: list[str]) -> None:
    patterns = generalised(arns)
    assert len(patterns) <= MOST
    statement = {"Effect": "Allow", "Action": "*", "Resource": list(patterns)}
    (clause,) = policy_of("made", {"Version": "2012-10-17", "Statement": statement}).allows
    assert all(clause.holds("s3:getobject", arn, Context()) for arn in arns)
