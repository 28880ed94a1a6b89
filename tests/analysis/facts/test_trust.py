from typing import Any

import pytest
from tests.analysis.facts.events import OWN, SIBLING, STRANGER, call, policy, told

GITHUB = f"arn:aws:iam::{OWN}:oidc-provider/token.actions.githubusercontent.com"
SUBJECT = "token.actions.githubusercontent.com:sub"
AUDIENCE = {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}


def trust(principal: Any, **condition: Any) -> str:
    statement = {"Principal": principal, "Action": "sts:AssumeRole"}
    return policy({**statement, "Condition": condition} if condition else statement)


def github(**condition: Any) -> str:
    return trust({"Federated": GITHUB}, **condition)


@pytest.mark.parametrize(
    ("document", "outsiders"),
    [
        (trust({"AWS": f"arn:aws:iam::{STRANGER}:root"}), (STRANGER,)),
        (trust({"AWS": STRANGER}, StringEquals={"sts:ExternalId": "x"}), (STRANGER,)),
        (trust({"AWS": "*"}), ("all",)),
        (trust("*"), ("all",)),
        (trust("*", StringEquals={"aws:PrincipalOrgID": "o-others999"}), ("organization:o-others999",)),
        (github(StringLike={SUBJECT: "repo:ours/app:*"}), ("oidc:token.actions.githubusercontent.com",)),
        (trust({"Federated": "accounts.google.com"}), ("oidc:accounts.google.com",)),
        (trust({"Federated": f"arn:aws:iam::{STRANGER}:saml-provider/x"}), (f"saml:arn:aws:iam::{STRANGER}:saml-provider/x",)),
        (trust({"AWS": f"arn:aws:iam::{OWN}:role/x"}), ()),
        (trust({"AWS": f"arn:aws:iam::{SIBLING}:root"}), ()),
        (trust("*", StringEquals={"aws:PrincipalOrgID": "o-ours12345"}), ()),
        (trust({"Service": "ec2.amazonaws.com"}), ()),
        (trust({"Federated": f"arn:aws:iam::{OWN}:saml-provider/AWSSSO_x_DO_NOT_DELETE"}), ()),
        (trust({"Federated": f"arn:aws:iam::{OWN}:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/ABC"}), ()),
    ],
)  # fmt: skip
def test_outsiders_whom_a_role_trusts(document: str, outsiders: tuple[str, ...]) -> None:
    assert told("trusts_external", call("CreateRole", {"assumeRolePolicyDocument": document})) == outsiders
    assert told("trusts_external", call("UpdateAssumeRolePolicy", {"policyDocument": document})) == outsiders


@pytest.mark.parametrize(
    ("document", "is_open"),
    [
        (github(), True),
        (github(StringEquals=AUDIENCE), True),
        (github(StringLike={SUBJECT: "repo:*"}), True),
        (github(StringLike={SUBJECT: "*"}), True),
        (github(StringEquals=AUDIENCE, StringLike={SUBJECT: "repo:ours/app:*"}), False),
        (trust({"Federated": "accounts.google.com"}, StringEquals={"accounts.google.com:aud": "our-app"}), False),
        (trust({"Federated": "accounts.google.com"}), True),
        (trust({"AWS": "*"}), True),
        (trust({"AWS": STRANGER}), False),
        (trust({"Service": "ec2.amazonaws.com"}), False),
        (trust({"Federated": f"arn:aws:iam::{OWN}:oidc-provider/login.example.com"}), False),
    ],
)
def test_a_role_that_anyone_may_take(document: str, is_open: bool) -> None:
    assert told("trusts_strangers", call("CreateRole", {"assumeRolePolicyDocument": document})) is is_open


def test_a_trust_policy_shares_nothing_and_grants_nothing() -> None:
    event = call("CreateRole", {"assumeRolePolicyDocument": trust({"AWS": STRANGER})})
    assert (told("shared_outside", event), told("policy_external_accounts", event)) == ((), ())


def test_other_policies_trust_nobody() -> None:
    assert told("trusts_external", call("PutBucketPolicy", {"policy": trust("*")})) == ()


def test_a_trust_policy_that_cannot_be_read_is_not_known() -> None:
    event = call("CreateRole", {"assumeRolePolicyDocument": '{"Statement": 1}'})
    assert (told("trusts_external", event), told("trusts_strangers", event)) == (None, None)
