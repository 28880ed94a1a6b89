"""What a door has done so far: calls, seconds and throttled answers, by operation."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationStatistics:
    """Of one `service:Operation`.

    `requests` counts every request sent, so also the `throttled` ones and those `repeated`
    after a server error or a broken connection. `request_seconds` is the sum over threads.
    """

    requests: int = 0
    throttled: int = 0
    repeated: int = 0
    refused: int = 0
    request_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorStatistics:
    """A snapshot: by operation in alphabetical order, and how many clients were made in how many seconds.

    `told_time` is the Date header of the last answer (RFC 9110), "" where none had one.
    """

    operations: Mapping[str, OperationStatistics]
    clients: int = 0
    client_seconds: float = 0.0
    told_time: str = ""

    @property
    def requests(self) -> int:
        """All requests sent."""
        return sum(one.requests for one in self.operations.values())

    @property
    def throttled(self) -> int:
        """All requests that AWS refused for rate."""
        return sum(one.throttled for one in self.operations.values())


@dataclass(slots=True)
class _Count:
    requests: int = 0
    throttled: int = 0
    repeated: int = 0
    refused: int = 0
    request_seconds: float = 0.0


class Ledger:
    """Counts while a door works. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, _Count] = {}
        self._clients = 0
        self._client_seconds = 0.0
        self._told_time = ""

    def told_time(self, date: str) -> None:
        """An answer carried this Date header."""
        with self._lock:
            self._told_time = date or self._told_time

    def request(self, operation: str, seconds: float) -> None:
        """One request was answered, or failed, after `seconds`."""
        with self._lock:
            count = self._counts.setdefault(operation, _Count())
            count.requests += 1
            count.request_seconds += seconds

    def throttled(self, operation: str) -> None:
        """The last request was refused for rate."""
        with self._lock:
            self._counts.setdefault(operation, _Count()).throttled += 1

    def repeated(self, operation: str) -> None:
        """The last request failed and is sent again."""
        with self._lock:
            self._counts.setdefault(operation, _Count()).repeated += 1

    def refused(self, operation: str) -> None:
        """A call failed for good."""
        with self._lock:
            self._counts.setdefault(operation, _Count()).refused += 1

    def client_made(self, seconds: float) -> None:
        """One client was made in `seconds`."""
        with self._lock:
            self._clients += 1
            self._client_seconds += seconds

    def snapshot(self) -> DoorStatistics:
        """The counts at this moment."""
        with self._lock:
            operations = {
                name: OperationStatistics(
                    requests=count.requests, throttled=count.throttled, repeated=count.repeated,
                    refused=count.refused, request_seconds=count.request_seconds,
                )
                for name, count in sorted(self._counts.items())
            }  # fmt: skip
            return DoorStatistics(
                operations=MappingProxyType(operations),
                clients=self._clients,
                client_seconds=self._client_seconds,
                told_time=self._told_time,
            )
