"""Where objects of a JSON text end, without following their nesting by recursion."""

import re
from typing import Final

from sakimori.ingest.rows import MAX_RECORD_BYTES

# Possessive: a text of megabytes must not be remembered letter by letter. One without its end goes on to the end of all.
TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[{}\[\]]', re.DOTALL)
"""A whole text, or a brace or bracket outside of texts."""


def object_end(data: bytes, begin: int, upto: int) -> int:
    """The index after the object that begins here; 0 where it has no end before `upto` or within the largest size of a record."""
    depth = 0
    for token in TOKEN.finditer(data, begin, min(upto, begin + MAX_RECORD_BYTES)):
        letter = data[token.start()]
        if letter in b"{[":
            depth += 1
        elif letter in b"}]":
            depth -= 1
            if not depth:
                return token.end()
    return 0
