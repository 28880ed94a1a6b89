"""Reading from a server within a time and a size, whatever it sends: a byte now and then, or lines without end.

A socket's own timeout is one for each byte that comes, and the libraries read heads and greetings for as long as there is
something to read. Whoever waits for such a server would tell nobody anything any more.
"""

import io
import socket
import time
from dataclasses import dataclass
from typing import Any, Final

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_BUFFER_BYTES: Final = 65_536


@dataclass(slots=True)
class Allowance:
    """What one conversation may take: until `deadline` (of time.monotonic), and so many bytes."""

    deadline: float
    bytes_left: int

    def seconds_left(self) -> float:
        """TimeoutError where there are none, or where too much was said."""
        left = self.deadline - time.monotonic()
        if left <= 0 or self.bytes_left < 0:
            raise TimeoutError
        return left


class _Received(io.RawIOBase):
    """What comes from a socket, each wait no longer than what is left. It keeps the socket open, as a file of it does."""

    def __init__(self, connection: socket.socket, allowance: Allowance) -> None:
        self._connection = connection
        self._raw = connection.makefile("rb", buffering=0)
        self._allowance = allowance

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        before = self._connection.gettimeout()
        left = self._allowance.seconds_left()
        self._connection.settimeout(left if before is None else min(before, left))
        try:
            count = self._raw.readinto(buffer)
        finally:
            if self._connection.fileno() >= 0:
                self._connection.settimeout(before)
        self._allowance.bytes_left -= count or 0
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


def bounded_file(connection: socket.socket, allowance: Allowance) -> io.BufferedReader:
    """A file to read from the socket; TimeoutError where the allowance is used up."""
    return io.BufferedReader(_Received(connection, allowance), _BUFFER_BYTES)


@dataclass(slots=True)
class _BoundedSocket:
    """A socket that is read by bounded files; everything else is the socket's own."""

    connection: Any
    allowance: Allowance

    def makefile(self, *_args: Any, **_more: Any) -> io.BufferedReader:
        return bounded_file(self.connection, self.allowance)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)


def bounded_pools(allowance: Allowance) -> dict[str, type[HTTPConnectionPool]]:
    """The pools of urllib3 by scheme, whose connections read within the allowance (`pool_classes_by_scheme`)."""

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            self.sock: Any = _BoundedSocket(self.sock, allowance)

    class Encrypted(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            self.sock: Any = _BoundedSocket(self.sock, allowance)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls: Any = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls: Any = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}
