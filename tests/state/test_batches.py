"""Batches lose nothing, keep the order, and take no more than they must."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.state.batches import batches


@pytest.mark.slow
@given(st.lists(st.integers()), st.integers(1, 20))
def test_the_batches_are_the_items_in_their_order_and_all_but_the_last_are_full(items: list[int], size: int) -> None:
    """Whatever the number."""
    found = list(batches(items, size))
    assert [each for batch in found for each in batch] == items
    assert all(len(batch) == size for batch in found[:-1])
    assert all(0 < len(batch) <= size for batch in found)


def test_no_item_is_taken_before_its_batch_is_asked_for() -> None:
    """Rows of a long answer stay where they are."""
    taken: list[int] = []

    def rows() -> Iterator[int]:
        for number in range(10):
            taken.append(number)
            yield number

    next(batches(rows(), 3))
    assert taken == [0, 1, 2]
