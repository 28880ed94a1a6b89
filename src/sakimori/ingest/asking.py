"""Several slow iterators at the same time, each in a thread of its own, their items in the order of coming."""

import queue
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

_Item = TypeVar("_Item")
_WAITING: Final = 8
"""Items in memory that nobody has taken yet."""
_LEAVING_SECONDS: Final = 2.0


class _Ended:
    """What a thread says last; with the error that ended it, if one did."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


@contextmanager
def together(iterators: Sequence[Iterator[_Item]]) -> Generator[Iterator[tuple[int, _Item]]]:
    """Items with the number of the iterator that they are from. An error in any of them is raised to who takes.

    Whoever leaves stops the threads. One that waits for an answer is not waited for: it brings nothing more, and ends
    with the process.
    """
    coming: queue.Queue[tuple[int, _Item | _Ended]] = queue.Queue(_WAITING)
    stop = threading.Event()
    threads = [
        threading.Thread(target=_follow, args=(number, each, coming, stop), name=f"ask-{number}", daemon=True)
        for number, each in enumerate(iterators)
    ]
    for thread in threads:
        thread.start()
    try:
        yield _items(coming, len(threads))
    finally:
        stop.set()
        for thread in threads:
            thread.join(_LEAVING_SECONDS / len(threads))


def _items(coming: "queue.Queue[tuple[int, _Item | _Ended]]", left: int) -> Iterator[tuple[int, _Item]]:
    while left:
        number, each = coming.get()
        if not isinstance(each, _Ended):
            yield number, each
        elif each.error is not None:
            raise each.error
        else:
            left -= 1


def _follow(
    number: int,
    each: Iterator[_Item],
    coming: "queue.Queue[tuple[int, _Item | _Ended]]",
    stop: threading.Event,
) -> None:
    ended = _Ended()
    try:
        for item in each:
            if not _put(coming, (number, item), stop):
                return
    except BaseException as error:  # noqa: BLE001 - raised again in the thread that takes
        ended = _Ended(error)
    _put(coming, (number, ended), stop)


def _put(
    coming: "queue.Queue[tuple[int, _Item | _Ended]]", what: "tuple[int, _Item | _Ended]", stop: threading.Event
) -> bool:
    """Whether anybody is still there to take it."""
    while not stop.is_set():
        try:
            coming.put(what, timeout=0.1)
        except queue.Full:
            continue
        return True
    return False
