"""Hits of rules judged together: counted, summed, or in their order, within a window that slides with each event."""

import operator
from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice, product
from operator import attrgetter
from typing import Final

from sakimori.model.detection import MAX_EVENT_IDS, MAX_ORIGINS, MAX_RESOURCES
from sakimori.rules.detections.hits import Gathered, Piece, Place
from sakimori.rules.detections.matching import number_of, text_of
from sakimori.rules.detections.rule import Correlation, Gathering, Together

_MAX_GROUPS: Final = 64
"""Groups that one hit may belong to, where its fields hold lists."""
_MICROS: Final = 1_000_000
_COMPARED: Final[Mapping[str, Callable[[float | Fraction, float], bool]]] = {
    "gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le, "eq": operator.eq, "neq": operator.ne,
}  # fmt: skip
Group = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One event that a rule matched, with what correlations ask of it. `at` is microseconds since 1970."""

    rule: str
    at: int
    account: str
    region: str
    principal: str
    origin: str = ""
    event_id: str = ""
    resources: tuple[str, ...] = ()
    values: Mapping[str, tuple[object, ...]] = field(default_factory=dict[str, tuple[object, ...]])
    evidence: Mapping[str, object] = field(default_factory=dict[str, object])
    partition: str = "aws"
    source: str = ""


def needed_fields(correlations: Iterable[Correlation]) -> dict[str, tuple[str, ...]]:
    """By rule: the fields whose values its hits must carry."""
    needed: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for correlation in correlations:
        for rule in correlation.rules:
            fields = needed[rule]
            fields.update(dict.fromkeys(each[rule] for _, each in correlation.group_by))
            fields.update(dict.fromkeys(correlation.fields))
    return {rule: tuple(fields) for rule, fields in needed.items()}


def correlate(correlations: Sequence[Correlation], hits: Mapping[str, Sequence[Hit]], gathered: Gathered) -> None:
    """Add what the correlations find in these hits; those that others are about come before them."""
    known: dict[str, Sequence[Hit]] = dict(hits)
    wanted = {rule for correlation in correlations for rule in correlation.rules}
    for correlation in correlations:
        found: list[Hit] = []
        for group, members in grouped(correlation, known).items():
            for window in windows(correlation, members):
                hit = _hit_of(correlation, group, window)
                found.append(hit)
                if correlation.head.is_alone:
                    gathered.add_piece(correlation.name, _place(correlation, hit, group), _piece(hit, window))
        if correlation.name in wanted:
            known[correlation.name] = found


def grouped(correlation: Correlation, hits: Mapping[str, Sequence[Hit]]) -> dict[Group, list[Hit]]:
    """The hits by group, each group in the order of time; a hit without some value of the group belongs to none."""
    groups: defaultdict[Group, list[Hit]] = defaultdict(list)
    for rule in dict.fromkeys(correlation.rules):
        fields = [each[rule] for _, each in correlation.group_by]
        for hit in hits.get(rule, ()):
            values = [dict.fromkeys(map(text_of, hit.values.get(name, ()))) for name in fields]
            for group in islice(product(*values), _MAX_GROUPS):
                groups[group].append(hit)
    place = {rule: number for number, rule in enumerate(correlation.rules)}
    for members in groups.values():
        # CloudTrail's times are whole seconds: within one, the order is taken to be the one that is looked for.
        members.sort(key=lambda hit: (hit.at, place[hit.rule]))
    return groups


def windows(correlation: Correlation, hits: Sequence[Hit]) -> Iterator[Sequence[Hit]]:
    """The runs of hits that fulfil the correlation; windows that overlap are one run."""
    span = correlation.seconds * _MICROS
    match correlation.gathering:
        case Gathering.TEMPORAL_ORDERED:
            yield from _ordered(_in_order(correlation), hits, span)
        case Gathering.TEMPORAL:
            yield from _sliding(hits, span, _Presence(correlation))
        case _ if correlation.order in ("gt", "gte"):
            yield from _sliding(hits, span, _Measure(correlation))
        case _:
            yield from _tumbling(hits, span, _Measure(correlation))


class _Presence:
    """Which rules have hits in the window."""

    def __init__(self, correlation: Correlation) -> None:
        self._counts: Counter[str] = Counter()
        parts: tuple[Together | str, ...] = tuple(dict.fromkeys(correlation.rules))
        self._condition = correlation.together or Together(kind="and", parts=parts)

    def add(self, hit: Hit) -> None:
        self._counts[hit.rule] += 1

    def remove(self, hit: Hit) -> None:
        self._counts[hit.rule] -= 1

    def holds(self) -> bool:
        return holds(self._condition, lambda rule: self._counts[rule] > 0)


def holds(condition: Together | str, is_there: Callable[[str], bool]) -> bool:
    """Whether a condition on the presence of rules holds."""
    if isinstance(condition, str):
        return is_there(condition)
    if condition.kind == "not":
        return not holds(condition.parts[0], is_there)
    return (all if condition.kind == "and" else any)(holds(part, is_there) for part in condition.parts)


class _Measure:
    """The count, the different values or the number of the window, compared."""

    def __init__(self, correlation: Correlation) -> None:
        self._gathering = correlation.gathering
        self._fields = correlation.fields
        self._order, self._number, self._percentile = correlation.order, correlation.number, correlation.percentile
        self._count = 0
        self._sum: int | Fraction = 0
        self._different: Counter[tuple[str, ...]] = Counter()
        self._ordered: list[float] = []

    def add(self, hit: Hit) -> None:
        self._count += 1
        if self._gathering is Gathering.VALUE_COUNT:
            self._different.update(self._values(hit))
            return
        for number in self._numbers_of(hit):
            self._sum += _exact(number)
            insort(self._ordered, number)

    def remove(self, hit: Hit) -> None:
        self._count -= 1
        if self._gathering is Gathering.VALUE_COUNT:
            self._different.subtract(self._values(hit))
            for value in self._values(hit):
                if self._different[value] <= 0:
                    del self._different[value]
            return
        for number in self._numbers_of(hit):
            self._sum -= _exact(number)
            del self._ordered[bisect_left(self._ordered, number)]

    def holds(self) -> bool:
        found = self._value()
        return found is not None and _COMPARED[self._order](found, self._number)

    def _value(self) -> float | Fraction | None:
        if self._gathering is Gathering.EVENT_COUNT:
            return self._count
        if self._gathering is Gathering.VALUE_COUNT:
            return len(self._different)
        return self._of_numbers(self._ordered) if self._ordered else None

    def _of_numbers(self, ordered: Sequence[float]) -> float | Fraction:
        match self._gathering:
            case Gathering.VALUE_SUM:
                return self._sum
            case Gathering.VALUE_AVG:
                return Fraction(self._sum) / len(ordered)
            case Gathering.VALUE_MEDIAN:
                return Fraction(ordered[(len(ordered) - 1) // 2]) / 2 + Fraction(ordered[len(ordered) // 2]) / 2
            case _:
                return _percentile(ordered, self._percentile)

    def _values(self, hit: Hit) -> Iterable[tuple[str, ...]]:
        values = [dict.fromkeys(map(text_of, hit.values.get(name, ()))) for name in self._fields]
        return list(islice(product(*values), _MAX_GROUPS))

    def _numbers_of(self, hit: Hit) -> list[float]:
        if self._gathering is Gathering.EVENT_COUNT:
            return []
        return [number for value in hit.values.get(self._fields[0], ()) if (number := number_of(value)) is not None]


def _exact(number: float) -> int | Fraction:
    """The number without what floating point loses in sums; whole ones, which most are, as integers: a tenth of the time."""
    return int(number) if isinstance(number, int) or number.is_integer() else Fraction(number)


def _percentile(ordered: Sequence[float], percent: int) -> float:
    """The nearest-rank percentile of at least one number, the least first."""
    rank = -(-percent * len(ordered) // 100)
    return ordered[min(len(ordered), max(1, rank)) - 1]


def _sliding(hits: Sequence[Hit], span: int, window: "_Presence | _Measure") -> Iterator[Sequence[Hit]]:
    start = 0
    run: tuple[int, int] | None = None
    for end, hit in enumerate(hits):
        window.add(hit)
        while hit.at - hits[start].at > span:
            window.remove(hits[start])
            start += 1
        if not window.holds():
            continue
        if run is not None and start > run[1]:
            yield hits[run[0] : run[1] + 1]
            run = None
        run = (run[0] if run else start, end)
    if run is not None:
        yield hits[run[0] : run[1] + 1]


def _tumbling(hits: Sequence[Hit], span: int, window: "_Measure") -> Iterator[Sequence[Hit]]:
    """Windows side by side, each from the first hit after the last: "fewer than" is said of a whole one."""
    start = 0
    for end, hit in enumerate(hits):
        if hit.at - hits[start].at > span:
            if window.holds():
                yield hits[start:end]
            for each in hits[start:end]:
                window.remove(each)
            start = end
        window.add(hit)
    if hits and window.holds():
        yield hits[start:]


def _in_order(correlation: Correlation) -> tuple[str, ...]:
    """The rules in the order in which they must come; those that must not come are left out."""
    forbidden = set(_negated(correlation.together)) if correlation.together else set[str]()
    return tuple(rule for rule in correlation.rules if rule not in forbidden)


def _negated(condition: Together | str, *, is_negated: bool = False) -> Iterator[str]:
    if isinstance(condition, str):
        if is_negated:
            yield condition
        return
    for part in condition.parts:
        yield from _negated(part, is_negated=is_negated != (condition.kind == "not"))


def _ordered(rules: Sequence[str], hits: Sequence[Hit], span: int) -> Iterator[Sequence[Hit]]:
    """Chains of hits, one of each rule in turn, within the span; each hit ends the latest chain that it can."""
    chains: list[tuple[Hit, ...]] = [()] * len(rules)
    # What each chain was before its last hit: another rule's hit of the same event goes on from there.
    earlier: list[tuple[Hit, ...]] = [()] * len(rules)
    places: defaultdict[str, list[int]] = defaultdict(list)
    for number, rule in enumerate(rules):
        places[rule].insert(0, number)
    for hit in hits:
        # Later places first: one event is no two steps of a chain.
        for number in places[hit.rule]:
            before = chains[number - 1] if number else ()
            if before and _is_one_event(before[-1], hit):
                before = earlier[number - 1]
            if number and (not before or hit.at - before[0].at > span):
                continue
            earlier[number], chains[number] = chains[number], (*before, hit)
            if number == len(rules) - 1:
                yield chains[number]
                chains, earlier = [()] * len(rules), [()] * len(rules)
                break


def _is_one_event(hit: Hit, other: Hit) -> bool:
    return hit.at == other.at and hit.event_id == other.event_id != "" and hit.source == other.source


def _hit_of(correlation: Correlation, group: Group, window: Sequence[Hit]) -> Hit:
    """What a run of hits is to the correlations that are about this one."""
    last = window[-1]
    evidence: dict[str, object] = {}
    for hit in window[:200]:
        evidence |= {name: value for name, value in hit.evidence.items() if value is not None and name not in evidence}
    labels = {label: (value,) for (label, _), value in zip(correlation.group_by, group, strict=True)}
    evidence |= {label: value for label, (value,) in labels.items()}
    principals = dict.fromkeys(hit.principal for hit in window if hit.principal)
    return Hit(
        rule=correlation.name,
        at=last.at,
        account=last.account,
        region=last.region,
        principal=next(iter(principals), ""),
        origin=last.origin,
        event_id=last.event_id,
        values=labels,
        evidence=evidence,
        partition=last.partition,
        source=last.source,
    )


def _place(correlation: Correlation, hit: Hit, group: Group) -> Place:
    said = [value for value in group if value not in (hit.principal, hit.account, hit.region)]
    principal = hit.principal if all(label != "origin" for label, _ in correlation.group_by) else hit.origin
    return hit.account, hit.region, principal, " ".join(said)[:300]


def _piece(hit: Hit, window: Sequence[Hit]) -> Piece:
    get_id: Callable[[Hit], str] = attrgetter("event_id")
    ids = [each for each in map(get_id, window) if each]
    return Piece(
        first=window[0].at,
        last=window[-1].at,
        count=len(window),
        event_ids=list(dict.fromkeys(ids))[:MAX_EVENT_IDS],
        origins=list(dict.fromkeys(each.origin for each in window if each.origin))[:MAX_ORIGINS],
        resources=list(dict.fromkeys(name for each in window for name in each.resources))[:MAX_RESOURCES],
        evidence=hit.evidence,
        partition=hit.partition,
        source=hit.source,
    )
