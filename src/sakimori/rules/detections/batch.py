"""Rules over columns: one pass for all of them, each looking only at rows that its anchor allows, and at JSON last."""
# pyright: basic
# numpy's arrays are Any here as they are in `columns`.

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from sakimori.analysis.log_forms.coding import Coded
from sakimori.analysis.log_forms.form import Field, FieldKind, LogForm
from sakimori.analysis.log_forms.reading import parsed_json, values_along
from sakimori.analysis.log_forms.rows import Rows
from sakimori.rules.detections.condition import All, Anywhere, Condition, Either, Not, Test, anchor_of, fields_of
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
_WORTH_SEARCH: Final = 64
"""So many texts must be looked at before it is worth while to search them for a key first."""
_EXACT: Final = 2**53
"""Whole numbers below are themselves as numbers with a point, too."""
_ZERO: Final = frozenset({"0"})
_SHORT_CODES: Final = 2**16
_KEPT: Final = 20_000
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
        self._conditions: list[Condition] = []
        for key, condition in conditions:
            number = len(self._checks)
            self._conditions.append(condition)
            self._checks.append((key, evaluated(condition)))
            names = anchor_of(condition, self._anchor) if self._anchor else None
            if names is None:
                self._always.append(number)
            for name in names or ():
                self._by_name.setdefault(name, []).append(number)

    @cached_property
    def columns(self) -> frozenset[str]:
        """The columns of few values that some condition looks at, or that tell what its events mean."""
        form = self.form
        named = {field.column for condition in self._conditions for field in fields_of(condition)}
        roles = {*form.principal, *form.origin, form.table.time, "account_id", "region", "partition", *form.anchors}
        if form.heads:
            roles |= {"user_identity_access_key_id", "user_identity_arn", "error_code", "user_identity", "rest"}
        few = {column.name for column in form.table.columns if column.name not in form.table.distinct}
        return frozenset((named & few) | roles)

    def matches(self, rows: Rows, chosen: "Mask | None" = None) -> "Iterator[tuple[Key, Places]]":
        """For each rule that matches at all: the rows that it matches, ascending. `chosen`: only these rows."""
        import numpy as np  # noqa: PLC0415

        everywhere = np.arange(rows.num_rows) if chosen is None else np.flatnonzero(chosen)
        for number, candidates in (*self._anchored(rows), *((number, everywhere) for number in self._always)):
            places = candidates if chosen is None else candidates[chosen[candidates]]
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
        return {
            number: np.sort(np.concatenate([places_of[code] for code in codes])) for number, codes in wanted.items()
        }


def _places_of(codes: Any, used: list[int], count: int) -> dict[int, Any]:
    """The rows of each of these codes, ascending."""
    import numpy as np  # noqa: PLC0415

    is_used = np.zeros(count + 1, dtype=bool)
    is_used[used] = True
    rows = np.flatnonzero(is_used[codes])
    found = codes[rows]
    # Numbers of 16 bits are sorted in one pass.
    order = np.argsort(found.astype(np.uint16) if count < _SHORT_CODES else found, kind="stable")
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
            # Whoever reads a document for one test has it for the others.
            return max(map(cost_of, parts), default=0) + len(parts) // 4


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
        if isinstance(self._matcher, SameAs) or not len(places):
            return self._row_by_row(rows, places)
        match self._field.kind:
            case FieldKind.COLUMN:
                return self._of_column(rows, places)
            case FieldKind.JSON:
                coded = rows.coded(self._field.column)
                return self._of_documents(rows, places) if coded is None else self._of_codes(coded.codes[places], coded.values)  # fmt: skip
            case FieldKind.ROLE:
                coded = rows.role_codes(self._field.name)
                return self._of_codes(coded.codes[places], coded.values)
            case FieldKind.FACT:
                coded = rows.fact_codes(self._field.name) if len(places) > _WORTH_CODES else None
                return self._row_by_row(rows, places) if coded is None else self._of_tuples(coded.codes[places], coded.values)  # fmt: skip

    def _row_by_row(self, rows: Rows, places: "Places") -> "Mask":
        return _mask(self._of_row(rows, int(row)) for row in places)

    def _of_column(self, rows: Rows, places: "Places") -> "Mask":
        if rows.is_number(self._field.column):
            return self._of_numbers(rows, places)
        coded = rows.coded(self._field.column)
        return self._of_texts(rows, places) if coded is None else self._of_codes(coded.codes[places], coded.values)

    def _of_documents(self, rows: Rows, places: "Places") -> "Mask":
        """JSON of many different texts: where the field must be there, only texts that have its last key are read."""
        import numpy as np  # noqa: PLC0415

        path = self._field.path
        if not path or isinstance(self._matcher, Missing) or len(places) < _WORTH_SEARCH:
            return self._of_read(rows, places)
        answers = np.zeros(len(places), dtype=bool)
        named = np.flatnonzero(_with_key(rows, self._field.column, path[-1], places))
        if len(named):
            answers[named] = self._of_read(rows, places[named])
        return answers

    def _of_read(self, rows: Rows, places: "Places") -> "Mask":
        path = self._field.path
        documents = rows.documents(self._field.column, places)
        return _mask(self._of_values(values_along(document, path)) for document in documents)

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
            case OneOf(texts, False) if all(abs(number_of(text) or _EXACT) < _EXACT for text in texts - _ZERO):
                return np.isin(numbers, [number_of(text) or 0 for text in texts]) & valid
            case _:
                return _mask(self._of_values((number,) if there else ()) for number, there in zip(numbers.tolist(), valid.tolist(), strict=True))  # fmt: skip


def _with_key(rows: Rows, column: str, key: str, places: "Places") -> "Mask":
    """Which texts may have the key: those in which it stands, in any case, and those with characters written as codes."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    texts = rows.array(column).take(pa.array(places))
    found = pc.call_function("match_substring", [texts], pc.MatchSubstringOptions(key, ignore_case=True))
    # A slash may be written with a backslash before it, any character as its code.
    coded = pc.call_function("match_substring", [texts], pc.MatchSubstringOptions("\\" if "/" in key else "\\u"))
    return pc.call_function("or", [found, coded]).fill_null(False).to_numpy(zero_copy_only=False)  # noqa: FBT003 - as pyarrow has it


def _values_of(value: Any, field: Field) -> tuple[object, ...]:
    if field.kind is not FieldKind.JSON:
        return () if value is None else (value,)
    return values_along(parsed_json(value), field.path)
