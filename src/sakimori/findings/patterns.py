"""Patterns that people type (`*` for anything, `?` for one character), as conditions of the store."""

from typing import Final

from sqlalchemy import Column, ColumnElement, func

from sakimori.findings.detection_rows import searched

_ESCAPED: Final = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_", "*": "%", "?": "_"})


def is_like(column: Column[str], pattern: str) -> ColumnElement[bool]:
    """Whether a text fits the pattern; case does not matter."""
    return func.lower(column).like(searched(pattern).lower().translate(_ESCAPED), escape="\\")
