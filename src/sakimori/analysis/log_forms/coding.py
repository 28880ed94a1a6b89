"""Columns by their different values, and rows by their different combinations of them; by hashing, which needs no order."""
# pyright: basic
# pyarrow has no types.

import math
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


_SHORT_CODES: Final = 2**15 - 1
_FEW_COMBINATIONS: Final = 2**18


class Coded:
    """A column of few different values: each row's place among them, -1 for null."""

    __slots__ = ("codes", "values")

    def __init__(self, codes: "NDArray[np.int32 | np.int16]", values: list[Any]) -> None:
        self.codes = codes
        self.values = values

    def at(self, row: int) -> Any:
        """The value of a row; None for null."""
        code = self.codes[row]
        return None if code < 0 else self.values[code]


def coded_array(array: Any) -> Coded:
    """A pyarrow Array by its different values."""
    import numpy as np  # noqa: PLC0415 - heavy
    import pyarrow as pa  # noqa: PLC0415

    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    indices = array.indices.fill_null(-1) if array.null_count else array.indices
    codes = indices.to_numpy(zero_copy_only=False)
    values = array.dictionary.to_pylist()
    if None in values:
        codes = np.where(codes == values.index(None), np.int32(-1), codes)
    # A group of rows has dozens of columns of few values: half the memory for each.
    return Coded(codes.astype(np.int16 if len(values) <= _SHORT_CODES else np.int32, copy=False), values)


def values_at(coded: Coded, rows: "NDArray[np.int64]") -> list[Any]:
    """The values of these rows, None for null."""
    values = coded.values
    return [None if code < 0 else values[code] for code in coded.codes.take(rows).tolist()]


def occurring(codes: "NDArray[Any]", count: int) -> list[int]:
    """Which of the codes of so many values there are, that of null (-1) first: by marking them, which needs no order."""
    import numpy as np  # noqa: PLC0415

    is_there = np.zeros(count + 1, dtype=bool)
    is_there[codes] = True
    found = np.flatnonzero(is_there[:-1]).tolist()
    return [-1, *found] if is_there[-1] else found


def different(numbers: "NDArray[np.int64]") -> "tuple[NDArray[np.int32], NDArray[np.int64]]":
    """Each row's place among the different numbers, and the first row of each, in the order of first rows."""
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    encoded = pa.array(numbers).dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    first = np.empty(len(encoded.dictionary), dtype=np.int64)
    # Written from the last row to the first: what stays is the first.
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return codes, first


def combinations(columns: Sequence[Coded], count: int) -> "NDArray[np.int64]":
    """A number for each of `count` rows, the same where all columns have the same values.

    Every value of every column has a random number of 64 bits, and a row has those of its values one upon the other:
    two combinations share a number once in 2**64 times.
    """
    import numpy as np  # noqa: PLC0415

    numbers = np.zeros(count, dtype=np.int64)
    for each in columns:
        # The last number is that of null. numpy's own random numbers take a twentieth of a second to be there.
        drawn = np.frombuffer(secrets.token_bytes(8 * (len(each.values) + 1)), dtype=np.int64)
        numbers ^= drawn.take(each.codes)
    return numbers


def numbered(columns: Sequence[Coded], count: int) -> "tuple[NDArray[np.int32], int]":
    """A number for each of `count` rows, the same where all columns have the same values, and below which all are.

    Where few combinations are possible each has its own, whether it occurs or not: nothing is hashed.
    """
    import numpy as np  # noqa: PLC0415

    sizes = [len(each.values) + 1 for each in columns]
    if (possible := math.prod(sizes)) > _FEW_COMBINATIONS:
        codes, first = different(combinations(columns, count))
        return codes, len(first)
    numbers = np.zeros(count, dtype=np.int32)
    for each, size in zip(columns, sizes, strict=True):
        numbers *= size
        # Null is -1.
        numbers += each.codes
        numbers += 1
    return numbers, possible
