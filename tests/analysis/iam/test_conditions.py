from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.analysis.iam.conditions import COMPARISONS, operator_of, question_of
from sakimori.analysis.iam.context import Context, context_of
from sakimori.collect.policy_document import Condition

NAMES = [
    "StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "NumericLessThan",
    "NumericEquals", "NumericNotEquals", "DateGreaterThan", "Bool", "IpAddress", "NotIpAddress", "ArnLike", "ArnNotLike", "Null",
    "BinaryEquals",
]  # fmt: skip
OPERATORS = st.builds(
    "{}{}{}".format, st.sampled_from(["", "ForAllValues:", "ForAnyValue:"]), st.sampled_from(NAMES),
    st.sampled_from(["", "IfExists"]),
).filter(lambda name: operator_of(name) is not None)  # fmt: skip
VALUES = st.sampled_from(
    [
        "true",
        "false",
        "1",
        "2",
        "a",
        "A",
        "a*",
        "203.0.113.5",
        "203.0.113.0/24",
        "2026-01-01",
        "arn:aws:s3:::b",
        "YQ==",
        "",
    ]
)
LISTS = st.lists(VALUES, min_size=1, max_size=3)


def holds(
    operator: str, values: list[str], told: dict[str, Any], key: str = "k", *, is_open: bool = False
) -> bool | None:
    condition = Condition(operator=operator, key=key, values=tuple(values))
    return question_of(condition, has_variables=True)(context_of(told, is_open=is_open))


@given(OPERATORS, LISTS, st.one_of(st.none(), LISTS))
def test_what_is_said_of_an_unknown_key_holds_for_each_value_and_for_none(
    operator: str, values: list[str], told: list[str] | None
) -> None:
    unknown = holds(operator, values, {"k": None})
    known = holds(operator, values, {} if told is None else {"k": told})
    assert unknown is None or unknown is known


@given(OPERATORS, LISTS, LISTS)
def test_the_order_of_values_means_nothing(operator: str, values: list[str], told: list[str]) -> None:
    assert holds(operator, values, {"k": told}) is holds(operator, values[::-1], {"K": told[::-1]})


@given(st.text(max_size=30), LISTS, LISTS)
def test_no_operator_whatever_its_name_raises(operator: str, values: list[str], told: list[str]) -> None:
    assert holds(operator, values, {"k": told}) in {True, False, None}


@given(st.sampled_from(NAMES[:-1]), LISTS, LISTS)
def test_a_set_operator_over_nothing_is_true_for_all_and_false_for_any(
    name: str, values: list[str], told: list[str]
) -> None:
    if name != "Null":
        assert holds(f"ForAllValues:{name}", values, {}) is True
        assert holds(f"ForAnyValue:{name}", values, {}) is False


def test_operators_that_aws_does_not_have_leave_the_condition_unknown() -> None:
    assert operator_of("StringMatches") is None
    assert operator_of("NullIfExists") is None
    assert holds("StringMatches", ["a"], {"k": "a"}) is None


def test_several_values_under_an_operator_for_one_are_certain_only_where_they_agree() -> None:
    assert holds("StringEquals", ["a", "b"], {"k": ["a", "b"]}) is True
    assert holds("StringEquals", ["a"], {"k": ["a", "b"]}) is None


@pytest.mark.parametrize(
    ("operator", "value", "told"),
    [("NumericLessThan", "nan", "1"), ("NumericEquals", "1e999", "1"), ("DateLessThan", "9999999999999999", "2026-01-01"),
     ("DateEquals", "0000-00-00", "0"), ("IpAddress", "1.2.3.4/99", "1.2.3.4"), ("Bool", "yes", "yes"), ("BinaryEquals", "=", "=")],
)  # fmt: skip
def test_what_is_no_value_of_its_type_compares_to_nothing(operator: str, value: str, told: str) -> None:
    assert holds(operator, [value], {"k": told}) is False


def test_an_empty_list_is_absent_and_an_empty_text_is_not() -> None:
    assert holds("Null", ["true"], {"k": []}) is True
    assert holds("Null", ["true"], {"k": ""}) is False


def test_keys_of_every_request_are_unknown_where_nobody_told_them() -> None:
    assert holds("Bool", ["true"], {}, key="aws:SecureTransport") is None
    assert holds("Bool", ["true"], {}, key="aws:MultiFactorAuthPresent") is False
    assert holds("Bool", ["true"], {}, key="aws:MultiFactorAuthPresent", is_open=True) is None


def test_there_are_the_comparisons_that_aws_documents() -> None:
    assert len(COMPARISONS) == 19
    assert Context().value("k").value == "absent"  # type: ignore[union-attr]
