import threading
from functools import partial

import pytest

from sakimori.ingest.ahead import fetched
from sakimori.ingest.objects import StoredObject


class Store:
    """Counts how many objects are being read, and how many were."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.read_names: list[str] = []
        self.released = threading.Event()

    def read(self, name: str) -> bytes:
        with self.lock:
            self.read_names.append(name)
        if name.startswith("bad"):
            raise OSError(13, f"refused {name}")
        if name.startswith("slow"):
            assert self.released.wait(120)
        return name.encode()

    def object(self, name: str, byte_count: int = 10) -> StoredObject:
        return StoredObject(location=name, version="1", byte_count=byte_count, read=partial(self.read, name))


def test_objects_come_in_their_order_with_their_bytes() -> None:
    store = Store()
    names = [f"object-{number}" for number in range(200)]
    found = list(fetched(store.object(name) for name in names))
    assert [each.data for each in found] == [name.encode() for name in names]
    assert sorted(store.read_names) == sorted(names)


def test_one_that_cannot_be_read_is_told_and_stops_no_other() -> None:
    store = Store()
    found = list(fetched([store.object("a"), store.object("bad-b"), store.object("c")]))
    assert [(each.data, each.fault) for each in found] == [(b"a", ""), (None, "refused bad-b"), (b"c", "")]


def test_a_local_file_is_not_opened_here() -> None:
    local = StoredObject(location="/x", version="1", byte_count=1)
    assert [(each.each, each.data, each.fault) for each in fetched([local])] == [(local, None, "")]


def test_the_next_ones_are_read_while_the_first_is_waited_for() -> None:
    store = Store()
    coming = fetched([store.object("slow-a"), *(store.object(f"b{number}") for number in range(5))], threads=3)
    reader = threading.Thread(target=lambda: next(coming))
    reader.start()
    while len(store.read_names) < 6:
        pass
    store.released.set()
    reader.join()
    assert len(list(coming)) == 5


def test_no_more_waits_in_memory_than_is_allowed() -> None:
    store = Store()
    coming = fetched((store.object(f"o{number}", byte_count=100) for number in range(50)), threads=4, bytes_ahead=300)
    for taken, _ in enumerate(coming, 1):
        assert len(store.read_names) <= taken + 3
    assert len(store.read_names) == 50


def test_one_that_is_larger_than_what_may_wait_comes_alone() -> None:
    store = Store()
    found = list(fetched([store.object("big", byte_count=1000), store.object("after")], bytes_ahead=10))
    assert [each.data for each in found] == [b"big", b"after"]


def test_whoever_leaves_early_leaves_the_rest_unread() -> None:
    store = Store()
    coming = fetched((store.object(f"o{number}") for number in range(1000)), threads=2)
    next(coming)
    coming.close()  # type: ignore[attr-defined] - a generator
    assert len(store.read_names) < 20


def test_an_error_of_the_program_is_not_taken_for_a_refusal() -> None:
    def broken() -> bytes:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(fetched([StoredObject(location="x", version="1", byte_count=1, read=broken)]))
