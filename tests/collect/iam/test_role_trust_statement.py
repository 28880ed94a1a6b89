"""Who may take a role on, read from its trust policy."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

OWN, OTHER = "123456789012", "111122223333"
ROLE = f"arn:aws:iam::{OWN}:role/r"


@pytest.fixture
def trust(fake_door: Callable[..., Any], read: Callable[..., Any]) -> Callable[..., Any]:
    def row(*statements: Mapping[str, Any], document: object = None) -> Any:
        text = json.dumps({"Version": "2012-10-17", "Statement": statements}) if document is None else document
        answer = {"RoleDetailList": [{"Arn": ROLE, "RoleName": "r", "AssumeRolePolicyDocument": text}]}
        return read("aws_iam_role_trust_statement", fake_door(iam__GetAccountAuthorizationDetails=answer))

    return row


def _assume(principal: object, condition: object = None, action: object = "sts:AssumeRole") -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    return {**statement, "Condition": condition} if condition else statement


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (_assume("*"), True),
        (_assume({"AWS": "*"}), True),
        (_assume({"AWS": ["*", ROLE]}), True),
        (_assume({"AWS": OTHER}), False),
        (_assume({"Service": "ec2.amazonaws.com"}), False),
        (_assume({"AWS": "*"}, {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}), False),
        (_assume({"AWS": "*"}, {"StringLike": {"aws:PrincipalArn": "*"}}), True),
        (_assume({"AWS": "*"}, {"StringEquals": {"sts:ExternalId": "x"}}), None),
        (_assume({"AWS": "*"}, {"Bool": {"aws:SecureTransport": "true"}}), True),
        (_assume({"AWS": "*"}, action="sts:TagSession"), False),
        (_assume({"AWS": "*"}, action=["sts:TagSession", "sts:*"]), True),
        ({**_assume({"AWS": "*"}), "Effect": "Deny"}, False),
    ],
)
def test_a_role_is_public_if_nobody_chose_who_takes_it_on(
    trust: Callable[..., Any], statement: Mapping[str, Any], expected: bool | None
) -> None:
    assert trust(statement).only["is_public"] is expected


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (_assume({"AWS": f"arn:aws:iam::{OTHER}:root"}), (True, OTHER, False, False)),
        (_assume({"AWS": f"arn:aws:iam::{OWN}:root"}), (False, "", False, False)),
        (_assume({"Federated": f"arn:aws:iam::{OWN}:saml-provider/x"}, action="sts:AssumeRoleWithSAML"),
         (False, "", False, False)),
        (_assume({"AWS": OTHER}, {"StringEquals": {"sts:ExternalId": "a-4711"}}), (True, OTHER, True, False)),
        (_assume({"AWS": OTHER}, {"StringLike": {"sts:ExternalId": "*"}}), (True, OTHER, False, False)),
        (_assume({"AWS": OTHER}, {"StringEquals": {"sts:ExternalId": []}}), (True, OTHER, False, False)),
        (_assume({"AWS": OTHER}, {"StringEqualsIfExists": {"sts:ExternalId": "a"}}), (True, OTHER, False, False)),
        (_assume({"AWS": OTHER}, {"StringNotEquals": {"sts:ExternalId": "a"}}), (True, OTHER, False, False)),
        (_assume({"AWS": OTHER}, {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}), (True, OTHER, False, True)),
        (_assume("*", {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/*"}}), (None, "", False, True)),
    ],
)  # fmt: skip
def test_other_accounts_and_what_is_demanded_of_them(
    trust: Callable[..., Any], statement: Mapping[str, Any], expected: tuple[bool | None, str, bool, bool]
) -> None:
    row = trust(statement).only
    columns = ("lets_other_account_assume", "external_account_ids", "demands_external_id", "demands_organization")
    assert tuple(row[name] for name in columns) == expected


GITHUB = "token.actions.githubusercontent.com"


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("StringEquals", "repo:awase/web:ref:refs/heads/main", True),
        ("StringLike", ["repo:awase/web:*", "repo:awase/*"], True),
        ("StringLike", "repo:*", False),
        ("StringLike", "repo:awase*", False),
        ("StringLike", ["repo:awase/web:*", "*"], False),
        ("StringLike", "*:awase/web", False),
        ("StringNotEquals", "repo:evil/web", False),
        ("StringLikeIfExists", "repo:awase/web:*", False),
        ("StringEquals", [], False),
    ],
)
def test_an_outside_token_counts_only_if_its_subject_is_named(
    trust: Callable[..., Any], operator: str, values: object, expected: bool
) -> None:
    condition = {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}
    condition[operator] = {**condition.get(operator, {}), f"{GITHUB}:sub": values}
    principal = {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/{GITHUB}"}
    row = trust(_assume(principal, condition, "sts:AssumeRoleWithWebIdentity")).only
    assert (row["trusts_oidc_provider"], row["demands_oidc_subject"]) == (True, expected)
    other = trust(_assume({**principal, "Service": "ec2.amazonaws.com"}, {"Bool": {"x": "y"}})).only
    assert (other["trusts_oidc_provider"], other["demands_oidc_subject"]) == (True, False)
    assert trust(_assume({"Service": "ec2.amazonaws.com"})).only["trusts_oidc_provider"] is False


@pytest.mark.parametrize("document", ["no JSON", {}, {"Statement": [{"Effect": "Allow"}]}, 7])
def test_a_trust_policy_that_is_none_is_a_gap_of_its_role(trust: Callable[..., Any], document: object) -> None:
    found = trust(document=document)
    assert found.rows == {}
    assert [gap.parent for gap in found.unit.gaps] == [ROLE]
