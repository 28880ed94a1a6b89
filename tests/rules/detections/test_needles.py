"""What must stand in a text of JSON: no text that a rule is about may be passed over unread."""

import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.rules.detections.worlds import matchers, values

from sakimori.analysis.log_forms.reading import decoded, values_along
from sakimori.analysis.log_forms.searching import JsonTexts
from sakimori.rules.detections.matching import Like, Matcher, Missing, OneOf, Present, Regex
from sakimori.rules.detections.needles import needles_of


@pytest.mark.slow
@settings(max_examples=300)
@given(value=values, matcher=matchers)
@example(value=1e300, matcher=Like((None, "e+30", None)))
@example(value={"x": [1.0, "abcd"]}, matcher=Like((None, "abcd", None)))
@example(value="\u212aelvin", matcher=OneOf(frozenset({"kelvin"})))
def test_texts_with_a_value_that_matches_are_found(value: Any, matcher: Matcher) -> None:
    if isinstance(matcher, Missing | Present) or not (needles := needles_of(matcher)):
        return
    for separators, is_ascii in (((",", ":"), True), ((" , ", " : "), False)):
        text = json.dumps({"x": value}, separators=separators, ensure_ascii=is_ascii)
        if any(map(matcher.predicate(), values_along(decoded(text), ("x",)))):
            assert JsonTexts(pa.array([text])).having(needles).all()


@pytest.mark.parametrize(
    "matcher",
    [
        OneOf(frozenset({"1000"})),
        OneOf(frozenset({"abcd", ""})),
        Like((":1234", None)),
        Like(('a","b', None)),
        Like((None,)),
        Like(("", "", "")),
        OneOf(frozenset(f"text{number}" for number in range(50))),
        Present(),
        Missing(),
    ],
)
def test_nothing_is_said_of_what_json_may_write_in_other_ways(matcher: Matcher | Missing | Present) -> None:
    assert needles_of(matcher) == ()


def test_the_longest_piece_is_looked_for_and_a_colon_within_texts_stays() -> None:
    assert needles_of(Like(("arn:aws:iam::", None, "role/", None))) == ("arn:aws:iam::",)
    assert needles_of(OneOf(frozenset({"sse_c"}))) == ("sse_c",)


def test_texts_that_hold_codes_or_strange_characters_are_always_found() -> None:
    texts = pa.array(['{"x": "ABCD"}', '{"x": "\\u0061bcd"}', '{"x": "日本"}', '{"x": "other"}', None])
    assert JsonTexts(texts).having(["abcd"]).tolist() == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("(?:^|/)AWSLogs/(?:o-[a-z]+/)?[0-9]{12}/(?:CloudTrail|Config)/", ("awslogs/",)),
        (r"(?i)(ransom|how[-_]?to[-_]?(decrypt|recover))[^/]*\.(txt|md)$", ("decrypt", "ransom", "recover")),
        ("abcd|efgh", ("abcd", "efgh")),
        ("abcd|ef?", ()),
        ("(abcd)?x", ()),
        ("(abcd)+x", ("abcd",)),
        ("abcd{0,3}", ()),
        ("xabcd*y", ("xabc",)),
        ("[[:alpha:]]abcd", ()),
        (r"\pLabcd", ()),
        ("1234|5678", ()),
        ("(", ()),
    ],
)
def test_of_an_expression_only_what_must_be_there_is_looked_for(pattern: str, expected: tuple[str, ...]) -> None:
    assert needles_of(Regex(pattern)) == expected


@pytest.mark.slow
@settings(max_examples=200)
@given(
    value=st.text(alphabet="abAB.-/1{}", max_size=12),
    pattern=st.from_regex(r"(?:[abAB]{2,5}|\.|\(a\|b\)|[ab][*+?]|\(\?:aaaa\|bbbb\)\??|-){1,5}", fullmatch=True),
)
def test_no_text_is_passed_over_in_which_an_expression_is_found(value: str, pattern: str) -> None:
    matcher = Regex(pattern, "i")
    if (needles := needles_of(matcher)) and matcher.predicate()(value):
        assert JsonTexts(pa.array([json.dumps({"x": value})])).having(needles).all()
