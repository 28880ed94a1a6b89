"""Assess: what is wrong with these accounts."""

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sakimori.analysis.catalogue import catalogue
from sakimori.app.collecting import CollectRequest, collect_snapshot
from sakimori.app.rules import OpenRules, open_rules, summary_of
from sakimori.app.verdicts import JudgedVerdicts
from sakimori.aws.door import Door
from sakimori.collect.engine import Progress
from sakimori.findings.attestations import attestations
from sakimori.findings.life import record
from sakimori.findings.mutes import MuteEntry, Mutes
from sakimori.findings.reading import dates_of
from sakimori.findings.requirements import Said, Vouched, answer
from sakimori.findings.scope import JudgedRule, RunScope
from sakimori.findings.score import Tally
from sakimori.findings.summary import NextStep, next_step, summarise
from sakimori.findings.suppression.suppressions import Suppressions, active_suppressions
from sakimori.lake.engines.duck import Engine
from sakimori.lake.facts import Facts
from sakimori.lake.snapshot import Lake
from sakimori.lake.table import Table
from sakimori.model.assessment import AccountCoverage, Assessment, Changes
from sakimori.model.errors import UsageError
from sakimori.model.framework import Attested, FrameworkResult
from sakimori.model.verdict import Verdict
from sakimori.model.words import GLOBAL, Severity, Status
from sakimori.rules.framework import Framework, RuleUse
from sakimori.rules.judge import Asked, Judge, RuleResult
from sakimori.rules.missing import REGION_TABLE, unit_regions
from sakimori.rules.rule import PROFILES, Fault, Rule
from sakimori.rules.rulebook import Rulebook
from sakimori.state.store import open_store

_TAGS = "aws_resource_tag"
_NEWEST = frozenset({"", "latest"})
"""What names no snapshot of its own: what is read now, or was read last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessRequest:
    """What to judge, by which thresholds, and where to keep it.

    With `frameworks` (ids) their rules are judged, by the thresholds that they pin; `with_all_rules`
    judges the other rules too, by the profile `thresholds`.

    `snapshot` names one that exists (an id, `latest`, a day); without it the accounts are
    read. `state` is the URL of a team's store, "" for the one in the home.
    """

    home: Path
    rules: tuple[str, ...] = ()
    exclude_rules: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()
    rules_dir: Path | None = None
    thresholds: str = PROFILES[0]
    frameworks: tuple[str, ...] = ()
    with_all_rules: bool = False
    snapshot: str = ""
    max_age: timedelta | None = None
    mutes: tuple[MuteEntry, ...] = ()
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessResult:
    """The assessment, the faults of rule files (left out, or unknown for them), and mutes that hold no more."""

    assessment: Assessment
    faults: tuple[Fault, ...]
    expired_mutes: tuple[MuteEntry, ...]


def assess(
    request: AssessRequest,
    doors: Sequence[Door],
    *,
    clock: Callable[[], datetime],
    progress: Progress | None = None,
) -> AssessResult:
    """Read the accounts (or take a snapshot), judge, record, and say what changed."""
    if request.thresholds not in PROFILES:
        raise UsageError("app.no_such_thresholds", name=request.thresholds, known=PROFILES)
    opened = open_rules(request.rules_dir)
    frameworks = tuple(opened.frameworks.find(name) for name in request.frameworks)
    questions = _chosen(request, opened.book, frameworks)
    tables = _tables((question.rule for question in questions), request.mutes)
    snapshot = _snapshot(request, doors, tables, clock=clock, progress=progress)
    facts = _open(request.home, snapshot)
    run = f"{snapshot}/{clock().astimezone(UTC):%Y%m%dT%H%M%S%fZ}"
    verdicts = _judge(request, facts, (questions, opened), tables, today=clock().date())
    opened.kept.save()
    changes, verdicts = _record(request, facts, run, verdicts)
    assessment = _assessment(request, facts, run, (verdicts, changes), opened)
    if frameworks:
        assessment = replace(assessment, frameworks=_answers(request, facts, verdicts, opened, clock().date()))
    faults = (*opened.book.faults, *opened.frameworks.faults, *_own_faults(verdicts.results))
    return AssessResult(assessment=assessment, faults=faults, expired_mutes=verdicts.mutes.expired)


def _chosen(request: AssessRequest, book: Rulebook, frameworks: Sequence[Framework]) -> tuple[Asked, ...]:
    """What to judge: the chosen rules by the profile, or as frameworks pin them; UsageError if nothing is left."""
    rules = {rule.id: rule for rule in book.choose(request.rules, request.exclude_rules, request.severities)}
    uses = [use for framework in frameworks for use in framework.uses() if use.rule in rules]
    if not frameworks or request.with_all_rules:
        uses += [RuleUse(rule=rule.id, parameters=rule.parameters_of(request.thresholds)) for rule in rules.values()]
    if not uses:
        raise UsageError("app.no_rules_left")
    if not request.snapshot and (asked := next((use.rule for use in uses if rules[use.rule].is_on_request), "")):
        raise UsageError("app.rule_on_request", rule=asked)
    once = {use.key: use for use in uses}
    return tuple(Asked(rules[use.rule], book.queries[use.rule], use.parameters) for use in once.values())


def _answers(
    request: AssessRequest, facts: Facts, verdicts: JudgedVerdicts, opened: OpenRules, today: date
) -> tuple[FrameworkResult, ...]:
    # Who asks for a snapshot of its own asks how it was then; the newest one is answered by who vouches now.
    day = None if request.snapshot in _NEWEST else facts.as_of.date()
    with open_store(request.state or request.home / "state.db") as store:
        signed = attestations(store, day)
    by_question: dict[str, dict[str, Attested]] = {}
    for (question, account), attested in signed.items():
        by_question.setdefault(question, {})[account] = attested
    said = Said(verdicts.results, verdicts.undone())
    vouched = Vouched(
        questions=opened.frameworks.questions,
        attested=lambda question: by_question.get(question, {}),
        accounts=tuple(account.id for account in facts.accounts),
        today=day or today,
    )
    return tuple(answer(opened.frameworks.find(name), said, vouched) for name in request.frameworks)


def _own_faults(results: Iterable[RuleResult]) -> Iterable[Fault]:
    """Rules of the user's that failed when they were judged; one of ours shows itself as unknown, and is no fault of theirs."""
    for result in results:
        rule, error = result.rule, result.error
        if error is not None and not rule.is_own:
            yield Fault(file=str(rule.path), line=rule.query_line + 1, text=error.text, values=error.values)


def _tables(rules: Iterable[Rule], mutes: Iterable[MuteEntry]) -> tuple[str, ...]:
    needed = {name for rule in rules for name in rule.tables}
    if any(entry.tag_key for entry in mutes):
        needed.add(_TAGS)
    return tuple(sorted(needed))


def _snapshot(
    request: AssessRequest,
    doors: Sequence[Door],
    tables: tuple[str, ...],
    *,
    clock: Callable[[], datetime],
    progress: Progress | None,
) -> str:
    if not request.snapshot:
        wanted = CollectRequest(home=request.home, tables=tables, max_age=request.max_age)
        return collect_snapshot(wanted, doors, clock=clock, progress=progress)
    lake = Lake(request.home)
    try:
        # `latest` is the last one that can answer: a narrow run a minute ago must not blind a whole one.
        return lake.find_holding(tables) if request.snapshot == "latest" else lake.find(request.snapshot)
    finally:
        lake.close()


def _open(home: Path, snapshot: str) -> Facts:
    lake = Lake(home)
    try:
        return lake.open(snapshot)
    finally:
        lake.close()


def _judge(
    request: AssessRequest,
    facts: Facts,
    chosen: tuple[Sequence[Asked], OpenRules],
    tables: tuple[str, ...],
    *,
    today: date,
) -> JudgedVerdicts:
    questions, opened = chosen
    judge = Judge.load(Engine(), catalogue(), facts, tables, compiled=opened.kept.compiled)
    results = judge.judge_all(questions)
    renamed = {former: rule.id for rule in opened.book.rules.values() for former in rule.aliases}
    # Who asks for a snapshot of its own asks what was quiet then; the newest one is quiet as it was decided by now.
    day = today if request.snapshot in _NEWEST else facts.as_of.date()
    mutes = Mutes(request.mutes, facts.as_of.date(), _suppressions(request, day, renamed), renamed)
    return JudgedVerdicts(judge, results, mutes, _tag_lookup(judge, tables))


def _suppressions(request: AssessRequest, day: date, renamed: Mapping[str, str]) -> Suppressions:
    """Those of the store that hold on that day; one that names a rule's former id goes on."""
    with open_store(request.state or request.home / "state.db") as store:
        return active_suppressions(store, day, renamed)


def _tag_lookup(judge: Judge, tables: tuple[str, ...]) -> Callable[[Verdict], Mapping[str, str]]:
    if _TAGS not in tables:
        return lambda _verdict: {}
    tags: dict[str, dict[str, str]] = {}
    for arn, key, value in judge.engine.rows(f"select resource_arn, key, value from {_TAGS}"):
        tags.setdefault(arn, {})[key] = value
    return lambda verdict: tags.get(verdict.resource, {})


def _record(request: AssessRequest, facts: Facts, run: str, verdicts: JudgedVerdicts) -> tuple[Changes, JudgedVerdicts]:
    scope = RunScope(
        run=run,
        at=facts.as_of,
        accounts=facts.accounts,
        rules=tuple(
            JudgedRule(
                id=result.rule.id,
                parameters=result.parameters,
                subject=_subject(result),
                aliases=result.rule.aliases,
            )
            for result in verdicts.results
        ),
        units=tuple(facts.units.values()),
    )
    with open_store(request.state or request.home / "state.db") as store:
        changes = record(store, scope, verdicts.undone(), verdicts.passes_at)
        return changes, verdicts.with_dates(dates_of(store, verdicts.undone()))


def _subject(result: RuleResult) -> Table:
    return catalogue()[result.rule.judges]


def _assessment(
    request: AssessRequest, facts: Facts, run: str, judged: tuple[JudgedVerdicts, Changes], opened: OpenRules
) -> Assessment:
    verdicts, changes = judged
    tally = Tally()
    for verdict in verdicts.undone():
        tally.add(verdict)
    for result in verdicts.results:
        tally.add_passes(result.rule.id, result.rule.severity, result.count(Status.PASS))
    asking = opened.frameworks.asking_for()
    known = {result.rule.id: result.rule for result in verdicts.results}
    rules = summarise((summary_of(rule, asking.get(rule.id, ())) for rule in known.values()), tally)
    step = next_step(rules, verdicts.undone())
    own = {result.rule.id for result in verdicts.results if not result.rule.is_own}
    read = {name for result in verdicts.results for name in result.rule.tables}
    gaps = sorted(
        {
            gap
            for (table, _, region), unit in facts.units.items()
            # What was refused while an account was opened concerns every rule.
            if table in read or (table == REGION_TABLE and region == GLOBAL)
            for gap in unit.gaps
        },
        key=lambda gap: (gap.account, gap.region, gap.call, gap.table, gap.parent),
    )
    return Assessment(
        run=run,
        snapshot=facts.snapshot,
        as_of=facts.as_of,
        thresholds=request.thresholds,
        accounts=tuple(_coverage(facts, read)),
        rules=rules,
        verdicts=verdicts,
        gaps=tuple(gaps),
        score=tally.score(),
        changes=changes,
        next_step=step.text if step else None,
        next_command=_next_command(step, own, request.rules_dir),
    )


def _next_command(step: NextStep | None, own: Iterable[str], rules_dir: Path | None) -> str:
    """The command of the next step; one on a user's rule says where that rule is."""
    if step is None:
        return ""
    is_theirs = any(step.command.endswith(f" {identifier}") for identifier in own)
    return f"{step.command} --rules-dir {shlex.quote(str(rules_dir))}" if is_theirs else step.command


def _coverage(facts: Facts, tables: Iterable[str]) -> Iterable[AccountCoverage]:
    """Units of the tables that the rules read: how many were read whole, of how many in all enabled Regions."""
    known = [catalogue()[name] for name in sorted(tables)]
    for account in facts.accounts:
        wanted = [(table.name, account.id, region) for table in known for region in unit_regions(table, account)]
        read = sum(1 for key in wanted if (unit := facts.units.get(key)) is not None and not unit.gaps)
        yield AccountCoverage(account=account, units_read=read, units_wanted=len(wanted))
