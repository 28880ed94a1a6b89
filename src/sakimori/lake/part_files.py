"""Which files the rows of a part may come from, as far as the manifest tells."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

from sakimori.lake.instants import MICROS_A_DAY, begin_of
from sakimori.lake.log_parts import UNKNOWN, LogPart
from sakimori.lake.log_reader import LogReader
from sakimori.lake.table import Table


@dataclass(frozen=True, slots=True)
class TakenFile:
    """One file that rows came from; `account` and `region` are what its place told, not what its rows say."""

    source: str
    location: str
    version: str
    digest: str
    account: str
    region: str
    first_at: int
    last_at: int
    taken_at: str

    def is_of(self, day: date) -> bool:
        """Whether it may hold rows of that day."""
        begins = begin_of(day)
        return self.first_at < begins + MICROS_A_DAY and begins <= self.last_at


def taken_files(reader: LogReader, kinds: Sequence[str]) -> tuple[TakenFile, ...]:
    """The files of these kinds that had rows."""
    if reader.manifest is None:
        return ()
    return tuple(
        TakenFile(*row)
        for kind in kinds
        for row in reader.manifest.query(
            "select source, location, version, digest, account, region, first_at, last_at, taken_at from log_object "
            "where source = ? and first_at is not null",
            kind,
        )
    )


class Links:
    """From the parts of a table to files, and back.

    A commit gives its parts and its files one moment, by which they know each other: a row may be of another account
    or Region than its file's place. Compaction makes parts of many commits; of those the day tells, and where events have
    no identity, so that nothing may come in without need, also the place.
    """

    def __init__(self, table: Table, parts: Sequence[LogPart], reader: LogReader, files: Iterable[TakenFile]) -> None:
        self._table = table
        self._made_at = _made_at(table, reader)
        self._by_commit: defaultdict[str, list[TakenFile]] = defaultdict(list)
        self._by_place: defaultdict[tuple[str, str], list[TakenFile]] = defaultdict(list)
        for each in files:
            self._by_commit[each.taken_at].append(each)
            self._by_place[each.account, each.region].append(each)
        self._parts: defaultdict[str, list[LogPart]] = defaultdict(list)
        self._merged: defaultdict[tuple[str, str], list[LogPart]] = defaultdict(list)
        for part in parts:
            made_at = self._made_at.get(part.name, "")
            place = (part.partition.account, part.partition.region)
            (self._parts[made_at] if made_at in self._by_commit else self._merged[place]).append(part)

    def files_of(self, part: LogPart) -> Iterator[TakenFile]:
        """Those that may have brought rows of this part, or the same events as it held."""
        place = part.partition
        together = self._by_commit.get(self._made_at.get(part.name, ""), ())
        yield from (each for each in together if each.is_of(place.day))
        if self._table.identity and not together:
            yield from (each for those in self._by_place.values() for each in those if each.is_of(place.day))
        elif self._table.identity or not together:
            # Where events have an identity, a later file may have brought them as well, and found them there.
            for account, region in product((UNKNOWN, place.account), (UNKNOWN, place.region)):
                yield from (each for each in self._by_place.get((account, region), ()) if each.is_of(place.day))

    def parts_of(self, file: TakenFile) -> Iterator[LogPart]:
        """Those that may hold rows of this file."""
        yield from (part for part in self._parts.get(file.taken_at, ()) if file.is_of(part.partition.day))
        for (account, region), parts in self._merged.items():
            if file.account in {UNKNOWN, account} and file.region in {UNKNOWN, region}:
                yield from (part for part in parts if file.is_of(part.partition.day))


def _made_at(table: Table, reader: LogReader) -> dict[str, str]:
    """When each part of the table was made."""
    if reader.manifest is None:
        return {}
    return dict(reader.manifest.query("select part, made_at from log_part where table_name = ?", table.name))
