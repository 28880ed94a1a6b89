"""All rules over the rows of logs, row group by row group, in the order of time; then what only the whole can tell."""
# pyright: basic

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from sakimori.analysis.behaviour.dimensions import columns_of
from sakimori.analysis.behaviour.roots import own_name
from sakimori.analysis.facts.answers import FactAnswers
from sakimori.analysis.log_forms.coding import Coded, values_at
from sakimori.analysis.log_forms.form import LogForm
from sakimori.analysis.log_forms.rows import Roots, RowGroup, Rows
from sakimori.lake.log_parts import LogPart
from sakimori.model.detection import Detection
from sakimori.rules.detections.batch import Plan
from sakimori.rules.detections.correlate import Hit, correlate, needed_fields
from sakimori.rules.detections.hits import Gathered, evidence_of, resources_of_each
from sakimori.rules.detections.rule import DetectionRule, Detections, FirstSeen, Head
from sakimori.rules.detections.shapes import ShapeCounts, measured_columns

if TYPE_CHECKING:
    from sakimori.rules.detections.batch import Places

Plans = Mapping[str, Plan[str]]
_WHO: Final = ("account", "region", "principal", "origin")


class Novelty(Protocol):
    """What is known of habits."""

    def new(self, asked: FirstSeen, rows: Rows, places: "Places") -> Any:
        """A mask of the places whose value is new for whom it is asked."""
        ...


class NothingKnown:
    """No habits: nothing is new, as on anybody's first day."""

    def new(self, asked: FirstSeen, rows: Rows, places: "Places") -> Any:  # noqa: ARG002
        """Nothing."""
        import numpy as np  # noqa: PLC0415

        return np.zeros(len(places), dtype=bool)


class DetectionRun:
    """One run of all rules. Row groups of one account come in the order of time as far as the lake has it."""

    def __init__(
        self,
        detections: Detections,
        facts: FactAnswers,
        *,
        roots: Roots = own_name,
        novelty: Novelty | None = None,
        plans: Plans | None = None,
    ) -> None:
        """`plans` are those of these detections, where somebody made them already."""
        self._detections = detections
        self._facts = facts
        self._roots = roots
        self._novelty = novelty or NothingKnown()
        self._plans = plans_of(detections) if plans is None else plans
        self._needed = needed_fields(detections.correlations.values())
        self._quoted = _quoted_by_correlations(detections)
        self.gathered = Gathered()
        self._shapes = ShapeCounts(detections.rules, self.gathered, facts.surroundings)
        self.hits: defaultdict[str, list[Hit]] = defaultdict(list)
        self.counts: defaultdict[str, int] = defaultdict(int)

    @property
    def forms(self) -> tuple[LogForm, ...]:
        """The logs that some rule is about."""
        return tuple(plan.form for plan in self._plans.values())

    def plans_over(self, parts: Iterable[tuple[LogForm, LogPart]]) -> Iterator[tuple[Plan[str], tuple[LogPart, ...]]]:
        """The parts by log, and of one log by the form of their columns, in their order."""
        by_form: dict[tuple[str, str], list[LogPart]] = {}
        for form, part in parts:
            by_form.setdefault((form.table.name, part.form), []).append(part)
        for (table, _), members in by_form.items():
            yield self._plans[table], tuple(members)

    def scan(self, form: LogForm, group: RowGroup, since: int | None = None, until: int | None = None) -> int:
        """Judge the rows of one group, or those from `since` until before `until`; gives how many they were."""
        plan = self._plans.get(form.table.name)
        if plan is None or not group.num_rows:
            return 0
        rows = Rows(form, group, self._facts, self._roots)
        chosen = _between(rows, since, until)
        for name, places in plan.matches(rows, chosen):
            self._matched(self._detections.rules[name], rows, places)
        rows.close()
        return group.num_rows if chosen is None else int(chosen.sum())

    def _matched(self, rule: DetectionRule, rows: Rows, places: "Places") -> None:
        if rule.first_seen is not None:
            places = places.compress(self._novelty.new(rule.first_seen, rows, places))
            if not len(places):
                return
        self.counts[rule.name] += len(places)
        if rule.shape is not None:
            self._shapes.add(rule.name, rule.shape, rows, places)
            return
        if rule.head.is_alone:
            self.gathered.add(rule, rows, places)
        if rule.name in self._needed:
            self.hits[rule.name] += self._hits(rule, rows, places)

    def _hits(self, rule: DetectionRule, rows: Rows, places: "Places") -> list[Hit]:
        needed = self._needed[rule.name]
        quoted = (*rule.quoted, *self._quoted.get(rule.name, ()))
        values = {name: rows.all_named(name, places) for name in dict.fromkeys((*needed, *quoted, "errorCode"))}
        who = [_said(rows.role_codes(name), places) for name in _WHO]
        ids = rows.taken(rows.form.event_id, places).to_pylist() if rows.form.event_id else [None] * len(places)
        of_each = zip(
            rows.times.take(places).tolist(), *who, ids, resources_of_each(rule, rows, places),
            _said(rows.forced("partition"), places), strict=True,
        )  # fmt: skip
        return [
            Hit(
                rule=rule.name,
                at=time,
                account=account,
                region=region,
                principal=principal,
                origin=origin,
                event_id="" if event_id is None else str(event_id),
                resources=tuple(resources[:5]),
                values={name: values[name][at] for name in needed},
                evidence=evidence_of(quoted, lambda name, at=at: values[name][at]),
                partition=partition or "aws",
                source=rows.form.table.name,
            )
            for at, (time, account, region, principal, origin, event_id, resources, partition) in enumerate(of_each)
        ]

    def finish(self) -> tuple[Detection, ...]:
        """All detections, in the order of their first event."""
        self._shapes.finish()
        return self._told(self.gathered)

    def so_far(self) -> tuple[Detection, ...]:
        """What `finish` would give now, while more rows may come."""
        gathered = self.gathered.copied()
        self._shapes.so_far(gathered)
        return self._told(gathered)

    def _told(self, gathered: Gathered) -> tuple[Detection, ...]:
        correlate(tuple(self._detections.correlations.values()), self.hits, gathered)
        found = gathered.detections(heads_of(self._detections))
        return tuple(sorted(found, key=lambda detection: (detection.first_at, detection.rule, detection.id)))


def _said(coded: Coded, places: "Places") -> list[str]:
    """The texts of these rows, "" for null."""
    return [value or "" for value in values_at(coded, places)]


def _between(rows: Rows, since: int | None, until: int | None) -> Any:
    """A mask of the rows between two moments (microseconds since 1970); None for all."""
    if since is None and until is None:
        return None
    times = rows.times
    chosen = times >= (since if since is not None else times.min())
    chosen &= times < (until if until is not None else times.max() + 1)
    return None if chosen.all() else chosen


def plans_of(detections: Detections) -> Plans:
    """One plan a log, by its table: it can be used by one run after the other."""
    forms: dict[str, LogForm] = {}
    conditions: defaultdict[str, list[Any]] = defaultdict(list)
    for rule in detections.rules.values():
        for form, condition in rule.conditions:
            forms[form.table.name] = form
            conditions[form.table.name].append((rule.name, condition))
    beside = {column for rule in detections.rules.values() for column in _looked_at(rule)}
    return {name: Plan(form, conditions[name], beside) for name, form in forms.items()}


def _looked_at(rule: DetectionRule) -> Iterator[str]:
    """The columns that habits and shapes ask for."""
    if rule.first_seen is not None:
        yield from columns_of(rule.first_seen.dimension)
    if rule.shape is not None:
        for name in rule.shape.at_least:
            yield from measured_columns(name)


def heads_of(detections: Detections) -> dict[str, Head]:
    """The heads of rules and correlations by name."""
    return {each.name: each.head for each in (*detections.rules.values(), *detections.correlations.values())}


def _quoted_by_correlations(detections: Detections) -> Mapping[str, Sequence[str]]:
    """By rule: the fields that the messages of correlations quote of its hits."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for correlation in detections.correlations.values():
        for rule in correlation.rules:
            found[rule] += correlation.quoted
    return found
