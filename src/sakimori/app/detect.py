"""Detecting: rules over the lake, or straight over files, with what was looked through."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, Protocol, TypeVar

from sakimori.analysis.behaviour.habits import Habits
from sakimori.analysis.behaviour.roots import own_name
from sakimori.analysis.facts.answers import FactAnswers
from sakimori.analysis.facts.fact import Surroundings
from sakimori.analysis.log_forms.catalogue import log_forms
from sakimori.analysis.log_forms.cloudtrail import FORM as CLOUDTRAIL
from sakimori.analysis.log_forms.form import LogForm
from sakimori.app.ingesting import Ingested, Ingesting, Wanted, Watcher, ingest_sources
from sakimori.app.known_tables import kinds_of
from sakimori.app.passing_home import passing_home
from sakimori.app.searched import Searched
from sakimori.ingest.catalogue import AUTO
from sakimori.ingest.engine import Tally
from sakimori.lake.coverage import coverage_of
from sakimori.lake.engines.log_columns import brief_memory, joined_groups
from sakimori.lake.instants import micros_since_epoch
from sakimori.lake.log_parts import LogPart
from sakimori.lake.log_reader import EVERYWHERE, LogReader, Where
from sakimori.model.detection import Detection
from sakimori.model.errors import UsageError
from sakimori.model.extras import DETECT, ensure_libraries
from sakimori.model.verdict import Text
from sakimori.rules.detections.engine import DetectionRun, NothingKnown, heads_of
from sakimori.rules.detections.load import LoadedDetections, load_detections
from sakimori.rules.detections.novelty import KnownHabits
from sakimori.rules.detections.risk import accumulated
from sakimori.rules.detections.rule import Correlation, DetectionRule, Detections
from sakimori.rules.rule import Fault
from sakimori.texts.language import first_few
from sakimori.texts.nearest import nearest

_LOOKED_BACK: Final = timedelta(days=100)
"""How long before the asked time habits are learnt."""
_NAMED: Final = 3
"""Files that a sentence names."""


_Rule = TypeVar("_Rule", DetectionRule, Correlation)


class Told(Protocol):
    """What a person sees of long work."""

    def total(self, amount: int) -> None:
        """Rows to look at."""
        ...

    def done(self, amount: int) -> None:
        """Rows that were looked at, more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectRequest:
    """What to look for, and where. Without `sources`: in every log that some rule is about; without `rules`: all."""

    home: Path
    where: Where = EVERYWHERE
    sources: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    rules_dir: Path | None = None
    surroundings: Surroundings = field(default_factory=Surroundings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """What was found, in the order of time, and what was looked through. `counts` are the events that each rule matched."""

    detections: tuple[Detection, ...]
    counts: dict[str, int]
    rule_count: int
    event_count: int
    searched: Searched
    innocent: Mapping[str, tuple[Text, ...]] = field(default_factory=dict[str, tuple[Text, ...]])
    """By rule: what else may be behind it."""
    renamed: Mapping[str, str] = field(default_factory=dict[str, str])
    """Former names of the rules, and their present ones."""
    faults: tuple[Fault, ...] = ()
    ingested: Ingested | None = None


def chosen_rules(loaded: LoadedDetections, patterns: Sequence[str], sources: Sequence[str]) -> Detections:
    """The rules of these names (`*` stands for anything) and logs, with those that they build on; UsageError for none."""
    detections = loaded.detections
    forms = {form.table.name for source in sources for form in forms_named(source)}
    names = {*detections.rules, *detections.correlations}
    called = {**{name: name for name in names}, **detections.renamed}
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in called):
            raise UsageError("detect.no_such_rule", name=pattern, near=nearest(pattern, names))
    chosen = {now for name, now in called.items() if not patterns or any(fnmatchcase(name, each) for each in patterns)}
    rules = {
        name: replace(rule, conditions=kept)
        for name, rule in detections.rules.items()
        if (kept := tuple(pair for pair in rule.conditions if not forms or pair[0].table.name in forms))
    }
    asked = [
        name for name, each in detections.correlations.items() if name in chosen and _stands_on(each.rules, rules, detections)
    ]  # fmt: skip
    correlations = _with_inner(asked, detections)
    needed = {name for each in correlations.values() for name in each.rules}
    return Detections(
        rules={name: _heard(rule, name in chosen) for name, rule in rules.items() if name in chosen or name in needed},
        correlations={name: _heard(each, name in chosen) for name, each in correlations.items()},
    )


def _heard(rule: _Rule, is_asked: bool) -> _Rule:  # noqa: FBT001 - a plain predicate of one use
    """The rule as it is, or silent where only others build on it."""
    return rule if is_asked else replace(rule, head=replace(rule.head, is_alone=False))


def _stands_on(names: Sequence[str], rules: Mapping[str, object], detections: Detections) -> bool:
    return all(
        name in rules or (name in detections.correlations and _stands_on(detections.correlations[name].rules, rules, detections))
        for name in names
    )  # fmt: skip


def _with_inner(chosen: Sequence[str], detections: Detections) -> dict[str, Correlation]:
    """Correlations that these are about come with them, in the order in which they were linked."""
    wanted = set(chosen)
    left = list(chosen)
    while left:
        inner = [name for name in detections.correlations[left.pop()].rules if name in detections.correlations]
        left += [name for name in inner if name not in wanted]
        wanted.update(inner)
    return {name: each for name, each in detections.correlations.items() if name in wanted}


def forms_named(source: str) -> tuple[LogForm, ...]:
    """The logs that a person calls so: by the kind of `ingest`, the table, or the service of a rule."""
    folded = source.lower().replace("-", "_")
    found = tuple(
        form
        for form in log_forms()
        if folded in {form.table.name, *(each.replace("-", "_") for each in (*form.services, *kinds_of(form.table.name)))}
    )  # fmt: skip
    if not found:
        known = sorted({kind for form in log_forms() for kind in kinds_of(form.table.name)})
        raise UsageError("detect.no_such_source", name=source, near=nearest(source, known), known=known)
    return found


def detect(
    request: DetectRequest, *, clock: Callable[[], datetime], learning: Told | None = None, scanning: Told | None = None
) -> Detected:
    """Judge the lake. UsageError where it holds no log that a rule is about."""
    ensure_libraries(*DETECT)
    loaded = load_detections(request.rules_dir)
    detections = chosen_rules(loaded, request.rules, request.sources)
    found = judge(request, detections, clock=clock, learning=learning, scanning=scanning)
    if found is None:
        raise UsageError("detect.nothing_to_scan")
    return replace(found, faults=loaded.faults)


def judge(
    request: DetectRequest,
    detections: Detections,
    *,
    clock: Callable[[], datetime],
    learning: Told | None = None,
    scanning: Told | None = None,
) -> Detected | None:
    """Judge the lake by rules that are chosen already; None where it holds nothing that one of them is about."""
    with closing(LogReader(request.home)) as reader:
        scan = _Scan(request, detections, reader)
        return scan.over(clock(), learning, scanning) if scan.holds_anything else None


def detect_files(
    request: DetectRequest,
    inputs: Sequence[Path],
    *,
    clock: Callable[[], datetime],
    watcher: Watcher | None = None,
    scanning: Told | None = None,
) -> Detected:
    """Judge files: they are taken into a lake that is thrown away afterwards, so that each event counts once."""
    ensure_libraries(*DETECT)
    for path in inputs:
        if not path.exists():
            raise UsageError("cli.no_such_file", path=path)
    with passing_home() as home:
        wanted = tuple(Wanted(kind=AUTO, source=str(path)) for path in inputs)
        ingested = ingest_sources(
            Ingesting(home=home, wanted=wanted, is_passing=True), (), clock=clock, watcher=watcher
        )
        try:
            found = detect(replace(request, home=home), clock=clock, scanning=scanning)
        except UsageError as error:
            if error.text != "detect.nothing_to_scan":
                raise
            raise _nothing_in(inputs, ingested.tally) from error
        return replace(found, ingested=ingested)


def _nothing_in(inputs: Sequence[Path], tally: Tally) -> UsageError:
    """That no log was found, or that it cannot be known whether there is one."""
    paths = list(map(str, inputs))
    if unread := [*tally.unreadable, *tally.foreign_packed]:
        names = first_few(unread, _NAMED)
        return UsageError("detect.unread_input", paths=paths, count=len(unread), names=names)
    return UsageError("detect.nothing_in_input", paths=paths)


class _Scan:
    """One run over the lake."""

    def __init__(self, request: DetectRequest, detections: Detections, reader: LogReader) -> None:
        self._request = request
        self._detections = detections
        self._reader = reader
        forms = {form.table.name: form for rule in detections.rules.values() for form, _ in rule.conditions}
        self._parts = [(form, part) for form in forms.values() for part in reader.parts(form.table.name, request.where)]
        self.row_count = sum(part.row_count for _, part in self._parts)
        held = {form.table.name for form, _ in self._parts}
        self._tables = [name for name in forms if name in held or reader.parts(name)]

    @property
    def holds_anything(self) -> bool:
        """Whether the lake has any log that a rule is about, of whatever time."""
        return bool(self._tables)

    def over(self, now: datetime, learning: Told | None, scanning: Told | None) -> Detected:
        surroundings = self._surroundings()
        with brief_memory():
            habits = self._habits(surroundings, learning)
            try:
                run = run_of(self._detections, surroundings, habits)
                event_count = self._scanned(run, scanning)
                found = run.finish()
            finally:
                if habits is not None:
                    habits.close()
        risks = tuple(accumulated(found)) if not self._request.rules else ()
        return Detected(
            detections=tuple(sorted((*found, *risks), key=lambda each: (each.first_at, each.rule, each.id))),
            counts=dict(run.counts),
            rule_count=len(self._detections.rules) + len(self._detections.correlations),
            event_count=event_count,
            searched=self._searched(now),
            innocent={name: head.falsepositives for name, head in heads_of(self._detections).items()},
            renamed=self._detections.renamed,
        )

    def _scanned(self, run: DetectionRun, told: Told | None) -> int:
        if told:
            told.total(self.row_count)
        return scanned(run, self._reader, self._parts, self._request.where, told)

    def _surroundings(self) -> Surroundings:
        """What was told of us, and the accounts whose trails we hold."""
        given = self._request.surroundings
        held = {part.partition.account for form, part in self._parts if form is CLOUDTRAIL}
        return replace(given, own_accounts=given.own_accounts | held)

    def _habits(self, surroundings: Surroundings, told: Told | None) -> Habits | None:
        """The habits up to the end of what is asked; None where no log of CloudTrail is looked at."""
        if not any(form is CLOUDTRAIL for form, _ in self._parts):
            return None
        return habits_of(self._reader, self._detections, self._request.where, surroundings, told)

    def _searched(self, now: datetime) -> Searched:
        where = self._request.where
        return Searched(logs=tuple(coverage_of(self._reader, table, where, now, kinds_of(table)) for table in sorted(self._tables)))  # fmt: skip


def scanned(
    run: DetectionRun,
    reader: LogReader,
    there: Iterable[tuple[LogForm, LogPart]],
    where: Where,
    told: Told | None = None,
) -> int:
    """Bring the rows of these times through the rules of a run; gives how many they were."""
    since = micros_since_epoch(where.since) if where.since else None
    until = micros_since_epoch(where.until) if where.until else None
    count = 0
    for plan, parts in run.plans_over(there):
        paths = [reader.root / part.path for part in parts]
        ended = 0
        for group, done in joined_groups(paths, plan.form.table, plan.columns):
            count += run.scan(plan.form, group, since, until)
            if told:
                told.done(sum(part.row_count for part in parts[ended:done]))
            ended = done
    return count


def habits_of(
    reader: LogReader, detections: Detections, where: Where, surroundings: Surroundings, told: Told | None = None
) -> Habits:
    """The habits that these rules ask for, up to the end of these times."""
    begin = where.since - _LOOKED_BACK if where.since else None
    parts = reader.parts(CLOUDTRAIL.table.name, Where(since=begin, until=where.until))
    habits = Habits(reader.root / "habits.db", surroundings)
    if told:
        told.total(sum(part.row_count for part in parts))

    def count(part: LogPart) -> None:
        if told:
            told.done(part.row_count)

    asked = {(each.dimension, each.of) for rule in detections.rules.values() if (each := rule.first_seen)}
    habits.learn(reader.root, parts, sorted(asked), count)
    return habits


def run_of(detections: Detections, surroundings: Surroundings, habits: Habits | None) -> DetectionRun:
    """A run with all that rules may ask for."""
    return DetectionRun(
        detections,
        FactAnswers(surroundings),
        roots=habits.roots() if habits else own_name,
        novelty=KnownHabits(habits, surroundings) if habits else NothingKnown(),
    )
