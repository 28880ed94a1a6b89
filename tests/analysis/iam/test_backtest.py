"""A policy tried on recorded events: who would have been refused what, and what cannot be known."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import pytest

from sakimori.analysis.iam.backtest import Group, Guard, Outcome, Trial, Tried, try_policy
from sakimori.analysis.iam.policy import policy_of
from sakimori.analysis.iam.sql.data_events import unseen
from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.lake.engines.duck import Engine
from sakimori.model.errors import UsageError

ACCOUNT, OTHER = "111122223333", "444455556666"
NOON = datetime(2026, 10, 1, 12)  # noqa: DTZ001 - as the lake holds it: UTC without saying so
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
DEPLOY = f"arn:aws:iam::{ACCOUNT}:role/deploy"


def event(number: int, name: str = "CreateUser", source: str = "iam", **more: Any) -> dict[str, object]:
    """An event of alice's, made by her key from an address of the documentation."""
    return {
        "account_id": ACCOUNT, "partition": "aws", "region": "us-east-1", "aws_region": "us-east-1", "event_type": "AwsApiCall",
        "event_time": NOON + timedelta(minutes=number), "event_id": f"event-{number}", "event_source": f"{source}.amazonaws.com",
        "event_name": name, "event_category": "Management", "user_identity_type": "IAMUser", "user_identity_arn": ALICE,
        "user_identity_account_id": ACCOUNT, "user_identity_user_name": "alice", "source_ip": "203.0.113.7",
        "user_identity_access_key_id": "AKIAIOSFODNN7EXAMPLE", **more,
    }  # fmt: skip


def by_role(arn: str = DEPLOY) -> dict[str, Any]:
    name = arn.rpartition("/")[2]
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/ci"
    return {
        "user_identity_type": "AssumedRole",
        "user_identity_arn": session,
        "session_issuer_arn": arn,
        "user_identity_user_name": None,
    }


def tried(
    events: Sequence[Mapping[str, object]],
    statement: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    guard: Guard = Guard.SCP,
    **more: Any,
) -> Tried:
    policy = policy_of("tried", {"Version": "2012-10-17", "Statement": statement})
    with closing(Engine(threads=1)) as engine:
        engine.create(TABLE)
        engine.insert(TABLE, events)
        relation = lambda columns: f"select {', '.join(columns)} from {TABLE.name}"  # noqa: E731
        return try_policy(engine, relation, Trial(policy=policy, guard=guard, **more))


def denied(found: Tried) -> list[Group]:
    return [each for each in found.groups if each.outcome.is_denied]


DENY_USERS = {"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*"}


def test_who_would_have_been_refused_is_told_with_count_times_and_examples() -> None:
    found = tried([event(0), event(1), event(2), event(3, "ListUsers"), event(4, **by_role())], DENY_USERS)
    alice, deploy = denied(found)
    assert (alice.principal, alice.action, alice.count, alice.outcome) == (
        ALICE,
        "iam:CreateUser",
        3,
        Outcome.EXPLICIT_DENY,
    )
    assert (alice.first_at, alice.last_at, alice.examples) == (
        NOON,
        NOON + timedelta(minutes=2),
        ("event-0", "event-2"),
    )
    assert (deploy.principal, deploy.statements) == (DEPLOY, (0,))
    assert (found.judged_count, found.allowed_count) == (5, 1)


def test_what_aws_refused_already_is_no_news() -> None:
    found = tried([event(0, error_code="AccessDenied"), event(1, error_code="EntityAlreadyExists")], DENY_USERS)
    assert {each.error: each.was_refused for each in denied(found)} == {
        "AccessDenied": True,
        "EntityAlreadyExists": False,
    }
    assert (found.count(denied=True, refused=False), found.count(denied=True, refused=True)) == (1, 1)


@pytest.mark.slow
def test_an_scp_that_only_denies_stands_beside_full_access_and_one_that_allows_does_not() -> None:
    assert tried([event(0, "ListUsers")], DENY_USERS).groups == ()
    allows = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    assert [each.outcome for each in tried([event(0, "ListUsers")], allows).groups] == [Outcome.IMPLICIT_DENY]


@pytest.mark.parametrize("guard", [Guard.BOUNDARY, Guard.IDENTITY])
def test_a_boundary_refuses_what_it_does_not_allow(guard: Guard) -> None:
    assert [each.outcome for each in tried([event(0)], DENY_USERS, guard).groups] == [Outcome.EXPLICIT_DENY]
    assert [each.outcome for each in tried([event(0, "ListUsers")], DENY_USERS, guard).groups] == [
        Outcome.IMPLICIT_DENY
    ]


def test_an_scp_reaches_neither_service_linked_roles_nor_the_management_account() -> None:
    linked = by_role(f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX")
    found = tried([event(0, **linked)], DENY_USERS)
    assert (found.groups, found.exempt_count) == ((), 1)
    found = tried([event(0)], DENY_USERS, management_account=ACCOUNT)
    assert (found.groups, found.exempt_count) == ((), 1)


def test_an_scp_reaches_root_and_a_boundary_does_not() -> None:
    root: dict[str, Any] = {"user_identity_type": "Root", "user_identity_arn": f"arn:aws:iam::{ACCOUNT}:root"}
    assert len(tried([event(0, **root)], DENY_USERS).groups) == 1
    assert tried([event(0, **root)], DENY_USERS, Guard.BOUNDARY).exempt_count == 1


@pytest.mark.slow
def test_only_the_target_is_tried_and_callers_count_where_they_are_at_home() -> None:
    theirs = event(1, account_id=OTHER)
    service = event(2, user_identity_type="AWSService", user_identity_account_id=None, user_identity_arn=None)
    found = tried([event(0), theirs, service, event(3, **by_role())], DENY_USERS, principals=("alice",))
    assert ([each.principal for each in found.groups], found.outside_count) == ([ALICE], 3)
    assert tried([event(0)], DENY_USERS, accounts=(OTHER,)).judged_count == 0


def test_a_key_that_no_event_tells_leaves_it_unknown_and_is_named() -> None:
    told = {**DENY_USERS, "Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "ops"}}}
    (group,) = tried([event(0)], told).groups
    assert (group.outcome, group.missing, group.statements) == (Outcome.UNKNOWN, ("aws:principaltag/team",), (0,))


def test_a_resource_that_is_not_recorded_leaves_it_unknown_and_a_recorded_one_does_not() -> None:
    told = {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/*"}
    events = [
        event(0, "PutObject", "s3"),
        event(1, "PutObject", "s3", request_parameters='{"bucketName":"logs","key":"a"}'),
        event(2, "PutObject", "s3", request_parameters='{"bucketName":"books","key":"a"}'),
    ]
    found = {each.outcome: (each.count, each.missing) for each in tried(events, told).groups}
    assert found == {Outcome.UNKNOWN: (1, ("resource",)), Outcome.EXPLICIT_DENY: (1, ())}


def test_an_operation_without_known_action_is_unknown_and_listed() -> None:
    found = tried([event(0, "Frobnicate", "nothing"), event(1, "Frobnicate", "nothing")], DENY_USERS)
    assert [(each.outcome, each.action, each.count) for each in found.groups] == [(Outcome.UNKNOWN, "", 2)]
    assert found.unmapped == (("nothing.amazonaws.com", "Frobnicate", 2),)


def test_events_that_are_no_requests_are_only_counted() -> None:
    events = [event(0, event_type="AwsServiceEvent"), event(1, "ConsoleLogin", "signin", event_type="AwsConsoleSignIn")]
    found = tried(events, {"Effect": "Deny", "Action": "*", "Resource": "*"})
    assert (found.groups, found.no_action_count, found.event_count) == ((), 2, 2)


def test_one_refused_action_of_several_refuses_the_request() -> None:
    from sakimori.analysis.iam.event_actions import Mapped  # noqa: PLC0415

    both = lambda _source, _name: Mapped("actions", ("s3:GetObject", "s3:PutObject"))  # noqa: E731
    told = {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}
    (group,) = tried([event(0, "CopyObject", "s3")], told, mapped=both).groups
    assert (group.action, group.outcome, group.count) == ("s3:PutObject", Outcome.EXPLICIT_DENY, 1)


def test_hostile_names_stay_values() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:user/'; drop table fact; --"
    found = tried(
        [event(0, user_identity_arn=arn, source_ip="'")], DENY_USERS, principals=("'; drop table fact; --", "alice")
    )
    assert [each.principal for each in found.groups] == [arn]


def test_a_policy_longer_than_any_is_refused() -> None:
    with pytest.raises(UsageError):
        tried([event(0)], [DENY_USERS] * 401)


def test_services_whose_data_no_event_shows_are_named_where_the_policy_bears_on_them() -> None:
    policy = policy_of("tried", {"Statement": {"Effect": "Deny", "Action": ["s3:*", "sqs:Send*"], "Resource": "*"}})
    assert list(unseen(policy, frozenset(), allows_rest=True)) == ["s3.amazonaws.com", "sqs.amazonaws.com"]
    assert list(unseen(policy, frozenset({"s3.amazonaws.com"}), allows_rest=True)) == ["sqs.amazonaws.com"]
    assert "dynamodb.amazonaws.com" in list(unseen(policy, frozenset(), allows_rest=False))
