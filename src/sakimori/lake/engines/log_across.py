"""Identities that events of different days, Regions or accounts have in common, and whether these events are the same.

AWS gives every event an id of its own. Whoever writes an event under the id of another chooses its day and place: within one
partition it is met as it comes in, elsewhere only here. What is looked at of all that the lake holds are marks of eight bytes
(see `log_marks`); rows are read only where marks meet.
"""
# pyright: basic
# pyarrow has no types; `Rows` is its value.

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sakimori.lake.engines.log_agreement import Comparison, name_of_identity, read_pieces
from sakimori.lake.engines.log_marks import Rows, identities_of, marks_of
from sakimori.lake.log_parts import UNKNOWN, Contested, LogPart, Partition
from sakimori.lake.table import Table
from sakimori.model.errors import LakeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BITS: Final = 24
"""Bits of a mark by which it is passed over at first: a table of two megabytes, which stays in the processor's cache."""
_AT_ONCE: Final = 50_000
_BYTES_AT_ONCE: Final = 64 << 20
"""Rows that are in memory to be held against others, and their bytes."""

Marked = tuple[int, "NDArray[np.uint64]"]
"""The number of a part, and its marks."""


@dataclass(frozen=True, slots=True)
class Meetings:
    """Marks that parts of different partitions have in common, and which parts have each: both columns are of one length."""

    marks: "NDArray[np.uint64]"
    owners: "NDArray[np.int64]"

    def by_owner(self) -> "Mapping[int, NDArray[np.uint64]]":
        """The marks of each part, sorted."""
        import numpy as np  # noqa: PLC0415 - heavy, and only writers need it

        if not len(self.marks):
            return {}
        order = np.lexsort((self.marks, self.owners))
        owners, begins = np.unique(self.owners[order], return_index=True)
        return dict(zip(owners.tolist(), np.split(self.marks[order], begins[1:]), strict=True))


def meetings(new: Sequence[Marked], known: Iterable[Marked], places: Mapping[int, Partition]) -> Meetings:
    """What new parts have in common with each other, and with those that are known, across partitions. `places` are those of all of them."""
    import numpy as np  # noqa: PLC0415 - heavy, and only writers need it

    shift = np.uint64(64 - _BITS)
    marks = np.concatenate([np.zeros(0, dtype=np.uint64), *(each for _, each in new)])
    owners = np.repeat([number for number, _ in new], [len(each) for _, each in new]).astype(np.int64)
    ordered = np.sort(marks)
    here = np.zeros(1 << _BITS, dtype=bool)
    here[ordered >> shift] = True
    theirs: list[Marked] = []
    for number, each in known:
        some = each[here[each >> shift]]
        if len(some := some[_is_among(ordered, some)]):
            theirs.append((number, some))
    met = np.concatenate([ordered[1:][ordered[1:] == ordered[:-1]], *(some for _, some in theirs)])
    own = np.isin(marks, met)
    all_owners = [owners[own], *(np.full(len(some), number, dtype=np.int64) for number, some in theirs)]
    return _across(np.concatenate([marks[own], *(some for _, some in theirs)]), np.concatenate(all_owners), places)


def _is_among(ordered: "NDArray[np.uint64]", some: "NDArray[np.uint64]") -> "NDArray[np.bool_]":
    import numpy as np  # noqa: PLC0415

    if not len(ordered):
        return np.zeros(len(some), dtype=bool)
    return ordered[np.minimum(np.searchsorted(ordered, some), len(ordered) - 1)] == some


def _across(marks: "NDArray[np.uint64]", owners: "NDArray[np.int64]", places: Mapping[int, Partition]) -> Meetings:
    """Only what is of several partitions: within one, events were held against each other as they came."""
    import numpy as np  # noqa: PLC0415

    if not len(marks):
        return Meetings(marks, owners)
    numbers = {place: number for number, place in enumerate(dict.fromkeys(places.values()))}
    of = np.array([numbers[places[owner]] for owner in range(len(places))], dtype=np.int64)
    order = np.lexsort((owners, marks))
    marks, owners = marks[order], owners[order]
    begins = np.flatnonzero(np.append(True, marks[1:] != marks[:-1]))
    least, most = np.minimum.reduceat(of[owners], begins), np.maximum.reduceat(of[owners], begins)
    keep = np.repeat(least != most, np.diff(np.append(begins, len(marks))))
    return Meetings(marks[keep], owners[keep])


@dataclass(slots=True)
class Contests:
    """What rows of new parts contest: where they lie, and where what they contest lies; and the new parts of which that is not known."""

    pairs: list[tuple[Contested, Contested]] = field(default_factory=list[tuple[Contested, Contested]])
    unread: set[int] = field(default_factory=set[int])


def contests(table: Table, root: Path, parts: Mapping[int, LogPart], new_count: int, met: Meetings) -> Contests:
    """Events that tell another story than one elsewhere that has their id. The first parts are the new ones.

    Of two new parts the second is held against the first. What cannot be held against a damaged part is `unread`.
    """
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    found = Contests()
    marks_by = met.by_owner()
    for rows, owners in _gathered(
        table, root, parts, {each: marks_by[each] for each in marks_by if each < new_count}, found
    ):
        marks = marks_of(table, rows)
        for other, theirs in marks_by.items():
            there = parts[other].partition
            elsewhere = [
                each
                for each in set(owners.tolist())
                if parts[each].partition != there and (other >= new_count or other < each)
            ]
            index = np.flatnonzero(np.isin(owners, elsewhere) & _is_among(theirs, marks))
            if not len(index):
                continue
            try:
                told = _told_otherwise(
                    table,
                    rows.take(pa.array(index)),
                    [parts[each].partition for each in owners[index]],
                    parts[other],
                    root,
                )
            except LakeError:
                found.unread |= set(owners[index].tolist())
                continue
            found.pairs += [(here, Contested(partition=there, identity=here.identity)) for here in told]
    return found


def _gathered(
    table: Table, root: Path, parts: Mapping[int, LogPart], wanted: "Mapping[int, NDArray[np.uint64]]", found: Contests
) -> "Iterator[tuple[Rows, NDArray[np.int64]]]":
    """The rows of new parts whose marks are met elsewhere, so many at a time, and of which part each is."""
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    waiting: list[Rows] = []
    owners: list[NDArray[np.int64]] = []
    size = 0
    for number, marks in wanted.items():
        try:
            for piece in read_pieces(root / parts[number].path, table):
                some = piece.filter(pa.array(_is_among(marks, marks_of(table, piece))))
                waiting.append(some)
                owners.append(np.full(some.num_rows, number, dtype=np.int64))
                size += some.nbytes
                if sum(map(len, owners)) >= _AT_ONCE or size >= _BYTES_AT_ONCE:
                    yield pa.concat_tables(waiting), np.concatenate(owners)
                    waiting, owners, size = [], [], 0
        except LakeError:
            found.unread.add(number)
    if sum(map(len, owners)):
        yield pa.concat_tables(waiting), np.concatenate(owners)


def _told_otherwise(
    table: Table, rows: Rows, places: Sequence[Partition], other: LogPart, root: Path
) -> list[Contested]:
    """Those of these rows, each at its place, that tell another story than the other part does."""
    import numpy as np  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    there = other.partition
    is_elsewhere = np.array(
        [_differs(each.account, there.account) or _differs(each.region, there.region) for each in places]
    )
    comparison = Comparison(table, rows)
    marks = np.unique(marks_of(table, rows))
    theirs = set[tuple[object, ...]]()
    for piece in read_pieces(root / other.path, table):
        shared = piece.filter(pa.array(_is_among(marks, marks_of(table, piece))))
        comparison.hold_against(shared, marks)
        if is_elsewhere.any():
            theirs.update(each for each in identities_of(table, shared) if None not in each)
    other_story = comparison.others & ~comparison.copies
    return [
        Contested(partition=place, identity=name_of_identity(identity))
        for place, identity, tells_other, apart in zip(
            places, identities_of(table, rows), other_story, is_elsewhere, strict=True
        )
        if tells_other or (apart and identity in theirs)
    ]


def _differs(here: str, there: str) -> bool:
    """Two that are both told, and are not the same: one event has one account and one Region."""
    return here != there and UNKNOWN not in {here, there}
