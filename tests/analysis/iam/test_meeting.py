from fnmatch import fnmatchcase
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.analysis.iam.meeting import may_meet

PATTERNS = st.text("ab*?", max_size=5)
TEXTS = ["".join(each) for size in range(6) for each in product("abc", repeat=size)]


@given(PATTERNS, PATTERNS)
def test_two_patterns_meet_where_some_text_is_both(one: str, other: str) -> None:
    both = [each for each in TEXTS if fnmatchcase(each, one) and fnmatchcase(each, other)]
    # Without their stars the patterns have at most five letters each, so that a common text of ten need not be sought.
    found = may_meet(one, other)
    assert found or not both
    if found and len(one.replace("*", "") + other.replace("*", "")) <= 5:
        assert both


@pytest.mark.slow
@given(PATTERNS, PATTERNS)
def test_the_order_of_the_two_has_no_meaning(one: str, other: str) -> None:
    assert may_meet(one, other) == may_meet(other, one)


def test_very_long_patterns_are_taken_to_meet() -> None:
    assert may_meet("a" * 3000, "b")
