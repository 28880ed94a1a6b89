"""One test of a rule over columns: over different values where they are few, over numbers as numbers, else text by text."""
# pyright: basic
# numpy's arrays are Any here as they are in `columns`.

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from sakimori.analysis.log_forms.coding import Coded, occurring
from sakimori.analysis.log_forms.form import Field, FieldKind
from sakimori.analysis.log_forms.reading import parsed_json, values_along
from sakimori.analysis.log_forms.rows import Rows
from sakimori.rules.detections.condition import Test
from sakimori.rules.detections.matching import (
    Compared,
    Missing,
    OneOf,
    Predicate,
    Present,
    Regex,
    SameAs,
    number_of,
)
from sakimori.rules.detections.needles import needles_of
from sakimori.rules.detections.regex import searching_all

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Places = NDArray[np.int64]

_WORTH_SEARCH: Final = 64
"""So many texts must be looked at before it is worth while to search them for what must stand in them."""
_EXACT: Final = 2**53
"""Whole numbers below are themselves as numbers with a point, too."""
_ROWS_A_VALUE: Final = 256
"""Where a column has one different value in more rows than these, all are asked about: to see which occur would cost more."""
_ZERO: Final = frozenset({"0"})
_KEPT: Final = 4_096
"""Answers that a test remembers; a hostile log has other values all the time."""
_LONG: Final = 1_000
"""Characters beyond which a value is not remembered with its answer."""


def mask_of(answers: Iterable[bool]) -> "Mask":
    """Answers as an array."""
    import numpy as np  # noqa: PLC0415

    return np.fromiter(answers, dtype=bool)


class Tested:
    """One test of all the rules that have it."""

    def __init__(self, test: Test) -> None:
        matcher: Any = test.matcher
        self.field = test.field
        self._matcher = matcher
        self._is_special = isinstance(matcher, Missing | Present | SameAs)
        self._predicate: Predicate | None = None if self._is_special else matcher.predicate()
        self._known: dict[Any, bool] = {}
        self._needles = needles_of(matcher)
        self._search_all = searching_all(matcher.whole) if isinstance(matcher, Regex) else None

    def __call__(self, rows: Rows, places: "Places") -> "Mask":
        """The answers for these rows, in their order."""
        import numpy as np  # noqa: PLC0415

        answers = self._answers(rows, places)
        strays = rows.astray(self.field.column) if self.field.kind is FieldKind.COLUMN else {}
        if strays and self.field.column != rows.form.table.time:
            answers = answers.copy()
            for at in np.flatnonzero(np.isin(places, list(strays))).tolist():
                answers[at] = self._of_row(rows, int(places[at]))
        return answers

    def _answers(self, rows: Rows, places: "Places") -> "Mask":
        if isinstance(self._matcher, SameAs) or not len(places):
            return self._row_by_row(rows, places)
        match self.field.kind:
            case FieldKind.COLUMN:
                return self._of_column(rows, places)
            case FieldKind.JSON:
                coded = rows.coded(self.field.column)
                return self._of_documents(rows, places) if coded is None else self._of_codes(rows, coded, places)
            case FieldKind.ROLE:
                return self._of_codes(rows, rows.role_codes(self.field.name), places)
            case FieldKind.FACT:
                coded = rows.fact_codes(self.field.name, places)
                return self._row_by_row(rows, places) if coded is None else self._of_tuples(coded)

    def _row_by_row(self, rows: Rows, places: "Places") -> "Mask":
        return mask_of(self._of_row(rows, int(row)) for row in places)

    def _of_column(self, rows: Rows, places: "Places") -> "Mask":
        if rows.is_number(self.field.column):
            return self._of_numbers(rows, places)
        coded = rows.coded(self.field.column)
        return self._of_texts(rows, places) if coded is None else self._of_codes(rows, coded, places)

    def _of_documents(self, rows: Rows, places: "Places") -> "Mask":
        """JSON of many different texts: only those are read in which the field's last key and its value may stand."""
        import numpy as np  # noqa: PLC0415

        path = self.field.path
        if not path or isinstance(self._matcher, Missing) or len(places) < _WORTH_SEARCH:
            return self._of_read(rows, places)
        texts = rows.searchable(self.field.column, places)
        may_be = texts.having(self._needles or path[-1:])
        if self._needles and np.count_nonzero(may_be) >= _WORTH_SEARCH:
            may_be &= texts.having(path[-1:])
        if may_be.all():
            return self._of_read(rows, places)
        answers = np.zeros(len(places), dtype=bool)
        if may_be.any():
            answers[may_be] = self._of_read(rows, places.compress(may_be))
        return answers

    def _of_read(self, rows: Rows, places: "Places") -> "Mask":
        found = rows.extracted(self.field, places)
        if self._search_all is not None and len(found) >= _WORTH_SEARCH:
            texts = [text for values in found if len(values) == 1 and isinstance(text := values[0], str)]
            if len(texts) == len(found):
                searched = self._search_all(texts)
                if searched is not None:
                    return searched
        return mask_of(map(self.holds_of, found))

    def _of_tuples(self, coded: Coded) -> "Mask":
        import numpy as np  # noqa: PLC0415

        return np.array([self.holds_of(values) for values in coded.values], dtype=bool).take(coded.codes)

    def _of_row(self, rows: Rows, row: int) -> bool:
        values = rows.values(self.field, row)
        if isinstance(self._matcher, SameAs):
            others = rows.values(self._matcher.field, row)
            return any(self._matcher.holds(value, other) for value in values for other in others)
        return self.holds_of(values)

    def holds_of(self, values: tuple[object, ...]) -> bool:
        """Whether some of a row's values is as the test says."""
        if self._predicate is None:
            return bool(values) is isinstance(self._matcher, Present)
        return any(map(self._predicate, values))

    def _of_codes(self, rows: Rows, coded: Coded, places: "Places") -> "Mask":
        """Each different value is looked at once in these rows; the last place of the answers is that of null (code -1)."""
        answers = rows.answers_of(self, len(coded.values) + 1)
        codes = coded.codes.take(places)
        found = answers.take(codes)
        if len(found) and found.min() < 0:
            is_cheap = len(coded.values) * _ROWS_A_VALUE < len(codes)
            unknown = _unanswered(answers) if is_cheap else occurring(codes.compress(found < 0), len(coded.values))
            answers[unknown] = self._answers_to([None if code < 0 else coded.values[code] for code in unknown])
            found = answers.take(codes)
        return found.view("bool")

    def _answers_to(self, values: list[Any]) -> list[bool]:
        """The answer to each value of a column; None is null."""
        predicate = self._predicate
        if self.field.kind is FieldKind.JSON:
            return [self.holds_of(()) if value is None else self._remembered(value, self.field) for value in values]
        if predicate is None:
            return [self.holds_of(() if value is None else (value,)) for value in values]
        return [value is not None and predicate(value) for value in values]

    def _remembered(self, value: Any, field: Field) -> bool:
        if isinstance(value, str) and len(value) > _LONG:
            return self.holds_of(_values_of(value, field))
        known = self._known.get(value)
        if known is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            known = self._known[value] = self.holds_of(_values_of(value, field))
        return known

    def _of_texts(self, rows: Rows, places: "Places") -> "Mask":
        texts = rows.taken(self.field.column, places).to_pylist()
        return mask_of(self.holds_of(() if text is None else (text,)) for text in texts)

    def _of_numbers(self, rows: Rows, places: "Places") -> "Mask":
        import numpy as np  # noqa: PLC0415

        found = rows.numbers(self.field.column)
        if found is None:
            return np.full(len(places), self.holds_of(()), dtype=bool)
        numbers, valid = found[0].take(places), found[1].take(places)
        match self._matcher:
            case Missing():
                return ~valid
            case Present():
                return valid
            case Compared() as compared:
                return compared.holds(numbers) & valid
            case OneOf(texts, False) if all(abs(number_of(text) or _EXACT) < _EXACT for text in texts - _ZERO):
                return np.isin(numbers, [number_of(text) or 0 for text in texts]) & valid
            case _:
                return mask_of(self.holds_of((number,) if there else ()) for number, there in zip(numbers.tolist(), valid.tolist(), strict=True))  # fmt: skip


class TestedTogether(Tested):
    """Several tests of one column of texts: each different value is looked at once for all of them."""

    def __init__(self, parts: tuple[Tested, ...], *, every: bool) -> None:
        super().__init__(Test(parts[0].field, Present()))
        self._parts = parts
        self._together = all if every else any

    def holds_of(self, values: tuple[object, ...]) -> bool:
        """Whether the tests hold of a row's values: each of them, or any."""
        return self._together(part.holds_of(values) for part in self._parts)


def _unanswered(answers: Any) -> list[int]:
    """The codes that nobody asked about, that of null (-1) first."""
    import numpy as np  # noqa: PLC0415

    found = np.flatnonzero(answers[:-1] < 0).tolist()
    return [-1, *found] if answers[-1] < 0 else found


def _values_of(value: Any, field: Field) -> tuple[object, ...]:
    if field.kind is not FieldKind.JSON:
        return () if value is None else (value,)
    return values_along(parsed_json(value), field.path)
