"""Bytes of stored objects, fetched ahead in a few threads, so that who reads them need not wait for each."""

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from sakimori.ingest.objects import StoredObject

THREADS: Final = 16
BYTES_AHEAD: Final = 128 << 20
"""What may wait in memory; a single larger object waits alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An object with its bytes: None for a local file, and where it cannot be read; `fault` then says why in a few words."""

    each: StoredObject
    data: bytes | None = None
    fault: str = ""


def fetched(
    objects: Iterable[StoredObject], *, threads: int = THREADS, bytes_ahead: int = BYTES_AHEAD
) -> Generator[Fetched]:
    """The objects in their order, each with its bytes. Close the iterator to leave early: no more is fetched then."""
    waiting: deque[tuple[StoredObject, Future[Fetched] | None]] = deque()
    coming = iter(objects)
    held = 0
    pool = ThreadPoolExecutor(threads, thread_name_prefix="fetch")
    try:
        following = next(coming, None)
        while waiting or following is not None:
            while following is not None and (
                not waiting or (held + following.byte_count <= bytes_ahead and len(waiting) < 4 * threads)
            ):
                waiting.append((following, pool.submit(fetch, following) if following.read else None))
                held += following.byte_count
                following = next(coming, None)
            each, future = waiting.popleft()
            held -= each.byte_count
            yield future.result() if future else Fetched(each=each)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def fetch(each: StoredObject) -> Fetched:
    """One object with its bytes, now."""
    try:
        return Fetched(each=each, data=each.read() if each.read else None)
    except OSError as error:
        return Fetched(each=each, fault=error.strerror or str(error))
