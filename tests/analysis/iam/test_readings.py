"""What texts are to the operators of conditions; and that the lint reads them alike."""

import string
from datetime import datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.analysis.iam.lint.linting import lint_policy
from sakimori.analysis.iam.readings import as_moment, as_network, as_number, decimal, same_case


@given(st.text(string.digits + "+-_.eE infat１", max_size=12))
def test_number_is_what_json_says_is_one(text: str) -> None:
    found = as_number(text)
    if found is not None:
        assert float(found) == float(text)
        assert not set(text) & set("_+ １") or "e+" in text.lower()


@pytest.mark.slow
@given(st.fractions(max_denominator=10**6) | st.integers())
def test_number_that_is_written_out_is_read_again_to_forty_places(number: Fraction | int) -> None:
    found = as_number(decimal(number))
    assert found is not None
    assert abs(found - number) <= Fraction(1, 10**40)


@pytest.mark.parametrize(
    "text", ["1e301", "1e-301", "1e9999999999", "9" * 101, "0x10", "١٢", "1.", ".5", "007", "+5", " 5", ""]
)
def test_number_in_another_spelling_is_not_read(text: str) -> None:
    assert as_number(text) is None


@given(st.datetimes(min_value=datetime(1970, 1, 1)).map(lambda each: each.isoformat()))  # noqa: DTZ001 - the zone is written behind it
def test_moment_with_a_zone_is_read_and_without_one_is_not(text: str) -> None:
    assert as_moment(text) is None
    assert as_moment(f"{text}Z") is not None
    assert as_moment(f"{text}+01:00") == as_moment(f"{text}Z") - 3600  # pyright: ignore[reportOptionalOperand]


@pytest.mark.slow
@given(st.text(max_size=80))
def test_no_text_makes_a_reading_raise(text: str) -> None:
    for read in (as_number, as_moment, as_network):
        read(text)
    assert same_case(same_case(text)) == same_case(text)
    assert len(same_case(text)) == len(text)


@pytest.mark.parametrize(
    ("operator", "value"),
    [("NumericEquals", "1_0"), ("NumericEquals", "inf"), ("DateLessThan", "1767225600000"), ("DateLessThan", "2026"),
     ("DateLessThan", "2026-01-01T00:00:00"), ("IpAddress", "203.0.113.0/255.255.255.0"), ("IpAddress", "::ffff:203.0.113.7")],
)  # fmt: skip
def test_what_the_evaluation_cannot_read_the_lint_calls_bad(operator: str, value: str) -> None:
    key = {"N": "s3:max-keys", "D": "aws:CurrentTime", "I": "aws:SourceIp"}[operator[0]]
    statement = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": {operator: {key: value}}}
    found = lint_policy("p", {"Version": "2012-10-17", "Statement": [statement]})
    assert "bad-value" in {each.code for each in found.findings}


@pytest.mark.parametrize(
    ("change", "code"),
    [({"Resource": None}, "no-resource"), ({"NotResource": "*"}, "both-resources"), ({"Conditions": {}}, "unknown-element"),
     ({"Resource": []}, "empty-list")],
)  # fmt: skip
def test_what_the_evaluation_does_not_understand_the_lint_explains(change: dict[str, object], code: str) -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"} | change
    kept = {name: each for name, each in statement.items() if each is not None}
    found = lint_policy("p", {"Version": "2012-10-17", "Statement": [kept]})
    assert code in {each.code for each in found.findings}
