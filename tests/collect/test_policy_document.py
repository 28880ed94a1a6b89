"""Policy documents: one normal form, or a plain *not understood*."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.collect.policy_document import NotUnderstoodError, Statement, statements_of

ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def only(document: object) -> Statement:
    (statement,) = statements_of(document)
    return statement


@pytest.mark.parametrize(
    "document",
    [
        {"Statement": ALLOW},
        {"Statement": [ALLOW]},
        json.dumps({"Statement": ALLOW}),
        quote(json.dumps({"Statement": [ALLOW]})),
    ],
)
def test_one_and_many_object_and_text_and_url_encoded_text_are_the_same(document: object) -> None:
    statement = only(document)
    assert statement.is_allow
    assert statement.actions == ("s3:GetObject",)
    assert statement.resources == ("*",)
    assert not statement.conditions


def test_a_plus_sign_in_an_encoded_document_stays_a_plus_sign() -> None:
    document = quote(json.dumps({"Statement": {**ALLOW, "Resource": "arn:aws:s3:::a+b"}}), safe="+")
    assert only(document).resources == ("arn:aws:s3:::a+b",)


def test_what_is_left_out_is_kept_apart_from_what_is_named() -> None:
    statement = only(
        {"Statement": {"Effect": "Deny", "NotAction": "iam:*", "NotResource": ["a", "b"], "NotPrincipal": "*"}}
    )
    assert (statement.is_allow, statement.is_not_action, statement.is_not_resource) == (False, True, True)
    assert statement.actions == ("iam:*",)
    assert statement.principals.is_negated


def test_everyone_is_everyone_in_each_of_the_forms() -> None:
    for principal in ("*", {"AWS": "*"}, {"AWS": ["111122223333", "*"]}):
        assert only({"Statement": {**ALLOW, "Principal": principal}}).principals.is_everyone


def test_conditions_are_one_per_operator_and_key_with_plain_values() -> None:
    statement = only(
        {
            "Statement": {
                **ALLOW,
                "Condition": {"Bool": {"aws:SecureTransport": False}, "StringEquals": {"a": ["x", "y"], "b": "z"}},
            }
        }
    )
    assert [(each.operator, each.key, each.values) for each in statement.conditions] == [
        ("Bool", "aws:SecureTransport", ("false",)),
        ("StringEquals", "a", ("x", "y")),
        ("StringEquals", "b", ("z",)),
    ]


@pytest.mark.parametrize(
    "document",
    [
        None,
        "",
        "{",
        "[]",
        {},
        {"Statement": "Allow"},
        {"Statement": [{}]},
        {"Statement": [ALLOW, None]},
        {"Statement": {"Effect": "allow", "Action": "*"}},
        {"Statement": {"Effect": "Allow", "Resource": "*"}},
        {"Statement": {"Effect": [], "Action": "*"}},
        {"Statement": {"Effect": "Allow", "Action": "a:b", "NotAction": "a:c"}},
        {"Statement": {"Effect": "Allow", "Action": {"a": 1}}},
        {"Statement": {**ALLOW, "Principal": ["*"]}},
        {"Statement": {**ALLOW, "Principal": {"Martian": "x"}}},
        {"Statement": {**ALLOW, "Condition": {"StringEquals": "x"}}},
        {"Statement": {**ALLOW, "Condition": {"StringEquals": {"k": [{}]}}}},
        "[" * 100_000,
        "x" * 1_000_000,
    ],
)
def test_what_is_no_policy_is_said_to_be_none(document: object) -> None:
    with pytest.raises(NotUnderstoodError):
        statements_of(document)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.sampled_from(["Allow", "*", "Effect"]) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Statement", "Effect", "Action", "NotAction", "Principal", "Condition", "Resource", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(json_values)
def test_garbage_is_either_understood_or_refused(document: object) -> None:
    for form in (document, json.dumps(document)):
        try:
            for statement in statements_of(form):
                assert statement.actions is not None
        except NotUnderstoodError:
            continue
