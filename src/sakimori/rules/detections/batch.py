"""Rules over columns: one pass for all of them, each looking only at rows that its anchor allows, and at JSON last."""
# pyright: basic
# numpy's arrays are Any here as they are in `columns`.

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from sakimori.analysis.log_forms.form import Field, FieldKind, LogForm
from sakimori.analysis.log_forms.reading import parsed_json, values_along
from sakimori.analysis.log_forms.rows import Coded, Rows
from sakimori.rules.detections.condition import All, Anywhere, Condition, Either, Not, Test, anchor_of
from sakimori.rules.detections.matching import (
    Compared,
    Missing,
    OneOf,
    Predicate,
    Present,
    SameAs,
    number_of,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Places = NDArray[np.int64]

Key = TypeVar("Key")
Evaluate = Callable[[Rows, "Places"], "Mask"]
_WORTH_CODES: Final = 256
"""So many rows must ask for a fact before it is worth while to tell its different causes apart."""
_EXACT: Final = 2**53
"""Whole numbers below are themselves as numbers with a point, too."""
_KEPT: Final = 200_000
"""Answers that a test remembers; a hostile log has other values all the time."""
_LONG: Final = 1_000
"""Characters beyond which a value is not remembered with its answer."""


class Plan(Generic[Key]):
    """All conditions over one log, told apart by the names that they require."""

    def __init__(self, form: LogForm, conditions: Iterable[tuple[Key, Condition]]) -> None:
        self.form = form
        self._anchor = form.anchors[0] if form.anchors else ""
        self._by_name: dict[str, list[int]] = {}
        self._always: list[int] = []
        self._checks: list[tuple[Key, Evaluate]] = []
        for key, condition in conditions:
            number = len(self._checks)
            self._checks.append((key, evaluated(condition)))
            names = anchor_of(condition, self._anchor) if self._anchor else None
            if names is None:
                self._always.append(number)
            for name in names or ():
                self._by_name.setdefault(name, []).append(number)

    def matches(self, rows: Rows, span: tuple[int, int] | None = None) -> "Iterator[tuple[Key, Places]]":
        """For each rule that matches at all: the rows that it matches, ascending. `span`: only rows from … up to …."""
        import numpy as np  # noqa: PLC0415

        begin, end = span or (0, rows.num_rows)
        everywhere = np.arange(begin, end)
        for number, candidates in (*self._anchored(rows), *((number, everywhere) for number in self._always)):
            places = candidates if span is None else candidates[(candidates >= begin) & (candidates < end)]
            key, check = self._checks[number]
            found = places[check(rows, places)] if len(places) else places
            if len(found):
                yield key, found

    def _anchored(self, rows: Rows) -> "Iterator[tuple[int, Places]]":
        import numpy as np  # noqa: PLC0415

        if not self._by_name:
            return
        coded = rows.coded(self._anchor)
        everyone = sorted({number for numbers in self._by_name.values() for number in numbers})
        if coded is None:
            yield from ((number, np.arange(rows.num_rows)) for number in everyone)
            return
        strays = np.array(sorted(rows.astray(self._anchor)), dtype=np.int64)
        found = self._named(coded)
        if not len(strays):
            yield from found.items()
            return
        for number in everyone:
            yield number, np.union1d(found.get(number, strays), strays)

    def _named(self, coded: Coded) -> "dict[int, Places]":
        """By rule: the rows that bear one of its names, ascending."""
        import numpy as np  # noqa: PLC0415

        wanted: dict[int, list[int]] = {}
        for code, value in enumerate(coded.values):
            for number in self._by_name.get(str(value).lower(), ()):
                wanted.setdefault(number, []).append(code)
        if not wanted:
            return {}
        used = sorted({code for codes in wanted.values() for code in codes})
        places_of = _places_of(coded.codes, used, len(coded.values))
        return {number: np.sort(np.concatenate([places_of[code] for code in codes])) for number, codes in wanted.items()}


def _places_of(codes: Any, used: list[int], count: int) -> dict[int, Any]:
    """The rows of each of these codes, ascending."""
    import numpy as np  # noqa: PLC0415

    is_used = np.zeros(count + 1, dtype=bool)
    is_used[used] = True
    rows = np.flatnonzero(is_used[codes])
    found = codes[rows]
    order = np.argsort(found, kind="stable")
    borders = np.searchsorted(found[order], [*used, used[-1] + 1])
    sorted_rows = rows[order]
    return {code: sorted_rows[borders[at] : borders[at + 1]] for at, code in enumerate(used)}


def evaluated(condition: Condition) -> Evaluate:
    """The condition as a function of rows: it answers for the given places, in their order."""
    match condition:
        case Test(field, matcher):
            return _Tested(field, matcher)
        case Anywhere(matcher):
            predicate = matcher.predicate()
            return lambda rows, places: _mask(any(map(predicate, rows.event(int(row)).texts())) for row in places)
        case Not(part):
            inner = evaluated(part)
            return lambda rows, places: ~inner(rows, places)
        case All(parts):
            return _narrowing(tuple(map(evaluated, sorted(parts, key=cost_of))), keep=True)
        case Either(parts):
            return _narrowing(tuple(map(evaluated, sorted(parts, key=cost_of))), keep=False)


def _narrowing(checks: tuple[Evaluate, ...], *, keep: bool) -> Evaluate:
    """And (`keep`): each check looks at what the ones before left. Or: at what none before has found."""

    def narrowed(rows: Rows, places: "Places") -> "Mask":
        import numpy as np  # noqa: PLC0415

        answer = np.full(len(places), keep, dtype=bool)
        left = np.arange(len(places))
        for check in checks:
            found = check(rows, places[left])
            decided = ~found if keep else found
            answer[left[decided]] = not keep
            left = left[~decided]
            if not len(left):
                break
        return answer

    return narrowed


def cost_of(condition: Condition) -> int:
    """How dear a condition is, in parts of no unit: few-valued columns first, JSON and facts last."""
    match condition:
        case Test(field, matcher):
            dear = 2 if isinstance(matcher, SameAs) else 0
            if field.kind is FieldKind.JSON and field.column == "user_identity":
                return 2 + dear
            return {FieldKind.COLUMN: 1, FieldKind.ROLE: 4, FieldKind.JSON: 6, FieldKind.FACT: 8}[field.kind] + dear
        case Anywhere():
            return 50
        case Not(part):
            return cost_of(part)
        case All(parts) | Either(parts):
            return sum(map(cost_of, parts))


def _mask(answers: Iterator[bool]) -> "Mask":
    import numpy as np  # noqa: PLC0415

    return np.fromiter(answers, dtype=bool)


class _Tested:
    """One test: over different values where they are few, over numbers as numbers, else row by row."""

    def __init__(self, field: Field, matcher: Any) -> None:
        self._field = field
        self._matcher = matcher
        self._is_special = isinstance(matcher, Missing | Present | SameAs)
        self._predicate: Predicate | None = None if self._is_special else matcher.predicate()
        self._known: dict[Any, bool] = {}

    def __call__(self, rows: Rows, places: "Places") -> "Mask":
        import numpy as np  # noqa: PLC0415

        answers = self._answers(rows, places)
        strays = rows.astray(self._field.column) if self._field.kind is FieldKind.COLUMN else {}
        if strays and self._field.column != rows.form.table.time:
            answers = answers.copy()
            for at in np.flatnonzero(np.isin(places, list(strays))).tolist():
                answers[at] = self._of_row(rows, int(places[at]))
        return answers

    def _answers(self, rows: Rows, places: "Places") -> "Mask":
        field = self._field
        if field.kind in (FieldKind.COLUMN, FieldKind.JSON) and not isinstance(self._matcher, SameAs):
            if field.kind is FieldKind.COLUMN and rows.is_number(field.column):
                return self._of_numbers(rows, places)
            coded = rows.coded(field.column)
            if coded is not None:
                return self._of_codes(coded.codes[places], coded.values)
            if field.kind is FieldKind.COLUMN:
                return self._of_texts(rows, places)
        if field.kind is FieldKind.FACT and len(places) > _WORTH_CODES and not isinstance(self._matcher, SameAs):
            coded = rows.fact_codes(field.name)
            if coded is not None:
                return self._of_tuples(coded.codes[places], coded.values)
        if field.kind is FieldKind.ROLE and not isinstance(self._matcher, SameAs):
            coded = rows.role_codes(field.name)
            return self._of_codes(coded.codes[places], coded.values)
        return _mask(self._of_row(rows, int(row)) for row in places)

    def _of_tuples(self, codes: Any, values: list[Any]) -> "Mask":
        import numpy as np  # noqa: PLC0415

        answers = np.zeros(len(values), dtype=bool)
        for code in np.unique(codes).tolist():
            answers[code] = self._of_values(values[code])
        return answers[codes]

    def _of_row(self, rows: Rows, row: int) -> bool:
        values = rows.values(self._field, row)
        if isinstance(self._matcher, SameAs):
            others = rows.values(self._matcher.field, row)
            return any(self._matcher.holds(value, other) for value in values for other in others)
        return self._of_values(values)

    def _of_values(self, values: tuple[object, ...]) -> bool:
        if self._predicate is None:
            return bool(values) is isinstance(self._matcher, Present)
        return any(map(self._predicate, values))

    def _of_codes(self, codes: Any, values: list[Any]) -> "Mask":
        """Each different value is looked at once; the last place of the answers is that of null (code -1)."""
        import numpy as np  # noqa: PLC0415

        field = self._field
        needed = np.unique(codes) if len(codes) < len(values) else np.arange(-1, len(values))
        answers = np.zeros(len(values) + 1, dtype=bool)
        for code in needed.tolist():
            answers[code] = self._of_values(()) if code < 0 else self._remembered(values[code], field)
        return answers[codes]

    def _remembered(self, value: Any, field: Field) -> bool:
        if isinstance(value, str) and len(value) > _LONG:
            return self._of_values(_values_of(value, field))
        known = self._known.get(value)
        if known is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            known = self._known[value] = self._of_values(_values_of(value, field))
        return known

    def _of_texts(self, rows: Rows, places: "Places") -> "Mask":
        import numpy as np  # noqa: PLC0415
        import pyarrow as pa  # noqa: PLC0415

        array = rows.array(self._field.column)
        if array is None:
            return np.full(len(places), self._of_values(()), dtype=bool)
        texts = array.take(pa.array(places)).to_pylist()
        return _mask(self._of_values(() if text is None else (text,)) for text in texts)

    def _of_numbers(self, rows: Rows, places: "Places") -> "Mask":
        import numpy as np  # noqa: PLC0415

        found = rows.numbers(self._field.column)
        if found is None:
            return np.full(len(places), self._of_values(()), dtype=bool)
        numbers, valid = found[0][places], found[1][places]
        match self._matcher:
            case Missing():
                return ~valid
            case Present():
                return valid
            case Compared() as compared:
                return compared.holds(numbers) & valid
            case OneOf(texts, False) if None not in (wanted := [number_of(text) for text in texts]) and all(
                abs(each or 0) < _EXACT for each in wanted
            ):
                return np.isin(numbers, wanted) & valid
            case _:
                return _mask(self._of_values((number,) if there else ()) for number, there in zip(numbers.tolist(), valid.tolist(), strict=True))  # fmt: skip


def _values_of(value: Any, field: Field) -> tuple[object, ...]:
    if field.kind is not FieldKind.JSON:
        return () if value is None else (value,)
    return values_along(parsed_json(value), field.path)
