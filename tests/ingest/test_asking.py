import threading
from collections.abc import Iterator

import pytest
from tests.ingest.doors import Time

from sakimori.ingest.asking import together
from sakimori.ingest.pace import Paces


def counted(count: int) -> Iterator[int]:
    yield from range(count)


def broken() -> Iterator[int]:
    yield 1
    raise ZeroDivisionError


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("ask-")]


def test_every_item_comes_once_with_the_number_of_its_iterator_and_in_its_order() -> None:
    with together([counted(50), counted(3), counted(0)]) as coming:
        found = list(coming)
    assert [item for number, item in found if number == 0] == list(range(50))
    assert [item for number, item in found if number == 1] == [0, 1, 2]
    assert len(found) == 53


def test_one_that_waits_does_not_hold_up_the_others() -> None:
    go = threading.Event()

    def waiting() -> Iterator[int]:
        assert go.wait(120)
        yield 99

    with together([waiting(), counted(5)]) as coming:
        first = [next(coming) for _ in range(5)]
        go.set()
        assert [*first, *coming] == [*((1, number) for number in range(5)), (0, 99)]


def test_an_error_is_raised_to_who_takes_the_items() -> None:
    with pytest.raises(ZeroDivisionError), together([broken(), counted(1)]) as coming:
        list(coming)
    assert threads() == []


def test_who_leaves_early_leaves_no_thread_behind() -> None:
    with together([counted(1000), counted(1000)]) as coming:
        next(coming)
    assert threads() == []


def test_nothing_to_ask_is_nothing_to_wait_for() -> None:
    with together([]) as coming:
        assert list(coming) == []


def test_a_pace_is_kept_for_each_account_and_region() -> None:
    time = Time()
    paces = Paces(per_second=2, clock=time.clock())
    for _ in range(5):
        paces.of("1", "a").wait()
    assert time.now == 1002.0
    assert time.naps == [0.5] * 4
    paces.of("1", "b").wait()
    assert time.now == 1002.0
