"""Names, texts and paths as they are spelled in SQL: whoever only spells need not load the engine."""

from pathlib import Path


def quote(identifier: str) -> str:
    """An SQL identifier that stands for itself."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """An SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def plain_path(path: Path) -> str:
    """The path as DuckDB takes it for itself: what it would expand stands in brackets."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in str(path))
