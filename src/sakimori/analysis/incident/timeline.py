"""The order of what happened: every write and every refusal of one alone, runs of reads as one line."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sakimori.analysis.incident.form import Event
from sakimori.analysis.incident.questions import asked_by, call_of

MOST_ENTRIES: Final = 3_000
_TOGETHER: Final = timedelta(minutes=5)
_MOST_CALLS: Final = 40
_EVERYTHING: Final = "R40"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One write, or reads of one key from one address without a pause of five minutes. `questions`: which it answers."""

    at: datetime
    until: datetime
    account: str
    region: str
    principal: str
    key_id: str
    ip: str
    agent: str
    calls: tuple[str, ...]
    error: str
    count: int
    denied_count: int
    is_write: bool
    resource: str
    event_id: str
    questions: tuple[str, ...]


def timeline_of(events: Iterable[Event]) -> tuple[tuple[Entry, ...], bool]:
    """The entries in order, and whether some were left out: then runs of reads go first, and of writes the last ones."""
    ordered = sorted(events, key=lambda each: (each.at, each.event_id))
    entries = sorted(_entries(ordered), key=lambda each: (each.at, each.event_id))
    if len(entries) <= MOST_ENTRIES:
        return tuple(entries), False
    writes = [each for each in entries if each.is_write][:MOST_ENTRIES]
    reads = [each for each in entries if not each.is_write][: MOST_ENTRIES - len(writes)]
    return tuple(sorted([*writes, *reads], key=lambda each: (each.at, each.event_id))), True


def _entries(events: Sequence[Event]) -> Iterator[Entry]:
    runs: dict[tuple[str, str, str], Entry] = {}
    for event in events:
        if not event.read_only and not event.is_data:
            yield _entry(event, is_write=True)
            continue
        mark = (event.principal, event.key_id, event.ip)
        run = runs.get(mark)
        if run and event.at - run.until <= _TOGETHER:
            runs[mark] = _longer(run, event)
        else:
            if run:
                yield run
            runs[mark] = _entry(event, is_write=False)
    yield from runs.values()


def _entry(event: Event, *, is_write: bool) -> Entry:
    call = call_of(event)
    return Entry(
        at=event.at,
        until=event.at,
        account=event.account,
        region=event.region,
        principal=event.principal,
        key_id=event.key_id,
        ip=event.ip,
        agent=event.agent,
        calls=(call,),
        error=event.error if is_write else "",
        count=1,
        denied_count=int(bool(event.error)),
        is_write=is_write,
        resource=event.resources[0] if event.resources else "",
        event_id=event.event_id,
        questions=tuple(each for each in asked_by(call) if each != _EVERYTHING),
    )


def _longer(run: Entry, event: Event) -> Entry:
    call = call_of(event)
    calls = run.calls if call in run.calls or len(run.calls) >= _MOST_CALLS else (*run.calls, call)
    new = [each for each in asked_by(call) if each != _EVERYTHING and each not in run.questions]
    return replace(
        run,
        until=event.at,
        calls=calls,
        count=run.count + 1,
        denied_count=run.denied_count + bool(event.error),
        region=run.region if event.region == run.region else "",
        questions=(*run.questions, *new) if new else run.questions,
    )
