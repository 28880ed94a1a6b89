"""Three-valued logic: None is *not known*, and spreads only where it matters."""

from collections.abc import Iterable


def every(values: Iterable[bool | None]) -> bool | None:
    """False if any is False, else None if any is None, else True.

    >>> every([True, None]), every([False, None]), every([])
    (None, False, True)
    """
    is_known = True
    for value in values:
        if value is False:
            return False
        is_known = is_known and value is not None
    return True if is_known else None


def some(values: Iterable[bool | None]) -> bool | None:
    """True if any is True, else None if any is None, else False.

    >>> some([True, None]), some([False, None]), some([])
    (True, None, False)
    """
    is_known = True
    for value in values:
        if value:
            return True
        is_known = is_known and value is not None
    return False if is_known else None


def opposite(value: bool | None) -> bool | None:  # noqa: FBT001 - the value itself is the boolean
    """Its negation; None stays None."""
    return None if value is None else not value
