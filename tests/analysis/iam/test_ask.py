import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.iam.policies import ALICE, OBJECT, ROLE, allow, asked, deny, document, policy

from sakimori.analysis.iam.ask import Decision, Policies, PolicyKind
from sakimori.analysis.iam.policy import policy_of

KEY = "arn:aws:kms:us-east-1:111122223333:key/1"


def test_reasons_of_an_allowed_request_quote_policy_and_line() -> None:
    text = json.dumps(document(deny("iam:*"), allow("s3:Get*", Sid="Read")), indent=1)
    answer = asked(Policies(identity=(policy_of("readers", text),)))
    assert answer.decision is Decision.ALLOWED
    [reason] = answer.reasons
    assert reason.policy is not None
    assert reason.statement is not None
    assert (reason.policy.name, reason.statement.sid) == ("readers", "Read")
    opening = [number for number, line in enumerate(text.splitlines(), start=1) if line.strip() == "{"]
    assert reason.policy.line(reason.statement) == opening[2]


def test_reason_of_a_denied_request_is_the_denial_alone() -> None:
    answer = asked(Policies(identity=(policy(allow("s3:*")), policy(deny("s3:Get*"), name="no"))))
    assert answer.decision is Decision.EXPLICIT_DENY
    assert [each.policy.name for each in answer.reasons if each.policy] == ["no"]


def test_what_allows_nothing_is_named() -> None:
    guards = Policies(identity=(policy(allow("s3:*")),), scp=((policy(allow("ec2:*")),),))
    answer = asked(guards)
    assert answer.decision is Decision.IMPLICIT_DENY
    assert [(each.kind, each.policy) for each in answer.reasons] == [(PolicyKind.SCP, None)]


def test_unknown_answer_names_the_keys_on_which_it_hangs() -> None:
    condition = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "Bool": {"aws:SecureTransport": "true"}}
    answer = asked(Policies(identity=(policy(allow("s3:*", Condition=condition)),)), aws__SourceIp=None)
    assert answer.decision is Decision.UNKNOWN
    assert answer.reasons[0].keys == ("aws:SecureTransport", "aws:SourceIp")


def test_kinds_that_could_not_be_read_make_an_allowed_request_unknown_and_a_denied_one_stays_denied() -> None:
    for kind in PolicyKind:
        unread = frozenset({kind})
        allowed = asked(Policies(identity=(policy(allow("s3:*")),), unread=unread))
        denied = asked(Policies(identity=(policy(allow("s3:*"), deny("s3:*")),), unread=unread))
        assert (allowed.decision, denied.decision) == (Decision.UNKNOWN, Decision.EXPLICIT_DENY), kind
        assert any(each.is_unread for each in allowed.reasons)


def test_resource_policy_that_was_not_read_may_be_what_allows() -> None:
    answer = asked(Policies(unread=frozenset({PolicyKind.RESOURCE})))
    assert answer.decision is Decision.UNKNOWN


def test_key_without_a_policy_of_its_own_opens_to_nobody() -> None:
    mine = (policy(allow("kms:*")),)
    assert asked(Policies(identity=mine), "kms:Decrypt", KEY).decision is Decision.IMPLICIT_DENY
    assert asked(Policies(identity=mine), "kms:ListKeys", "*").decision is Decision.ALLOWED


STATEMENTS = st.lists(
    st.builds(
        lambda effect, action, resource, condition: {
            "Effect": effect, "Action": action, "Resource": resource, **({"Condition": condition} if condition else {}),
        },
        st.sampled_from(["Allow", "Deny"]),
        st.sampled_from(["*", "s3:*", "s3:Get*", "s3:PutObject", "ec2:*"]),
        st.sampled_from(["*", OBJECT, "arn:aws:s3:::amzn-s3-demo-bucket/${aws:username}/*", "arn:aws:s3:::other/*"]),
        st.sampled_from([None, {"StringEquals": {"k": "a"}}, {"StringNotEquals": {"k": "a"}}, {"Null": {"k": "true"}}]),
    ),
    max_size=4,
)  # fmt: skip
KINDS = st.fixed_dictionaries(
    {"identity": STATEMENTS},
    optional={
        "boundary": STATEMENTS,
        "session": STATEMENTS,
        "scp": STATEMENTS,
        "rcp": STATEMENTS,
        "resource": STATEMENTS,
    },
)


def made(told: dict[str, list[dict[str, Any]]]) -> Policies:
    named = {kind: policy_of(kind, document(*statements)) for kind, statements in told.items()}
    if "resource" in told:
        named["resource"] = policy_of("resource", document(*({**each, "Principal": "*"} for each in told["resource"])))
    return Policies(
        identity=(named["identity"],),
        resource=named.get("resource"),
        boundary=(named["boundary"],) if "boundary" in named else None,
        session=(named["session"],) if "session" in named else None,
        scp=((named["scp"],),) if "scp" in named else None,
        rcp=((named["rcp"],),) if "rcp" in named else None,
    )


@pytest.mark.slow
@given(KINDS, st.sampled_from([ALICE, ROLE]), st.sampled_from([{}, {"k": "a"}, {"k": ["a", "b"]}, {"k": "b"}]))
def test_what_is_decided_with_an_unknown_key_is_decided_with_any_value(
    told: dict[str, list[dict[str, Any]]], who: str, context: dict[str, Any]
) -> None:
    policies = made(told)
    unknown = asked(policies, who=who, k=None).decision
    known = asked(policies, who=who, **context).decision
    assert unknown in {Decision.UNKNOWN, known} or {unknown, known} <= {Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY}


@pytest.mark.slow
@given(KINDS, st.sampled_from([ALICE, ROLE]), STATEMENTS)
def test_another_denial_never_lets_more_in(
    told: dict[str, list[dict[str, Any]]], who: str, more: list[dict[str, Any]]
) -> None:
    policies = made(told)
    denials = [{**each, "Effect": "Deny"} for each in more]
    harder = replace(policies, identity=(*policies.identity, policy(*denials)) if denials else policies.identity)
    if asked(policies, who=who, k="a").decision is not Decision.ALLOWED:
        assert asked(harder, who=who, k="a").decision is not Decision.ALLOWED


@pytest.mark.slow
@given(KINDS, st.sampled_from([ALICE, ROLE]), st.sampled_from(list(PolicyKind)))
def test_what_is_not_read_makes_nothing_allowed_that_was_not(
    told: dict[str, list[dict[str, Any]]], who: str, kind: PolicyKind
) -> None:
    policies = made(told)
    before = asked(policies, who=who, k="a").decision
    after = asked(replace(policies, unread=frozenset({kind})), who=who, k="a").decision
    assert after in {before, Decision.UNKNOWN}
