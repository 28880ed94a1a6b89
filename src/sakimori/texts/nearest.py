"""The word that somebody may have meant."""

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """The one of `known` that is most like `name`, "" if none is like it."""
    from difflib import get_close_matches  # noqa: PLC0415 - only when something is wrong

    found = get_close_matches(name[:200], list(known), n=1)
    return found[0] if found else ""
