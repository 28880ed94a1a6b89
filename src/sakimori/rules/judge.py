"""Judging: rules over the facts of a snapshot, in three values.

What could not be read is the engine's business, not each author's: a unit that a rule
needs and that is not whole makes the verdict unknown, and a subject table that could
not be read at all gives one explicit unknown per account and Region.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC
from itertools import chain
from typing import Any, Final

from sakimori.lake.engines.duck import Engine
from sakimori.lake.engines.spelling import literal, quote
from sakimori.lake.facts import Facts
from sakimori.lake.table import Catalogue, Table
from sakimori.model.errors import LakeError, RuleError
from sakimori.model.verdict import Text, Verdict
from sakimori.model.words import GLOBAL, GapKind, Scope, Status
from sakimori.rules.checked import AS_OF, UNREAD, VARIED, CheckedQuery, Compiled, Reach, Read
from sakimori.rules.missing import Missing, all_missing, unit_regions
from sakimori.rules.reasons import Reasons
from sakimori.rules.rule import Parameter, Rule
from sakimori.texts.language import LANGUAGES, Language, show_value
from sakimori.texts.sentences import say_both
from sakimori.texts.template import fill

ANY_RESOURCE: Final = "*"
"""The resource of a verdict on a subject table that could not be read."""

CompiledQueries = dict[str, Compiled]
"""By what `_key` makes of a query and of what is written into it."""

_LEFT_OUT: Final = "__left_out"
"""Regions that are known and that this run was asked to leave out."""
_KNOWN: Final = "__known"
"""Regions that a whole reading of an account has."""
_PLACES: Final = "__places"
_NUMBER: Final = "__number"
"""Which of the questions that were asked together a row answers."""
_KEYS: Final = ("account_id", "region", "resource", "compliant", "applies", _NUMBER)
_FEW: Final = 1_000
"""Up to so many rows a statement costs more than what it does: they are asked of the engine once, and together."""

Place = tuple[str, str, str]
"""Account, Region and resource."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule with the thresholds by which it is judged."""

    rule: Rule
    query: CheckedQuery
    parameters: Mapping[str, Parameter]

    def words(self) -> tuple[str, ...]:
        """The thresholds that are a text."""
        return tuple(sorted(name for name, value in self.parameters.items() if isinstance(value, str)))

    def form(self) -> str:
        """What is equal for questions that differ in nothing but those texts."""
        words = self.words()
        rest = {name: value for name, value in self.parameters.items() if name not in words}
        return _key(self.query.sql, self.rule.settles_without, rest, words)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """What one rule said: counts, and the verdicts that stand in no row (unread subjects, a rule's own error)."""

    rule: Rule
    parameters: Mapping[str, Parameter]
    counts: Mapping[Status, int]
    unread: tuple[Verdict, ...] = ()
    relation: str = ""
    evidence: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] | None = None
    """Status, account, Region, resource and evidence of each verdict in order, where they are few."""
    error: RuleError | None = None

    def count(self, status: Status) -> int:
        """How many verdicts have this status."""
        return self.counts.get(status, 0) + sum(verdict.status is status for verdict in self.unread)


@dataclass(slots=True)
class Judge:
    """Facts loaded into an engine, ready for rules. Not thread-safe; close the engine when done."""

    engine: Engine
    catalogue: Catalogue
    facts: Facts
    missing: Mapping[str, tuple[Missing, ...]] = field(default_factory=dict[str, tuple[Missing, ...]])
    _reasons: Reasons = field(default_factory=Reasons)
    _results: int = 0
    _compiled: CompiledQueries = field(default_factory=dict[str, Compiled])

    @classmethod
    def load(
        cls,
        engine: Engine,
        catalogue: Catalogue,
        facts: Facts,
        tables: Iterable[str],
        *,
        compiled: CompiledQueries | None = None,
    ) -> "Judge":
        """A judge over the given tables of a snapshot; the engine is locked afterwards."""
        names = sorted(set(tables))
        held = Counter[str]()
        for (table, _, _), unit in facts.units.items():
            held[table] += unit.row_count
        for name in names:
            if engine.load_parts(catalogue[name], facts.parts.get(name, ())) != held[name]:
                raise LakeError("lake.part_damaged", table=name, reason=f"{held[name]} rows were written")
        judge = cls.prepare(engine, catalogue, facts, names, compiled=compiled)
        engine.lock()
        return judge

    @classmethod
    def prepare(
        cls,
        engine: Engine,
        catalogue: Catalogue,
        facts: Facts,
        tables: Iterable[str],
        *,
        compiled: CompiledQueries | None = None,
    ) -> "Judge":
        """A judge over tables that stand in the engine already; `compiled` keeps SQL from one judge to the next."""
        missing = all_missing((catalogue[name] for name in tables), facts)
        reasons = Reasons.of(facts, chain.from_iterable(missing.values()))
        judge = cls(engine, catalogue, facts, missing, reasons, _compiled={} if compiled is None else compiled)
        judge._write_unread()
        return judge

    def _write_unread(self) -> None:
        run = self.engine.execute
        run(
            f"create or replace table {UNREAD} (table_name varchar, account_id varchar, region varchar, parent varchar)"
        )
        run(f"create or replace table {_LEFT_OUT} (account_id varchar, region varchar)")
        run(f"create or replace table {_KNOWN} (account_id varchar, region varchar)")
        unread = [
            (missing.table, missing.account, missing.region, missing.parent)
            for found in self.missing.values()
            for missing in found
        ]
        known = [(account.id, region) for account in self.facts.accounts for region in account.regions]
        selected = {(account.id, region) for account in self.facts.accounts for region in account.selected}
        self.engine.insert_texts(UNREAD, unread)
        self.engine.insert_texts(_KNOWN, known)
        self.engine.insert_texts(_LEFT_OUT, [place for place in known if place not in selected])

    # -- rules ---------------------------------------------------------------

    def judge_all(self, asked: Sequence[Asked]) -> tuple[RuleResult, ...]:
        """What each says, in order. Those that ask the same with other words as thresholds are asked in one statement."""
        together = dict[str, list[int]]()
        for place, each in enumerate(asked):
            together.setdefault(each.form(), []).append(place)
        found = dict[int, RuleResult]()
        for places in together.values():
            found.update(zip(places, self._judge_group([asked[place] for place in places]), strict=True))
        return tuple(found[place] for place in range(len(asked)))

    def judge(self, rule: Rule, query: CheckedQuery, parameters: Mapping[str, Parameter]) -> RuleResult:
        """The rule's verdicts by these thresholds. An error inside the rule is unknown, counted and kept."""
        try:
            return self._judge_together((Asked(rule, query, parameters),))[0]
        except (RuleError, RecursionError) as error:
            told = error if isinstance(error, RuleError) else RuleError("rules.query_failed", reason="RecursionError")
            return RuleResult(
                rule=rule, parameters=parameters, counts={}, unread=self._failed(rule, parameters), error=told
            )

    def _judge_group(self, group: Sequence[Asked]) -> Sequence[RuleResult]:
        if len(group) > 1 and self._subjects(group[0]) <= _FEW:
            # What fails in one of them must not be told of the others.
            with suppress(RuleError, RecursionError):
                return self._judge_together(group)
        return [self.judge(each.rule, each.query, each.parameters) for each in group]

    def _subjects(self, asked: Asked) -> int:
        return sum(unit.row_count for (table, _, _), unit in self.facts.units.items() if table == asked.query.subject)

    def _judge_together(self, group: Sequence[Asked]) -> list[RuleResult]:
        """The results of questions of one form, by one statement; RuleError if any of them fails."""
        first = group[0]
        varied = first.words() if len(group) > 1 else ()
        compiled = self._compile(first, varied)
        sql = self._with_status(first, compiled.sql, _beside(group, varied))
        rows = self._rows(sql, compiled) if self._subjects(first) <= _FEW else None
        relation = self._kept(sql) if rows is None else ""
        rules = [each.rule for each in group]
        counts = self._counts(relation, rules) if rows is None else _counted(rows, rules)
        return [
            RuleResult(
                rule=each.rule,
                parameters=each.parameters,
                counts=counts.get(number, {}),
                unread=tuple(self._unread_subjects(each.rule, each.parameters)),
                relation=f"(from {relation} where {_NUMBER} = {number})" if len(group) > 1 else relation,
                evidence=tuple(compiled.evidence),
                rows=None if rows is None else tuple(row[1:] for row in rows if row[0] == number),
            )
            for number, each in enumerate(group)
        ]

    def _rows(self, sql: str, compiled: Compiled) -> list[tuple[Any, ...]] | None:
        """Number, status, account, Region, resource and evidence of each, in the order in which verdicts are told; None for many."""
        columns = ", ".join(map(quote, (_NUMBER, "__status", "account_id", "region", "resource", *compiled.evidence)))
        rows = self.engine.run(f"select {columns} from ({sql}) limit {_FEW + 1}", self._bound(sql))
        return sorted(rows, key=lambda row: row[2:5]) if len(rows) <= _FEW else None

    def _kept(self, sql: str) -> str:
        """A relation that holds all rows, so that each asking reads them and does not judge anew."""
        relation = f"__result_{self._results}"
        self._results += 1
        self.engine.run(f"create table {relation} as {sql}", self._bound(sql))
        return relation

    def _compile(self, asked: Asked, varied: tuple[str, ...]) -> Compiled:
        """The SQL and its evidence columns; binding is checked the first time."""
        query, parameters = asked.query, asked.parameters
        settled = tuple(name for name in asked.rule.settles_without if name in self.missing)
        written = {name: value for name, value in parameters.items() if name not in varied}
        key = _key(query.sql, settled, written, varied)
        found = self._compiled.get(key)
        if found is None:
            # The parser is slow to import, and mostly every query has been compiled by an earlier run.
            from sakimori.rules.compile import compile_query  # noqa: PLC0415

            sql = compile_query(query, self.catalogue, parameters, settled=settled, varied=varied)
            numbered = _numbered(sql, _beside((asked,), varied))
            found = Compiled(sql, _check_columns(self.engine.columns(numbered, self._bound(sql))))
            self._compiled[key] = found
        return found

    def _bound(self, sql: str) -> dict[str, object] | None:
        return {AS_OF: self.facts.as_of.astimezone(UTC).replace(tzinfo=None)} if f"${AS_OF}" in sql else None

    def _with_status(self, asked: Asked, sql: str, beside: str) -> str:
        """The query of all rows that apply, each with its status."""
        applies = "applies" if asked.query.has_applies else "true"
        blind = " or ".join(self._blindness(asked.rule, asked.query)) or "false"
        return (
            f"with judged as ({_numbered(sql, beside)}) select *, "
            f"case when {blind} or compliant is null or ({applies}) is null then 'unknown' "
            "when compliant then 'pass' else 'fail' end as __status from judged "
            f"where ({applies}) is not false and (account_id, region) not in (select account_id, region from {_LEFT_OUT})"
        )

    def _counts(self, relation: str, rules: Sequence[Rule]) -> dict[int, dict[Status, int]]:
        """How many of each status, by number; RuleError where a resource is judged twice."""
        each = ", ".join(f"count(*) filter (__status = {literal(status)}) as {quote(status)}" for status in Status)
        summed = ", ".join(f"sum({quote(status)})" for status in Status)
        once = f"select {_NUMBER}, any_value(resource) as resource, count(*) as times, {each} from {relation} group by {_NUMBER}, account_id, region, resource"
        found = dict[int, dict[Status, int]]()
        sql = f"select {_NUMBER}, max(times), arg_max(resource, times), {summed} from ({once}) group by {_NUMBER}"
        for number, times, resource, *counts in self.engine.rows(sql):
            if times > 1:
                raise RuleError("rules.resource_twice", rule=rules[int(number)].id, resource=resource)
            found[number] = {status: count for status, count in zip(Status, counts, strict=True) if count}
        return found

    def _blindness(self, rule: Rule, query: CheckedQuery) -> Iterator[str]:
        """One SQL condition for each table whose unread units reach a judged row."""
        subject = self.catalogue[query.subject]
        for read in dict.fromkeys(query.reads):
            table = self.catalogue[read.table]
            if read.table in rule.settles_without:
                continue
            if read.table in self.missing:
                yield from _reaches(read, table, subject)
            if subject.scope is Scope.RESOURCE_REGION and _is_by_region(read, table, subject):
                # A resource in a Region that nobody knew of: what is tied to that Region was never read.
                yield f"(account_id, region) not in (select account_id, region from {_KNOWN})"

    # -- verdicts ------------------------------------------------------------

    def verdicts(self, result: RuleResult, status: Status) -> Iterator[Verdict]:
        """The rule's verdicts of one status by account, Region and resource, streamed."""
        yield from (verdict for verdict in result.unread if verdict.status is status)
        if result.rows is not None:
            found = (row[1:] for row in result.rows if row[0] == status)
            yield from self._as_verdicts(result, status, found)
        elif result.counts.get(status):
            yield from self._as_verdicts(result, status, self._select(result, f"__status = {literal(status)}"))

    def passes_at(self, result: RuleResult, places: Sequence[Place]) -> Iterator[Verdict]:
        """The rule's passes at these places alone; a resource's NUL stands there as U+FFFD."""
        if not places or not result.counts.get(Status.PASS):
            return
        if result.rows is not None:
            wanted = frozenset(places)
            found = (
                row[1:]
                for row in result.rows
                if row[0] == Status.PASS and (row[1], row[2], row[3].replace("\0", "\ufffd")) in wanted
            )
            yield from self._as_verdicts(result, Status.PASS, found)
            return
        self.engine.execute(f"create or replace table {_PLACES} (account_id varchar, region varchar, resource varchar)")
        self.engine.insert_texts(_PLACES, places)
        among = (
            f"(account_id, region, replace(resource, chr(0), '\ufffd')) in "
            f"(select account_id, region, resource from {_PLACES})"
        )
        asked = self._select(result, f"__status = {literal(Status.PASS)} and {among}")
        yield from self._as_verdicts(result, Status.PASS, asked)

    def _select(self, result: RuleResult, where: str) -> Iterator[tuple[Any, ...]]:
        columns = ", ".join(quote(name) for name in ("account_id", "region", "resource", *result.evidence))
        return self.engine.rows(
            f"select {columns} from {result.relation} where {where} order by account_id, region, resource"
        )

    def _as_verdicts(self, result: RuleResult, status: Status, rows: Iterable[tuple[Any, ...]]) -> Iterator[Verdict]:
        rule = result.rule
        partitions = {account.id: account.partition for account in self.facts.accounts}
        resource_type = self.catalogue[rule.judges].resource_type
        for account, region, resource, *values in rows:
            evidence = dict(zip(result.evidence, values, strict=True))
            reason = self._reasons.reason(rule, account, resource) if status is Status.UNKNOWN else ""
            place = {"account_id": account, "region": region, "resource": resource}
            # Not by `replace`, which takes half as long again: a million verdicts come by here.
            yield Verdict(
                rule=rule.id,
                status=status,
                severity=rule.severity,
                confidence=rule.confidence,
                partition=partitions.get(account, ""),
                account=account,
                region=region,
                resource=resource,
                resource_type=resource_type,
                message=_message(rule, status, {**evidence, **place} if status is Status.FAIL else {}, reason),
                parameters=result.parameters,
                evidence=evidence,
                reason=reason,
            )

    def _blank(self, rule: Rule, parameters: Mapping[str, Parameter], status: Status) -> Verdict:
        return Verdict(
            rule=rule.id,
            status=status,
            severity=rule.severity,
            confidence=rule.confidence,
            partition="",
            account="",
            region="",
            resource="",
            resource_type=self.catalogue[rule.judges].resource_type,
            message=rule.title,
            parameters=parameters,
        )

    def _unread_subjects(self, rule: Rule, parameters: Mapping[str, Parameter]) -> Iterator[Verdict]:
        """One unknown for each selected unit of the subject table that was not read, or parent whose rows are missing."""
        blank = self._blank(rule, parameters, Status.UNKNOWN)
        accounts = {account.id: account for account in self.facts.accounts}
        seen: set[tuple[str, str, str]] = set()
        for missing in self.missing.get(rule.judges, ()):
            account = accounts[missing.account]
            # "" stands for Regions that may be there and that nobody knows: the account's own word is missing.
            is_asked = missing.region in {GLOBAL, "", *account.selected}
            place = (missing.account, missing.region or GLOBAL, missing.parent or ANY_RESOURCE)
            if is_asked and place not in seen:
                seen.add(place)
                yield replace(
                    blank,
                    partition=account.partition,
                    account=account.id,
                    region=place[1],
                    resource=place[2],
                    reason=str(missing.kind),
                    message=_message(rule, Status.UNKNOWN, {}, str(missing.kind)),
                )

    def _failed(self, rule: Rule, parameters: Mapping[str, Parameter]) -> tuple[Verdict, ...]:
        blank = self._blank(rule, parameters, Status.UNKNOWN)
        table = self.catalogue[rule.judges]
        return tuple(
            replace(
                blank,
                partition=account.partition,
                account=account.id,
                region=region,
                resource=ANY_RESOURCE,
                reason=str(GapKind.RULE_ERROR),
                message=_message(rule, Status.UNKNOWN, {}, str(GapKind.RULE_ERROR)),
            )
            for account in self.facts.accounts
            for region in unit_regions(table, account)
            if region == GLOBAL or region in account.selected
        )


def _key(sql: str, settled: Sequence[str], parameters: Mapping[str, Parameter], varied: Sequence[str]) -> str:
    written = json.dumps([sql, list(settled), dict(parameters), list(varied)], sort_keys=True)
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _beside(group: Sequence[Asked], varied: Sequence[str]) -> str:
    """The rows of thresholds of a group, as a relation of a number and the varied ones."""
    rows = (
        ", ".join((str(number), *(literal(str(asked.parameters[name])) for name in varied)))
        for number, asked in enumerate(group)
    )
    columns = ", ".join((_NUMBER, *map(quote, varied)))
    return f"(values {', '.join(f'({row})' for row in rows)}) as {VARIED}({columns})" if varied else ""


def _numbered(sql: str, beside: str) -> str:
    """The query once for each row of thresholds, the row's number first."""
    if not beside:
        return f"select 0 as {_NUMBER}, * from ({sql})"
    return f"select {VARIED}.{_NUMBER}, __asked.* from {beside}, lateral ({sql}) as __asked"


def _counted(rows: Iterable[tuple[Any, ...]], rules: Sequence[Rule]) -> dict[int, dict[Status, int]]:
    """What `Judge._counts` asks of the engine."""
    found, seen = dict[int, dict[Status, int]](), set[tuple[object, ...]]()
    for number, status, *place in rows:
        key = (number, *place[:3])
        if key in seen:
            raise RuleError("rules.resource_twice", rule=rules[int(number)].id, resource=place[2])
        seen.add(key)
        counts = found.setdefault(number, {})
        counts[Status(status)] = counts.get(Status(status), 0) + 1
    return found


def _check_columns(columns: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The evidence columns, once the contract's own columns have their types."""
    types = dict(columns)
    if len(types) != len(columns):
        raise RuleError(
            "rules.column_twice", name=next(name for name, _ in columns if [n for n, _ in columns].count(name) > 1)
        )
    for name, wanted in (
        ("account_id", "VARCHAR"),
        ("region", "VARCHAR"),
        ("resource", "VARCHAR"),
        ("compliant", "BOOLEAN"),
    ):
        if name not in types:
            raise RuleError("rules.column_missing", name=name)
        if types[name] != wanted:
            raise RuleError("rules.column_type", name=name, wanted=wanted, found=types[name])
    if types.get("applies", "BOOLEAN") != "BOOLEAN":
        raise RuleError("rules.column_type", name="applies", wanted="BOOLEAN", found=types["applies"])
    return tuple(name for name in types if name not in _KEYS)


def _reaches(read: Read, table: Table, subject: Table) -> Iterator[str]:
    """SQL that is true for a judged row which an unread unit of `table` can reach."""
    unread = f"from {UNREAD} where table_name = {literal(table.name)}"
    by_region = _is_by_region(read, table, subject)
    if read.reach is Reach.PARENT:
        yield f"(account_id, resource) in (select account_id, parent {unread} and parent <> '')"
        unread += " and parent = ''"
    if by_region:
        yield f"(account_id, region) in (select account_id, region {unread})"
    else:
        yield f"account_id in (select account_id {unread})"


def _is_by_region(read: Read, table: Table, subject: Table) -> bool:
    """Whether only the judged row's own Region of `table` is in reach."""
    return table.scope is Scope.REGION and subject.scope is not Scope.ACCOUNT and read.reach is not Reach.ACCOUNT


def _message(rule: Rule, status: Status, evidence: Mapping[str, Any], reason: str) -> Text:
    if status is Status.PASS:
        return rule.title
    if status is Status.FAIL:
        filled = {language: _fill(rule.fail, language, evidence) for language in LANGUAGES}
        return Text(en=filled["en"], ja=filled["ja"])
    because = say_both(f"judge.because_{reason}" if reason else "judge.because_not_known")
    return Text(en=f"{rule.title.en}: {because.en}", ja=f"{rule.title.ja}：{because.ja}")


def _fill(template: Text, language: Language, evidence: Mapping[str, Any]) -> str:
    return fill(template.in_(language), evidence, lambda value: show_value(value, language))
