"""The rows of single tables of a snapshot, as Python values: for what needs a handful of them and no judgment."""

from collections.abc import Iterator, Mapping

from sakimori.lake.engines.duck import Engine
from sakimori.lake.engines.spelling import quote
from sakimori.lake.facts import Facts
from sakimori.lake.table import Table

Row = Mapping[str, object]


class TableRows:
    """Reads the tables of one snapshot, each once. Close it after use."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._engine = Engine(threads=1)
        self._read: dict[str, tuple[Row, ...]] = {}

    def close(self) -> None:
        """Free the memory."""
        self._engine.close()

    def of(self, table: Table) -> tuple[Row, ...]:
        """All rows of all accounts, by column; None is what could not be read."""
        if table.name not in self._read:
            self._read[table.name] = tuple(self._rows(table))
        return self._read[table.name]

    def _rows(self, table: Table) -> Iterator[Row]:
        self._engine.load_parts(table, self._facts.parts.get(table.name, ()))
        names = [column.name for column in table.columns]
        listed = ", ".join(map(quote, names))
        for values in self._engine.rows(f"select {listed} from {quote(table.name)} order by all"):
            yield dict(zip(names, values, strict=True))
