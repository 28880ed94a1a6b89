"""Silence of the libraries that would write an address that is itself a secret into a log."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_LOGGERS: Final = (
    "urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry", "urllib3.response", "apprise",
)  # fmt: skip
_silent: Final[ContextVar[bool]] = ContextVar("_silent", default=False)


def _passes(_record: logging.LogRecord) -> bool:
    return not _silent.get()


@contextmanager
def unlogged() -> Iterator[None]:
    """While it is open, urllib3 and apprise log nothing that this thread does, at any level.

    urllib3 tells the path of every request at DEBUG, and the path of an incoming webhook is its password.
    """
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_passes)  # the same one again is not added again
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)
