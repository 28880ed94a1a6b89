"""Facts of many rows: each asked once for every different combination of what it reads, and not again in later groups."""
# pyright: basic
# pyarrow has no types.

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from sakimori.analysis.facts.answers import FactAnswers
from sakimori.analysis.log_forms.coding import Coded, coded_array, combinations, different, marked
from sakimori.analysis.log_forms.form import LogForm
from sakimori.analysis.log_forms.reading import values_along
from sakimori.lake.table import Type

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Places = NDArray[np.int64]

_MANY: Final = 16
"""Where one in so many rows is asked for, combinations are told apart in all of them: others will ask for the rest."""
_FEW_ROWS: Final = 64
"""Fewer rows than these are asked one by one where JSON is read: to tell their documents apart costs more."""


class AskedRows(Protocol):
    """The rows of a group, as facts need them."""

    form: LogForm
    num_rows: int

    def coded(self, column: str) -> Coded | None: ...  # noqa: D102 - see Rows
    def taken(self, column: str, places: "Places") -> Any: ...  # noqa: D102
    def astray(self, column: str) -> Mapping[int, Any]: ...  # noqa: D102
    def documents(self, column: str, places: "Places") -> list[Any]: ...  # noqa: D102
    def read_documents(self, column: str, places: Sequence[int], texts: Sequence[str | None]) -> None: ...  # noqa: D102
    def parsed(self, column: str, row: int) -> Any: ...  # noqa: D102
    def event(self, row: int) -> Mapping[str, Any]: ...  # noqa: D102


class RowFacts:
    """The facts of one group of rows."""

    def __init__(self, rows: AskedRows, answers: FactAnswers) -> None:
        self._rows = rows
        self._answers = answers
        self._known: dict[str, _FactCodes | None] = {}
        self._numbers: dict[tuple[str, ...], tuple[Any, Any]] = {}
        self._marks: dict[str, Any] = {}
        self._types = {column.name: column.type for column in rows.form.table.columns}

    def codes(self, name: str, places: "Places") -> Coded | None:
        """See `Rows.fact_codes`."""
        if name not in self._known:
            self._known[name] = self._unasked(name)
        known = self._known[name]
        if known is None:
            return None
        missing = places.compress(known.coded.codes.take(places) < 0)
        if len(missing):
            self._answer(name, known, missing)
        return known.coded

    def _unasked(self, name: str) -> "_FactCodes | None":
        form = self._rows.form
        reads = self._answers.reads(name)
        causes = tuple(form.typed.get(path) or form.heads.get(path, path) for path in reads)
        if any(map(self._rows.astray, causes)):
            return None
        return _FactCodes(causes, tuple(dict.fromkeys(path.partition(".")[0] for path in reads)), self._rows.num_rows)

    def _answer(self, name: str, known: "_FactCodes", missing: "Places") -> None:
        import numpy as np  # noqa: PLC0415

        is_light = self._rows.form.json.isdisjoint(known.causes)
        if not is_light and len(missing) < _FEW_ROWS:
            values = [self._answers(name, event) for event in self._events(known, missing)]
            known.coded.codes[missing] = [known.code_of(each) for each in values]
            return
        if is_light:
            keys: list[Any]
            keys, codes, first = self._combined(known.causes, missing)
        else:
            told = [self._cause(column, missing) for column in known.causes]
            codes, first = different(combinations(told, len(missing)))
            keys = [tuple(_at(each, at) for each in told) for at in first.tolist()]
        values = self._answers.of_each(
            name, keys, lambda asked: self._asked(known, missing.take(first[asked]), keys, asked)
        )
        known.coded.codes[missing] = np.array([known.code_of(each) for each in values], dtype=np.int32).take(codes)

    def _asked(
        self, known: "_FactCodes", places: "Places", keys: list[Any], asked: list[int]
    ) -> Sequence[Mapping[str, Any]]:
        """The events of the asked; the texts by which they were told apart are not taken from their columns once more."""
        for at, column in enumerate(known.causes):
            if column in self._rows.form.json and self._rows.coded(column) is None:
                self._rows.read_documents(column, places.tolist(), [keys[each][at] for each in asked])
        return self._events(known, places)

    def _combined(self, causes: tuple[str, ...], places: "Places") -> tuple[list[int], Any, Any]:
        """The different combinations of these columns by their numbers; each row's place among them; the first row of each."""
        import numpy as np  # noqa: PLC0415

        whole = self._whole(causes, places)
        if whole is None:
            numbers = self._numbers_of(causes, places)
            codes, first = different(numbers)
            return numbers.take(first).tolist(), codes, first
        numbers, codes = whole
        asked = codes.take(places)
        first = np.full(len(numbers), -1, dtype=np.int64)
        # Written from the last row to the first: what stays is the first.
        first[asked[::-1]] = np.arange(len(asked) - 1, -1, -1)
        there = np.flatnonzero(first >= 0)
        among = np.zeros(len(numbers), dtype=np.int32)
        among[there] = np.arange(len(there))
        return numbers.take(there).tolist(), among.take(asked), first.take(there)

    def _whole(self, causes: tuple[str, ...], places: "Places") -> tuple[Any, Any] | None:
        """The different numbers of all rows' combinations and each row's place among them; None where few rows are asked for."""
        rows = self._rows
        known = self._numbers.get(causes)
        if known is None and len(places) * _MANY > rows.num_rows and all(rows.coded(column) for column in causes):
            columns = [(self._marks_of(column), coded.codes) for column in causes if (coded := rows.coded(column))]
            numbers = marked(columns, rows.num_rows)
            codes, first = different(numbers)
            known = self._numbers[causes] = numbers.take(first), codes
        return known

    def _numbers_of(self, causes: tuple[str, ...], places: "Places") -> Any:
        """A number for each row's combination of these columns of few values, the same in every group of a run."""
        rows = self._rows
        told = [(column, self._cause(column, places)) for column in causes]
        columns = [
            (self._marks_of(name) if rows.coded(name) else self._answers.marks.of(name, each.values), each.codes)
            for name, each in told
        ]
        return marked(columns, len(places))

    def _marks_of(self, column: str) -> Any:
        if column not in self._marks:
            coded = self._rows.coded(column)
            self._marks[column] = self._answers.marks.of(column, coded.values if coded else ())
        return self._marks[column]

    def _cause(self, column: str, places: "Places") -> Coded:
        """A column of these rows by its different values, however many they are."""
        coded = self._rows.coded(column)
        return (
            coded_array(self._rows.taken(column, places))
            if coded is None
            else Coded(coded.codes.take(places), coded.values)
        )

    def _events(self, known: "_FactCodes", places: "Places") -> Sequence[Mapping[str, Any]]:
        """The events of these rows, with no more in them than the fact reads: the columns of all rows are read at once."""
        form = self._rows.form
        columns = [form.heads.get(head, "") for head in known.heads]
        is_plain = all(
            self._types.get(each) in (Type.TEXT, Type.BOOLEAN) and not self._rows.astray(each) for each in columns
        )
        if not is_plain:
            return [self._rows.event(row) for row in places.tolist()]
        told = [self._told(column, places) for column in columns]
        return [
            {head: value for head, value in zip(known.heads, values, strict=True) if value is not None}
            for values in zip(*told, strict=True)
        ]

    def _told(self, column: str, places: "Places") -> list[Any]:
        coded = self._rows.coded(column)
        is_json = column in self._rows.form.json
        if coded is None:
            return self._rows.documents(column, places) if is_json else self._rows.taken(column, places).to_pylist()
        if is_json:
            return [self._rows.parsed(column, row) for row in places.tolist()]
        # The code of null is -1: its place is the last.
        values = (*coded.values, None)
        return [values[code] for code in coded.codes.take(places).tolist()]


class _FactCodes:
    """The answers of one fact so far, -1 where nobody asked; `causes` are the columns that it reads, `heads` their events'."""

    __slots__ = ("_numbers", "_plain", "causes", "coded", "heads")

    def __init__(self, causes: tuple[str, ...], heads: tuple[str, ...], count: int) -> None:
        import numpy as np  # noqa: PLC0415

        self.causes = causes
        self.heads = heads
        self.coded = Coded(np.full(count, -1, dtype=np.int32), [])
        self._numbers: dict[Any, int] = {}
        self._plain: dict[bool | None, int] = {}

    def code_of(self, found: object) -> int:
        if (
            found is True or found is False or found is None
        ):  # most facts are: known without a look at what they are made of
            if (code := self._plain.get(found)) is not None:
                return code
            self._plain[found] = self._code_of(values_along(found, ()))
            return self._plain[found]
        return self._code_of(values_along(found, ()))

    def _code_of(self, values: tuple[object, ...]) -> int:
        # True is 1 to Python, and is not to a rule.
        key = (values, tuple(map(type, values)))
        if key not in self._numbers:
            self._numbers[key] = len(self.coded.values)
            self.coded.values.append(values)
        return self._numbers[key]


def _at(coded: Coded, row: int) -> Any:
    code = coded.codes[row]
    return None if code < 0 else coded.values[code]
