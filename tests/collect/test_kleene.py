"""Three-valued every, some and not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.collect.kleene import every, opposite, some

values = st.lists(st.sampled_from([True, False, None]), max_size=6)


@pytest.mark.slow
@given(values)
def test_every_is_what_holds_however_the_unknown_ones_turn_out(given_values: list[bool | None]) -> None:
    best = all(value is not False for value in given_values)
    worst = all(value is True for value in given_values)
    assert every(given_values) is (best if best == worst else None)


@pytest.mark.slow
@given(values)
def test_some_is_the_mirror_of_every(given_values: list[bool | None]) -> None:
    assert some(given_values) is opposite(every(opposite(value) for value in given_values))


def test_one_true_settles_some_and_one_false_settles_every() -> None:
    assert some([None, True]) is True
    assert every([None, False]) is False
