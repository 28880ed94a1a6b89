"""Text in which * stands for any run of characters, as AWS's patterns have it."""

import re
from functools import lru_cache


def matches_wildcard(pattern: str, text: str) -> bool:
    """Whether the whole text matches; ? and [ are plain characters.

    >>> matches_wildcard("Delete*", "DeleteTrail"), matches_wildcard("a?c", "abc")
    (True, False)
    """
    return _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = [re.escape(part) for part in re.sub(r"\*+", "*", pattern).split("*")]
    # Each part is taken where it first fits (an atomic group), so that many stars cost no more than few.
    first, rest = parts[0], parts[1:]
    if not rest:
        return re.compile(first, re.DOTALL)
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1])
    return re.compile(f"{first}{middle}.*{rest[-1]}", re.DOTALL)
