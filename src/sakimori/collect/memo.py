"""The calls of one service in one Region, each made once however many tables ask for it."""

import json
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future

from sakimori.aws.door import Answer, Door
from sakimori.aws.refusal import Refusal
from sakimori.collect.declaration import Call


class CallMemo:
    """Remembers answers and refusals for as long as the tables of one service are read. Thread-safe."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._lock = threading.Lock()
        self._futures: dict[tuple[str, str, str], Future[tuple[Answer, ...]]] = {}

    def pages(self, operation: str, region: str, parameters: Mapping[str, object]) -> tuple[Answer, ...]:
        """All pages of a listing; raises the Refusal that the call met, each time it is asked."""
        return self._once(operation, region, parameters, paged=True)

    def call(self, operation: str, region: str, parameters: Mapping[str, object]) -> Answer:
        """One answer; raises the Refusal that the call met."""
        return self._once(operation, region, parameters, paged=False)[0]

    def _once(
        self, operation: str, region: str, parameters: Mapping[str, object], *, paged: bool
    ) -> tuple[Answer, ...]:
        key = (operation, region, json.dumps(parameters, sort_keys=True, default=str))
        with self._lock:
            future = self._futures.get(key)
            is_mine = future is None
            if future is None:
                future = self._futures[key] = Future()
        if is_mine:
            try:
                if paged:
                    future.set_result(tuple(self._door.pages(operation, region, parameters)))
                else:
                    future.set_result((self._door.call(operation, region, parameters),))
            except Refusal as refusal:
                future.set_exception(refusal)
            except BaseException as error:
                future.set_exception(error)
                raise
        return future.result()


class RememberingDoor:
    """A door that asks nothing twice: what one table was told, or refused, the next one is told too."""

    def __init__(self, door: Door, memo: CallMemo) -> None:
        self.account, self.refusals = door.account, door.refusals
        self._memo = memo

    def call(self, operation: str, region: str, parameters: Mapping[str, object]) -> Answer:
        """As of a door."""
        return self._memo.call(operation, region, parameters)

    def pages(self, operation: str, region: str, parameters: Mapping[str, object]) -> Iterator[Answer]:
        """As of a door."""
        return iter(self._memo.pages(operation, region, parameters))


def means_absent(call: Call, refusal: Refusal) -> bool:
    """Whether the declaration says that this error means *there is none*."""
    for entry in call.absent:
        code, _, words = entry.partition(":")
        if refusal.code == code and words.lower() in refusal.message.lower():
            return True
    return False
