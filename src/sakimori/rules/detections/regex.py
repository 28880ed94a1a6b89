"""Regular expressions of RE2: a search takes no longer than its text is long, whatever a rule or a log line holds."""
# pyright: basic
# google-re2 has no types.

from collections.abc import Callable
from typing import Any, Final

MAX_PATTERN: Final = 2_000


def searching(pattern: str, *, is_cased: bool) -> Callable[[str], bool]:
    """Whether the expression is found anywhere in a text."""
    search = _compiled(pattern, is_cased=is_cased).search

    def is_found(text: str) -> bool:
        try:
            return search(text) is not None
        except UnicodeEncodeError:
            # Half a surrogate pair: RE2 reads UTF-8, which has none.
            return search(text.encode("utf-8", "replace").decode()) is not None

    return is_found


def escaped(text: str) -> str:
    """An expression that finds the text itself."""
    import re2  # noqa: PLC0415 - only a run with rules needs it

    return re2.escape(text)


def refusal_of(pattern: str) -> str | None:
    """Why an expression cannot be used; None where it can."""
    import re2  # noqa: PLC0415

    if len(pattern) > MAX_PATTERN:
        return f"> {MAX_PATTERN}"
    try:
        _compiled(pattern, is_cased=True)
    except re2.error as error:
        told = error.args[0] if error.args else ""
        return told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
    return None


def _compiled(pattern: str, *, is_cased: bool) -> Any:
    import re2  # noqa: PLC0415

    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = is_cased
    return re2.compile(pattern, options)


def searching_all(pattern: str) -> Callable[[list[str]], Any]:
    """Whether the expression is found, of many texts at once: a tenth of the time. None where Arrow cannot tell."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    options = pc.MatchSubstringOptions(pattern)

    def are_found(texts: list[str]) -> Any:
        try:
            found = pc.call_function("match_substring_regex", [pa.array(texts, type=pa.string())], options)
        except (UnicodeEncodeError, pa.ArrowException):
            # Half a surrogate pair, more bytes than an array holds, or another age of RE2.
            return None
        return found.to_numpy(zero_copy_only=False)

    return are_found
