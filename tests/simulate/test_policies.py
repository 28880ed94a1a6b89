"""The part of IAM's policy language that the gate judges by."""

import json
from typing import Any

import pytest

from sakimori.simulate.policies import Asked, Decision, decide


def _decide(*statements: dict[str, Any], action: str = "s3:GetObject", resource: str = "*") -> Decision:
    documents = [json.dumps({"Statement": [statement]}) for statement in statements]
    return decide(documents, Asked(action=action, resource=resource, region="us-east-1"))


ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.mark.parametrize(
    "action", ["*", "s3:*", "S3:getobject", "s3:Get*", "s3:Ge?Object", ["iam:Get*", "s3:GetObject"]]
)
def test_wildcards_and_letter_case_allow(action: Any) -> None:
    assert _decide({"Effect": "Allow", "Action": action, "Resource": "*"}) is Decision.ALLOWED


@pytest.mark.parametrize("action", ["s3:GetObjectAcl", "s3:Get", "iam:*", "3:GetObject", []])
def test_another_action_does_not_allow(action: Any) -> None:
    assert _decide({"Effect": "Allow", "Action": action, "Resource": "*"}) is Decision.NOT_ALLOWED


def test_an_explicit_deny_wins_whatever_the_order() -> None:
    deny = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    assert _decide(ALLOW_ALL, deny) is _decide(deny, ALLOW_ALL) is Decision.DENIED


def test_notaction_covers_all_else() -> None:
    statement = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    assert _decide(statement) is Decision.ALLOWED
    assert _decide(statement, action="iam:ListUsers") is Decision.NOT_ALLOWED


def test_a_named_resource_counts_only_where_the_calls_is_known() -> None:
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::mine/*"}
    assert _decide(statement, resource="arn:aws:s3:::mine/a/b") is Decision.ALLOWED
    assert _decide(statement, resource="arn:aws:s3:::mine") is Decision.NOT_ALLOWED
    assert _decide(statement, resource="*") is Decision.NOT_ALLOWED


def test_notresource_covers_all_else() -> None:
    statement = {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::mine/*"}
    assert _decide(ALLOW_ALL, statement, resource="arn:aws:s3:::mine/a") is Decision.ALLOWED
    assert _decide(ALLOW_ALL, statement, resource="arn:aws:s3:::other/a") is Decision.DENIED


@pytest.mark.parametrize(
    ("operator", "regions", "decision"),
    [
        ("StringNotEquals", ["us-east-1"], Decision.ALLOWED),
        ("StringNotEquals", ["ap-northeast-1"], Decision.DENIED),
        ("StringEquals", "us-east-1", Decision.DENIED),
        ("StringLike", "us-*", Decision.DENIED),
    ],
)
def test_the_region_is_a_condition(operator: str, regions: Any, decision: Decision) -> None:
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {operator: {"aws:RequestedRegion": regions}}}
    assert _decide(ALLOW_ALL, deny) is decision


def test_a_statement_with_another_condition_does_not_apply() -> None:
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    assert _decide({**ALLOW_ALL, "Condition": condition}) is Decision.NOT_ALLOWED
    assert _decide(ALLOW_ALL, {**ALLOW_ALL, "Effect": "Deny", "Condition": condition}) is Decision.ALLOWED


@pytest.mark.parametrize("document", ["", "{", "[]", '{"Statement": "x"}', "null"])
def test_a_broken_document_says_nothing(document: str) -> None:
    assert decide([document], Asked(action="s3:GetObject", resource="*", region="")) is Decision.NOT_ALLOWED
