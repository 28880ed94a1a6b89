"""The one way from what something is to the short name under which it is known again."""

import hashlib
from typing import Final

_BETWEEN: Final = "\x1f"
"""The unit separator: ("a", "bc") and ("ab", "c") stay apart."""


def identity(*parts: str, digits: int = 32) -> str:
    """The first so many hexadecimal digits of the SHA-256 of these parts, in their order.

    Stores and ledgers hold these: a change here makes everything new to everybody. Lone surrogates are taken as they are.
    """
    return hashlib.sha256(_BETWEEN.join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:digits]
