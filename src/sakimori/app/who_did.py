"""Who did something, or touched a thing: the answer that an incident begins with, with how far it can be trusted.

"Nobody" is said of what was recorded, and what was recorded is said with it.
"""

import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from sakimori.app.query import QueryAnswer, QueryRequest, ask
from sakimori.app.searched import Searched
from sakimori.lake.log_reader import Where
from sakimori.lake.user_sql import Value
from sakimori.model.arn import Arn
from sakimori.model.errors import UsageError
from sakimori.rules.questions import find_question
from sakimori.texts.nearest import nearest

MOST: Final = 10_000
"""Deeds that one answer holds: the newest."""
_CALL: Final = re.compile(r"(?:([a-z][a-z0-9-]*):)?([A-Z][A-Za-z0-9]+)\Z")
_VERB: Final = re.compile(
    r"(?:Abort|Accept|Activate|Add|Allocate|Assign|Assume|Associate|Attach|Authorize|Batch|Cancel|Change|Check|Complete|"
    r"Configure|Console|Copy|Create|Deactivate|Decrypt|Delete|Deregister|Describe|Destroy|Detach|Disable|Disassociate|Enable|"
    r"Encrypt|Execute|Export|Failover|Generate|Get|Head|Import|Initiate|Invite|Invoke|Leave|List|Lookup|Modify|Move|Promote|"
    r"Publish|Purge|Put|Reboot|Register|Reject|Release|Remove|Replace|Request|Reset|Restore|Resume|Retire|Revoke|Rotate|Run|"
    r"Schedule|Send|Set|Share|Simulate|Start|Stop|Submit|Subscribe|Suspend|Switch|Tag|Terminate|Test|Transfer|Unassign|"
    r"Unsubscribe|Untag|Update|Upload|Validate)[A-Z]"
)
"""How the names of AWS's operations begin."""
_SOURCES: Final[Mapping[str, str]] = {"cloudwatch": "monitoring", "tag": "tagging"}
"""Services whose name in IAM and ARNs is not that in `eventSource`."""
_SHORTEST: Final = 3
_WORD: Final = re.compile(r"(?:([a-z][a-z0-9-]*):)?([A-Za-z][A-Za-z0-9]+)\Z")


class ReadAs(StrEnum):
    """What was taken for what was asked; each has its sentences `query.nobody_<value>` and `query.deeds_<value>`."""

    EVENT = "event"
    RESOURCE = "resource"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One event. `part` is `by` where the thing asked about acted, `on` where it was acted on, "" for an operation.

    `error` is None where the call succeeded.
    """

    at: datetime
    account: str | None
    region: str | None
    who: str | None
    session: str | None
    key_id: str | None
    origin: str | None
    action: str
    target: str | None
    error: str | None
    detail: str | None
    event_id: str | None
    part: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoDid:
    """The deeds in the order of time, and what was looked through. `count` may be more than the deeds that are here.

    `has_data_events`: reads and writes of objects, items and the like are among what was recorded; None where nobody looked.
    `meant` is the recorded operation whose name is most like one that nobody called, "" where none is like it.
    """

    asked: str
    read_as: ReadAs
    deeds: tuple[Deed, ...]
    count: int
    searched: Searched
    has_data_events: bool | None = None
    meant: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """How a text is read, and the saved question for it with its parameters."""

    text: str
    read_as: ReadAs
    question: str
    parameters: Mapping[str, Value]


def who_did(home: Path, asked: str, where: Where, *, clock: Callable[[], datetime]) -> WhoDid:
    """Who called the operation, or touched the thing; UsageError for a text that can be neither.

    The name of an operation is found however its letters are written: AWS's own are not asked of a person at night.
    """
    text = asked.strip()
    if len(text) < _SHORTEST or '"' in text or "\\" in text:
        raise UsageError("query.nothing_to_find", asked=asked)
    found = _answered(home, _question(text), where, clock)
    word = _WORD.match(text)
    if found.deeds or not _has_looked(found):
        return found
    if word:
        service = _source(word[1] or "")
        recorded = _recorded_operations(home, service, where, clock)
        same = [name for name in recorded if name.lower() == word[2].lower()]
        if same:
            found = _answered(home, _call(text, same[0], service), where, clock)
        elif found.read_as is ReadAs.EVENT:
            found = replace(found, meant=nearest(word[2], recorded))
    return found if found.deeds else replace(found, has_data_events=_has_data_events(home, where, clock))


def _answered(home: Path, asked: _Asked, where: Where, clock: Callable[[], datetime]) -> WhoDid:
    question = find_question(asked.question)
    values = {**question.values({}), **asked.parameters}
    with ask(QueryRequest(home=home, sql=question.query, where=where, parameters=values), clock=clock) as answer:
        kept = deque[tuple[Any, ...]](maxlen=MOST)
        count = 0
        for row in answer.rows():
            kept.append(row)
            count += 1
        deeds = tuple(_deed(answer, row) for row in kept)
        return WhoDid(asked=asked.text, read_as=asked.read_as, deeds=deeds, count=count, searched=answer.searched)


def _has_looked(found: WhoDid) -> bool:
    return any(coverage.row_count for coverage in found.searched.logs)


def _question(text: str) -> _Asked:
    call = _CALL.match(text)
    if call and (call[1] or _VERB.match(call[2])):
        return _call(text, call[2], _source(call[1] or ""))
    name, service = _named_by(text)
    parameters: Mapping[str, Value] = {"thing": text, "name": name, "service": service}
    return _Asked(text=text, read_as=ReadAs.RESOURCE, question="cloudtrail.who-touched", parameters=parameters)


def _call(text: str, event: str, service: str) -> _Asked:
    parameters: Mapping[str, Value] = {"event": event, "service": service}
    return _Asked(text=text, read_as=ReadAs.EVENT, question="cloudtrail.who-did-event", parameters=parameters)


def _source(service: str) -> str:
    return _SOURCES.get(service, service)


def _recorded_operations(home: Path, service: str, where: Where, clock: Callable[[], datetime]) -> Sequence[str]:
    """The operations that anybody called, the most frequent first; of one service, or "" for all."""
    question = find_question("cloudtrail.event-names")
    with ask(QueryRequest(home=home, sql=question.query, where=where), clock=clock) as answer:
        return [row[1] for row in answer.rows() if service in ("", row[0])]


def _named_by(text: str) -> tuple[str, str]:
    """The name by which calls of its own service name what an ARN names, and that service; "" where there is none."""
    try:
        arn = Arn.parse(text)
    except ValueError:
        return "", ""
    is_object = arn.service == "s3" and "/" in arn.resource
    name = "" if is_object else re.split("[/:]", arn.resource)[-1]
    return (name, _source(arn.service)) if len(name) >= _SHORTEST else ("", "")


def _deed(answer: QueryAnswer, row: tuple[Any, ...]) -> Deed:
    found = dict(zip((name for name, _ in answer.columns), row, strict=True))
    return Deed(
        at=found["at"],
        account=found["account_id"],
        region=found["region"],
        who=found["who"],
        session=found["session"],
        key_id=found["key_id"],
        origin=found["origin"],
        action=found["action"],
        target=found["target"],
        error=None if found["result"] == "ok" else found["result"],
        detail=found["detail"],
        event_id=found["event_id"],
        part=found.get("part", ""),
    )


def _has_data_events(home: Path, where: Where, clock: Callable[[], datetime]) -> bool:
    question = find_question("cloudtrail.event-categories")
    with ask(QueryRequest(home=home, sql=question.query, where=where), clock=clock) as answer:
        return any(row[0] == "Data" for row in answer.rows())
