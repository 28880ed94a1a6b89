"""Facts of many rows: each asked once for every difference in what it reads, and not again in later groups."""
# pyright: basic
# pyarrow has no types.

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from sakimori.analysis.facts.answers import FactAnswers
from sakimori.analysis.log_forms.coding import (
    Coded,
    coded_array,
    combinations,
    different,
    numbered,
    occurring,
    values_at,
)
from sakimori.analysis.log_forms.form import LogForm
from sakimori.analysis.log_forms.reading import values_along
from sakimori.lake.table import Type

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Places = NDArray[np.int64]

_FEW_ROWS: Final = 64
"""Fewer rows than these are asked one by one where JSON is read: to tell their documents apart costs more."""


class AskedRows(Protocol):
    """The rows of a group, as facts need them."""

    form: LogForm
    num_rows: int

    def coded(self, column: str) -> Coded | None: ...  # noqa: D102 - see Rows
    def forced(self, column: str) -> Coded: ...  # noqa: D102
    def taken(self, column: str, places: "Places") -> Any: ...  # noqa: D102
    def astray(self, column: str) -> Mapping[int, Any]: ...  # noqa: D102
    def documents(self, column: str, places: "Places") -> list[Any]: ...  # noqa: D102
    def read_documents(self, column: str, places: Sequence[int], texts: Sequence[str | None]) -> None: ...  # noqa: D102
    def parsed(self, column: str, row: int) -> Any: ...  # noqa: D102


class RowFacts:
    """The facts of one group of rows."""

    def __init__(self, rows: AskedRows, answers: FactAnswers) -> None:
        self._rows = rows
        self._answers = answers
        self._known: dict[str, _FactCodes | None] = {}
        self._seen: dict[tuple[str, Callable[[Any], Hashable]], Coded] = {}
        self._classes: dict[tuple[int, ...], tuple[NDArray[Any], int]] = {}
        self._types = {column.name: column.type for column in rows.form.table.columns}

    def codes(self, name: str, places: "Places") -> Coded | None:
        """See `Rows.fact_codes`."""
        if name not in self._known:
            self._known[name] = self._unasked(name)
        known = self._known[name]
        if known is None:
            return None
        classes = places if known.classes is None else known.classes.take(places)
        found = known.answers.take(classes)
        is_open = found < 0
        if is_open.any():
            missing = places.compress(is_open)
            if known.classes is None:
                self._answer_rows(name, known, missing)
            else:
                self._answer_classes(name, known, missing, classes.compress(is_open))
            found = known.answers.take(classes)
        return Coded(found, known.values)

    def _unasked(self, name: str) -> "_FactCodes | None":
        form = self._rows.form
        reads = self._answers.reads(name)
        causes = tuple(form.typed.get(path) or form.heads.get(path, path) for path in reads)
        if any(self._rows.astray(each) or self._types.get(each) not in (Type.TEXT, Type.BOOLEAN) for each in causes):
            return None
        sees = self._answers.sees(name)
        told = [self._seen_of(column, sees.get(path)) for path, column in zip(reads, causes, strict=True)]
        seen = [each for each in told if each is not None]
        # Rows in which the fact sees the same are of one class, where none of it is JSON of many values.
        classes = self._classes_of(seen) if len(seen) == len(told) else None
        return _FactCodes(reads, causes, seen, classes, self._rows.num_rows)

    def _seen_of(self, column: str, sees: Callable[[Any], Hashable] | None) -> Coded | None:
        """A column by what a fact sees of its values; None for JSON of many."""
        coded = self._rows.coded(column) if column in self._rows.form.json else self._rows.forced(column)
        if coded is None or sees is None:
            return coded
        if (column, sees) not in self._seen:
            self._seen[column, sees] = _mapped(coded, sees)
        return self._seen[column, sees]

    def _classes_of(self, seen: Sequence[Coded]) -> "tuple[NDArray[Any], int]":
        """The class of each row, and how many there may be; facts that see the same share them."""
        if len(seen) == 1:
            # The class of null is -1: its answer is the last.
            return seen[0].codes, len(seen[0].values) + 1
        key = tuple(map(id, seen))
        if key not in self._classes:
            self._classes[key] = numbered(seen, self._rows.num_rows)
        return self._classes[key]

    def _answer_classes(self, name: str, known: "_FactCodes", missing: "Places", classes: Any) -> None:
        """Ask of each class that these rows are of, and of which nobody asked yet; one of its rows stands for all."""
        import numpy as np  # noqa: PLC0415

        asked = occurring(classes, len(known.answers) - 1)
        first = np.empty(len(known.answers), dtype=np.int64)
        # Written from the last row to the first: what stays is the first.
        first[classes[::-1]] = missing[::-1]
        rows = first.take(asked)
        keys = list(zip(*(values_at(each, rows) for each in known.seen), strict=True))
        values = self._answers.of_each(name, keys, lambda at: self._events(known, rows.take(at)))
        known.answers[asked] = [known.code_of(each) for each in values]

    def _answer_rows(self, name: str, known: "_FactCodes", missing: "Places") -> None:
        """Ask of each row, or where they are many of each different combination of what is read of them."""
        import numpy as np  # noqa: PLC0415

        if len(missing) < _FEW_ROWS:
            values = [self._answers(name, event) for event in self._events(known, missing)]
            known.answers[missing] = [known.code_of(each) for each in values]
            return
        told = [self._cause(column, missing) for column in known.causes]
        codes, first = different(combinations(told, len(missing)))
        keys = list(zip(*(values_at(each, first) for each in told), strict=True))
        values = self._answers.of_each(
            name, keys, lambda asked: self._asked(known, missing.take(first[asked]), keys, asked)
        )
        known.answers[missing] = np.array([known.code_of(each) for each in values], dtype=np.int32).take(codes)

    def _asked(
        self, known: "_FactCodes", places: "Places", keys: Sequence[tuple[Any, ...]], asked: list[int]
    ) -> Sequence[Mapping[str, Any]]:
        """The events of the asked; the texts by which they were told apart are not taken from their columns once more."""
        for at, column in enumerate(known.causes):
            if column in self._rows.form.json and self._rows.coded(column) is None:
                self._rows.read_documents(column, places.tolist(), [keys[each][at] for each in asked])
        return self._events(known, places)

    def _cause(self, column: str, places: "Places") -> Coded:
        """A column of these rows by its different values, however many they are."""
        coded = self._seen_of(column, None)
        return (
            coded_array(self._rows.taken(column, places))
            if coded is None
            else Coded(coded.codes.take(places), coded.values)
        )

    def _events(self, known: "_FactCodes", places: "Places") -> Sequence[Mapping[str, Any]]:
        """The events of these rows, with no more in them than the fact reads: the columns of all rows are read at once."""
        told = zip(*(self._told(column, places) for column in known.causes), strict=True)
        return [_nested(known.paths, values) for values in told]

    def _told(self, column: str, places: "Places") -> list[Any]:
        if column not in self._rows.form.json:
            return values_at(self._rows.forced(column), places)
        if self._rows.coded(column) is None:
            return self._rows.documents(column, places)
        return [self._rows.parsed(column, row) for row in places.tolist()]


class _FactCodes:
    """The answers of one fact so far, -1 where nobody asked: by class, or by row where there are no classes.

    `causes` are the columns that it reads, `paths` where they lie in an event, `seen` what it sees of them.
    """

    __slots__ = ("_numbers", "_plain", "answers", "causes", "classes", "paths", "seen", "values")

    def __init__(
        self,
        reads: tuple[str, ...],
        causes: tuple[str, ...],
        seen: Sequence[Coded],
        classes: "tuple[NDArray[Any], int] | None",
        row_count: int,
    ) -> None:
        import numpy as np  # noqa: PLC0415

        self.causes = causes
        self.paths = [tuple(path.split(".")) for path in reads]
        self.seen = seen
        self.classes, count = classes or (None, row_count)
        self.answers = np.full(count, -1, dtype=np.int32)
        self.values: list[tuple[object, ...]] = []
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
            self._numbers[key] = len(self.values)
            self.values.append(values)
        return self._numbers[key]


def _mapped(coded: Coded, sees: Callable[[Any], Hashable]) -> Coded:
    import numpy as np  # noqa: PLC0415

    known: dict[Hashable, int] = {}
    numbers = [known.setdefault(sees(value), len(known)) for value in (*coded.values, None)]
    return Coded(np.array(numbers, dtype=np.int32).take(coded.codes), list(known))


def _nested(paths: Iterable[tuple[str, ...]], values: Iterable[Any]) -> dict[str, Any]:
    """An event in which these values lie at their paths, and nothing else."""
    event: dict[str, Any] = {}
    for path, value in zip(paths, values, strict=True):
        if value is not None:
            inner = event
            for key in path[:-1]:
                inner = inner.setdefault(key, {})
            inner[path[-1]] = value
    return event
