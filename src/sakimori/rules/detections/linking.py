"""Correlations joined to the rules that they are about: names, groups and fields are all resolved when they are loaded."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sakimori.rules.detections.head_reader import ANY_MESSAGE, HeadReader
from sakimori.rules.detections.rule import Correlation, DetectionRule, Gathering, Head, Together
from sakimori.rules.rule import Fault
from sakimori.texts.nearest import nearest
from sakimori.texts.template import placeholders

Waiting = tuple[HeadReader, Head, Any]
_MAX_SECONDS: Final = 400 * 86400
_TEMPORAL: Final = frozenset({Gathering.TEMPORAL, Gathering.TEMPORAL_ORDERED})


def linked(
    rules: Mapping[str, DetectionRule], waiting: Mapping[str, Waiting], ids: Mapping[str, str]
) -> tuple[dict[str, Correlation], tuple[Fault, ...]]:
    """The correlations that hold, in an order in which none comes before those it is about; and the faults of the others."""
    done: dict[str, Correlation] = {}
    faults: list[Fault] = []
    left = dict(waiting)
    while left:
        ready = [name for name, (_, _, sigma) in left.items() if not _names_of(sigma, ids) & left.keys()]
        if not ready:
            for reader, _, _ in left.values():
                reader.fault("detect.correlation_circle", "correlation", "rules")
                faults += reader.faults
            break
        for name in ready:
            reader, head, sigma = left.pop(name)
            made = _Linker(reader, head, rules, done, ids).correlation(sigma)
            faults += reader.faults
            if made is not None and not reader.faults:
                done[name] = made
    return done, tuple(faults)


def _names_of(sigma: Any, ids: Mapping[str, str]) -> set[str]:
    return {ids.get(reference, reference) for reference in _references(sigma)}


def _references(sigma: Any) -> list[str]:
    told = [str(each.reference) for each in sigma.rules or ()]
    condition = sigma.condition
    return told or (condition.get_referenced_rules() if hasattr(condition, "get_referenced_rules") else [])


class _Linker:
    def __init__(
        self, reader: HeadReader, head: Head, rules: Mapping[str, DetectionRule], done: Mapping[str, Correlation], ids: Mapping[str, str]
    ) -> None:  # fmt: skip
        self._reader = reader
        self._head = head
        self._rules = rules
        self._done = done
        self._ids = ids

    def correlation(self, sigma: Any) -> Correlation | None:
        names = self._named(_references(sigma))
        if names is None:
            return None
        gathering = Gathering(sigma.type.name.lower())
        condition = sigma.condition
        parsed = getattr(condition, "parsed", None)
        fields = self._value_fields(condition, names)
        group = tuple(self._group(sigma, names))
        if sigma.timespan.seconds > _MAX_SECONDS:
            self._reader.fault("detect.timespan_too_long", "correlation", "timespan", days=_MAX_SECONDS // 86400)
        return Correlation(
            head=self._head,
            gathering=gathering,
            rules=tuple(names),
            seconds=sigma.timespan.seconds,
            group_by=group,
            order=condition.op.name.lower() if parsed is None else "gte",
            number=float(condition.count) if parsed is None and gathering not in _TEMPORAL else 1,
            fields=fields,
            percentile=getattr(condition, "percentile", None) or 50,
            together=self._together(parsed) if parsed is not None else None,
            is_generating=bool(sigma.generate),
            quoted=self._quoted(names, {part for part, _ in group}),
        )

    def _quoted(self, names: Iterable[str], labels: set[str]) -> tuple[str, ...]:
        """The fields that the message quotes; a fault for one that is no part of the group and that no rule's log has."""
        message = self._head.message
        try:
            told = placeholders(message.en, dotted=True) | placeholders(message.ja, dotted=True)
        except ValueError as error:
            self._reader.fault("rules.bad_template", "sakimori", "message", key="message", piece=str(error))
            return ()
        wanted = sorted(told - labels - ANY_MESSAGE)
        forms = [form for name in names if name in self._rules for form, _ in self._rules[name].conditions]
        for name in wanted:
            if forms and not any(form.resolve(name) for form in forms):
                near = nearest(name, forms[0].names)
                self._reader.fault("detect.no_such_field", "sakimori", "message", name=name, table=forms[0].table.name, near=near)  # fmt: skip
        return tuple(wanted)

    def _named(self, references: Iterable[str]) -> list[str] | None:
        """The rules' names; None, with a fault, where one is not there."""
        names = [self._ids.get(reference, reference) for reference in references]
        known = {*self._rules, *self._done}
        for name in names:
            if name not in known:
                near = nearest(name, known)
                self._reader.fault("detect.no_such_rule_here", "correlation", "rules", name=name, near=near)
                return None
        return names

    def _group(self, sigma: Any, names: Iterable[str]) -> Iterable[tuple[str, Mapping[str, str]]]:
        aliases = {
            alias.alias: {self._ids.get(each.reference, each.reference): field for each, field in alias.mapping.items()}
            for alias in sigma.aliases
        }
        for part in sigma.group_by or ():
            fields = {name: aliases.get(part, {}).get(name, part) for name in names}
            for name, field in fields.items():
                self._check(name, field, "group-by")
            yield part, fields

    def _value_fields(self, condition: Any, names: Iterable[str]) -> tuple[str, ...]:
        given = getattr(condition, "fieldref", None)
        fields = (given,) if isinstance(given, str) else tuple(given or ())
        for field in fields:
            for name in names:
                self._check(name, field, "condition")
        return fields

    def _check(self, name: str, field: str, key: str) -> None:
        """A field that the rule's log does not have would leave the correlation blind."""
        if name in self._rules:
            forms = [form for form, _ in self._rules[name].conditions]
            if not any(form.resolve(field) for form in forms):
                near = nearest(field, forms[0].names)
                self._reader.fault("detect.no_such_field", "correlation", key, name=field, table=forms[0].table.name, near=near)  # fmt: skip
        elif name in self._done and field not in {part for part, _ in self._done[name].group_by}:
            self._reader.fault("detect.not_in_group", "correlation", key, name=field, rule=name)

    def _together(self, node: Any) -> Together:
        if hasattr(node, "reference"):
            return Together(kind="and", parts=(self._ids.get(node.reference, node.reference),))
        kind = type(node).__name__.removeprefix("CorrelationCondition").lower()
        parts = tuple(
            self._ids.get(each.reference, each.reference) if hasattr(each, "reference") else self._together(each)
            for each in node.args
        )
        return Together(kind=kind, parts=parts)
