"""Numbers that stand for values: what was found out of a combination of them is known by one number."""
# pyright: basic

import secrets
from collections.abc import Iterable
from hashlib import blake2b
from struct import unpack
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MARKED: Final = 500_000
"""Values whose marks are remembered; a hostile log has other values all the time."""
_AT_ONCE: Final = 1_024
_LONG: Final = 1_000
"""Characters beyond which a value is not kept for its mark."""


class Marks:
    """A random number of 64 bits for every value of a column: the same from one group of rows to the next.

    Who calls is the same few again and again: what was found out of a combination of values is known by their marks.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(16)
        self._known: dict[str, dict[Any, int]] = {}
        self._count = 0
        self._drawn: list[int] = []

    def of(self, column: str, values: Iterable[Any]) -> "NDArray[np.int64]":
        """The mark of each value, and at the end that of null."""
        import numpy as np  # noqa: PLC0415

        known = self._known.setdefault(column, {})
        before = len(known)
        marks = [known[each] if each in known else self._new(known, column, each) for each in (*values, None)]
        self._count += len(known) - before
        if self._count > _MARKED:
            # Whoever has old marks finds nothing by them any more: values get new ones.
            self._known, self._count, self._key = {}, 0, secrets.token_bytes(16)
        return np.array(marks, dtype=np.int64)

    def _new(self, known: dict[Any, int], column: str, value: Any) -> int:
        if isinstance(value, str) and len(value) > _LONG:
            text = f"{column}\x1f{value}".encode("utf-8", "surrogatepass")
            return int.from_bytes(blake2b(text, digest_size=8, key=self._key).digest(), "little", signed=True)
        if not self._drawn:
            # A thousand in one call of the system cost little more than one.
            self._drawn = list(unpack(f"<{_AT_ONCE}q", secrets.token_bytes(8 * _AT_ONCE)))
        known[value] = self._drawn.pop()
        return known[value]
