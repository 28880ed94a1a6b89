"""What a request tells by itself, what no policy decides, and that every answer has its reasons."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.iam.policies import ALICE, OBJECT, ROLE, allow, asked, deny, document, policy
from tests.analysis.iam.test_account import A, inline, role, user
from tests.analysis.iam.test_ask import KINDS, made

from sakimori.analysis.iam.account import iam_account
from sakimori.analysis.iam.answer import Because, Decision, Policies, PolicyKind
from sakimori.analysis.iam.ask import ask, is_gated
from sakimori.analysis.iam.can import asked_about, can
from sakimori.analysis.iam.context import Context, context_of
from sakimori.analysis.iam.policy import policy_of
from sakimori.analysis.iam.principal import principal_of
from sakimori.analysis.iam.request import Request

SESSION = "arn:aws:sts::111122223333:assumed-role/deploy/job"
FEDERATED = "arn:aws:sts::111122223333:federated-user/bob"
ROOT = "arn:aws:iam::111122223333:root"
LINKED = "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForConfig/x"
FULL = policy(allow("*"))


def test_request_with_temporary_credentials_always_tells_when_they_were_issued() -> None:
    old = deny("*", Condition={"DateLessThan": {"aws:TokenIssueTime": "2026-01-01T00:00:00Z"}})
    policies = Policies(identity=(FULL, policy(old)), session=(FULL,))
    found = {who: asked(policies, who=who).decision for who in (ALICE, ROOT, ROLE, SESSION, FEDERATED)}
    assert found == {ALICE: "allowed", ROOT: "allowed", ROLE: "unknown", SESSION: "unknown", FEDERATED: "unknown"}
    assert asked(policies, who=SESSION, aws__TokenIssueTime="2026-02-01T00:00:00Z").decision is Decision.ALLOWED


@pytest.mark.parametrize(
    ("pattern", "decision"),
    [
        ("arn:aws:iam::111122223333:role/*", "allowed"),
        ("arn:aws:iam::111122223333:role/*deploy", "allowed"),
        ("arn:aws:iam::111122223333:role/deploy", "unknown"),
        ("arn:aws:iam::111122223333:role/ops/*", "unknown"),
        ("arn:aws:iam::111122223333:role/*/deploy", "unknown"),
        ("arn:aws:iam::111122223333:role/??deploy", "unknown"),
        ("arn:aws:iam::111122223333:role/other", "implicit_deny"),
        ("arn:aws:iam::111122223333:user/*", "implicit_deny"),
    ],
)
def test_path_of_a_sessions_role_is_not_known_from_the_session(pattern: str, decision: str) -> None:
    mine = policy(allow("*", Condition={"ArnLike": {"aws:PrincipalArn": pattern}}))
    found = asked(Policies(identity=(mine,)), who=SESSION)
    assert found.decision == decision
    if decision == "unknown":
        assert found.reasons[0].keys == ("aws:PrincipalArn",)


@pytest.mark.slow
@given(st.text("*?/abd", max_size=6), st.sampled_from(["", "a/", "b/a/", "abd/"]))
def test_what_is_decided_for_a_session_is_decided_for_every_path_of_its_role(pattern: str, path: str) -> None:
    value = f"arn:aws:iam::111122223333:role/{pattern}"
    who = principal_of("arn:aws:sts::111122223333:assumed-role/abd/job")
    for operator in ("StringLike", "StringNotLike", "ArnLike", "StringEquals"):
        policies = Policies(identity=(policy(allow("*", Condition={operator: {"aws:PrincipalArn": value}})),))
        request = Request(principal=who, action="s3:GetObject", resource=OBJECT)
        told = Context({"aws:principalarn": (f"arn:aws:iam::111122223333:role/{path}abd",)})
        decision = ask(request, policies).decision
        assert decision in {Decision.UNKNOWN, ask(replace(request, context=told), policies).decision}


def test_role_that_a_service_made_for_itself_is_known_by_path_or_name() -> None:
    guards = Policies(identity=(FULL,), scp=((policy(deny("*")),),))
    told = {who: asked(guards, who=who).decision for who in (LINKED, ROLE.replace("deploy", "aws-service-role/x.amazonaws.com/X"), SESSION)}  # fmt: skip
    assert list(told.values()) == ["allowed", "allowed", "explicit_deny"]


# -- tags of principals -----------------------------------------------------------------------------


def tagged(**more: Any) -> Any:
    blue = allow("iam:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}})
    other = allow("ec2:*", Condition={"StringNotEquals": {"aws:PrincipalTag/other": "x"}})
    tags = [{"Key": "team", "Value": "blue"}]
    return iam_account([
        user("alice", Tags=tags, UserPolicyList=inline(blue, other)),
        role("plain", Tags=tags, RolePolicyList=inline(blue, other)),
        {**role("open", Tags=tags, RolePolicyList=inline(blue, other)), **more},
    ])  # fmt: skip


def decision(account: Any, who: str, action: str, **context: Any) -> str:
    told = context_of({key.replace("__", ":").replace("_", "/"): value for key, value in context.items()}, is_open=True)
    return can(account, account.find(who)[0], asked_about(action, "*", told)).decision.value


def test_tags_of_a_role_are_not_the_last_word_where_sessions_may_bring_some() -> None:
    trust = document({"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": ["sts:AssumeRole", "sts:TagSession"]})
    account = tagged(AssumeRolePolicyDocument=trust)
    found = {who: decision(account, who, "iam:ListUsers") for who in ("alice", "plain", "open")}
    assert found == {"alice": "allowed", "plain": "allowed", "open": "unknown"}
    assert decision(account, "open", "iam:ListUsers", aws__PrincipalTag_team="blue") == "allowed"


def test_tag_that_a_principal_lacks_is_absent() -> None:
    account = tagged(AssumeRolePolicyDocument="nonsense")
    assert [decision(account, who, "ec2:DescribeInstances") for who in ("alice", "plain", "open")] == [
        "allowed",
        "allowed",
        "unknown",
    ]


def test_tag_that_is_said_to_be_unknown_is_unknown() -> None:
    assert decision(tagged(), "alice", "iam:ListUsers", aws__PrincipalTag_team=None) == "unknown"


# -- what no policy decides -------------------------------------------------------------------------

NOBODY = Policies()
DENIED = Policies(identity=(policy(allow("*"), deny("*")),), scp=((policy(deny("*")),),))


@pytest.mark.parametrize(
    ("who", "action", "decision", "because"),
    [
        (ALICE, "sts:GetCallerIdentity", "allowed", "no_permission_needed"),
        (SESSION, "sts:getcalleridentity", "allowed", "no_permission_needed"),
        (ALICE, "sts:GetSessionToken", "allowed", "no_permission_needed"),
        (SESSION, "sts:GetSessionToken", "implicit_deny", "not_callable"),
        (ROLE, "sts:GetFederationToken", "implicit_deny", "not_callable"),
        (ROOT, "sts:AssumeRole", "implicit_deny", "not_callable"),
        (FEDERATED, "sts:AssumeRole", "implicit_deny", "not_callable"),
    ],
)
def test_what_no_policy_decides_is_the_same_under_all(who: str, action: str, decision: str, because: str) -> None:
    for policies in (NOBODY, DENIED, Policies(identity=(FULL,), resource=policy({**allow("*"), "Principal": "*"}))):
        found = asked(policies, action, ROLE, who=who)
        assert (found.decision, [each.because for each in found.reasons]) == (decision, [because])


def test_federation_token_of_a_user_is_a_matter_of_policies() -> None:
    assert asked(NOBODY, "sts:GetFederationToken", ALICE).decision is Decision.IMPLICIT_DENY


def test_root_user_keeps_the_policies_of_its_own_buckets() -> None:
    locked = policy_of("b", document({**deny("s3:*"), "Principal": "*"}))
    policies = Policies(resource=locked)
    bucket = "arn:aws:s3:::amzn-s3-demo-bucket"
    assert asked(policies, "s3:PutBucketPolicy", bucket, who=ROOT).decision is Decision.ALLOWED
    assert asked(policies, "s3:PutObject", bucket, who=ROOT).decision is Decision.EXPLICIT_DENY
    assert asked(policies, "s3:PutBucketPolicy", bucket).decision is Decision.EXPLICIT_DENY
    guarded = replace(policies, scp=((policy(deny("*")),),))
    assert asked(guarded, "s3:PutBucketPolicy", bucket, who=ROOT).decision is Decision.EXPLICIT_DENY


@pytest.mark.parametrize("action", ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])
def test_trust_gates_what_goes_with_assuming_a_role(action: str) -> None:
    trust = policy_of("trust", document({"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sts:*"}))
    assert is_gated(action, ROLE)
    assert asked(Policies(identity=(FULL,), resource=trust), action, ROLE).decision is Decision.IMPLICIT_DENY
    account = iam_account([user("alice", UserPolicyList=inline(allow("*"))), role("r", {"AWS": f"{A}:user/bob"})])
    found = can(account, account.find("alice")[0], asked_about(action, f"{A}:role/r"))
    assert found.decision is Decision.IMPLICIT_DENY


def test_session_of_a_federated_user_is_tagged_without_a_trust() -> None:
    assert asked(Policies(identity=(FULL,)), "sts:TagSession", FEDERATED).decision is Decision.ALLOWED


# -- reasons ----------------------------------------------------------------------------------------

KEY = "arn:aws:kms:us-east-1:444455556666:key/1"


def test_operation_that_no_other_accounts_key_takes_says_so() -> None:
    found = asked(
        Policies(identity=(FULL,), resource=policy({**allow("*"), "Principal": "*"})), "kms:PutKeyPolicy", KEY
    )
    assert (found.decision, [each.because for each in found.reasons]) == (Decision.IMPLICIT_DENY, [Because.NOT_ACROSS])


def test_request_into_another_account_names_the_side_that_allows_nothing() -> None:
    found = asked(Policies(identity=(FULL,)), "sqs:SendMessage", "arn:aws:sqs:us-east-1:444455556666:q")
    assert [(each.kind, each.because) for each in found.reasons] == [(PolicyKind.RESOURCE, Because.NOTHING_ALLOWS)]


def test_where_a_guard_lets_nothing_through_nothing_else_is_named() -> None:
    found = asked(Policies(scp=((policy(allow("ec2:*")),),)))
    assert [each.kind for each in found.reasons] == [PolicyKind.SCP]


def test_named_session_is_why_a_role_may_not_be_it() -> None:
    named = policy_of("b", document({**allow("s3:*"), "Principal": {"AWS": SESSION}}))
    found = asked(Policies(resource=named), who=ROLE)
    assert (found.decision, found.reasons[0].because) == (Decision.UNKNOWN, Because.SESSION_NOT_TOLD)


@pytest.mark.slow
@given(
    KINDS,
    st.sampled_from([ALICE, ROLE, SESSION, FEDERATED, ROOT, "444455556666", "*"]),
    st.sampled_from(["s3:GetObject", "kms:Decrypt", "kms:PutKeyPolicy", "sts:AssumeRole", "sts:GetCallerIdentity"]),
    st.booleans(),
    st.frozensets(st.sampled_from(list(PolicyKind)), max_size=2),
    st.sampled_from([None, False]),
)
def test_every_answer_has_its_reasons_and_every_unknown_its_cause(  # noqa: PLR0917
    told: Any, who: str, action: str, is_any: bool, unread: frozenset[PolicyKind], managing: bool | None
) -> None:  # fmt: skip
    request = Request(
        principal=principal_of(who), action=action, resource="*" if is_any else OBJECT, is_any_resource=is_any,
        is_owner_unknown=not is_any, context=context_of({"k": None}), is_management_account=managing,
    )  # fmt: skip
    found = ask(request, replace(made(told), unread=unread, are_grants_unread=True))
    assert found.reasons
    assert all(each.statement is not None or each.because is not None for each in found.reasons)
    if found.decision is Decision.UNKNOWN:
        doubts = [each for each in found.reasons if not each.certain]
        assert doubts
        assert all(each.because or each.keys for each in doubts)
    else:
        assert all(each.certain for each in found.reasons)
