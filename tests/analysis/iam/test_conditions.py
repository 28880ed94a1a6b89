from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.effort import is_done_within

from sakimori.analysis.iam.conditions import COMPARISONS, operator_of, question_of
from sakimori.analysis.iam.context import Context, context_of
from sakimori.collect.kleene import every, some
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
        "2001:db8::1",
        "::ffff:1.2.3.4",
        "1_0",
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


@pytest.mark.slow
@given(OPERATORS, LISTS, st.one_of(st.none(), LISTS))
def test_what_is_said_of_an_unknown_key_holds_for_each_value_and_for_none(
    operator: str, values: list[str], told: list[str] | None
) -> None:
    unknown = holds(operator, values, {"k": None})
    known = holds(operator, values, {} if told is None else {"k": told})
    assert unknown is None or unknown is known


@pytest.mark.slow
@given(OPERATORS, LISTS, LISTS)
def test_the_order_of_values_means_nothing(operator: str, values: list[str], told: list[str]) -> None:
    assert holds(operator, values, {"k": told}) is holds(operator, values[::-1], {"K": told[::-1]})


@pytest.mark.slow
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
def test_what_is_no_value_of_its_type_leaves_the_condition_open(operator: str, value: str, told: str) -> None:
    assert holds(operator, [value], {"k": told}) is None


@pytest.mark.parametrize(
    ("operator", "value", "told"),
    [("NumericNotEquals", "1_0", "10"), ("NumericNotEquals", "10", "ten"), ("DateNotEquals", "never", "2026-01-01"),
     ("DateNotEquals", "2026-01-01", "soon"), ("NotIpAddress", "none", "203.0.113.7"), ("NotIpAddress", "203.0.113.0/24", "AWS Internal")],
)  # fmt: skip
def test_negation_makes_nothing_certain_of_what_cannot_be_read(operator: str, value: str, told: str) -> None:
    assert holds(operator, [value], {"k": told}) is None
    assert holds(f"ForAllValues:{operator}", [value], {"k": [told]}) is None


def test_value_that_fits_is_enough_whatever_stands_beside_it() -> None:
    assert holds("IpAddress", ["none", "203.0.113.0/24"], {"k": "203.0.113.7"}) is True
    assert holds("IpAddress", ["none", "203.0.113.0/24"], {"k": "198.51.100.7"}) is None
    assert holds("NumericLessThan", ["many", "5", "10"], {"k": "7"}) is True
    assert holds("NumericNotEquals", ["many", "7"], {"k": "7"}) is False


def test_integers_that_no_float_tells_apart_are_two() -> None:
    assert holds("NumericEquals", ["9007199254740993"], {"k": "9007199254740992"}) is False
    assert holds("NumericGreaterThan", ["9007199254740992"], {"k": "9007199254740993"}) is True
    assert holds("NumericEquals", ["0.1"], {"k": "0.1000000000000000055511151231257827"}) is False


def test_dates_are_those_of_the_w3c_and_the_seconds_since_1970() -> None:
    for same in ("2024-01", "2024-01-01", "2024-01-01T00:00Z", "2024-01-01T01:00:00.000+01:00", "1704067200"):
        assert holds("DateEquals", [same], {"k": "2024-01-01T00:00:00Z"}) is True
    for open_ in ("2024", "1704067200000", "2024-01-01T00:00:00", "2024-W01", "2024-001", "2024-01-01 00:00:00Z"):
        assert holds("DateEquals", [open_], {"k": "2024-01-01T00:00:00Z"}) is None


def test_case_is_ignored_letter_by_letter() -> None:
    assert holds("StringEqualsIgnoreCase", ["stra\u00dfe"], {"k": "STRASSE"}) is False
    assert holds("StringEqualsIgnoreCase", ["\u00c9COLE"], {"k": "\u00e9cole"}) is True
    for lookalike in ("adm\u0131n", "ADM\u0130N"):
        assert holds("StringEqualsIgnoreCase", ["Admin"], {"k": lookalike}) is None
        assert holds("StringNotEqualsIgnoreCase", [lookalike], {"k": "Admin"}) is None
    assert holds("StringEqualsIgnoreCase", ["\u212ams"], {"k": "kms2"}) is False


def test_ipv4_address_that_is_written_as_ipv6_is_left_open() -> None:
    for operator in ("IpAddress", "NotIpAddress"):
        assert holds(operator, ["203.0.113.0/24"], {"k": "::ffff:203.0.113.7"}) is None
        assert holds(operator, ["::ffff:203.0.113.0/120"], {"k": "203.0.113.7"}) is None


def test_address_of_ipv6_without_a_prefix_is_itself_and_perhaps_its_network() -> None:
    assert holds("IpAddress", ["2001:db8::1"], {"k": "2001:db8::1"}) is True
    assert holds("IpAddress", ["2001:db8::1"], {"k": "2001:db8::2"}) is None
    assert holds("IpAddress", ["2001:db8::1"], {"k": "2001:db9::1"}) is False
    assert holds("IpAddress", ["2001:db8::1/128"], {"k": "2001:db8::2"}) is False


def test_netmask_is_no_length_of_a_prefix() -> None:
    assert holds("IpAddress", ["203.0.113.0/255.255.255.0"], {"k": "203.0.113.7"}) is None


def test_set_of_one_empty_text_is_a_set_of_nothing() -> None:
    for name in ("StringEquals", "StringNotEquals", "StringLike", "ArnLike"):
        assert holds(f"ForAllValues:{name}", ["a"], {"k": [""]}) is True
        assert holds(f"ForAnyValue:{name}", ["a"], {"k": [""]}) is False
    assert holds("ForAllValues:StringEquals", ["a"], {"k": ["a", ""]}) is None
    assert holds("ForAllValues:StringEquals", ["a"], {"k": ["b", ""]}) is False
    assert holds("ForAnyValue:StringNotEquals", ["a"], {"k": ["a", ""]}) is None


def test_variable_without_a_value_equals_nothing_and_is_unlike_everything() -> None:
    assert holds("StringEquals", ["${aws:username}"], {"k": "x"}) is False
    assert holds("StringNotEquals", ["${aws:username}"], {"k": "x"}) is True
    assert holds("StringNotEquals", ["${aws:username}"], {"k": "x", "aws:username": None}) is None


@pytest.mark.parametrize(
    "operator", ["StringEquals", "StringNotEquals", "NumericLessThan", "Null", "ForAllValues:StringLike"]
)
def test_key_without_values_to_compare_with_leaves_the_condition_open(operator: str) -> None:
    assert holds(operator, [], {"k": "1"}) is None
    assert holds(operator, [], {}) is None


EIGHT_THOUSAND = [f"value-{number}" for number in range(8_000)]


@pytest.mark.parametrize(
    ("operator", "wanted", "told"),
    [("StringEquals", EIGHT_THOUSAND, EIGHT_THOUSAND), ("StringEqualsIgnoreCase", EIGHT_THOUSAND, [each.upper() for each in EIGHT_THOUSAND]),
     ("StringLike", [f"{each}*" for each in EIGHT_THOUSAND], [f"{each}x" for each in EIGHT_THOUSAND]),
     ("ArnLike", [f"arn:aws:s3:::{each}" for each in EIGHT_THOUSAND], [f"arn:aws:s3:::{each}" for each in EIGHT_THOUSAND]),
     ("NumericEquals", [str(number) for number in range(8_000)], [str(number) for number in range(8_000)]),
     ("NumericLessThan", [str(number + 1) for number in range(8_000)], [str(number) for number in range(8_000)]),
     ("IpAddress", [f"10.0.{number // 250}.{number % 250}/32" for number in range(8_000)], [f"10.0.{number // 250}.{number % 250}" for number in range(8_000)])],
    ids=lambda each: each if isinstance(each, str) else "",
)  # fmt: skip
def test_thousands_of_values_against_thousands_are_answered_in_a_moment(
    operator: str, wanted: list[str], told: list[str]
) -> None:
    def questions() -> None:
        assert holds(f"ForAllValues:{operator}", wanted, {"k": told}) is True
        assert holds(f"ForAnyValue:{operator}", wanted, {"k": ["7x", *told[:1]] if operator.startswith("String") else told}) is True  # fmt: skip

    assert is_done_within(2, questions)


@pytest.mark.slow
def test_more_patterns_and_values_than_can_be_tried_are_left_open() -> None:
    patterns = [f"*{each}*" for each in EIGHT_THOUSAND]

    def questions() -> None:
        assert holds("ForAllValues:StringLike", patterns, {"k": EIGHT_THOUSAND}) is None
        assert holds("ForAllValues:StringLike", ["${aws:username}-*"] * 8_000, {"k": EIGHT_THOUSAND, "aws:username": "value"}) is True  # fmt: skip
        assert holds("StringLike", patterns, {"k": "value-7"}) is True

    assert is_done_within(6, questions)


@pytest.mark.slow
@given(OPERATORS.filter(lambda name: "Null" not in name), st.lists(VALUES, min_size=1, max_size=4), LISTS)
def test_values_together_say_what_each_says_by_itself(operator: str, values: list[str], told: list[str]) -> None:
    asked = operator_of(operator)
    assert asked is not None
    if asked.quantifier:
        return
    alone = [holds(operator, [each], {"k": told[:1]}) for each in values]
    joined = every(alone) if asked.is_negated else some(alone)
    assert holds(operator, values, {"k": told[:1]}) is joined


def test_an_empty_list_is_absent_and_an_empty_text_perhaps() -> None:
    assert holds("Null", ["true"], {"k": []}) is True
    assert holds("Null", ["true"], {"k": ""}) is None
    assert holds("Null", ["yes"], {"k": "a"}) is None
    assert holds("StringEquals", [""], {"k": ""}) is True


def test_keys_of_every_request_are_unknown_where_nobody_told_them() -> None:
    assert holds("Bool", ["true"], {}, key="aws:SecureTransport") is None
    assert holds("Bool", ["true"], {}, key="aws:MultiFactorAuthPresent") is False
    assert holds("Bool", ["true"], {}, key="aws:MultiFactorAuthPresent", is_open=True) is None


def test_there_are_the_comparisons_that_aws_documents() -> None:
    assert len(COMPARISONS) == 19
    assert Context().value("k").value == "absent"  # type: ignore[union-attr]
