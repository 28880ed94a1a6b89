"""Identities that events of different days, Regions or accounts have in common, and whether these events are the same.

AWS gives every event an id of its own. Whoever writes an event under the id of another chooses its day and place: within one
partition it is met as it comes in, elsewhere only here. What is looked at of all that the lake holds are marks of eight bytes
(see `log_marks`); rows are read only where marks meet.
"""
# pyright: basic
# pyarrow has no types; `Rows` is its value.

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise, product
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sakimori.lake.engines.log_agreement import Comparison, name_of_identity, read_pieces
from sakimori.lake.engines.log_marks import Rows, identities_of, marks_of
from sakimori.lake.log_parts import UNKNOWN, Contested, LogPart, Partition
from sakimori.lake.stories import VARIANTS
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

_MARKS_AT_ONCE: Final = 300_000
_MOST_PLACES: Final = 16
"""Of one id, beyond which all of them are contested."""

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

    def slices(self) -> "Iterator[Meetings]":
        """The same, so many marks at a time as their ids have room in memory. The marks are in their order."""
        import numpy as np  # noqa: PLC0415

        begins = np.flatnonzero(np.append(True, self.marks[1:] != self.marks[:-1]))[::_MARKS_AT_ONCE]
        for start, end in pairwise([*begins.tolist(), len(self.marks)] if len(self.marks) else []):
            yield Meetings(self.marks[start:end], self.owners[start:end])


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
    """What is contested, at each of its places, and the new parts of which that is not known, because a part is damaged."""

    found: dict[Contested, None] = field(default_factory=dict[Contested, None])
    unread: set[int] = field(default_factory=set[int])


def contests(table: Table, root: Path, parts: Mapping[int, LogPart], new_count: int, met: Meetings) -> Contests:
    """Identities under which a new part and another tell different stories. The first `new_count` parts are the new ones."""
    search = _Search(table, root, parts, new_count)
    for some in met.slices():
        search.look_at(some)
    return search.result


@dataclass(slots=True)
class _Held:
    """One identity: its mark, and how many rows each part has of it."""

    mark: int
    counts: dict[int, int] = field(default_factory=dict[int, int])


class _Search:
    def __init__(self, table: Table, root: Path, parts: Mapping[int, LogPart], new_count: int) -> None:
        self._table = table
        self._root = root
        self._parts = parts
        self._new_count = new_count
        self.result = Contests()

    def look_at(self, met: Meetings) -> None:
        """Find what is contested under these marks. Only of ids whose place is not told the rest of the row is read."""
        doubtful: dict[tuple[int, int], list[int]] = {}
        for identity, held in self._held(met).items():
            by_place: dict[Partition, list[int]] = {}
            for owner in held.counts:
                by_place.setdefault(self._parts[owner].partition, []).append(owner)
            if len(by_place) == 1 or min(held.counts) >= self._new_count:
                continue
            certain = _certain(self._table, by_place, {each for each, count in held.counts.items() if count > VARIANTS})
            for place in certain:
                self.result.found[Contested(partition=place, identity=name_of_identity(identity))] = None
            for pair in self._pairs(by_place, certain):
                doubtful.setdefault(pair, []).append(held.mark)
        self._compare(doubtful)

    def _held(self, met: Meetings) -> dict[tuple[object, ...], _Held]:
        """Equal marks are not always of equal ids: these tell."""
        import pyarrow as pa  # noqa: PLC0415 - heavy, and only writers need it

        found: dict[tuple[object, ...], _Held] = {}
        by_owner = met.by_owner()
        for owner, wanted in by_owner.items():
            try:
                for piece in read_pieces(self._root / self._parts[owner].path, self._table, self._table.identity):
                    marks = marks_of(self._table, piece)
                    index = _is_among(wanted, marks).nonzero()[0]
                    identities = identities_of(self._table, piece.take(pa.array(index)))
                    for identity, mark in zip(identities, marks[index].tolist(), strict=True):
                        if None not in identity:
                            counts = found.setdefault(identity, _Held(mark)).counts
                            counts[owner] = counts.get(owner, 0) + 1
            except LakeError:
                self._lose(owner, by_owner)
        return found

    def _lose(self, owner: int, by_owner: "Mapping[int, NDArray[np.uint64]]") -> None:
        """A part is damaged: of new ones that have marks in common with it, it is not known what they contest."""
        self.result.unread |= {
            each
            for each, marks in by_owner.items()
            if each < self._new_count and (each == owner or _is_among(by_owner[owner], marks).any())
        }

    def _pairs(
        self, by_place: Mapping[Partition, Sequence[int]], certain: Collection[Partition]
    ) -> Iterator[tuple[int, int]]:
        """New parts, and those against which they are to be held, for what is not certain without it."""
        if len(certain) == len(by_place):
            return
        for here, there in combinations(by_place, 2):
            if here in certain and there in certain:
                continue
            for one, other in product(by_place[here], by_place[there]):
                if (first := min(one, other)) < self._new_count:
                    yield first, max(one, other)

    def _compare(self, doubtful: Mapping[tuple[int, int], Sequence[int]]) -> None:
        import numpy as np  # noqa: PLC0415

        others: dict[int, dict[int, NDArray[np.uint64]]] = {}
        for (new, other), marks in doubtful.items():
            others.setdefault(new, {})[other] = np.sort(np.array(marks, dtype=np.uint64))
        for new, against in others.items():
            try:
                for rows in self._gathered(new, np.unique(np.concatenate(list(against.values())))):
                    for other, common in against.items():
                        self._hold(rows, new, other, common)
            except LakeError:
                self.result.unread.add(new)

    def _gathered(self, owner: int, wanted: "NDArray[np.uint64]") -> Iterator[Rows]:
        """The rows of a part that have these marks, so many at a time."""
        import pyarrow as pa  # noqa: PLC0415

        waiting: list[Rows] = []
        for piece in read_pieces(self._root / self._parts[owner].path, self._table):
            waiting.append(piece.filter(pa.array(_is_among(wanted, marks_of(self._table, piece)))))
            count, size = sum(each.num_rows for each in waiting), sum(each.nbytes for each in waiting)
            if count >= _AT_ONCE or size >= _BYTES_AT_ONCE:
                yield pa.concat_tables(waiting)
                waiting = []
        if any(each.num_rows for each in waiting):
            yield pa.concat_tables(waiting)

    def _hold(self, rows: Rows, new: int, other: int, common: "NDArray[np.uint64]") -> None:
        import pyarrow as pa  # noqa: PLC0415

        mine = rows.filter(pa.array(_is_among(common, marks_of(self._table, rows))))
        if not mine.num_rows:
            return
        comparison = Comparison(self._table, mine)
        for piece in read_pieces(self._root / self._parts[other].path, self._table):
            comparison.hold_against(piece, common)
        for name in comparison.contested(()):
            for owner in (new, other):
                self.result.found[Contested(partition=self._parts[owner].partition, identity=name)] = None


def _certain(table: Table, by_place: Mapping[Partition, Sequence[int]], crowded: Collection[int]) -> set[Partition]:
    """The places that surely tell another story than another of them, without a look at what they tell.

    One event has one time, account and Region. And of one place AWS writes no more than a few rows under one id, nor puts
    them into many places: more are forged, and are not held against each other one by one.
    """
    if len(by_place) > _MOST_PLACES:
        return set(by_place)
    is_timed = table.sameness is not None and table.time in table.sameness.always
    return {
        here
        for here, owners in by_place.items()
        if any(owner in crowded for owner in owners)
        or any(
            (is_timed and here.day != there.day)
            or _differs(here.account, there.account)
            or _differs(here.region, there.region)
            for there in by_place
        )
    }


def _differs(here: str, there: str) -> bool:
    """Two that are both told, and are not the same."""
    return here != there and UNKNOWN not in {here, there}
