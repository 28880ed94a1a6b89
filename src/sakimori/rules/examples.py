"""The examples of a rule, run: the rule's own tests."""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Self

from sakimori.lake.engines.duck import Engine
from sakimori.lake.facts import Facts
from sakimori.lake.table import Catalogue, Table
from sakimori.lake.unit import Unit
from sakimori.model.account import Account
from sakimori.model.errors import RuleError
from sakimori.model.gap import Gap
from sakimori.model.words import GLOBAL, GapKind, Scope, Status
from sakimori.rules.checked import CheckedQuery
from sakimori.rules.judge import CompiledQueries, Judge, RuleResult
from sakimori.rules.rule import PROFILES, Example, Fault, Rule, Unread

AS_OF: Final = datetime(2026, 11, 23, tzinfo=UTC)
"""The day on which every example is judged."""

ACCOUNT: Final = "111122223333"
HOME: Final = "ap-northeast-1"

Given = Mapping[str, Sequence[Mapping[str, object]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an example gave: a status for each resource."""

    found: Mapping[str, Status]
    error: RuleError | None = None


class ExampleRunner:
    """Runs examples over one engine that holds every table of the catalogue, empty."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._engine = Engine(memory_limit="1GB", threads=1)
        self._compiled: CompiledQueries = {}
        for table in catalogue.values():
            self._engine.create(table)

    def close(self) -> None:
        """Free the engine."""
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def columns(self, rule: Rule, query: CheckedQuery) -> frozenset[str]:
        """The columns that the rule's query gives; RuleError where it does not bind."""
        with self.judge(rule, {}, ()) as judge:
            result = judge.judge(rule, query, rule.parameters_of(PROFILES[0]))
        if result.error:
            raise result.error
        return frozenset({"account_id", "region", "resource", *result.evidence})

    def run(self, rule: Rule, query: CheckedQuery, example: Example) -> Outcome:
        """The statuses that the example's rows give."""
        return self.run_given(rule, query, example.given, unread=example.unread, thresholds=example.thresholds)

    def run_given(
        self, rule: Rule, query: CheckedQuery, given: Given, *, unread: Iterable[Unread] = (), thresholds: str = "seed"
    ) -> Outcome:
        """The statuses that these rows give; a table of the rule that is not among them was not read."""
        with self.judge(rule, given, tuple(unread)) as judge:
            result = judge.judge(rule, query, rule.parameters_of(thresholds))
            found = dict(_statuses(judge, result))
        return Outcome(found=found, error=result.error)

    @contextmanager
    def judge(self, rule: Rule, given: Given, unread: tuple[Unread, ...]) -> Generator[Judge]:
        """A judge over these rows, while the context lasts; a table of the rule that is not among them was not read."""
        with self._engine.transaction():
            for name, rows in given.items():
                self._engine.insert(self._catalogue[name], [_complete(self._catalogue[name], row) for row in rows])
            facts = _facts(self._catalogue, rule.tables, given, unread)
            yield Judge.prepare(self._engine, self._catalogue, facts, rule.tables, compiled=self._compiled)


def run_examples(runner: ExampleRunner, rule: Rule, query: CheckedQuery) -> Generator[Fault]:
    """A fault for every example that gives something else than it expects."""
    for example in rule.examples:
        outcome = runner.run(rule, query, example)
        if outcome.error:
            yield Fault(file=str(rule.path), line=example.line, text=outcome.error.text, values=outcome.error.values)
        elif outcome.found != example.expect:
            yield Fault(
                file=str(rule.path),
                line=example.line,
                text="rules.example_fails",
                values={"name": example.name, "expected": _shown(example.expect), "found": _shown(outcome.found)},
            )


def _shown(statuses: Mapping[str, Status]) -> str:
    return ", ".join(f"{resource}: {status}" for resource, status in sorted(statuses.items())) or "—"


def _statuses(judge: Judge, result: RuleResult) -> Iterator[tuple[str, Status]]:
    for status in Status:
        for verdict in judge.verdicts(result, status):
            yield verdict.resource, status


def _complete(table: Table, row: Mapping[str, object]) -> dict[str, object]:
    region = HOME if table.scope is not Scope.ACCOUNT else GLOBAL
    return {"account_id": ACCOUNT, "partition": "aws", "region": region, **row}


def _facts(catalogue: Catalogue, tables: Iterable[str], given: Given, unread: Sequence[Unread]) -> Facts:
    rows = [_complete(catalogue[name], row) for name, listed in given.items() for row in listed]
    account_ids = sorted({str(row["account_id"]) for row in rows} | {ACCOUNT})
    regions = {str(row["region"]) for row in rows} | {entry.region for entry in unread if entry.region} | {HOME}
    accounts = tuple(
        Account(
            id=each,
            partition="aws",
            regions=tuple(sorted(regions - {GLOBAL})),
            selected=tuple(sorted(regions - {GLOBAL})),
        )
        for each in account_ids
    )
    units: list[Unit] = []
    for name in tables:
        if name not in given:
            continue
        scope = catalogue[name].scope
        for account in accounts:
            for region in account.regions if scope is Scope.REGION else (GLOBAL,):
                gaps = tuple(
                    Gap(table=name, account=account.id, region=region, parent=entry.parent, kind=GapKind.DENIED)
                    for entry in unread
                    if entry.table == name and entry.region in {"", region}
                )
                units.append(Unit(table=name, account=account.id, region=region, as_of=AS_OF, gaps=gaps))
    return Facts(snapshot="example", as_of=AS_OF, accounts=accounts, units=Facts.index(units))
