"""Policy documents: one normal form, or a plain *not understood*."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.collect.declaration import Malformed
from sakimori.collect.policy_columns import statement_rows
from sakimori.collect.policy_document import NotUnderstoodError, Statement, plain_statement, statements_of

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
        {"Statement": {**ALLOW, "NotResource": "*"}},
        {"Statement": {**ALLOW, "Principal": "*", "NotPrincipal": "*"}},
        {"Statement": {**ALLOW, "Conditions": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}},
        {"Statement": {**ALLOW, "condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}},
        {"Statement": {"effect": "Deny", **ALLOW}},
        {"Statement": ALLOW, "statement": {**ALLOW, "Effect": "Deny"}},
        {"Statement": ALLOW, "Version": "2012-10-18"},
        {"Statement": {"Effect": "Allow", "NotAction": [], "Resource": "*"}},
        {"Statement": {"Effect": "Allow", "Action": "*", "NotResource": []}},
        {"Statement": {**ALLOW, "Condition": {"StringEquals": {"aws:username": "a", "AWS:UserName": "b"}}}},
        {"Statement": {**ALLOW, "Condition": {"NumericEquals": {"k": 10**5000}}}},
        {"Statement": {**ALLOW, "Condition": {"NumericEquals": {"k": float("inf")}}}},
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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"Statement": {"Effect": "Deny", "Effect": "Allow", "Action": "*", "Resource": "*"}}', "'Effect' twice"),
        ('{"Statement": [], "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}', "'Statement' twice"),
        ('{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"a": "true"}}, "Condition": {}}}', "'Condition' twice"),
        ('{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"NumericEquals": {"k": NaN}}}}', "NaN"),
        ('{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"NumericEquals": {"k": 1e999}}}}', "number beyond"),
    ],
)  # fmt: skip
def test_text_that_says_something_twice_or_no_number_is_refused_with_what_it_was(text: str, words: str) -> None:
    for form in (text, quote(text)):
        with pytest.raises(NotUnderstoodError, match=words):
            statements_of(form)


def test_thousands_of_members_are_refused_at_once() -> None:
    text = "{" + ",".join(f'"{number}":0' for number in range(15_000)) + ',"1":1}'
    with pytest.raises(NotUnderstoodError, match="'1' twice"):
        statements_of(text)


def test_name_that_no_policy_could_have_is_not_repeated() -> None:
    with pytest.raises(NotUnderstoodError, match=r"^a name, which is no element of a statement$"):
        statements_of({"Statement": {**ALLOW, "\x1b[31m" + "x" * 900: 1}})


def test_numbers_of_conditions_are_written_out() -> None:
    text = '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"NumericEquals": {"k": [1e3, 0.10, 9007199254740993, 1E-7]}}}}'
    assert only(text).conditions[0].values == ("1000", "0.10", "9007199254740993", "0.0000001")
    assert only({"Statement": {**ALLOW, "Condition": {"NumericEquals": {"k": [1e22, 0.5, 3]}}}}).conditions[0].values == (
        "10000000000000000000000", "0.5", "3",
    )  # fmt: skip


def test_list_of_no_resources_is_told_from_no_list() -> None:
    empty = only({"Statement": {**ALLOW, "Resource": []}})
    without = only({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}})
    assert (empty.names_resource, without.names_resource) == (True, False)
    assert plain_statement(empty)["Resource"] == []
    assert "Resource" not in plain_statement(without)


@pytest.mark.parametrize(
    ("actions", "may"),
    [("sts:AssumeRole", True), (["ecr:GetDownloadUrlForLayer", "ECR:BatchGetImage"], True), ("s3:GetObject", False), ("*", False),
     (["sts:AssumeRole", "s3:*"], False)],
)  # fmt: skip
def test_only_policies_of_roles_and_repositories_may_leave_their_resource_out(actions: object, may: bool) -> None:
    statement = only({"Statement": {"Effect": "Allow", "Action": actions}})
    assert statement.may_leave_out_resource is may


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


@pytest.mark.slow
@given(json_values)
def test_garbage_is_either_understood_or_refused(document: object) -> None:
    for form in (document, json.dumps(document)):
        try:
            for statement in statements_of(form):
                assert statement.actions is not None
        except NotUnderstoodError:
            continue


@pytest.mark.parametrize(
    "document",
    [
        {"Statement": {**ALLOW, "NotResource": "*"}},
        {"Statement": [ALLOW, {**ALLOW, "Conditions": {}}]},
        '{"Statement": [], "Statement": []}',
        {"Statement": ALLOW, 7: "x"},
        {"Statement": {**ALLOW, "Condition": {7: {8: True}}}},
        {"Statement": {**ALLOW, "Resource": []}},
    ],
)
def test_table_of_statements_tells_of_an_odd_policy_or_that_there_is_a_gap(document: object) -> None:
    found = list(statement_rows("arn:aws:s3:::amzn-s3-demo-bucket", document))
    assert all(isinstance(each, Malformed) or each["statement"] for each in found)
    assert found


def test_what_is_wrong_with_a_policy_is_said_in_both_languages() -> None:
    with pytest.raises(NotUnderstoodError) as caught:
        statements_of({"Statement": {**ALLOW, "Efect": "Deny"}})
    assert caught.value.told.en == "'Efect', which is no element of a statement"
    assert caught.value.told.ja == "'Efect' はステートメントの要素ではありません"
