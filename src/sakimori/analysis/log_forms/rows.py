"""The rows of a log as columns, read only when some rule asks for them."""
# pyright: basic
# pyarrow has no types.

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Protocol

from sakimori.analysis.facts.answers import FactAnswers
from sakimori.analysis.log_forms.coding import Coded, coded_array, combinations, different, values_at
from sakimori.analysis.log_forms.fact_codes import RowFacts
from sakimori.analysis.log_forms.form import Field, FieldKind, LogForm
from sakimori.analysis.log_forms.reading import decoded, parsed_json, texts_in, values_along
from sakimori.analysis.log_forms.searching import JsonTexts
from sakimori.lake.engines.log_columns import concatenated, some_of
from sakimori.lake.table import Type

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BYTES_A_RUN: Final = 32_000_000
_FEW: Final = 4
"""A text column with fewer than one different value in so many rows is looked at value by value."""
_FEW_ROWS: Final = 16
"""Fewer rows than these are asked one by one: what was read of a row for one rule is known to the next."""


class RowGroup(Protocol):
    """Rows in the order of their time. A column that the log's part lacks is None."""

    @property
    def num_rows(self) -> int: ...  # noqa: D102 - as pyarrow has it

    @property
    def pieces(self) -> "Sequence[RowGroup]":
        """What can be read one without the other, in the order of the rows; itself where it is one."""
        ...

    @property
    def byte_count(self) -> int:
        """Bytes of all columns, not compressed."""
        ...

    def column(self, name: str) -> Any:
        """A pyarrow Array, texts possibly as a dictionary."""
        ...


Roots = Callable[[str | None, str | None, str | None], str | None]
"""(principal_root, ARN of the session, access key) of a row → who stands behind it."""


class Rows:
    """One row group of one log: columns, parsed JSON and facts are kept while rules ask for them. Not thread-safe."""

    def __init__(self, form: LogForm, group: RowGroup, facts: FactAnswers, roots: Roots) -> None:
        import numpy as np  # noqa: PLC0415

        self.form = form
        self.num_rows = group.num_rows
        self.dimensions: dict[str, Coded] = {}
        """What `behaviour.dimensions` made of the columns; of one run, and so in the light of the same surroundings."""
        self._group = group
        self._starts = np.cumsum([0, *(piece.num_rows for piece in group.pieces[:-1])])
        self._pieces: dict[tuple[str, int], Any] = {}
        self._facts = facts
        self._follow = roots
        self._types = {column.name: column.type for column in form.table.columns}
        self._natives = {column: native for native, column in form.heads.items()}
        self._arrays: dict[str, Any] = {}
        self._coded: dict[str, Coded | None] = {}
        self._forced: dict[str, Coded] = {}
        self._numbers: dict[str, Any] = {}
        self._parsed: dict[tuple[str, int], Any] = {}
        self._documents: dict[str, dict[int, Any]] = {}
        self._fact_values: dict[tuple[str, int], tuple[object, ...]] = {}
        self._events: dict[int, RowEvent] = {}
        self._role_codes: dict[str, Coded] = {}
        self._fields: dict[str, Field | None] = {}
        self._row_facts = RowFacts(self, facts)
        self._answers: dict[object, NDArray[np.int8]] = {}
        self._extracted: dict[tuple[Field, int], tuple[Any, list[tuple[object, ...]]]] = {}
        self._texts: dict[tuple[str, int], tuple[Any, JsonTexts]] = {}
        self._strays: Mapping[str, Mapping[int, Any]] | None = None

    def ranges(self) -> "Iterator[tuple[int, int]]":
        """The rows in runs of pieces, of each run the first and the one after the last: what is read of JSON is kept for one run."""
        begin = end = size = 0
        for piece in self._group.pieces:
            if end > begin and size + piece.byte_count > _BYTES_A_RUN:
                yield begin, end
                begin, size = end, 0
            end += piece.num_rows
            size += piece.byte_count
        yield begin, end

    def forget(self) -> None:
        """Let go of what was read of single rows, for what comes are others; columns of few values stay."""
        for kept in (
            self._pieces,
            self._parsed,
            self._documents,
            self._events,
            self._extracted,
            self._texts,
            self._fact_values,
        ):
            kept.clear()

    def close(self) -> None:
        """The end: nothing of it holds the rest of it in memory."""
        self.forget()
        del self._row_facts

    def is_number(self, column: str) -> bool:
        """Whether the column holds numbers."""
        return self._types.get(column) in (Type.INTEGER, Type.DOUBLE)

    def array(self, column: str) -> Any:
        """The pyarrow Array of a column; None where there is none."""
        if column not in self._arrays:
            self._arrays[column] = self._group.column(column) if column in self._types else None
        return self._arrays[column]

    def coded(self, column: str) -> Coded | None:
        """The column by its different values; None where they are too many for that to be of use."""
        if column not in self._coded:
            self._coded[column] = self._encoded(column)
        return self._coded[column]

    def numbers(self, column: str) -> "tuple[NDArray[Any], NDArray[np.bool_]] | None":
        """The numbers of a column and which of them are not null; None where there is no such column."""
        import numpy as np  # noqa: PLC0415

        if column not in self._numbers:
            array = self.array(column)
            if array is None:
                return None
            valid = np.asarray(array.is_valid())
            self._numbers[column] = (array.fill_null(0).to_numpy(zero_copy_only=False), valid)
        return self._numbers[column]

    def astray(self, column: str) -> Mapping[int, Any]:
        """By row: the value of a field whose type is not its column's. The column is NULL there, and `rest` holds it."""
        if self._strays is None:
            self._strays = self._found_astray() if self.form.heads else {}
        return self._strays.get(column, {})

    def _found_astray(self) -> dict[str, dict[int, Any]]:
        import numpy as np  # noqa: PLC0415
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.compute as pc  # noqa: PLC0415

        found: dict[str, dict[int, Any]] = {}
        array = self.array("rest")
        if array is None or array.null_count == len(array):
            return found
        pattern = f'"({"|".join(self.form.heads)})"'
        is_named = pc.call_function(
            "match_substring_regex", [array.cast(pa.string())], pc.MatchSubstringOptions(pattern)
        )
        for row in np.flatnonzero(is_named.fill_null(False).to_numpy(zero_copy_only=False)).tolist():  # noqa: FBT003 - as pyarrow has it
            rest = self.parsed("rest", row)
            for native, column in self.form.heads.items():
                value = rest.get(native) if isinstance(rest, dict) else None
                if value is not None:
                    found.setdefault(column, {})[row] = value
        return found

    @cached_property
    def times(self) -> "NDArray[np.int64]":
        """Microseconds since 1970."""
        import pyarrow as pa  # noqa: PLC0415

        return self.array(self.form.table.time).cast(pa.timestamp("us")).cast(pa.int64()).to_numpy(zero_copy_only=False)

    def role_codes(self, name: str) -> Coded:
        """A role of every row, by its different values."""
        if name not in self._role_codes:
            self._role_codes[name] = self._role_coded(name)
        return self._role_codes[name]

    def _role_coded(self, name: str) -> Coded:
        import numpy as np  # noqa: PLC0415

        if name == "status":
            return self._statuses()
        if name in ("account", "region"):
            return self.forced("account_id" if name == "account" else "region")
        found = self._joined(self.form.origin if name == "origin" else self.form.principal)
        if name == "origin" or "user_identity_access_key_id" not in self._types:
            return found
        arns, keys = self.forced("user_identity_arn"), self.forced("user_identity_access_key_id")
        codes, first = different(combinations((found, arns, keys), self.num_rows))
        names: dict[str, int] = {}
        places = np.full(len(first), -1, dtype=np.int32)
        for at, session in enumerate(zip(*(values_at(each, first) for each in (found, arns, keys)), strict=True)):
            root = self._follow(*session)
            if root is not None:
                places[at] = names.setdefault(root, len(names))
        return Coded(places.take(codes), list(names))

    def _statuses(self) -> Coded:
        import numpy as np  # noqa: PLC0415

        if "errorCode" not in self.form.heads:
            return Coded(np.full(self.num_rows, -1, dtype=np.int32), [])
        codes = (self.forced("error_code").codes >= 0).astype(np.int32)
        codes[list(self.astray("error_code"))] = 1
        return Coded(codes, ["success", "failure"])

    def _joined(self, columns: tuple[str, ...]) -> Coded:
        """The first of these columns that has a value."""
        import numpy as np  # noqa: PLC0415
        import pyarrow as pa  # noqa: PLC0415
        import pyarrow.compute as pc  # noqa: PLC0415

        if len(columns) == 1:
            return self.forced(columns[0])
        arrays = [array for column in columns if (array := self.array(column)) is not None]
        if not arrays:
            return Coded(np.full(self.num_rows, -1, dtype=np.int32), [])
        if len(arrays) == 1:
            return coded_array(arrays[0])
        return coded_array(pc.call_function("coalesce", [array.cast(pa.string()) for array in arrays]))

    def forced(self, column: str) -> Coded:
        """By different values, however many they are."""
        coded = self.coded(column)
        if coded is None:
            coded = self._forced.get(column)
        if coded is None:
            coded = self._forced[column] = coded_array(self.array(column))
        return coded

    def value(self, column: str, row: int) -> Any:
        """One value."""
        coded = self._coded.get(column)
        if coded is not None:
            return coded.at(row)
        return self._one(column, row)

    def values(self, field: Field, row: int) -> tuple[object, ...]:
        """The values of a field in one row, lists taken apart."""
        match field.kind:
            case FieldKind.COLUMN:
                value = self.value(field.column, row)
                if value is None:
                    return values_along(self.astray(field.column).get(row), ())
                return (value,)
            case FieldKind.JSON:
                return values_along(self.parsed(field.column, row), field.path)
            case FieldKind.FACT:
                key = (field.name, row)
                found = self._fact_values.get(key)
                if found is None:
                    found = values_along(self._facts(field.name, self.event(row)), ())
                    self._fact_values[key] = found
                return found
            case FieldKind.ROLE:
                value = self.role(field.name, row)
                return () if value is None else (value,)

    def named(self, name: str, row: int) -> tuple[object, ...]:
        """The values of a field by its name, in one row; none for a field that the log has not."""
        if name not in self._fields:
            self._fields[name] = self.form.resolve(name)
        field = self._fields[name]
        return self.values(field, row) if field else ()

    def all_named(self, name: str, places: "NDArray[np.int64]") -> list[tuple[object, ...]]:
        """`named` of many rows: their JSON is read at once."""
        if name not in self._fields:
            self._fields[name] = self.form.resolve(name)
        field = self._fields[name]
        if field is None:
            return [()] * len(places)
        if len(places) < _FEW_ROWS:
            return [self.values(field, row) for row in places.tolist()]
        if field.kind is FieldKind.JSON and self.coded(field.column) is None:
            return self.extracted(field, places)
        if field.kind is FieldKind.FACT and (found := self.fact_codes(field.name, places)) is not None:
            return [found.values[code] for code in found.codes.tolist()]
        coded = self._plainly_coded(field)
        if coded is not None:
            return [() if value is None else (value,) for value in values_at(coded, places)]
        return [self.values(field, row) for row in places.tolist()]

    def _plainly_coded(self, field: Field) -> Coded | None:
        """A field whose values are those of a column of few, or a role; else None."""
        if field.kind is FieldKind.ROLE:
            return self.role_codes(field.name)
        return self.coded(field.column) if field.kind is FieldKind.COLUMN and not self.astray(field.column) else None

    def fact_codes(self, name: str, places: "NDArray[np.int64]") -> Coded | None:
        """A fact of these places, in their order, by its different values (tuples).

        None where something that it reads is of another type than its column.
        """
        return self._row_facts.codes(name, places)

    def taken(self, column: str, places: "NDArray[np.int64]") -> Any:
        """The pyarrow Array of a column of these rows alone; of pieces in which none of them lies nothing is read."""
        import numpy as np  # noqa: PLC0415
        import pyarrow as pa  # noqa: PLC0415

        if (coded := self._coded.get(column)) is not None:
            return pa.array(values_at(coded, places), pa.string())
        if column in self._arrays or len(self._starts) == 1:
            array = self.array(column)
            return pa.nulls(len(places), pa.string()) if array is None else array.take(pa.array(places))
        ascends = len(places) < 2 or bool((places[1:] >= places[:-1]).all())  # noqa: PLR2004 - two can be out of order
        order = None if ascends else np.argsort(places, kind="stable")
        chosen = places if order is None else places[order]
        borders = [*np.searchsorted(chosen, self._starts).tolist(), len(chosen)]
        told: list[Any] = []
        for number, (begin, end) in enumerate(pairwise(borders)):
            if begin == end:
                continue
            rows = chosen[begin:end]
            array = self._piece(column, number)
            local = rows - self._starts[number]
            told.append(pa.nulls(len(rows), pa.string()) if array is None else some_of(array, local))
        found = concatenated(told) if told else pa.nulls(0, pa.string())
        return found if order is None else found.take(pa.array(np.argsort(order)))

    def _piece(self, column: str, number: int) -> Any:
        key = (column, number)
        if key not in self._pieces:
            self._pieces[key] = self._group.pieces[number].column(column)
        return self._pieces[key]

    def _one(self, column: str, row: int) -> Any:
        """One value of a column that is not known by its different values."""
        if column in self._arrays or len(self._starts) == 1 or column not in self._types:
            array = self.array(column)
            return None if array is None else array[row].as_py()
        number = int(self._starts.searchsorted(row, side="right")) - 1
        array = self._piece(column, number)
        return None if array is None else array[row - int(self._starts[number])].as_py()

    def extracted(self, field: Field, places: "NDArray[np.int64]") -> list[tuple[object, ...]]:
        """The values of a field in the JSON of these rows; kept for the next test that looks at the very same places."""
        key = (field, id(places))
        if key not in self._extracted:
            found = [values_along(document, field.path) for document in self.documents(field.column, places)]
            self._extracted[key] = places, found
        return self._extracted[key][1]

    def answers_of(self, test: object, count: int) -> "NDArray[np.int8]":
        """What a test answered so far of so many different values of its column, -1 where it was not asked."""
        import numpy as np  # noqa: PLC0415

        if test not in self._answers:
            self._answers[test] = np.full(count, -1, dtype=np.int8)
        return self._answers[test]

    def searchable(self, column: str, places: "NDArray[np.int64]") -> JsonTexts:
        """The texts of these rows, to search them; kept for the next test that looks at the very same places."""
        key = (column, id(places))
        if key not in self._texts:
            # The places are kept beside: their identity must not become another's.
            self._texts[key] = (places, JsonTexts(self.taken(column, places)))
        return self._texts[key][1]

    def documents(self, column: str, places: "NDArray[np.int64]") -> list[Any]:
        """What the JSON of a column says in these rows; None for null. Read all at once: a third of the cost of one by one."""
        known = self._documents.setdefault(column, {})
        rows = places.tolist()
        missing = [row for row in rows if row not in known]
        if missing:
            import numpy as np  # noqa: PLC0415

            self.read_documents(column, missing, self.taken(column, np.array(missing)).to_pylist())
        return [known[row] for row in rows]

    def read_documents(self, column: str, places: Sequence[int], texts: Sequence[str | None]) -> None:
        """Read the JSON of these rows from their texts, for whoever asks for their `documents`."""
        known = self._documents.setdefault(column, {})
        for row, text in zip(places, texts, strict=True):
            if row not in known:
                known[row] = None if text is None else decoded(text)

    def parsed(self, column: str, row: int) -> Any:
        """What the JSON of a column says in one row; a text that is none is itself."""
        coded = self.coded(column)
        if coded is None and row in (read := self._documents.get(column, {})):
            return read[row]
        key = (column, int(coded.codes[row]) if coded is not None else row)
        if key not in self._parsed:
            text = self.value(column, row)
            self._parsed[key] = None if text is None else parsed_json(text)
        return self._parsed[key]

    def event(self, row: int) -> "RowEvent":
        """The row as an event with native names (or columns)."""
        if row not in self._events:
            self._events[row] = RowEvent(self, row)
        return self._events[row]

    def native(self, name: str) -> str:
        """The column that a native name has."""
        return self.form.heads.get(name, name)

    def natives(self) -> tuple[str, ...]:
        """The names of the fields of an event."""
        return tuple(self._natives[column] for column in self._natives) or tuple(self._types)

    def role(self, name: str, row: int) -> str | None:
        """What a row means: see `ROLES`."""
        return self.role_codes(name).at(row)

    def _encoded(self, column: str) -> Coded | None:
        import numpy as np  # noqa: PLC0415
        import pyarrow as pa  # noqa: PLC0415

        if column in self.form.json and len(self._starts) > 1:
            # Of most pieces no rule wants to see it.
            return None
        array = self.array(column)
        if array is None:
            return Coded(np.full(self.num_rows, -1, dtype=np.int32), [])
        if not pa.types.is_dictionary(array.type):
            if array.null_count == len(array):
                return Coded(np.full(self.num_rows, -1, dtype=np.int32), [])
            if column in self.form.table.distinct and self._types[column] is Type.TEXT and column in self.form.json:
                return None
            array = array.dictionary_encode()
        if len(array.dictionary) * _FEW > self.num_rows + 64:
            return None
        if self._types[column] is Type.TEXT:
            # All that is in it is known by its codes.
            del self._arrays[column]
        return coded_array(array)


class RowEvent(Mapping[str, Any]):
    """A row as a mapping of native names to values, JSON parsed; null fields are not there."""

    __slots__ = ("_row", "_rows")

    def __init__(self, rows: Rows, row: int) -> None:
        self._rows = rows
        self._row = row

    def __getitem__(self, name: str) -> Any:
        value = self._found(name)
        if value is None:
            raise KeyError(name)
        return value

    def get(self, name: str, default: Any = None) -> Any:
        """The value, or the other where there is none: most fields of an event are not there, and raising costs more."""
        value = self._found(name)
        return default if value is None else value

    def _found(self, name: str) -> Any:
        form, column = self._rows.form, self._rows.native(name)
        value = self._rows.parsed(column, self._row) if column in form.json else self._rows.value(column, self._row)
        if form.heads:
            strange = self._rows.astray(column).get(self._row)
            value = (f"{value.isoformat()}Z" if isinstance(value, datetime) else value) if strange is None else strange
        if value is None:
            rest = self._rows.parsed("rest", self._row) if name in self._rows.form.unmapped else None
            value = rest.get(name) if isinstance(rest, dict) else None
        return value

    def __iter__(self) -> Iterator[str]:
        return (name for name in (*self._rows.natives(), *self._rows.form.unmapped) if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def texts(self) -> Iterator[str]:
        """Every text in the event, fields that nobody knows included."""
        yield from texts_in(dict(self.items()))
        rest = self._rows.parsed("rest", self._row) if self._rows.form.heads else None
        if isinstance(rest, dict):
            yield from texts_in({name: value for name, value in rest.items() if name not in self})
