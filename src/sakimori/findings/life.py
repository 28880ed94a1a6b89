"""The life of a finding: open, resolved, open again; never resolved because nobody looked.

A finding resolves only when its resource passes, or when the run read the rule's subject
completely at that place and holds no verdict on the resource any more. *Unknown* resolves
nothing, and a partial run resolves nothing outside what it covered.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from sqlalchemy import Connection, Update, insert, literal, select, update

from sakimori.findings.cases import CaseBook
from sakimori.findings.renames import carry_over
from sakimori.findings.rows import CONTENT, row_of, storable, verdict_of
from sakimori.findings.runs import Later, later_runs, previous_run_at, remember_run, run_number
from sakimori.findings.scope import Ground, RunScope, Sight, canonical
from sakimori.findings.tables import CHANGE, FINDING, OPEN, RESOLVED
from sakimori.findings.triage import begin_again
from sakimori.findings.witnesses import join_controls, release
from sakimori.model.assessment import Changes
from sakimori.model.detection import Detection
from sakimori.model.verdict import Verdict
from sakimori.model.words import GapKind, Status
from sakimori.state.batches import batches
from sakimori.state.store import Store, insert_into

Place = tuple[str, str, str, str]
"""Rule, account, Region and resource (a NUL in it written as U+FFFD)."""
PassesAt = Callable[[Sequence[Place]], Iterable[Verdict]]
"""The verdicts of a run that pass at these places."""
_UNFINISHED: Final = frozenset({GapKind.RULE_ERROR, GapKind.INTERRUPTED})
"""Why a rule that has such an unknown may have left out resources that are there."""


class ChangeKind(StrEnum):
    """What a run may change in a finding's life."""

    OPENED = "opened"
    REOPENED = "reopened"
    PASSED = "passed"
    GONE = "gone"


class _OpenFinding(NamedTuple):
    """A tuple and no dataclass: a hundred thousand of them stand in the way of every run."""

    id: str
    rule: str
    parameters: str
    account: str
    region: str
    resource: str


@dataclass(slots=True)
class _Seen:
    """Ids by what the run said of them; those that pass or are unknown only where a finding was open."""

    failing: set[str] = field(default_factory=set[str])
    passing: set[str] = field(default_factory=set[str])
    unknown: set[str] = field(default_factory=set[str])
    unfinished_rules: set[str] = field(default_factory=set[str])


def record(store: Store, scope: RunScope, verdicts: Iterable[Verdict], passes_at: PassesAt | None = None) -> Changes:
    """Carry all verdicts of a run into the store; what that changed.

    One transaction: a kill leaves nothing or everything. A run that was recorded already
    changes nothing and gives the same answer. `verdicts` are read once, while the store is
    locked for other writers. A run whose reading is older than another's that is already
    recorded is heard only where the other did not look. `new` holds reopened findings too,
    `fixed` the findings as they were last seen. ValueError for a verdict of a rule that
    `scope` does not name.

    Where `passes_at` is given, `verdicts` need not hold the passes: a million of them need
    not be read to learn whether a few open findings are among them.
    """
    ground = Ground.of(scope)
    with store.begin() as connection:
        carry_over(connection, scope.renamed, scope.at)
        number = run_number(connection, scope.run)
        is_known = number is not None
        if number is None:
            number = remember_run(connection, scope, ground)
        seen = _Seen()
        later = later_runs(connection, scope.at, number)
        open_before = () if is_known else _open_findings(connection, scope, later)
        for batch in batches(_failures(verdicts, scope, later, open_before, seen)):
            if not is_known:
                _see(connection, number, scope.at, batch)
        if passes_at is not None:
            seen.passing.update(verdict.id for verdict in passes_at(_undecided(open_before, seen)))
        if not is_known:
            released = _resolve(connection, number, scope.at, _resolved(open_before, seen, Sight(scope, ground)))
            joined = join_controls(connection)
            cases = CaseBook(connection, scope.at)
            cases.take_in_run(number)
            cases.take_in({each.id: each for each in (*released, *joined)}.values())
            cases.write()
        return _changes(connection, number, seen, previous_run_at(connection, scope, ground, number))


def _open_findings(connection: Connection, scope: RunScope, later: Later) -> tuple[_OpenFinding, ...]:
    """The open findings that this run may resolve: of its rules and parameters, and its to speak for."""
    columns = (FINDING.c[name] for name in ("id", "rule", "parameters", "account", "region", "resource"))
    rules = sorted({rule.id for rule in scope.rules})
    query = select(*columns).where(FINDING.c.state == OPEN, FINDING.c.rule.in_(rules))
    findings = tuple(_OpenFinding._make(row) for row in connection.execute(query))
    if not later.grounds:
        return findings
    return tuple(
        each
        for each in findings
        if not later.speak_for(rule=each.rule, parameters=each.parameters, account=each.account, region=each.region)
    )


def _failures(
    verdicts: Iterable[Verdict], scope: RunScope, later: Later, open_before: Iterable[_OpenFinding], seen: _Seen
) -> Iterator[tuple[str, Verdict]]:
    """The failing verdicts with their ids, each id once; fills `seen` with what all verdicts said.

    A million passes must cost little: their id is computed only where, by its cheap parts,
    an open finding may be meant.
    """
    rules = {rule.id for rule in scope.rules}
    hints = {(each.rule, each.account, each.region, each.resource) for each in open_before}
    for verdict in verdicts:
        if verdict.rule not in rules:
            raise ValueError(verdict.rule)
        if later.grounds and _is_superseded(verdict, later):
            continue
        if verdict.status is Status.FAIL:
            identifier = verdict.id
            if identifier not in seen.failing:
                seen.failing.add(identifier)
                yield identifier, verdict
            continue
        if verdict.status is Status.UNKNOWN and verdict.reason in _UNFINISHED:
            seen.unfinished_rules.add(verdict.rule)
        if (verdict.rule, verdict.account, verdict.region, storable(verdict.resource)) in hints:
            (seen.passing if verdict.status is Status.PASS else seen.unknown).add(verdict.id)


def _undecided(open_before: Iterable[_OpenFinding], seen: _Seen) -> tuple[Place, ...]:
    """Where findings are open of which the run has said nothing so far."""
    decided = seen.failing | seen.passing | seen.unknown
    return tuple(
        (each.rule, each.account, each.region, each.resource) for each in open_before if each.id not in decided
    )


def _is_superseded(verdict: Verdict, later: Later) -> bool:
    return later.speak_for(
        rule=verdict.rule,
        parameters=canonical(verdict.parameters),
        account=verdict.account,
        region=verdict.region,
    )


def _see(connection: Connection, number: int, at: datetime, batch: list[tuple[str, Verdict]]) -> None:
    """Open, reopen or confirm the findings of one batch."""
    identifiers = [identifier for identifier, _ in batch]
    query = select(FINDING.c.id, FINDING.c.state, FINDING.c.content).where(FINDING.c.id.in_(identifiers))
    known = {row.id: row for row in connection.execute(query)}
    rows = [row_of(verdict, identifier, at) for identifier, verdict in batch]
    fresh = [row for row in rows if row["id"] not in known or known[row["id"]].content != row["content"]]
    if fresh:
        statement = insert_into(connection, FINDING)
        replaced = {name: statement.excluded[name] for name in (*CONTENT, "content")}
        connection.execute(statement.on_conflict_do_update(index_elements=[FINDING.c.id], set_=replaced), fresh)
    if known:
        connection.execute(_those(list(known)).values(last_seen=at))
    reopened = [identifier for identifier, row in known.items() if row.state == RESOLVED]
    if reopened:
        connection.execute(_those(reopened).values(state=OPEN, reopened_at=at, resolved_at=None))
        begin_again(connection, reopened, at)
    opened = [identifier for identifier in identifiers if identifier not in known]
    _note(connection, number, ChangeKind.OPENED, opened)
    _note(connection, number, ChangeKind.REOPENED, reopened)


def _those(identifiers: list[str]) -> Update:
    return update(FINDING).where(FINDING.c.id.in_(identifiers))


def _resolved(open_before: Iterable[_OpenFinding], seen: _Seen, sight: Sight) -> dict[ChangeKind, list[str]]:
    """Which findings the run resolves, and why. Where a rule said two things of one resource, the worse counts."""
    passed: list[str] = []
    gone: list[str] = []
    for each in open_before:
        if each.id in seen.failing or each.id in seen.unknown:
            continue
        if each.id in seen.passing:
            passed.append(each.id)
        elif each.rule not in seen.unfinished_rules and sight.sees(
            rule=each.rule, parameters=each.parameters, account=each.account, region=each.region
        ):
            gone.append(each.id)
    return {ChangeKind.PASSED: passed, ChangeKind.GONE: gone}


def _resolve(
    connection: Connection, number: int, at: datetime, resolved: dict[ChangeKind, list[str]]
) -> list[Detection]:
    """Resolve them; what other services still say of them."""
    released: list[Detection] = []
    for kind, identifiers in resolved.items():
        for batch in batches(identifiers):
            connection.execute(_those(batch).values(state=RESOLVED, resolved_at=at))
            released += release(connection, batch)
            _note(connection, number, kind, batch)
    return released


def _note(connection: Connection, number: int, kind: ChangeKind, identifiers: list[str]) -> None:
    if not identifiers:
        return
    changed = select(literal(number), FINDING.c.id, literal(kind.value)).where(FINDING.c.id.in_(identifiers))
    connection.execute(insert(CHANGE).from_select(["run", "finding", "kind"], changed))


def _changes(connection: Connection, number: int, seen: _Seen, previous: datetime | None) -> Changes:
    """What the run of that number changed, read back: the same when it is recorded and when it is asked again."""
    begun = (ChangeKind.OPENED.value, ChangeKind.REOPENED.value)
    ended = (ChangeKind.PASSED.value, ChangeKind.GONE.value)
    of_run = select(CHANGE.c.finding).where(CHANGE.c.run == number)
    new = frozenset(connection.execute(of_run.where(CHANGE.c.kind.in_(begun))).scalars())
    fixed = (
        select(FINDING)
        .join(CHANGE, CHANGE.c.finding == FINDING.c.id)
        .where(CHANGE.c.run == number, CHANGE.c.kind.in_(ended))
        .order_by(FINDING.c.rule, FINDING.c.account, FINDING.c.region, FINDING.c.resource, FINDING.c.id)
    )
    return Changes(
        previous_run_at=previous,
        new=new,
        still_open=frozenset(seen.failing - new),
        fixed=tuple(verdict_of(row) for row in connection.execute(fixed).mappings()),
    )
