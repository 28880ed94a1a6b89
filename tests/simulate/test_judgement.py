"""How the gate judges: by IAM's own evaluation; what it cannot know of a request makes a statement say nothing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sakimori.analysis.iam.ask import Policies
from sakimori.analysis.iam.context import Context
from sakimori.analysis.iam.principal import principal_of
from sakimori.analysis.iam.request import Request
from sakimori.simulate.judgement import judge, policies_of
from sakimori.simulate.refusals import Reason

ALLOWED, NOT_ALLOWED, DENIED = None, Reason.IDENTITY_IMPLICIT, Reason.IDENTITY


def _decide(*statements: dict[str, Any], action: str = "s3:GetObject", resource: str = "*") -> Reason | None:
    documents = [json.dumps({"Statement": [statement]}) for statement in statements]
    return _judged(documents, action, resource)


def _judged(documents: list[str], action: str = "s3:GetObject", resource: str = "*") -> Reason | None:
    context = Context({"aws:requestedregion": ("us-east-1",)}, is_open=True)
    who = principal_of("arn:aws:iam::111122223333:user/u")
    request = Request(principal=who, action=action, resource=resource, context=context)
    return judge(request, Policies(identity=policies_of(documents, resource=resource)))


ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.mark.parametrize(
    "action", ["*", "s3:*", "S3:getobject", "s3:Get*", "s3:Ge?Object", ["iam:Get*", "s3:GetObject"]]
)
def test_wildcards_and_letter_case_allow(action: Any) -> None:
    assert _decide({"Effect": "Allow", "Action": action, "Resource": "*"}) is ALLOWED


@pytest.mark.parametrize("action", ["s3:GetObjectAcl", "s3:Get", "iam:*", "3:GetObject", []])
def test_another_action_does_not_allow(action: Any) -> None:
    assert _decide({"Effect": "Allow", "Action": action, "Resource": "*"}) is NOT_ALLOWED


def test_an_explicit_deny_wins_whatever_the_order() -> None:
    deny = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    assert _decide(ALLOW_ALL, deny) is _decide(deny, ALLOW_ALL) is DENIED


def test_notaction_covers_all_else() -> None:
    statement = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    assert _decide(statement) is ALLOWED
    assert _decide(statement, action="iam:ListUsers") is NOT_ALLOWED


def test_a_named_resource_counts_only_where_the_calls_is_known() -> None:
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::mine/*"}
    assert _decide(statement, resource="arn:aws:s3:::mine/a/b") is ALLOWED
    assert _decide(statement, resource="arn:aws:s3:::mine") is NOT_ALLOWED
    assert _decide(statement, resource="*") is NOT_ALLOWED


def test_notresource_covers_all_else() -> None:
    statement = {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::mine/*"}
    assert _decide(ALLOW_ALL, statement, resource="arn:aws:s3:::mine/a") is ALLOWED
    assert _decide(ALLOW_ALL, statement, resource="arn:aws:s3:::other/a") is DENIED


@pytest.mark.parametrize(
    ("operator", "regions", "decision"),
    [
        ("StringNotEquals", ["us-east-1"], ALLOWED),
        ("StringNotEquals", ["ap-northeast-1"], DENIED),
        ("StringEquals", "us-east-1", DENIED),
        ("StringLike", "us-*", DENIED),
    ],
)
def test_the_region_is_a_condition(operator: str, regions: Any, decision: Reason | None) -> None:
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {operator: {"aws:RequestedRegion": regions}}}
    assert _decide(ALLOW_ALL, deny) is decision


def test_a_statement_with_another_condition_does_not_apply() -> None:
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    assert _decide({**ALLOW_ALL, "Condition": condition}) is NOT_ALLOWED
    assert _decide(ALLOW_ALL, {**ALLOW_ALL, "Effect": "Deny", "Condition": condition}) is ALLOWED


@pytest.mark.parametrize("document", ["", "{", "[]", '{"Statement": "x"}', "null"])
def test_a_broken_document_says_nothing(document: str) -> None:
    assert _judged([document]) is NOT_ALLOWED


STATEMENTS = some.fixed_dictionaries(
    {
        "Effect": some.sampled_from(["Allow", "Deny"]),
        "Action": some.sampled_from(["*", "s3:*", "s3:Get*", "iam:*"]),
        "Resource": some.sampled_from(["*", "arn:aws:s3:::mine/*", "arn:aws:s3:::other/*"]),
    },
    optional={"Condition": some.just({"StringEquals": {"aws:RequestedRegion": "us-east-1"}})},
)
UNKNOWN = some.sampled_from(
    [
        {"StringEquals": {"ec2:InstanceType": "t3.micro"}},
        {"StringNotLike": {"aws:PrincipalTag/team": "x*"}},
        {"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}},
    ]
)


@pytest.mark.slow
@given(some.lists(STATEMENTS, max_size=4), STATEMENTS, UNKNOWN, some.sampled_from(["*", "arn:aws:s3:::mine/a"]))
def test_a_statement_of_which_nothing_is_known_changes_nothing(
    statements: list[dict[str, Any]], other: dict[str, Any], condition: dict[str, Any], resource: str
) -> None:
    undecided = {**other, "Condition": condition}
    assert _decide(*statements, undecided, resource=resource) is _decide(*statements, resource=resource)
