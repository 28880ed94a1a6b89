"""Rules over columns: one pass for all of them, each looking only at rows that its anchors allow, and at JSON last."""
# pyright: basic
# numpy's arrays are Any here as they are in `columns`.

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from sakimori.analysis.facts.catalogue import facts
from sakimori.analysis.log_forms.coding import Coded
from sakimori.analysis.log_forms.form import Field, FieldKind, LogForm
from sakimori.analysis.log_forms.rows import Rows
from sakimori.lake.table import Type
from sakimori.rules.detections.column_test import Tested, TestedTogether, mask_of
from sakimori.rules.detections.condition import (
    All,
    Anywhere,
    Condition,
    Either,
    Not,
    Test,
    anchor_of,
    fields_of,
    parted,
    without_anchor,
)
from sakimori.rules.detections.matching import SameAs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Places = NDArray[np.int64]

Key = TypeVar("Key")
Evaluate = Callable[[Rows, "Places"], "Mask"]
Anchors = tuple[frozenset[str] | None, ...]
"""For each anchor column of a form: the values outside which the condition cannot hold; None for any."""
_SHORT_CODES: Final = 2**16


class _Check(NamedTuple, Generic[Key]):
    """A rule's condition, and what is left of it to ask of rows that its anchors allow."""

    key: Key
    anchors: Anchors
    whole: Evaluate
    light: tuple[Condition, Evaluate] | None
    heavy: Evaluate | None


class Plan(Generic[Key]):
    """All conditions over one log, told apart by the names that they require."""

    def __init__(self, form: LogForm, conditions: Iterable[tuple[Key, Condition]], beside: Iterable[str] = ()) -> None:
        """`beside`: columns that are looked at of what some condition matched."""
        self.form = form
        self._beside = frozenset(beside)
        self._texts = {column.name for column in form.table.columns if column.type is Type.TEXT}
        self._conditions: list[Condition] = []
        self._checks: list[_Check[Key]] = []
        maker = Maker(form)
        for key, condition in conditions:
            self._conditions.append(condition)
            anchors = tuple(anchor_of(condition, column) for column in form.anchors)
            left = condition
            for column in form.anchors:
                left = without_anchor(left, column)
            light, heavy = parted(left, self._is_light)
            self._checks.append(
                _Check(
                    key,
                    anchors,
                    maker.evaluated(condition),
                    (light, maker.evaluated(light)) if light is not None else None,
                    maker.evaluated(heavy) if heavy is not None else None,
                )
            )

    @cached_property
    def columns(self) -> frozenset[str]:
        """The columns of few values that some condition looks at, or that tell what its events mean."""
        form = self.form
        named = {field.column for condition in self._conditions for field in fields_of(condition)}
        roles = {*form.principal, *form.origin, form.table.time, "account_id", "region", "partition", *form.anchors}
        if form.heads:
            roles |= {"user_identity_access_key_id", "user_identity_arn", "error_code", "rest"}
        asked = {
            field.name
            for condition in self._conditions
            for field in fields_of(condition)
            if field.kind is FieldKind.FACT
        }
        reads = {head for name in asked for head in facts()[name].reads}
        named |= {form.typed.get(head) or form.heads.get(head, head) for head in reads}
        return frozenset(((named | self._beside) & self._few) | roles)

    @cached_property
    def _few(self) -> frozenset[str]:
        """Columns of few values."""
        table = self.form.table
        few = {each.name for each in table.columns if each.name not in table.distinct or each.type is Type.BOOLEAN}
        return frozenset(few - self.form.json)

    def _is_light(self, condition: Condition) -> bool:
        """Whether it is told by columns that are read of all rows anyway."""
        match condition:
            case Test(_, SameAs()) | Anywhere():
                return False
            case Test(field, _):
                return self._is_told_by_few(field)
            case Not(part):
                return self._is_light(part)
            case All(parts) | Either(parts):
                return all(map(self._is_light, parts))

    def _is_told_by_few(self, field: Field) -> bool:
        form = self.form
        match field.kind:
            case FieldKind.ROLE:
                return True
            case FieldKind.COLUMN:
                return field.column not in form.table.distinct or field.column not in self._texts
            case FieldKind.JSON:
                return False
            case FieldKind.FACT:
                return all(form.heads.get(path) not in form.json for path in facts()[field.name].reads)

    def matches(self, rows: Rows, chosen: "Mask | None" = None) -> "Iterator[tuple[Key, Places]]":
        """For each rule that matches at all: the rows that it matches, ascending. `chosen`: only these rows.

        First all rules look at columns of few values, which all rows have. Of what is left JSON is read, run by run of
        rows, so that a run's JSON is in memory for all rules at once and for no longer; a rule comes again in each run.
        """
        waiting = list(self._waiting(rows, chosen))
        rows.forget()
        for begin, end in rows.ranges():
            run = _Run(begin, end)
            for check, places, strays in waiting:
                found = run.of(places)
                if check.heavy is not None and len(found):
                    found = found.compress(check.heavy(rows, found))
                if len(strays) and len(astray := run.of(strays)):
                    found = _united(found, astray[check.whole(rows, astray)])
                if len(found):
                    yield check.key, found
            rows.forget()

    def _waiting(self, rows: Rows, chosen: "Mask | None") -> "Iterator[tuple[_Check[Key], Places, Places]]":
        """Rules with the rows at which they must look further, and those whose anchors are astray."""
        allowed = _Allowed(rows, self.form.anchors, chosen)
        known: dict[tuple[Anchors, Condition], Places] = {}
        for check in self._checks:
            places = allowed.places(check.anchors)
            if check.light is not None and len(places):
                condition, holds = check.light
                mark = (check.anchors, condition)
                if mark not in known:
                    mask = holds(rows, places)
                    known[mark] = places if mask.all() else places.compress(mask)
                places = known[mark]
            is_anchored = any(each is not None for each in check.anchors)
            strays = allowed.strays if is_anchored else allowed.strays[:0]
            if len(places) or len(strays):
                yield check, places, strays


def _united(found: "Places", others: "Places") -> "Places":
    import numpy as np  # noqa: PLC0415

    return np.union1d(found, others)


class _Run:
    """Rows from one to before another. Rules share their places, and so do they share those of a run."""

    def __init__(self, begin: int, end: int) -> None:
        self._begin = begin
        self._end = end
        self._known: dict[int, Places] = {}

    def of(self, places: "Places") -> "Places":
        """Those of these places, which ascend, that lie in it."""
        found = self._known.get(id(places))
        if found is None:
            begin, end = places.searchsorted((self._begin, self._end))
            found = self._known[id(places)] = places if end - begin == len(places) else places[begin:end]
        return found


class _Allowed:
    """Which rows of a group the anchors of rules allow. Rules share anchors, so each answer is kept."""

    def __init__(self, rows: Rows, columns: tuple[str, ...], chosen: "Mask | None") -> None:
        import numpy as np  # noqa: PLC0415

        self._columns = [rows.coded(column) for column in columns]
        self._everywhere = np.arange(rows.num_rows) if chosen is None else np.flatnonzero(chosen)
        self._chosen = chosen
        self._known: dict[Anchors, Places] = {}
        self._sorted: dict[int, tuple[Places, Any]] = {}
        self._codes_of = [_by_folded(coded) for coded in self._columns]
        self.strays: Places = self._those_astray(rows, columns)
        """Rows whose anchor is of another type than its column, or columns of too many values: rules look at them whole."""

    def _those_astray(self, rows: Rows, columns: tuple[str, ...]) -> "Places":
        import numpy as np  # noqa: PLC0415

        if any(coded is None for coded in self._columns):
            return self._everywhere
        strays = np.array(sorted({row for column in columns for row in rows.astray(column)}), dtype=np.int64)
        return strays if self._chosen is None or not len(strays) else strays[self._chosen[strays]]

    def places(self, anchors: Anchors) -> "Places":
        """The rows that these anchors allow, ascending; strays need not be among them."""
        found = self._known.get(anchors)
        if found is None:
            found = self._known[anchors] = self._found(anchors)
        return found

    def _found(self, anchors: Anchors) -> "Places":
        places = self._everywhere
        narrowed: list[frozenset[str] | None] = [None] * len(anchors)
        for at, names in enumerate(anchors):
            if names is None:
                continue
            narrowed[at] = names
            # What the anchors before allow is known of another rule, more often than not.
            known = self._known.get(tuple(narrowed))
            places = known if known is not None else self._named(at, names, places)
            self._known[tuple(narrowed)] = places
        return places

    def _named(self, at: int, names: frozenset[str], places: "Places") -> "Places":
        """Those of these rows whose value is one of the names."""
        import numpy as np  # noqa: PLC0415

        coded = self._columns[at]
        if coded is None:
            return places[:0]
        known = self._codes_of[at]
        wanted = sorted(code for name in names for code in known.get(name, ()))
        if not wanted or not len(places):
            return places[:0]
        if places is self._everywhere:
            return self._of_codes(at, coded, wanted)
        is_wanted = np.zeros(len(coded.values) + 1, dtype=bool)
        is_wanted[wanted] = True
        return places.compress(is_wanted.take(coded.codes.take(places)))

    def _of_codes(self, at: int, coded: Coded, wanted: list[int]) -> "Places":
        import numpy as np  # noqa: PLC0415

        rows, borders = self._by_code(at, coded)
        pieces = [rows[borders[code] : borders[code + 1]] for code in wanted]
        return pieces[0] if len(pieces) == 1 else np.sort(np.concatenate(pieces))

    def _by_code(self, at: int, coded: Coded) -> "tuple[Places, Any]":
        """All rows in the order of their codes, and where each code begins: sorted once, asked by every rule."""
        import numpy as np  # noqa: PLC0415

        if at not in self._sorted:
            codes = coded.codes.take(self._everywhere)
            # Numbers of 16 bits are sorted in one pass; that of null comes last.
            short = codes.astype(np.uint16) if len(coded.values) < _SHORT_CODES else codes
            order = np.argsort(short, kind="stable")
            borders = np.searchsorted(short[order], np.arange(len(coded.values) + 1, dtype=short.dtype))
            self._sorted[at] = self._everywhere[order], borders
        return self._sorted[at]


def _by_folded(coded: Coded | None) -> dict[str, list[int]]:
    """The codes of a column's values by the values in lower case."""
    found: dict[str, list[int]] = {}
    for code, value in enumerate(coded.values if coded else ()):
        found.setdefault(str(value).lower(), []).append(code)
    return found


class Maker:
    """Conditions as functions of rows, which answer for the given places, in their order. Rules share their tests."""

    def __init__(self, form: LogForm) -> None:
        self._made: dict[Test, Tested] = {}
        self._together: dict[tuple[frozenset[Test], bool], Tested] = {}
        self._texts = {column.name for column in form.table.columns if column.type is Type.TEXT}

    def evaluated(self, condition: Condition) -> Evaluate:
        """One condition."""
        match condition:
            case Test():
                return self._tested(condition)
            case Anywhere(matcher):
                predicate = matcher.predicate()
                return lambda rows, places: mask_of(any(map(predicate, rows.event(int(row)).texts())) for row in places)
            case Not(part):
                inner = self.evaluated(part)
                return lambda rows, places: ~inner(rows, places)
            case All(parts):
                return self._narrowing(parts, keep=True)
            case Either(parts):
                return self._narrowing(parts, keep=False)

    def _tested(self, test: Test) -> Tested:
        if test not in self._made:
            self._made[test] = Tested(test)
        return self._made[test]

    def _narrowing(self, parts: tuple[Condition, ...], *, keep: bool) -> Evaluate:
        """The parts, those of one column of texts together, the cheap ones first."""
        by_field: dict[Field, list[Test]] = {}
        checks: list[tuple[int, Evaluate]] = []
        for part in parts:
            if isinstance(part, Test) and self._is_of_texts(part):
                by_field.setdefault(part.field, []).append(part)
            else:
                checks.append((cost_of(part), self.evaluated(part)))
        checks += [(cost_of(tests[0]), self._joined(tests, keep=keep)) for tests in by_field.values()]
        return _narrowing(tuple(check for _, check in sorted(checks, key=itemgetter(0))), keep=keep)

    def _is_of_texts(self, test: Test) -> bool:
        field = test.field
        return field.kind is FieldKind.COLUMN and field.column in self._texts and not isinstance(test.matcher, SameAs)

    def _joined(self, tests: list[Test], *, keep: bool) -> Tested:
        if len(tests) == 1:
            return self._tested(tests[0])
        key = (frozenset(tests), keep)
        if key not in self._together:
            self._together[key] = TestedTogether(tuple(map(self._tested, tests)), every=keep)
        return self._together[key]


def _narrowing(checks: tuple[Evaluate, ...], *, keep: bool) -> Evaluate:
    """And (`keep`): each check looks at what the ones before left. Or: at what none before has found."""

    def narrowed(rows: Rows, places: "Places") -> "Mask":
        import numpy as np  # noqa: PLC0415

        answer = np.full(len(places), not keep, dtype=bool)
        left: Places | None = None
        asked = places
        for check in checks:
            # As long as nothing is decided the places are the same to the very object: what was made of them is kept by it.
            found = check(rows, asked)
            is_open = found if keep else ~found
            if is_open.all():
                continue
            # A mask as an index costs four times what `compress` does.
            left = np.flatnonzero(is_open) if left is None else left.compress(is_open)
            if not len(left):
                return answer
            asked = places.take(left)
        answer[slice(None) if left is None else left] = keep
        return answer

    return checks[0] if len(checks) == 1 else narrowed


def cost_of(condition: Condition) -> int:
    """How dear a condition is, in parts of no unit: few-valued columns first, JSON and facts last."""
    match condition:
        case Test(field, matcher):
            dear = 2 if isinstance(matcher, SameAs) else 0
            return {FieldKind.COLUMN: 1, FieldKind.ROLE: 4, FieldKind.JSON: 6, FieldKind.FACT: 8}[field.kind] + dear
        case Anywhere():
            return 50
        case Not(part):
            return cost_of(part)
        case All(parts) | Either(parts):
            # Whoever reads a document for one test has it for the others.
            return max(map(cost_of, parts), default=0) + len(parts) // 4
