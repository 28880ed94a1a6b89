"""Examples of detections are their tests: judged one by one and as columns, and both must say the same."""
# pyright: basic

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sakimori.analysis.facts.address_lists import address_list
from sakimori.analysis.facts.address_table import address_table
from sakimori.analysis.facts.answers import FactAnswers
from sakimori.analysis.facts.fact import Surroundings
from sakimori.analysis.facts.networks import Networks
from sakimori.analysis.log_forms.form import LogForm
from sakimori.analysis.log_forms.rows import Rows
from sakimori.ingest.catalogue import sources
from sakimori.ingest.rows import as_time
from sakimori.ingest.source import Document
from sakimori.lake.engines.arrow import arrow_type
from sakimori.lake.engines.log_columns import TableGroup
from sakimori.lake.table import Type
from sakimori.rules.detections.engine import DetectionRun
from sakimori.rules.detections.matching import number_of, text_of
from sakimori.rules.detections.rule import Correlation, DetectionRule, Detections, Example, FirstSeen
from sakimori.rules.detections.single import roles_of
from sakimori.rules.detections.stream import EventView, compiled
from sakimori.rules.rule import Fault

_BEGIN: Final = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
ACCOUNT: Final = "123456789012"
_EVENT: Final = {
    "eventVersion": "1.11", "awsRegion": "ap-northeast-1", "sourceIPAddress": "203.0.113.10", "userAgent": "aws-cli/2.30.0",
    "recipientAccountId": ACCOUNT, "eventType": "AwsApiCall", "eventCategory": "Management", "managementEvent": True,
    "userIdentity": {
        "type": "IAMUser", "principalId": "AIDAEXAMPLE", "arn": f"arn:aws:iam::{ACCOUNT}:user/alice",
        "accountId": ACCOUNT, "userName": "alice",
    },
}  # fmt: skip


def check_examples(rule: DetectionRule | Correlation, detections: Detections) -> Iterator[Fault]:
    """What is wrong with a rule's examples; `detections` holds the rules that a correlation is about."""
    head = rule.head
    if head.is_own and not {True, False} <= {example.match for example in head.examples}:
        yield Fault(file=str(head.path), line=head.line, text="detect.no_examples")
    for example in head.examples:
        yield from _of_correlation(rule, example, detections) if isinstance(rule, Correlation) else _of_rule(rule, example)  # fmt: skip


def _of_rule(rule: DetectionRule, example: Example) -> Iterator[Fault]:
    surroundings = _surroundings(example)
    for form, condition in rule.conditions:
        try:
            events = completed(form, repeated(example.events))
            tables = tuple(tables_of(form, events))
        except (ValueError, TypeError, OverflowError) as error:
            yield _fault(rule, example, "detect.example_no_event", reason=str(error)[:200])
            return
        check = compiled(condition)
        one_by_one = [check(view_of(form, event, surroundings)) for event in events]
        run = _Everything(Detections(rules={rule.name: rule}), FactAnswers(surroundings))
        for table in tables:
            run.scan(form, TableGroup(table))
        found = run.found(rule)
        if rule.shape is None and run.counts[rule.name] != sum(one_by_one):
            yield _fault(rule, example, "detect.examples_differ", number=len(events))
        elif found is not example.match:
            yield _fault(rule, example, "detect.example_not_found" if example.match else "detect.example_found", where=f" ({form.table.name})")  # fmt: skip


def _of_correlation(rule: Correlation, example: Example, detections: Detections) -> Iterator[Fault]:
    surroundings = _surroundings(example)
    run = _Everything(_closure(rule, detections), FactAnswers(surroundings))
    try:
        for form in run.forms:
            for table in tables_of(form, completed(form, repeated(example.events))):
                run.scan(form, TableGroup(table))
    except (ValueError, TypeError, OverflowError) as error:
        yield _fault(rule, example, "detect.example_no_event", reason=str(error)[:200])
        return
    found = any(detection.rule == rule.name for detection in run.finish())
    if found is not example.match:
        yield _fault(rule, example, "detect.example_not_found" if example.match else "detect.example_found", where="")


def _surroundings(example: Example) -> Surroundings:
    """What the example says is known."""
    lists = (address_list("listed", example.listed, source=example.name),) if example.listed else ()
    rows = [f"{address},{country},64496" for address, country in example.countries.items()]
    tables = (address_table(rows, source=example.name),) if rows else ()
    return Surroundings(
        own_accounts=frozenset({ACCOUNT, *example.own_accounts}), networks=Networks(lists=lists, tables=tables)
    )


def repeated(events: Iterable[Mapping[str, object]]) -> Iterator[Mapping[str, object]]:
    """The events as often as their `repeat` says; `{n}` in their texts is the number of the repetition, from 1."""
    for event in events:
        for number in range(1, int(str(event.get("repeat", 1))) + 1):
            yield {name: _numbered(value, number) for name, value in event.items() if name != "repeat"}


def _numbered(value: Any, number: int) -> Any:
    match value:
        case str():
            return value.replace("{n}", str(number))
        case dict():
            return {name: _numbered(each, number) for name, each in value.items()}
        case list():
            return [_numbered(each, number) for each in value]
        case _:
            return value


def _closure(rule: Correlation, detections: Detections) -> Detections:
    """The correlation with all that it is about, in the order in which they were linked."""
    wanted: set[str] = set()
    left = [rule.name]
    while left:
        name = left.pop()
        wanted.add(name)
        left += detections.correlations[name].rules if name in detections.correlations else ()
    return Detections(
        rules={name: each for name, each in detections.rules.items() if name in wanted},
        correlations={
            name: replace(each, head=replace(each.head, is_alone=True)) if name == rule.name else each
            for name, each in detections.correlations.items()
            if name in wanted
        },
    )


def _fault(rule: DetectionRule | Correlation, example: Example, text: str, **values: object) -> Fault:
    values |= {"name": example.name}
    return Fault(file=str(rule.head.path), line=example.line, text=text, values=values)


class _Everything(DetectionRun):
    """A run in which everything is new, as examples of `first_seen` rules mean it."""

    def __init__(self, detections: Detections, facts: FactAnswers) -> None:
        super().__init__(detections, facts, novelty=_AllNew())

    def found(self, rule: DetectionRule) -> bool:
        """Whether the rule found something."""
        return bool(self.finish()) if rule.shape else self.counts[rule.name] > 0


class _AllNew:
    def new(self, asked: FirstSeen, rows: Rows, places: Any) -> Any:  # noqa: ARG002
        import numpy as np  # noqa: PLC0415

        return np.ones(len(places), dtype=bool)


def completed(form: LogForm, events: Iterable[Mapping[str, object]]) -> list[dict[str, Any]]:
    """The events with what every event has; a value of null takes it away. They are a second apart."""
    made: list[dict[str, Any]] = []
    for number, event in enumerate(events):
        at = _BEGIN + timedelta(seconds=number)
        whole: dict[str, Any] = {form.table.time: at.replace(tzinfo=None), "account_id": ACCOUNT, "partition": "aws", "region": "ap-northeast-1"}  # fmt: skip
        if form.heads:
            told = {"eventTime": at.isoformat().replace("+00:00", "Z"), "eventID": str(uuid.UUID(int=number + 1))}
            whole = {**_EVENT, **told}
        whole |= event if form.heads else {form.aliases.get(name, name): value for name, value in event.items()}
        made.append(json.loads(json.dumps(whole, default=str)) if form.heads else _typed(form, whole))
    return made


def _typed(form: LogForm, row: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the columns have them: a file may write 443 for "443". ValueError for one that its column cannot hold."""
    types = {column.name: column.type for column in form.table.columns}
    return {name: value if value is None else _cell(value, types.get(name, Type.TEXT)) for name, value in row.items()}


def _cell(value: Any, kind: Type) -> Any:
    match kind:
        case Type.INTEGER | Type.DOUBLE:
            number = number_of(value)
            if number is None or (kind is Type.INTEGER and (number != int(number) or abs(number) >= 2**63)):
                raise ValueError(f"{value!r}: {kind}")
            return int(number) if kind is Type.INTEGER else float(number)
        case Type.TIMESTAMP:
            moment = as_time(value)
            if moment is None:
                raise ValueError(f"{value!r}: {kind}")
            return moment
        case Type.BOOLEAN:
            if text_of(value).lower() not in ("true", "false"):
                raise ValueError(f"{value!r}: {kind}")
            return text_of(value).lower() == "true"
        case Type.TEXT:
            return text_of(value).encode("utf-8", "replace").decode()


def view_of(form: LogForm, event: Mapping[str, Any], surroundings: Surroundings) -> EventView:
    """One event for the stream's checks."""
    return EventView(form, event, FactAnswers(surroundings), roles_of(form, event))


def tables_of(form: LogForm, events: Sequence[Mapping[str, Any]]) -> Iterator[Any]:
    """The events as the lake would have them: CloudTrail's through its own parser, others from their columns."""
    if not form.heads:
        yield _table(form, events)
        return
    source = next(source for source in sources().values() if source.table is form.table)
    batch = source.batch()
    refused = batch.add(Document(location="example", data=json.dumps({"Records": list(events)}).encode()))
    if refused:
        raise ValueError(refused[0].reason)
    yield from batch.finish()


def _table(form: LogForm, events: Sequence[Mapping[str, Any]]) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    arrays = {
        column.name: pa.array([event.get(column.name) for event in events], type=arrow_type(column.type))
        for column in form.table.columns
    }
    return pa.table(arrays)
