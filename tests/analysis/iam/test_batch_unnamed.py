"""A line of a batch that does not say who asks: its answer rests on nobody made up."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.iam.policies import ALICE, OBJECT, allow, deny, document

from sakimori.analysis.iam.batch import answer_line

KEY = "arn:aws:kms:us-east-1:111122223333:key/1"
MINE: dict[str, Any] = {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}
ALICES: dict[str, Any] = {"Principal": {"AWS": ALICE}}
THEIRS: dict[str, Any] = {"Principal": {"AWS": "arn:aws:iam::444455556666:user/carol"}}


def decision(policies: dict[str, Any], **more: Any) -> str:
    line = {"action": "s3:GetObject", "resource": OBJECT, "policies": policies, **more}
    return answer_line(json.dumps(line).encode()).decision.value


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (allow("s3:*"), "allowed"),
        (allow("sqs:*"), "implicit_deny"),
        (allow("s3:*", on="arn:aws:s3:::amzn-s3-demo-bucket/${aws:username}"), "unknown"),
        (allow("s3:*", Condition={"StringEquals": {"aws:username": "somebody"}}), "unknown"),
        (allow("s3:*", Condition={"StringEquals": {"aws:PrincipalAccount": "111122223333"}}), "unknown"),
        (allow("s3:*", Condition={"ArnLike": {"aws:PrincipalArn": "*"}}), "unknown"),
        (allow("s3:*", Condition={"StringEquals": {"aws:PrincipalType": "User"}}), "unknown"),
        (allow("s3:*", Condition={"StringEquals": {"aws:ResourceAccount": "444455556666"}}), "unknown"),
        (allow("s3:*", Condition={"Bool": {"aws:PrincipalIsAWSService": "false"}}), "allowed"),
    ],
)
def test_answer_without_a_principal_rests_on_no_invented_one(statement: dict[str, Any], expected: str) -> None:
    assert decision({"identity": [document(statement)]}) == expected


def test_account_of_an_unnamed_principal_is_the_owner_of_the_resource() -> None:
    of_account = allow("s3:*", Condition={"StringEquals": {"aws:PrincipalAccount": "444455556666"}})
    assert decision({"identity": [document(of_account)]}, resource_account="444455556666") == "allowed"
    assert decision({"identity": [document(of_account)]}, resource_account="111122223333") == "implicit_deny"


def test_told_key_of_the_principal_stands() -> None:
    of_name = allow("s3:*", Condition={"StringEquals": {"aws:username": "alice"}})
    assert decision({"identity": [document(of_name)]}, context={"aws:username": "alice"}) == "allowed"


def of_resource(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow("s3:*", Principal="*")], "allowed"),
        ([allow("s3:*", **ALICES)], "unknown"),
        ([allow("s3:*", **THEIRS)], "implicit_deny"),
        ([allow("s3:*", Principal={"AWS": "AIDAIOSFODNN7EXAMPLE"})], "unknown"),
        ([allow("s3:*", Principal="*"), deny("s3:*", **ALICES)], "unknown"),
        ([allow("s3:*", Principal="*"), deny("s3:*", **MINE)], "explicit_deny"),
        ([allow("s3:*", Principal="*"), deny("s3:*", **THEIRS)], "allowed"),
        ([{**deny("s3:*"), "NotPrincipal": THEIRS["Principal"]}], "explicit_deny"),
        ([allow("s3:*", Principal="*"), {**deny("s3:*"), "NotPrincipal": ALICES["Principal"]}], "unknown"),
    ],
)
def test_policy_of_a_resource_that_may_name_who_is_unnamed_is_unknown(
    statements: list[dict[str, Any]], expected: str
) -> None:
    assert decision({"resource": of_resource(*statements)}, resource_account="111122223333") == expected


def test_account_that_nobody_told_may_be_any_that_a_policy_names() -> None:
    denying = of_resource(allow("s3:*", Principal="*"), deny("s3:*", **MINE))
    assert decision({"resource": denying}) == "unknown"


def test_key_lets_in_its_whole_account_and_so_the_unnamed_too() -> None:
    ask = {"action": "kms:Decrypt", "resource": KEY}
    identity = [document(allow("kms:*"))]
    assert decision({"identity": identity, "resource": of_resource(allow("kms:*", **MINE))}, **ask) == "allowed"
    assert decision({"identity": identity, "resource": of_resource(allow("kms:*", **ALICES))}, **ask) == "unknown"


def test_who_may_be_named_beside_the_account_may_be_past_a_boundary() -> None:
    """Named directly, a user is let in by a bucket though the boundary does not allow it; by the account alone, not."""
    both: dict[str, Any] = {"Principal": {"AWS": [*MINE["Principal"].values(), ALICE]}}
    policies = {"identity": [document(allow("*"))], "boundary": [document(allow("sqs:*"))]}
    told = {"resource_account": "111122223333"}
    assert decision({**policies, "resource": of_resource(allow("s3:*", **both))}, **told) == "unknown"
    assert decision({**policies, "resource": of_resource(allow("s3:*", **MINE))}, **told) == "implicit_deny"


STATEMENTS = st.builds(
    lambda effect, principal, condition: {
        **effect("s3:*"), **principal, **({"Condition": condition} if condition else {})
    },
    st.sampled_from([allow, deny]),
    st.sampled_from([{"Principal": "*"}, MINE, ALICES, THEIRS, {"Principal": {"AWS": [ALICE, "arn:aws:iam::111122223333:root"]}},
                     {"Principal": {"AWS": "arn:aws:iam::111122223333:role/deploy"}}]),
    st.sampled_from([None, {"StringEquals": {"aws:username": "alice"}}, {"Null": {"aws:username": "true"}},
                     {"ArnLike": {"aws:PrincipalArn": "*:user/*"}}, {"StringEquals": {"aws:PrincipalType": "User"}}]),
)  # fmt: skip
BOUND = st.sampled_from([None, [document(allow("s3:*"))], [document(allow("sqs:*"))], [document(deny("s3:*"))]])


@pytest.mark.slow
@given(st.lists(STATEMENTS, max_size=3), BOUND, BOUND)
def test_what_is_said_of_somebody_unnamed_holds_for_each_user_and_role(
    statements: list[dict[str, Any]], identity: Any, boundary: Any
) -> None:
    policies: dict[str, Any] = {"identity": identity, "boundary": boundary}
    if statements:
        policies["resource"] = of_resource(*statements)
    told = {"resource_account": "111122223333"}
    said = decision(policies, **told)
    for who in ("user/alice", "user/bob", "role/deploy", "role/other"):
        each = decision(policies, principal_arn=f"arn:aws:iam::111122223333:{who}", **told)
        # What nothing allows may be denied besides: an implicit denial is certain of the first alone.
        assert said in {each, "unknown"} or (said, each) == ("implicit_deny", "explicit_deny")
