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
    left: Evaluate


class Plan(Generic[Key]):
    """All conditions over one log, told apart by the names that they require."""

    def __init__(self, form: LogForm, conditions: Iterable[tuple[Key, Condition]]) -> None:
        self.form = form
        self._conditions: list[Condition] = []
        self._checks: list[_Check[Key]] = []
        maker = Maker(form)
        for key, condition in conditions:
            self._conditions.append(condition)
            anchors = tuple(anchor_of(condition, column) for column in form.anchors)
            left = condition
            for column in form.anchors:
                left = without_anchor(left, column)
            whole = maker.evaluated(condition)
            self._checks.append(_Check(key, anchors, whole, whole if left is condition else maker.evaluated(left)))

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
        few = {column.name for column in form.table.columns if column.name not in form.table.distinct} - form.json
        return frozenset((named & few) | roles)

    def matches(self, rows: Rows, chosen: "Mask | None" = None) -> "Iterator[tuple[Key, Places]]":
        """For each rule that matches at all: the rows that it matches, ascending. `chosen`: only these rows."""
        import numpy as np  # noqa: PLC0415

        allowed = _Allowed(rows, self.form.anchors, chosen)
        for key, anchors, whole, left in self._checks:
            places = allowed.places(anchors)
            found = places[left(rows, places)] if len(places) else places
            strays = allowed.strays
            if len(strays) and any(each is not None for each in anchors):
                found = np.union1d(found, strays[whole(rows, strays)])
            if len(found):
                yield key, found


class _Allowed:
    """Which rows of a group the anchors of rules allow. Rules share anchors, so each answer is kept."""

    def __init__(self, rows: Rows, columns: tuple[str, ...], chosen: "Mask | None") -> None:
        import numpy as np  # noqa: PLC0415

        self._columns = [rows.coded(column) for column in columns]
        self._everywhere = np.arange(rows.num_rows) if chosen is None else np.flatnonzero(chosen)
        self._chosen = chosen
        self._known: dict[Anchors, Places] = {}
        self._sorted: dict[int, tuple[Places, Any]] = {}
        self._folded = [
            [] if coded is None else [str(value).lower() for value in coded.values] for coded in self._columns
        ]
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
        wanted = [code for code, name in enumerate(self._folded[at]) if name in names]
        if not wanted or not len(places):
            return places[:0]
        if places is self._everywhere:
            return self._of_codes(at, coded, wanted)
        is_wanted = np.zeros(len(coded.values) + 1, dtype=bool)
        is_wanted[wanted] = True
        return places[is_wanted[coded.codes[places]]]

    def _of_codes(self, at: int, coded: Coded, wanted: list[int]) -> "Places":
        import numpy as np  # noqa: PLC0415

        rows, borders = self._by_code(at, coded)
        pieces = [rows[borders[code] : borders[code + 1]] for code in wanted]
        return pieces[0] if len(pieces) == 1 else np.sort(np.concatenate(pieces))

    def _by_code(self, at: int, coded: Coded) -> "tuple[Places, Any]":
        """All rows in the order of their codes, and where each code begins: sorted once, asked by every rule."""
        import numpy as np  # noqa: PLC0415

        if at not in self._sorted:
            codes = coded.codes[self._everywhere]
            # Numbers of 16 bits are sorted in one pass; that of null comes last.
            short = codes.astype(np.uint16) if len(coded.values) < _SHORT_CODES else codes
            order = np.argsort(short, kind="stable")
            borders = np.searchsorted(short[order], np.arange(len(coded.values) + 1, dtype=short.dtype))
            self._sorted[at] = self._everywhere[order], borders
        return self._sorted[at]


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

        answer = np.full(len(places), keep, dtype=bool)
        left: Places | None = None
        for check in checks:
            # As long as nothing is decided the places are the same to the very object: what was made of them is kept by it.
            found = check(rows, places if left is None else places[left])
            decided = ~found if keep else found
            if not decided.any():
                continue
            answer[decided if left is None else left[decided]] = not keep
            left = np.flatnonzero(~decided) if left is None else left[~decided]
            if not len(left):
                break
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
