"""A door whose every answer a test decides, and a way to read one table through a door."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.collect.catalogue import declarations
from sakimori.collect.declaration import Context, Declaration
from sakimori.collect.memo import CallMemo
from sakimori.collect.reading import Reading
from sakimori.lake.rows import encode_rows
from sakimori.lake.unit import Unit
from sakimori.model.account import Account
from sakimori.model.words import GLOBAL, GapKind, Scope

OWN = "123456789012"
OTHER = "111122223333"
AS_OF = datetime(2026, 11, 23, tzinfo=UTC)

Scripted = Mapping[str, Any] | list[Mapping[str, Any]] | Refusal | Callable[[Mapping[str, Any]], Any]


def refused(code: str = "AccessDenied", message: str = "no", kind: GapKind = GapKind.DENIED) -> Refusal:
    return Refusal(call="test:Call", kind=kind, code=code, message=message)


class FakeDoor:
    """Answers by operation: one answer, a list of pages, a refusal, or a function of the parameters that gives one."""

    def __init__(self, answers: Mapping[str, Scripted] | None = None) -> None:
        self.account = Account(id=OWN, partition="aws", regions=("us-east-1",), selected=("us-east-1",))
        self.refusals: tuple[Refusal, ...] = ()
        self.answers = dict(answers or {})
        self.asked: list[tuple[str, str, dict[str, object]]] = []

    def call(self, operation: str, region: str, parameters: Mapping[str, object]) -> Mapping[str, Any]:
        return next(iter(self.pages(operation, region, parameters)))

    def pages(self, operation: str, region: str, parameters: Mapping[str, object]) -> Iterator[Mapping[str, Any]]:
        self.asked.append((operation, region, dict(parameters)))
        answer = self.answers.get(operation)
        if callable(answer) and not isinstance(answer, Refusal):
            answer = answer(parameters)
        if answer is None:
            raise AssertionError(f"the test expected no {operation}")
        for page in answer if isinstance(answer, list) else [answer]:
            if isinstance(page, Refusal):
                raise Refusal(call=operation, kind=page.kind, code=page.code, message=page.message)
            yield page

    def count(self, operation: str) -> int:
        return sum(asked == operation for asked, _, _ in self.asked)


@dataclass(frozen=True, slots=True)
class Read:
    """What one unit gave: rows as they would reach the lake, by key."""

    unit: Unit
    rows: dict[str, dict[str, Any]]

    @property
    def only(self) -> dict[str, Any]:
        assert len(self.rows) == 1, sorted(self.rows)
        return next(iter(self.rows.values()))


def read_table(table: str | Declaration, door: Door, region: str = "", memo: CallMemo | None = None) -> Read:
    declaration = declarations()[table] if isinstance(table, str) else table
    reading = Reading(
        declaration=declaration,
        door=door,
        memo=memo or CallMemo(door),
        region=region or ("us-east-1" if declaration.table.scope is Scope.REGION else GLOBAL),
        as_of=AS_OF,
        spread=_one_by_one,
    )
    unit, rows = reading.read()
    encoded = [json.loads(line) for line in encode_rows(declaration.table, rows)]
    keyed = {row[declaration.table.key]: row for row in encoded}
    assert len(keyed) == len(encoded), "two rows share a key"
    return Read(unit, keyed)


def _one_by_one(function: Callable[[dict[str, Any]], None], records: Iterable[dict[str, Any]]) -> None:
    for record in records:
        function(record)


@pytest.fixture
def fake_door() -> Callable[..., FakeDoor]:
    return lambda **answers: FakeDoor({name.replace("__", ":"): answer for name, answer in answers.items()})


@pytest.fixture
def read() -> Callable[..., Read]:
    return read_table


@pytest.fixture
def refusal() -> Callable[..., Refusal]:
    return refused


@pytest.fixture
def context() -> Context:
    return Context(account_id=OWN, partition="aws", region="us-east-1")
