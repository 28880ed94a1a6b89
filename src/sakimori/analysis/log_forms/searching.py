"""Texts of JSON searched as they are, so that most of them need not be read: what stands in no text is no value in it."""
# pyright: basic
# pyarrow has no types.

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class JsonTexts:
    """Some texts of a column, folded once and searched often.

    A text with a character beyond ASCII, or with one that is written as a code, may hold anything: it is always found.
    """

    __slots__ = ("_folded", "_odd")

    def __init__(self, texts: Any) -> None:
        import pyarrow.compute as pc  # noqa: PLC0415 - heavy

        self._folded = pc.call_function("ascii_lower", [texts])
        has_codes = pc.call_function("match_substring", [texts], pc.MatchSubstringOptions("\\"))
        is_plain = pc.call_function("string_is_ascii", [texts])
        self._odd = _mask(has_codes) | ~_mask(is_plain)
        if texts.null_count:
            self._odd &= ~texts.is_null().to_numpy(zero_copy_only=False)

    def having(self, needles: Iterable[str]) -> "NDArray[np.bool_]":
        """A mask of the texts in which one of these stands, in whatever case."""
        import pyarrow.compute as pc  # noqa: PLC0415

        found = self._odd
        for needle in needles:
            options = pc.MatchSubstringOptions(needle.lower())
            found = found | _mask(pc.call_function("match_substring", [self._folded], options))
        return found


def _mask(answers: Any) -> "NDArray[np.bool_]":
    return answers.fill_null(False).to_numpy(zero_copy_only=False)  # noqa: FBT003 - as pyarrow has it
