"""What rules matched, gathered into detections: all events of one principal until an hour passes without one."""
# pyright: basic

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sakimori.analysis.log_forms.form import LogForm
from sakimori.analysis.log_forms.rows import Rows
from sakimori.lake.instants import moment_of
from sakimori.model.detection import MAX_EVENT_IDS, MAX_ORIGINS, MAX_RESOURCES, Detection
from sakimori.model.verdict import Text
from sakimori.rules.detections.rule import DetectionRule, Head
from sakimori.texts.language import Language, show_value
from sakimori.texts.sentences import say
from sakimori.texts.template import fill

if TYPE_CHECKING:
    from sakimori.rules.detections.batch import Places

GAP: Final = 3_600_000_000
"""Microseconds without an event after which the next one begins another detection."""
_LONGEST: Final = 2_000
_LONGEST_NAME: Final = 500
_QUOTED_VALUES: Final = 20
_LOOKED_AT: Final = 50
"""Rows of a piece that are asked for their resources."""

_Told = TypeVar("_Told")
Values = Callable[[str], tuple[object, ...]]
"""The values of one event's fields by their names; none for a field that its log has not."""
Place = tuple[str, str, str, str]
"""Account, Region, principal, subject."""


@dataclass(slots=True)
class Piece:
    """Events of one rule and place that lie together. Times are microseconds since 1970."""

    first: int
    last: int
    count: int
    event_ids: list[str]
    origins: list[str]
    resources: list[str]
    evidence: Mapping[str, object]
    partition: str = "aws"
    source: str = ""


@dataclass(slots=True)
class Gathered:
    """The pieces of all rules, by rule and place."""

    pieces: dict[tuple[str, Place], list[Piece]] = field(default_factory=dict[tuple[str, Place], list[Piece]])

    def copied(self) -> "Gathered":
        """The same pieces, to which others may be added."""
        return Gathered({key: list(pieces) for key, pieces in self.pieces.items()})

    def add(self, rule: DetectionRule, rows: Rows, places: "Places") -> None:
        """The rows of one row group that a rule matched."""
        runs = [
            (place, chosen)
            for place, members in places_of(rule, rows, places)
            for chosen in _runs(members, rows.times[members])
        ]
        # All of them are asked at once: what is asked of a few rows costs as much as of many.
        resources = _asked_at_once([each[:_LOOKED_AT] for _, each in runs], partial(resources_of_each, rule, rows))
        ids = _asked_at_once([each[:MAX_EVENT_IDS] for _, each in runs], partial(_ids_of_each, rows))
        for (place, chosen), its_resources, its_ids in zip(runs, resources, ids, strict=True):
            piece = _piece(rule, rows, chosen, (its_resources, its_ids))
            self.pieces.setdefault((rule.name, place), []).append(piece)

    def add_piece(self, rule: str, place: Place, piece: Piece) -> None:
        """One that was made elsewhere."""
        self.pieces.setdefault((rule, place), []).append(piece)

    def detections(self, heads: Mapping[str, Head]) -> Iterator[Detection]:
        """One for each run of pieces without a gap, in no order."""
        for (name, place), pieces in self.pieces.items():
            for run in _joined(pieces):
                yield detection_of(heads[name], place, run)


def places_of(rule: DetectionRule, rows: Rows, places: "Places") -> "Iterator[tuple[Place, Places]]":
    """The rows by account, Region, principal and subject."""
    import numpy as np  # noqa: PLC0415

    roles = [rows.role_codes(name) for name in ("account", "region", "principal")]
    codes = [each.codes.take(places).astype(np.int64) for each in roles]
    subjects: dict[str, int] = {}
    if rule.subject:
        told = [subject_of(rule, values_in(rows, int(row))) for row in places]
        codes.append(np.fromiter((subjects.setdefault(each, len(subjects)) for each in told), np.int64, len(told)))
    named = [[*each.values, ""] for each in roles] + [list(subjects)]
    keys = codes[0]
    for each, values in zip(codes[1:], named[1:], strict=False):
        keys = keys * (len(values) + 1) + each
    # Rows of several parts are in the order of time within each part only.
    order = np.lexsort((rows.times.take(places), keys))
    borders = np.flatnonzero(np.diff(keys[order])) + 1
    for members in np.split(order, borders):
        first = members[0]
        said = [str(values[each[first]] or "") for each, values in zip(codes, named, strict=False)]
        yield (said[0], said[1], said[2], said[3] if rule.subject else ""), places[members]


def values_in(rows: Rows, row: int) -> Values:
    """The values of one row's fields by their names."""
    return lambda name: rows.named(name, row)


def subject_of(rule: DetectionRule, values: Values) -> str:
    """What splits the detections of one principal."""
    return " ".join(str(value) for name in rule.subject for value in values(name))[:300]


def _runs(members: "Places", at: Any) -> "Iterator[Places]":
    import numpy as np  # noqa: PLC0415

    yield from np.split(members, np.flatnonzero(np.diff(at) > GAP) + 1)


def _asked_at_once(runs: "Sequence[Places]", ask: "Callable[[Places], list[_Told]]") -> "Iterator[list[_Told]]":
    """What is told of the rows of each run."""
    import numpy as np  # noqa: PLC0415

    told = iter(ask(np.concatenate(runs)) if runs else [])
    for run in runs:
        yield list(islice(told, len(run)))


def _piece(rule: DetectionRule, rows: Rows, places: "Places", told: tuple[list[list[str]], list[str]]) -> Piece:
    """Of rows without a gap; `told` are the resources of the first of them, and the identities."""
    times = rows.times
    resources, ids = told
    first = int(places[0])
    origins = rows.role_codes("origin")
    seen = dict.fromkeys(origins.codes.take(places).tolist())
    return Piece(
        first=int(times[first]),
        last=int(times[places[-1]]),
        count=len(places),
        event_ids=[each for each in ids if each],
        origins=[str(origins.values[code]) for code in seen if code >= 0][:MAX_ORIGINS],
        resources=list(dict.fromkeys(chain.from_iterable(resources)))[:MAX_RESOURCES],
        evidence=evidence_of(rule.quoted, values_in(rows, first)),
        partition=str(rows.value("partition", first) or "aws"),
        source=rows.form.table.name,
    )


def _ids_of_each(rows: Rows, places: "Places") -> list[str]:
    """The identity of each of these events, "" of those without."""
    if not rows.form.event_id:
        return [""] * len(places)
    return ["" if value is None else str(value) for value in rows.taken(rows.form.event_id, places).to_pylist()]


def resources_of(rule: DetectionRule, form: LogForm, values: Values) -> list[str]:
    """What was acted upon: as the rule says, else as the log says."""
    return _resources(rule, form, lambda name, _: [values(name)])[0]


def resources_of_each(rule: DetectionRule, rows: Rows, places: "Places") -> list[list[str]]:
    """`resources_of` these rows."""
    return _resources(
        rule, rows.form, lambda name, some: rows.all_named(name, places if some is None else places.take(some))
    )


def _resources(
    rule: DetectionRule, form: LogForm, told: Callable[[str, list[int] | None], list[tuple[object, ...]]]
) -> list[list[str]]:
    """Of some events; `told` gives the values of a field in those of these numbers, None for all."""
    if named := rule.resources or form.resources:
        found = [tuple(chain.from_iterable(each)) for each in zip(*(told(name, None) for name in named), strict=True)]
    else:
        found = list(told("resources.ARN", None))
        if bare := [at for at, values in enumerate(found) if not values]:
            for at, target in zip(bare, told("fact.target", bare), strict=True):
                found[at] = target
    return [[str(value)[:_LONGEST_NAME] for value in values] for values in found]


def evidence_of(names: Iterable[str], values: Values) -> dict[str, object]:
    """The values that a message quotes, and how the event ended."""
    found = {name: _one(values(name)) for name in dict.fromkeys(names)}
    error = _one(values("errorCode"))
    return found if error is None else {**found, "errorCode": error}


def _one(values: tuple[object, ...]) -> object:
    return values[0] if len(values) == 1 else values[:_QUOTED_VALUES] or None


def _joined(pieces: list[Piece]) -> Iterator[list[Piece]]:
    run: list[Piece] = []
    end = 0
    for piece in sorted(pieces, key=lambda piece: (piece.first, piece.last)):
        if run and piece.first - end > GAP:
            yield run
            run = []
        run.append(piece)
        end = max(end, piece.last) if len(run) > 1 else piece.last
    if run:
        yield run


def bounded(value: object) -> object:
    """A value of evidence, texts cut: a stranger may have written it."""
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
    if isinstance(value, tuple):
        return tuple(map(bounded, value))
    return value


def detection_of(head: Head, place: Place, pieces: list[Piece]) -> Detection:
    """One detection of these pieces, the earliest first."""
    account, region, principal, subject = place
    first = pieces[0]
    evidence = {name: bounded(value) for name, value in first.evidence.items()}
    count = sum(piece.count for piece in pieces)
    origins = list(dict.fromkeys(origin for piece in pieces for origin in piece.origins))
    return Detection(
        rule=head.name,
        title=head.title,
        severity=head.severity,
        confidence=head.confidence,
        tactics=head.tactics,
        techniques=head.techniques,
        first_at=moment_of(first.first),
        last_at=moment_of(max(piece.last for piece in pieces)),
        count=count,
        principal=principal[:_LONGEST],
        origins=tuple(origins[:MAX_ORIGINS]),
        partition=first.partition,
        account=account,
        region=region,
        resources=tuple(dict.fromkeys(name for piece in pieces for name in piece.resources))[:MAX_RESOURCES],
        event_ids=tuple(dict.fromkeys(each for piece in pieces for each in piece.event_ids))[:MAX_EVENT_IDS],
        message=_message(
            head,
            evidence,
            {
                "principal": principal[:_LONGEST] or None,
                "origin": origins[0] if origins else None,
                "account": account,
                "region": region,
                "count": count,
            },
        ),
        evidence=evidence,
        source=first.source,
        subject=subject,
    )


def _message(head: Head, evidence: Mapping[str, object], roles: Mapping[str, object]) -> Text:
    return Text(en=_said(head, evidence, roles, "en"), ja=_said(head, evidence, roles, "ja"))


def _said(head: Head, evidence: Mapping[str, object], roles: Mapping[str, object], language: Language) -> str:
    error = evidence.get("errorCode")
    outcome = say("detect.outcome", language, error=error) if error else ""
    # What stands in for {outcome} was chosen by a stranger in part: it must not become a placeholder.
    template = head.message.in_(language).replace("{outcome}", outcome.replace("{", "{{").replace("}", "}}"))
    return fill(template, {**evidence, **roles}, lambda value: show_value(value, language), dotted=True)
