import re
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analysis.iam.policies import allow, policy
from tests.effort import is_done_within

from sakimori.analysis.iam.context import Context, context_of
from sakimori.analysis.iam.patterns import (
    actions_matcher,
    arn_matcher,
    filled_matcher,
    resource_matcher,
    resources_matcher,
    template_of,
    text_matcher,
)

PIECES = st.lists(st.sampled_from(["a", "b", "ab", "*", "?", ":", "/"]), max_size=12).map("".join)
TEXTS = st.text("ab:/", max_size=12)


def _glob(pattern: str, text: str) -> bool:
    """By the book, with backtracking."""
    signs = {"*": ".*", "?": "."}
    return re.fullmatch("".join(signs.get(sign, re.escape(sign)) for sign in pattern), text, re.DOTALL) is not None


def _tokens(pattern: str) -> tuple[object, ...]:
    return template_of(pattern, has_variables=False).tokens()


@given(PIECES, TEXTS)
def test_stars_match_as_a_plain_glob_does(pattern: str, text: str) -> None:
    assert text_matcher(_tokens(pattern))(text) is _glob(pattern, text)


@pytest.mark.slow
@given(PIECES, TEXTS)
def test_an_action_matches_without_regard_to_case(pattern: str, text: str) -> None:
    assert actions_matcher((pattern.upper(),))(text) is _glob(pattern, text)


@pytest.mark.slow
@given(st.lists(PIECES, max_size=4), TEXTS)
def test_resources_of_one_statement_match_as_each_by_itself(patterns: list[str], text: str) -> None:
    answers = [resource_matcher(_tokens(each))(text) for each in patterns if each]
    known = resources_matcher(tuple(each for each in patterns if each))(text)
    assert known is (True if True in answers else None if None in answers else False)


@given(PIECES, TEXTS)
def test_a_resource_never_matches_where_no_glob_would(pattern: str, text: str) -> None:
    assert not resource_matcher(_tokens(pattern))(text) or _glob(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "arn", "expected"),
    [
        ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a/b", True),
        ("arn:aws:s3:::bucket*", "arn:aws:s3:::bucket-2/a", True),
        ("arn:aws:ec2:*:111122223333:instance/*", "arn:aws:ec2:us-east-1:111122223333:instance/i-1", True),
        ("arn:aws:ec2:us-*-1:111122223333:instance/*", "arn:aws:ec2:us-east-1:111122223333:instance/i-1", True),
        ("arn:aws:ec2:us-*-1:111122223333:instance/*", "arn:aws:ec2:eu-west-1:111122223333:instance/i-1", False),
        ("arn:aws:s3*", "arn:aws:s3:::bucket/key", True),
        ("arn:aws:s3:::Bucket/*", "arn:aws:s3:::bucket/key", False),
        ("arn:aws:s3:::bucket/*", "*", False),
    ],
)
def test_resource(pattern: str, arn: str, expected: bool) -> None:
    assert resource_matcher(_tokens(pattern))(arn) is expected


def test_a_condition_on_arns_looks_at_each_part_by_itself() -> None:
    arn = "arn:aws:sns:us-east-1:111122223333:topic"
    assert arn_matcher(_tokens("arn:aws:sns:*:111122223333:*"))(arn) is True
    assert arn_matcher(_tokens("arn:aws:sns:*:topic"))(arn) is None
    assert arn_matcher(_tokens("arn:aws:sqs:*:topic"))(arn) is False


def test_look_alike_letters_name_no_action() -> None:
    kelvin = "\u212ams:Decrypt"
    assert actions_matcher((kelvin,))("kms:decrypt") is False


def test_many_stars_cost_little() -> None:
    pattern = "*a" * 200 + "b"
    matches = text_matcher(_tokens(pattern))
    assert not matches("a" * 2000)
    assert is_done_within(2, lambda: matches("a" * 2000))


# -- variables ---------------------------------------------------------------------------


def _variable(pattern: str, text: str, context: Context) -> bool | None:
    return filled_matcher([template_of(pattern, has_variables=True)], context, resource_matcher)(text)


def test_the_signs_of_a_value_are_plain_text() -> None:
    context = context_of({"aws:username": "a*"})
    assert _variable("home/${aws:username}/*", "home/a*/x", context) is True
    assert _variable("home/${aws:username}/*", "home/ab/x", context) is False


def test_a_variable_that_the_request_lacks_matches_nothing_but_for_its_default() -> None:
    assert _variable("home/${aws:username}", "home/", Context()) is False
    assert _variable("home/${aws:username, 'nobody'}", "home/nobody", Context()) is True


def test_a_variable_of_unknown_value_leaves_open_only_what_some_value_could_match() -> None:
    context = context_of({"aws:username": None})
    assert _variable("home/${aws:username}/x", "home/alice/x", context) is None
    assert _variable("home/${aws:username}/x", "other/alice/x", context) is False


def test_signs_can_be_written_as_themselves() -> None:
    assert _variable("a${*}b${?}${$}", "a*b?$", Context()) is True
    assert _variable("a${*}", "axx", Context()) is False


def test_variables_that_never_end_cost_little() -> None:
    for text in ("${" + " " * 3000, '"${x"' * 3000, "${a," * 3000):
        assert is_done_within(1, partial(template_of, text, has_variables=True))


VARIABLE_PIECES = st.lists(
    st.sampled_from(["a", "b", "*", "?", ":", "/", "${k}", "${k, 'ab'}", "${*}"]), min_size=1, max_size=8
).map("".join)


@pytest.mark.slow
@given(VARIABLE_PIECES, TEXTS, st.sampled_from([(), ("",), ("ab",), ("*",), ("a", "b"), None]))
def test_what_a_statement_passes_over_unfilled_no_value_would_have_matched(
    pattern: str, text: str, value: tuple[str, ...] | None
) -> None:
    context = context_of({"k": None if value is None else list(value)}) if value != () else context_of({})
    [clause] = policy(allow("s3:GetObject", on=pattern)).allows
    assert clause.holds_on(text, context) is _variable(pattern, text, context)


def test_thousands_of_variables_are_not_filled_where_the_plain_text_does_not_fit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fill(_: object) -> None:
        pytest.fail("a pattern was filled")

    monkeypatch.setattr("sakimori.analysis.iam.policy._filled", fill)
    context = context_of({"aws:username": "alice"})
    asked = policy(*(allow("s3:*", on=f"arn:aws:s3:::b/${{aws:username}}/x{number}/*") for number in range(3)))
    assert [each.holds_on("arn:aws:s3:::b/alice/y", context) for each in asked.allows] == [False] * 3
