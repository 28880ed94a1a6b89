"""Texts of JSON searched as they are, so that most of them need not be read: what stands in no text is no value in it."""
# pyright: basic
# pyarrow has no types.

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BACKSLASH: Final = ord("\\")
_ASCII: Final = 128


class JsonTexts:
    """Some texts of a column, folded once and searched often.

    A text with a character beyond ASCII, or with one that is written as a code, may hold anything: it is always found.
    """

    __slots__ = ("_folded", "_odd")

    def __init__(self, texts: Any) -> None:
        import pyarrow.compute as pc  # noqa: PLC0415 - heavy

        self._folded = pc.call_function("ascii_lower", [texts])
        self._odd = _odd_ones(self._folded)

    def having(self, needles: Iterable[str]) -> "NDArray[np.bool_]":
        """A mask of the texts in which one of these stands, in whatever case."""
        return self._odd | _found(self._folded, "|".join(re.escape(needle.lower()) for needle in needles))


def _odd_ones(texts: Any) -> "NDArray[np.bool_]":
    import numpy as np  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    odd = np.zeros(len(texts), dtype=bool)
    _, offsets, data = texts.buffers()
    if data is None or not len(texts):
        return odd
    borders = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    letters = np.frombuffer(data, dtype=np.uint8)[borders[0] : borders[-1]]
    # Nearly always none of the texts is odd, and one look at all letters says so.
    if (letters == _BACKSLASH).any():
        odd |= _found(texts, r"\\")
    if len(letters) and letters.max() >= _ASCII:
        odd |= ~_mask(pc.call_function("string_is_ascii", [texts]).fill_null(True))  # noqa: FBT003 - as pyarrow has it
    return odd


def _found(texts: Any, pattern: str) -> "NDArray[np.bool_]":
    """Where the expression is found. Of a plain text too, RE2 takes a third of the time of Arrow's own search."""
    import pyarrow.compute as pc  # noqa: PLC0415

    return _mask(pc.call_function("match_substring_regex", [texts], pc.MatchSubstringOptions(pattern)))


def _mask(answers: Any) -> "NDArray[np.bool_]":
    whole = answers.fill_null(False) if answers.null_count else answers  # noqa: FBT003 - as pyarrow has it
    return whole.to_numpy(zero_copy_only=False)
