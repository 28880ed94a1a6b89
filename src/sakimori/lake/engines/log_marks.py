"""Marks of identities: eight bytes by which a row is looked for among many."""
# pyright: basic
# pyarrow has no types; `Rows` is its value to everybody who imports it.

import hashlib
import os
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sakimori.lake.engines.arrow import compute
from sakimori.lake.table import Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Rows: TypeAlias = Any
"""A pyarrow.Table."""


def identities_of(table: Table, rows: Rows) -> list[tuple[Any, ...]]:
    """The identity of each row, with None for what it lacks."""
    import pyarrow as pa  # noqa: PLC0415

    columns = [rows.column(name).cast(pa.string()).to_pylist() for name in table.identity]
    return list(zip(*columns, strict=True))


def marks_of(table: Table, rows: Rows) -> "NDArray[np.uint64]":
    """A 64-bit mark of each row's identity, the same in every process. Equal identities have equal marks, not the other way round.

    A row that lacks a part of its identity gets a mark drawn at random: nothing is the same as it.
    """
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    texts = [rows.column(name).cast(pa.string()).combine_chunks() for name in table.identity]
    joined: Any = texts[0] if len(texts) == 1 else compute().binary_join_element_wise(*texts, "\x1f")
    marks = _marks(joined)
    if joined.null_count:
        missing = np.asarray(joined.is_null())
        marks[missing] = np.frombuffer(os.urandom(8 * int(missing.sum())), dtype=np.uint64)
    return marks


_WIDEST: Final = 512


def _marks(texts: Any) -> "NDArray[np.uint64]":
    """Marks by multiplication of eight bytes at a time; texts of unequal length are taken length by length."""
    import numpy as np  # noqa: PLC0415

    count = len(texts)
    marks = np.zeros(count, dtype=np.uint64)
    if not count:
        return marks
    _, offset_buffer, data_buffer = texts.buffers()
    offsets = np.frombuffer(offset_buffer, dtype=np.int32)[texts.offset : texts.offset + count + 1]
    data = np.frombuffer(data_buffer, dtype=np.uint8) if data_buffer else np.zeros(0, dtype=np.uint8)
    lengths = np.diff(offsets)
    for length in np.unique(lengths):
        which = np.flatnonzero(lengths == length)
        if length > _WIDEST:
            for index in which:
                digest = hashlib.blake2b(bytes(data[offsets[index] : offsets[index + 1]]), digest_size=8).digest()
                marks[index] = int.from_bytes(digest, "little")
        elif len(which) == count:
            marks[:] = _mixed(data[offsets[0] : offsets[-1]].reshape(count, int(length)))
        else:
            marks[which] = _mixed(data[offsets[which][:, None] + np.arange(length)])
    return marks


def _mixed(letters: "NDArray[np.uint8]") -> "NDArray[np.uint64]":
    import numpy as np  # noqa: PLC0415

    count, length = letters.shape
    words = -(-max(length, 1) // 8)
    padded = np.zeros((count, words * 8), dtype=np.uint8)
    padded[:, :length] = letters
    wide = padded.view(np.uint64)
    # Not the length itself: a short text and one with a sign less could be the same number.
    mark = np.full(count, (0x9E3779B97F4A7C15 + length * 0xC2B2AE3D27D4EB4F) % 2**64, dtype=np.uint64)
    for word in range(words):
        mark = (mark ^ wide[:, word]) * np.uint64(0xFF51AFD7ED558CCD)
        mark ^= mark >> np.uint64(32)
    return mark
