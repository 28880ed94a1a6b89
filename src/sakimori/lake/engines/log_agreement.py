"""Whether what comes again under a known identity is the same event: a copy, or another story under its name.

Whoever can put a file where logs are read from can write an event with the identity of a real one. Nothing tells which of
two stories is true, so both stay, and that there are two is known.
"""
# pyright: basic
# pyarrow has no types; `Rows` is its value to everybody who imports it.

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sakimori.lake.engines.arrow import compute
from sakimori.lake.engines.log_arrow import is_arrow, read_arrow
from sakimori.lake.engines.log_marks import Rows, identities_of, marks_of
from sakimori.lake.stories import BY_IDENTITY, VARIANTS, Meeting, Stories, Told
from sakimori.lake.table import Table
from sakimori.model.errors import LakeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_AT_ONCE: Final = 8_192
"""Rows whose texts are in memory as Python has them."""
_LONGEST_NAME: Final = 200


class Comparison:
    """Rows that may be new, held against those that are there; `copies` and `others` tell of each row."""

    def __init__(self, table: Table, rows: Rows) -> None:
        import numpy as np  # noqa: PLC0415 - heavy, and only writers need it

        self._table = table
        self._rows = rows
        self._marks = marks_of(table, rows)
        self.copies = np.zeros(rows.num_rows, dtype=bool)
        self.others = np.zeros(rows.num_rows, dtype=bool)

    def kept(self) -> Rows:
        """The rows without copies."""
        import pyarrow as pa  # noqa: PLC0415

        return self._rows.filter(pa.array(~self.copies))

    def contested(self, before: Sequence[str]) -> tuple[str, ...]:
        """Under which identities the rows that are kept say otherwise; `before` was known of these rows already."""
        import numpy as np  # noqa: PLC0415
        import pyarrow as pa  # noqa: PLC0415

        def names(which: "NDArray[np.bool_]") -> Iterator[str]:
            rows = self._rows.select(list(self._table.identity)).take(pa.array(np.flatnonzero(which)))
            return map(name_of_identity, identities_of(self._table, rows))

        found = dict.fromkeys(names(self.others & ~self.copies))
        if before:
            still = set(names(~self.copies))
            found |= dict.fromkeys(each for each in before if each in still)
        return tuple(found)

    def hold_against(self, theirs: Rows, common: "NDArray[np.uint64]") -> bool:
        """Whether any row has its identity among theirs; `common` are marks that both have."""
        import numpy as np  # noqa: PLC0415

        their_marks = marks_of(self._table, theirs)
        their_index = np.flatnonzero(np.isin(their_marks, common))
        if not len(their_index):
            return False
        index = np.flatnonzero(np.isin(self._marks, their_marks[their_index]) & ~self.copies)
        twins = self._twins(
            index, theirs, their_index[np.argsort(their_marks[their_index], kind="stable")], their_marks
        )
        self.copies[index[twins]] = True
        met = bool(np.any(twins))
        left = index[~twins]
        if len(left):
            their_index = their_index[np.isin(their_marks[their_index], self._marks[left])]
            copies = self._copies(left, theirs, their_index)
            self.copies[left[copies]] = True
            met, left = met or bool(np.any(copies)), left[~copies]
            their_index = _few_of_each(their_index, their_marks)
        for start in range(0, len(left), _AT_ONCE):
            some = left[start : start + _AT_ONCE]
            those = their_index[np.isin(their_marks[their_index], self._marks[some])]
            met = self._one_by_one(some, theirs, those) or met
        return met

    def _twins(
        self, index: "NDArray[np.int64]", theirs: Rows, ordered: "NDArray[np.int64]", their_marks: "NDArray[np.uint64]"
    ) -> "NDArray[np.bool_]":
        """Which of these rows have one among theirs that is the same letter by letter, as nearly every copy is."""
        import numpy as np  # noqa: PLC0415
        import pyarrow as pa  # noqa: PLC0415

        beside = ordered[np.searchsorted(their_marks[ordered], self._marks[index])]
        mine, their = self._rows.take(pa.array(index)), theirs.take(pa.array(beside))
        same = np.ones(len(index), dtype=bool)
        for name in columns_of(self._table):
            equal = compute().equal(mine.column(name).cast(pa.string()), their.column(name).cast(pa.string()))
            if name not in self._table.identity:
                both = compute().and_(compute().is_null(mine.column(name)), compute().is_null(their.column(name)))
                equal = compute().or_kleene(equal, both)
            same &= np.asarray(equal.combine_chunks().fill_null(fill_value=False), dtype=bool)
        return same

    def _copies(
        self, index: "NDArray[np.int64]", theirs: Rows, their_index: "NDArray[np.int64]"
    ) -> "NDArray[np.bool_]":
        """Likewise, of identities that many of theirs have."""
        import numpy as np  # noqa: PLC0415

        known = set(_digests(self._table, theirs, their_index))
        return np.fromiter(
            (digest in known for digest in _digests(self._table, self._rows, index)), dtype=bool, count=len(index)
        )

    def _one_by_one(self, index: "NDArray[np.int64]", theirs: Rows, their_index: "NDArray[np.int64]") -> bool:
        import pyarrow as pa  # noqa: PLC0415

        stories, met = Stories(self._table.sameness or BY_IDENTITY), False
        for start in range(0, len(their_index), _AT_ONCE):
            for identity, told in told_of(self._table, theirs.take(pa.array(their_index[start : start + _AT_ONCE]))):
                if None not in identity and stories.meet(identity, told) is not Meeting.COPY:
                    stories.add(identity, told)
        for row, (identity, told) in zip(index, told_of(self._table, self._rows.take(pa.array(index))), strict=True):
            meeting = Meeting.NEW if None in identity else stories.meet(identity, told)
            self.copies[row] = meeting is Meeting.COPY
            self.others[row] |= meeting is Meeting.OTHER
            met = met or meeting is not Meeting.NEW
        return met


def each_once(table: Table, rows: Rows, marks: "NDArray[np.uint64]") -> tuple[Rows, tuple[str, ...]]:
    """Rows without copies of one before them, and the identities under which several remain. Marks only tell where to look."""
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    doubtful, counts = np.unique(marks, return_counts=True)
    suspects = np.flatnonzero(np.isin(marks, doubtful[counts > 1]))
    stories = Stories(table.sameness or BY_IDENTITY)
    keep = np.ones(rows.num_rows, dtype=bool)
    contested: dict[str, None] = {}
    for start in range(0, len(suspects), _AT_ONCE):
        some = suspects[start : start + _AT_ONCE]
        for row, (identity, told) in zip(some, told_of(table, rows.take(pa.array(some))), strict=True):
            meeting = Meeting.NEW if None in identity else stories.meet(identity, told)
            keep[row] = meeting is not Meeting.COPY
            if meeting is Meeting.OTHER:
                contested[name_of_identity(identity)] = None
            if keep[row] and None not in identity:
                stories.add(identity, told)
    return rows.filter(pa.array(keep)), tuple(contested)


def name_of_identity(identity: tuple[Any, ...]) -> str:
    """The identity in one line, cut where it is longer than any of AWS."""
    return " ".join(map(str, identity))[:_LONGEST_NAME]


def columns_of(table: Table) -> list[str]:
    """The columns by which two rows are told apart."""
    sameness = table.sameness or BY_IDENTITY
    amended = (sameness.amended[0],) if sameness.amended else ()
    return list(dict.fromkeys((*table.identity, *sameness.always, *sameness.where_said, *amended)))


def told_of(table: Table, rows: Rows) -> Iterator[tuple[tuple[Any, ...], Told]]:
    """Identity of each row, and what it says."""
    sameness = table.sameness or BY_IDENTITY
    count = rows.num_rows
    always = _texts(rows, sameness.always) or [()] * count
    said = _texts(rows, sameness.where_said) or [()] * count
    amended = [False] * count
    if sameness.amended:
        column, name = sameness.amended
        amended = [f'"{name}"' in (text or "") for text in rows.column(column).to_pylist()]
    return zip(identities_of(table, rows), zip(always, said, amended, strict=True), strict=True)


def _digests(table: Table, rows: Rows, index: "NDArray[np.int64]") -> Iterator[bytes]:
    """A digest of what rows with an identity say; of one without, what no other has."""
    import pyarrow as pa  # noqa: PLC0415

    for start in range(0, len(index), _AT_ONCE):
        some = rows.select(columns_of(table)).take(pa.array(index[start : start + _AT_ONCE]))
        columns = [column.cast(pa.string()).to_pylist() for column in some.columns]
        for told in zip(*columns, strict=True):
            has_identity = None not in told[: len(table.identity)]
            said = repr(told).encode("utf-8", "replace") if has_identity else os.urandom(16)
            yield hashlib.blake2b(said, digest_size=16).digest()


def _few_of_each(index: "NDArray[np.int64]", marks: "NDArray[np.uint64]") -> "NDArray[np.int64]":
    """The first rows of each mark, as many as stories are held against each other."""
    import numpy as np  # noqa: PLC0415

    ordered = index[np.argsort(marks[index], kind="stable")]
    _, begins, counts = np.unique(marks[ordered], return_index=True, return_counts=True)
    return ordered[np.arange(len(ordered)) - np.repeat(begins, counts) < VARIANTS]


def read_pieces(path: Path, table: Table, columns: Sequence[str] = ()) -> Iterator[Rows]:
    """These columns of a part, or what two rows are told apart by, in pieces: a part of a busy day is large.

    What a part of an older form lacks is NULL. LakeError where it is damaged.
    """
    import pyarrow as pa  # noqa: PLC0415 - heavy, and only writers need it
    import pyarrow.parquet as pq  # noqa: PLC0415

    wanted = list(columns) or columns_of(table)
    if is_arrow(path):
        yield from read_arrow(path, wanted)
        return
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(columns=wanted, use_threads=False):
                rows = pa.Table.from_batches([batch])
                for name in set(wanted) - set(rows.column_names):
                    rows = rows.append_column(name, pa.nulls(rows.num_rows, pa.string()))
                yield rows
    except (OSError, pa.ArrowException) as error:
        raise LakeError("lake.log_part_damaged", path=path, reason=type(error).__name__) from error


def _texts(rows: Rows, names: Sequence[str]) -> list[tuple[str | None, ...]]:
    import pyarrow as pa  # noqa: PLC0415

    columns = [[text or None for text in rows.column(name).cast(pa.string()).to_pylist()] for name in names]
    return list(zip(*columns, strict=True))
