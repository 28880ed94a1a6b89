"""Who did something, or touched a thing: the answer that an incident begins with, with how far it can be trusted.

"Nobody" is said of what was recorded, and what was recorded is said with it.
"""

import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from sakimori.app.query import QueryAnswer, QueryRequest, Searched, ask
from sakimori.lake.log_reader import Where
from sakimori.lake.user_sql import Value
from sakimori.model.arn import Arn
from sakimori.model.errors import UsageError
from sakimori.rules.questions import find_question

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
    """

    asked: str
    read_as: ReadAs
    deeds: tuple[Deed, ...]
    count: int
    searched: Searched
    has_data_events: bool | None = None


def who_did(home: Path, asked: str, where: Where, *, clock: Callable[[], datetime]) -> WhoDid:
    """Who called the operation, or touched the thing; UsageError for a text that can be neither."""
    text = asked.strip()
    if len(text) < _SHORTEST or '"' in text or "\\" in text:
        raise UsageError("query.nothing_to_find", asked=asked)
    read_as, identifier, parameters = _question(text)
    question = find_question(identifier)
    request = QueryRequest(home=home, sql=question.query, where=where, parameters={**question.values({}), **parameters})
    with ask(request, clock=clock) as answer:
        kept = deque[tuple[Any, ...]](maxlen=MOST)
        count = 0
        for row in answer.rows():
            kept.append(row)
            count += 1
        deeds = tuple(_deed(answer, row) for row in kept)
        return WhoDid(
            asked=text,
            read_as=read_as,
            deeds=deeds,
            count=count,
            searched=answer.searched,
            has_data_events=None if deeds else _has_data_events(home, where, clock),
        )


def _question(text: str) -> tuple[ReadAs, str, Mapping[str, Value]]:
    """How a text is read, the saved question for it, and the question's parameters."""
    call = _CALL.match(text)
    if call and (call[1] or _VERB.match(call[2])):
        service = call[1] or ""
        return ReadAs.EVENT, "cloudtrail.who-did-event", {"event": call[2], "service": _SOURCES.get(service, service)}
    name, service = _named_by(text)
    return ReadAs.RESOURCE, "cloudtrail.who-touched", {"thing": text, "name": name, "service": service}


def _named_by(text: str) -> tuple[str, str]:
    """The name by which calls of its own service name what an ARN names, and that service; "" where there is none."""
    try:
        arn = Arn.parse(text)
    except ValueError:
        return "", ""
    is_object = arn.service == "s3" and "/" in arn.resource
    name = "" if is_object else re.split("[/:]", arn.resource)[-1]
    return (name, _SOURCES.get(arn.service, arn.service)) if len(name) >= _SHORTEST else ("", "")


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
