"""Turns: something that one process at a time may do in a store, and that ends with the process however it ends."""

import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Engine, text

from sakimori.model.errors import LakeError

_PRIVATE_FILE: Final = 0o600
_PAUSE_SECONDS: Final = 0.1


@contextmanager
def turn_of_file(path: str, name: str, wait_seconds: float) -> Iterator[bool]:
    """Whether this process has the turn: a lock on a file beside the store, which the system lets go of at a kill.

    Waits for it so long at most.
    """
    file = f"{path}.{name}.lock"
    with _explained(file):
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE_FILE)
    try:
        with _explained(file):
            has_turn = _tried(lambda: _lock(descriptor), wait_seconds)
        yield has_turn
    finally:
        os.close(descriptor)


@contextmanager
def turn_of_server(engine: Engine, name: str, wait_seconds: float) -> Iterator[bool]:
    """Likewise on a server: an advisory lock of a connection, which the server lets go of with the connection."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        store = connection.execute(text("SELECT current_schema()")).scalar()
        number = int.from_bytes(hashlib.sha256(f"{store}/{name}".encode()).digest()[:8], "big", signed=True)
        asked = text("SELECT pg_try_advisory_lock(:number)").bindparams(number=number)
        has_turn = _tried(lambda: bool(connection.execute(asked).scalar()), wait_seconds)
        try:
            yield has_turn
        finally:
            if has_turn:
                connection.execute(text("SELECT pg_advisory_unlock(:number)").bindparams(number=number))


@contextmanager
def _explained(file: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise LakeError("findings.store_failed", store=file, reason=reason) from error


def _tried(attempt: Callable[[], bool], wait_seconds: float) -> bool:
    until = time.monotonic() + wait_seconds
    while not attempt():
        if time.monotonic() >= until:
            return False
        time.sleep(_PAUSE_SECONDS)
    return True


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
