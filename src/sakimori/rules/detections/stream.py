"""Rules over one event at a time: a dispatcher by the event's name, then a closure a rule."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, Protocol, TypeVar

from sakimori.analysis.log_forms.form import Field, FieldKind, LogForm
from sakimori.analysis.log_forms.reading import parsed_json, text_along, texts_in, values_along
from sakimori.ingest.rows import as_time
from sakimori.rules.detections.condition import All, Anywhere, Condition, Either, Not, Test, anchor_of
from sakimori.rules.detections.matching import Missing, Predicate, Present, SameAs


class View(Protocol):
    """One event, its fields on demand."""

    def values(self, field: Field) -> tuple[object, ...]:
        """The values of a field, lists taken apart; none where it is missing or null."""
        ...

    def everything(self) -> Iterator[str]:
        """Every text in the event."""
        ...


Check = Callable[[View], bool]
Key = TypeVar("Key")


def compiled(condition: Condition) -> Check:
    """The condition as a function of an event."""
    match condition:
        case Test(field, matcher):
            return _tested(field, matcher)
        case Anywhere(matcher):
            found = matcher.predicate()
            return lambda view: any(map(found, view.everything()))
        case Not(part):
            inner = compiled(part)
            return lambda view: not inner(view)
        case All(parts):
            checks = tuple(map(compiled, parts))
            return lambda view: all(check(view) for check in checks)
        case Either(parts):
            checks = tuple(map(compiled, parts))
            return lambda view: any(check(view) for check in checks)


def _tested(field: Field, matcher: Any) -> Check:
    if isinstance(matcher, Missing):
        return lambda view: not view.values(field)
    if isinstance(matcher, Present):
        return lambda view: bool(view.values(field))
    if isinstance(matcher, SameAs):
        other = matcher.field
        return lambda view: any(
            matcher.holds(value, their) for value in view.values(field) for their in view.values(other)
        )
    predicate: Predicate = matcher.predicate()
    return lambda view: any(map(predicate, view.values(field)))


class Dispatcher(Generic[Key]):
    """Which rules may match an event of a name, each with its check."""

    def __init__(self, form: LogForm, conditions: Iterable[tuple[Key, Condition]]) -> None:
        self._anchor = form.resolve(_name_of(form, form.anchors[0])) if form.anchors else None
        self._everything: list[tuple[Key, Check]] = []
        self._by_name: dict[str, list[tuple[Key, Check]]] = {}
        self._always: list[tuple[Key, Check]] = []
        for key, condition in conditions:
            names = anchor_of(condition, form.anchors[0]) if form.anchors else None
            check = compiled(condition)
            if names is None:
                self._always.append((key, check))
            else:
                self._everything.append((key, check))
            for name in names or ():
                self._by_name.setdefault(name, []).append((key, check))

    def matches(self, view: View) -> Iterator[Key]:
        """The rules that match, in no order."""
        for key, check in (*self._anchored(view), *self._always):
            if check(view):
                yield key

    def _anchored(self, view: View) -> list[tuple[Key, Check]]:
        values = view.values(self._anchor) if self._anchor else ()
        if len(values) == 1 and isinstance(values[0], str):
            return self._by_name.get(values[0].lower(), [])
        # A name that is no text, or several: as rare as it is strange, so every rule looks at it.
        return self._everything if values else []


def _name_of(form: LogForm, column: str) -> str:
    return next((native for native, each in form.heads.items() if each == column), column)


class EventView:
    """One event as a mapping: native names for logs that have them, columns for others. Not thread-safe."""

    def __init__(self, form: LogForm, event: Mapping[str, Any], facts: Callable[[str, Mapping[str, Any]], object], roles: Mapping[str, object]) -> None:  # fmt: skip
        self._form = form
        self._event = event
        self._facts = facts
        self._roles = roles
        self._known: dict[Field, tuple[object, ...]] = {}

    def values(self, field: Field) -> tuple[object, ...]:
        """See `View`."""
        known = self._known.get(field)
        if known is None:
            known = self._known[field] = self._found(field)
        return known

    def everything(self) -> Iterator[str]:
        """See `View`."""
        written = self._form.json if not self._form.heads else ()
        return texts_in(
            {n: parsed_json(v) if n in written and isinstance(v, str) else v for n, v in self._event.items()}
        )

    def _found(self, field: Field) -> tuple[object, ...]:
        if field.kind is FieldKind.FACT:
            return values_along(self._facts(field.name, self._event), ())
        if field.kind is FieldKind.ROLE:
            return values_along(self._roles.get(field.name), ())
        if field.kind is FieldKind.COLUMN and field.path:
            return text_along(self._event, field.path)
        if field.column == "rest":
            return values_along(self._event, field.path)
        found = self._event.get(_name_of(self._form, field.column))
        if field.column == self._form.table.time:
            found = as_time(found) or found
        elif field.kind is FieldKind.JSON and isinstance(found, str) and not self._form.heads:
            found = parsed_json(found)
        return values_along(found, field.path)
