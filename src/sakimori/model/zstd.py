"""Python's own module for zstd, or the same one for Pythons before it."""

import sys
from importlib import import_module
from typing import Any, Final

_SINCE: Final = (3, 14)
"""Source: PEP 784 (compression.zstd)."""


def zstd() -> Any:
    """The module, imported where it is used; ImportError where an older Python was installed without its backport."""
    return import_module("compression.zstd" if sys.version_info >= _SINCE else "backports.zstd")
