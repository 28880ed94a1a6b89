"""Which files may hold the stories that are told under one identity."""

from datetime import UTC, datetime, time, timedelta

from sakimori.lake.contested import ContestedSeen
from sakimori.lake.engines.log_parquet import times_under
from sakimori.lake.log_parts import Partition
from sakimori.lake.log_reader import LogReader, Where
from sakimori.lake.part_files import TakenFile
from sakimori.lake.table import Table


class FilesAround:
    """Files of a table, all of them given once, by the times of what they hold."""

    def __init__(self, reader: LogReader, table: Table, files: tuple[TakenFile, ...]) -> None:
        self._reader = reader
        self._table = table
        self._files = files

    def of(self, seen: ContestedSeen) -> tuple[TakenFile, ...]:
        """Those that hold events before and after a time that one of the stories tells."""
        times = {time for place in seen.places for time in self._times(place, seen.contested.identity)}
        return tuple(each for each in self._files if any(each.first_at <= time <= each.last_at for time in times))

    def _times(self, place: Partition, identity: str) -> set[int]:
        begins = datetime.combine(place.day, time.min, UTC)
        where = Where(
            since=begins, until=begins + timedelta(days=1), accounts=(place.account,), regions=(place.region,)
        )
        return {
            time
            for part in self._reader.parts(self._table.name, where)
            for time in times_under(self._reader.root / part.path, self._table, identity)
        }
