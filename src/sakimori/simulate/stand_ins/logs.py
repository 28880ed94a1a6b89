"""FilterLogEvents as CloudWatch Logs answers it: by time through all streams, and by a prefix of their names.

moto goes stream by stream and knows no prefix. Source: CloudWatch Logs API reference, FilterLogEvents.
"""

import base64
from collections.abc import Mapping
from itertools import accumulate
from typing import Any, Final

from moto.logs.models import LogGroup, logs_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_MOST: Final = 10_000
_PAGE_BYTES: Final = 1 << 20
_CHOICE: Final = "You can specify only one of logStreamNames and logStreamNamePrefix."


def filter_log_events(desk: Desk) -> Mapping[str, Any] | Answer:
    """One page of at most 1 MB, the oldest event first; moto's answer for a group that is not there."""
    asked = desk.parameters()
    name = asked.get("logGroupName") or str(asked.get("logGroupIdentifier", "")).rpartition(":log-group:")[2]
    group = logs_backends[desk.state.account_id][desk.call.region].groups.get(name.removesuffix(":*"))
    if group is None:
        return desk.moto()
    if asked.get("logStreamNames") and asked.get("logStreamNamePrefix"):
        raise ServiceError("InvalidParameterException", _CHOICE, 400)
    events = sorted(_events(group, asked), key=lambda event: (event["timestamp"], event["ingestionTime"]))
    start = _start(asked.get("nextToken"))
    if not 0 <= start <= len(events):
        raise ServiceError("InvalidParameterException", "The specified nextToken is invalid.", 400)
    page = events[start : start + min(int(asked.get("limit") or _MOST), _MOST)]
    sizes = accumulate(len(event["message"].encode()) + 26 for event in page)
    page = page[: max(1, sum(size <= _PAGE_BYTES for size in sizes))]
    result: dict[str, Any] = {"events": page, "searchedLogStreams": []}
    if start + len(page) < len(events):
        result["nextToken"] = base64.b64encode(str(start + len(page)).encode()).decode()
    return result


STAND_INS: Final[Mapping[str, StandIn]] = {"logs:FilterLogEvents": filter_log_events}


def _events(group: LogGroup, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    names, prefix = asked.get("logStreamNames") or (), asked.get("logStreamNamePrefix") or ""
    since, until = asked.get("startTime") or 0, asked.get("endTime")
    return [
        event
        for name, stream in group.streams.items()
        if name.startswith(prefix) and (not names or name in names)
        for event in stream.filter_log_events(since, until or 0, asked.get("filterPattern") or "")
    ]


def _start(token: str | None) -> int:
    try:
        return int(base64.b64decode(token)) if token else 0
    except ValueError:
        return -1
