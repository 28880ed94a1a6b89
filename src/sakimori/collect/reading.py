"""Reading one unit of one table: the listing, the details of each item, the rows, and what is missing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.collect.declaration import (
    ACCOUNT_ID,
    UNSET,
    Call,
    Context,
    Declaration,
    Malformed,
    Reader,
    Record,
    Refused,
    Source,
)
from sakimori.collect.memo import CallMemo, RememberingDoor, means_absent
from sakimori.collect.paths import compiled, items
from sakimori.lake.unit import Unit
from sakimori.model.gap import Gap
from sakimori.model.words import GLOBAL, GapKind, Scope


class _Mark:
    """What stands in a record where a detail has no result."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


NOT_UNDERSTOOD: Final = (LookupError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError)
"""What a derivation raises over an item that has not the form which the service's model promises."""

UNREAD: Final = _Mark("UNREAD")
ABSENT: Final = _Mark("ABSENT")

Spread = Callable[[Callable[[Record], None], Sequence[Record]], None]
"""Runs a function over records, in any order, perhaps on many threads, and returns when all are done."""


@dataclass(slots=True, kw_only=True)
class Reading:
    """One unit being read."""

    declaration: Declaration
    door: Door
    memo: CallMemo
    region: str
    as_of: datetime
    spread: Spread
    gaps: list[Gap] = field(default_factory=list)

    def read(self) -> tuple[Unit, list[Mapping[str, object]]]:
        """The unit and its rows."""
        rows: list[Mapping[str, object]] = []
        try:
            records = self._listed()
            if self.declaration.each:
                self.spread(self._detail, records)
            for record in records:
                rows.extend(self._rows(record))
        except Refusal as refusal:
            self._note(refusal, parent="")
            rows = []
        unit = Unit(
            table=self.declaration.table.name,
            account=self.door.account.id,
            region=self.region,
            as_of=self.as_of,
            row_count=len(rows),
            gaps=tuple(self.gaps),
        )
        return unit, rows

    # -- listing ---------------------------------------------------------

    def _listed(self) -> list[Record]:
        """The items; an answer of another form than the service's model promises is a refusal, never an empty list."""
        try:
            return self._list()
        except NOT_UNDERSTOOD as error:
            raise self._malformed(self.declaration.operations[0], type(error).__name__) from error

    def _malformed(self, operation: str, code: str) -> Refusal:
        return Refusal(call=operation, kind=GapKind.MALFORMED, code=code, message="an answer of another form")

    def _list(self) -> list[Record]:
        if isinstance(self.declaration.rows, Reader):
            rows = self.declaration.rows
            door = RememberingDoor(self.door, self.memo) if rows.shares_answers else self.door
            found = list(rows.function(door, self.region))
        else:
            found = self._chain(self.declaration.rows)
        return [dict(item) if isinstance(item, dict) else {"value": item} for item in found if item is not None]

    def _chain(self, calls: tuple[Call, ...]) -> list[Any]:
        found = self._pages(calls[0], self._parameters(calls[0], {}), None)
        for call in calls[1:]:
            if call.batch:
                found = [item for group in _groups(found, call.batch_size) for item in self._batch(call, group)]
            else:
                found = [item for each in found for item in self._pages(call, self._parameters(call, each), each)]
        return found

    def _pages(self, call: Call, parameters: Mapping[str, object], before: Any) -> list[Any]:
        take = compiled(call.path)
        try:
            pages = self.memo.pages(call.operation, self.region, parameters)
        except Refusal as refusal:
            if means_absent(call, refusal):
                return []
            raise
        found = [item for page in pages for item in items(take(page))]
        if any(item is None or (not call.keep and isinstance(item, bool | int | float)) for item in found):
            raise self._malformed(call.operation, "NoItem")
        if call.keep and before is not None:
            kept = {name: compiled(path)(before) for name, path in call.keep.items()}
            found = [{**item, **kept} if isinstance(item, dict) else {"value": item, **kept} for item in found]
        return found

    def _batch(self, call: Call, group: list[Any]) -> list[Any]:
        """One batch; fewer items than were asked for are items that nobody saw."""
        found = self._pages(call, {**self._parameters(call, {}), call.batch: group}, None)
        if len(found) < len(group):
            raise self._malformed(call.operation, "FewerItems")
        return found

    # -- details ---------------------------------------------------------

    def _detail(self, record: Record) -> None:
        region = self._region_of(record)
        for call in self.declaration.each:
            record[call.name] = self._result(call, record, region)

    def _result(self, call: Call, record: Record, region: str) -> Any:
        if call.when:
            condition = _follow(record, call.when)
            if condition is UNREAD:
                return UNREAD
            if not condition or condition is ABSENT:
                return ABSENT
        try:
            answer = self.memo.call(call.operation, region, self._parameters(call, record))
        except Refusal as refusal:
            if means_absent(call, refusal):
                return ABSENT
            self._note(refusal, parent=self._parent_of(record))
            return UNREAD
        found = compiled(call.path)(answer)
        if found is None and call.absent:
            # Where AWS says "there is none" by an error code, an answer without the thing is no answer.
            self._note(self._malformed(call.operation, "NoMember"), parent=self._parent_of(record))
            return UNREAD
        return ABSENT if found is None else found

    def _parameters(self, call: Call, item: Any) -> dict[str, object]:
        own = {name: self.door.account.id if value == ACCOUNT_ID else value for name, value in call.parameters.items()}
        return {**own, **{name: compiled(path)(item) for name, path in call.with_.items()}}

    def _note(self, refusal: Refusal, *, parent: str) -> None:
        self.gaps.append(
            Gap(
                table=self.declaration.table.name,
                account=self.door.account.id,
                region=self.region,
                parent=parent,
                call=refusal.call,
                kind=refusal.kind,
                code=refusal.code,
                message=refusal.message,
            )
        )

    def _note_malformed(self, operation: str, code: str, words: str, *, parent: str) -> None:
        self._note(Refusal(call=operation, kind=GapKind.MALFORMED, code=code, message=words), parent=parent)

    # -- rows ------------------------------------------------------------

    def _rows(self, record: Record) -> Iterable[Mapping[str, object]]:
        declaration = self.declaration
        context = Context(
            account_id=self.door.account.id,
            partition=self.door.account.partition,
            region=self._region_of(record),
        )
        if declaration.expand is None:
            expanded: Iterable[Record | Malformed | Refused] = (record,)
        elif any(record.get(name) is UNREAD for name in declaration.expand_needs):
            return
        else:
            expanded = declaration.expand(_without_absent(record), context)
        keys = {declaration.table.key, declaration.table.parent} - {""}
        try:
            for item in expanded:
                if isinstance(item, Refused):
                    self._note(item.refusal, parent=item.parent)
                    continue
                if isinstance(item, Malformed):
                    self._note_malformed(declaration.operations[-1], "Malformed", item.words, parent=item.parent)
                    continue
                row = self._row(item, context)
                missing = sorted(key for key in keys if row.get(key) is None)
                if missing:
                    self._note_malformed(declaration.operations[0], "NoKey", f"an item without {missing[0]}", parent="")
                else:
                    yield row
        except NOT_UNDERSTOOD as error:
            # An expansion that stumbles has perhaps given some rows: which are missing, nobody knows.
            self._note_malformed(declaration.operations[0], type(error).__name__, "an item of another form", parent="")

    def _row(self, record: Record, context: Context) -> dict[str, object]:
        row: dict[str, object] = {
            "account_id": context.account_id,
            "partition": context.partition,
            "region": context.region,
        }
        for name, source in self.declaration.sources.items():
            row[name] = value_of(source, record, context)
        return row

    def _parent_of(self, record: Record) -> str:
        """The key that a gap of one record stands under: the parent's for a child table, the row's own otherwise."""
        declaration = self.declaration
        source = declaration.parent_key or declaration.sources[declaration.table.key]
        context = Context(
            account_id=self.door.account.id, partition=self.door.account.partition, region=self._region_of(record)
        )
        return str(value_of(source, record, context) or "")

    def _region_of(self, record: Record) -> str:
        source = self.declaration.row_region
        if self.declaration.table.scope is not Scope.RESOURCE_REGION or source is None:
            return self.region
        context = Context(account_id=self.door.account.id, partition=self.door.account.partition, region=GLOBAL)
        return str(value_of(source, record, context) or GLOBAL)


def value_of(source: Source, record: Record, context: Context) -> object:
    """One column's value: None where what it comes from was not read, or not understood."""
    absent = None if source.when_absent is UNSET else source.when_absent
    if source.derive is not None:
        if any(record.get(name) is UNREAD for name in source.needs):
            return None
        try:
            found = source.derive(_without_absent(record), context)
        except NOT_UNDERSTOOD:
            return None
    else:
        found = _follow(record, source.path)
        if found is UNREAD:
            return None
    return absent if found is None or found is ABSENT else found


def _follow(record: Record, path: str) -> Any:
    head = path.partition(".")[0].partition("[")[0]
    mark = record.get(head)
    return mark if isinstance(mark, _Mark) else compiled(path)(record)


def _without_absent(record: Record) -> Record:
    return {name: value for name, value in record.items() if not isinstance(value, _Mark)}


def _groups(found: list[Any], size: int) -> Iterable[list[Any]]:
    return (found[start : start + size] for start in range(0, len(found), size))
