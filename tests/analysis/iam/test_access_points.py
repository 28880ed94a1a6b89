"""Requests through an access point of S3: what it and the bucket behind it say together."""

from dataclasses import replace
from typing import Any

import pytest
from tests.analysis.iam.policies import allow, deny, document
from tests.analysis.iam.test_unread_policies import account_of, asked

from sakimori.analysis.iam.access_points import AccessPoint
from sakimori.analysis.iam.account import IamAccount
from sakimori.analysis.iam.answer import Because, Decision
from sakimori.analysis.iam.policy import Policy, policy_of

_OWN = "111122223333"
_POINT = f"arn:aws:s3:us-east-1:{_OWN}:accesspoint/in"
_BUCKET = "arn:aws:s3:::reports"
_ALICE = {"AWS": f"arn:aws:iam::{_OWN}:user/alice"}
# Source: S3 User Guide, "Configuring IAM policies for using access points", "Delegating access control to access points".
_DELEGATED = {"StringEquals": {"s3:DataAccessPointAccount": _OWN}}
_READ = frozenset({"s3/", "s3/us-east-1"})


def _policy(*statements: dict[str, Any]) -> Policy:
    return policy_of("policy", document(*({"Principal": "*", **each} for each in statements)))


def _account(
    *own: dict[str, Any], point: Policy | None = None, bucket: Policy | None = None, **more: Any
) -> IamAccount:
    told = {_POINT: point, _BUCKET: bucket}
    points = {_POINT: AccessPoint(bucket=_BUCKET, bucket_account=_OWN, is_from_internet=True)}
    policies = {arn: policy for arn, policy in told.items() if policy is not None}
    account = account_of(*own, resource_policies=policies, read_places=_READ, access_points=points)
    return replace(account, buckets=frozenset({_BUCKET}), **more)


def _decision(account: IamAccount) -> Decision:
    return asked(account, "s3:GetObject", f"{_POINT}/object/k").decision


def test_a_bucket_that_hands_the_decision_to_its_access_points_lets_in_whom_they_let_in() -> None:
    let_in = _policy({**allow("s3:GetObject", on=f"{_POINT}/object/*"), "Principal": _ALICE})
    delegating = _policy({**allow("*", on=[_BUCKET, f"{_BUCKET}/*"]), "Condition": _DELEGATED})
    assert _decision(_account(point=let_in, bucket=delegating)) is Decision.ALLOWED
    assert _decision(_account(bucket=delegating)) is Decision.IMPLICIT_DENY
    # The same bucket asked directly: no request through an access point carries the key.
    account = _account(point=let_in, bucket=delegating)
    assert asked(account, "s3:GetObject", f"{_BUCKET}/k").decision is not Decision.ALLOWED


def test_what_the_access_point_alone_allows_its_bucket_keeps_out() -> None:
    let_in = _policy({**allow("s3:GetObject", on=f"{_POINT}/object/*"), "Principal": _ALICE})
    assert _decision(_account(point=let_in)) is Decision.IMPLICIT_DENY


def test_whoever_may_everything_may_it_through_an_access_point_too() -> None:
    answer = asked(_account(allow("*")), "s3:GetObject", f"{_POINT}/object/k")
    assert (answer.decision, len(answer.reasons)) == (Decision.ALLOWED, 1)


@pytest.mark.parametrize("side", ["point", "bucket"])
def test_a_denial_of_either_side_stops_the_request(side: str) -> None:
    resources = {"point": f"{_POINT}/object/*", "bucket": f"{_BUCKET}/*"}
    shut = _policy(deny("s3:*", on=resources[side]))
    assert _decision(_account(allow("*"), **{side: shut})) is Decision.EXPLICIT_DENY


def test_a_policy_of_ones_own_that_names_the_access_point_alone_is_not_known_to_be_enough() -> None:
    account = _account(allow("s3:GetObject", on=f"{_POINT}/object/*"))
    answer = asked(account, "s3:GetObject", f"{_POINT}/object/k")
    assert (answer.decision, answer.reasons[0].because) == (Decision.UNKNOWN, Because.BUCKET_BEHIND)


@pytest.mark.parametrize("origin", [False, None])
def test_an_access_point_of_one_vpc_lets_in_nobody_for_certain(origin: bool | None) -> None:
    point = AccessPoint(bucket=_BUCKET, bucket_account=_OWN, is_from_internet=origin)
    account = _account(allow("*"), access_points={_POINT: point})
    answer = asked(account, "s3:GetObject", f"{_POINT}/object/k")
    assert (answer.decision, answer.reasons[0].because) == (Decision.UNKNOWN, Because.FROM_ONE_NETWORK)


@pytest.mark.parametrize(
    "more",
    [
        {"read_places": frozenset({"s3/us-east-1"})},
        {"unread_resources": frozenset({_POINT})},
        {"access_points": {}},
        {"access_points": {_POINT: AccessPoint(bucket=_BUCKET, bucket_account="444455556666", is_from_internet=True)}},
    ],
)
def test_what_of_the_two_was_not_read_leaves_it_unknown(more: dict[str, Any]) -> None:
    assert _decision(_account(allow("*"), **more)) is Decision.UNKNOWN


def test_what_is_done_to_the_access_point_itself_asks_no_bucket() -> None:
    shut = _policy(deny("*", on=[_BUCKET, f"{_BUCKET}/*"]))
    account = _account(allow("*"), bucket=shut)
    assert asked(account, "s3:PutAccessPointPolicy", _POINT).decision is Decision.ALLOWED
