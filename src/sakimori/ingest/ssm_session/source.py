"""Sessions of Session Manager, line by line: transcripts in S3, and what is streamed to CloudWatch Logs.

A transcript `<session id>.log` is what the terminal showed, with a first line of the program `script` that says when the
transcript was made, at the end of the session; its lines have no times of their own. A stream sends JSON with the lines
since the last event. Both are told with everything that was typed and shown, secrets too. No line has an identifier:
only files are told apart. Source: Systems Manager User Guide, "Logging session activity", and the source of the SSM Agent.
"""

import re
from datetime import datetime
from functools import partial
from typing import Any, Final

from sakimori.ingest.json_members import Values, finished, inside, plan_of, take
from sakimori.ingest.json_records import Record, cut, guarded, records_of, top_keys
from sakimori.ingest.log_messages import EXPORTED
from sakimori.ingest.rows import MAX_RECORD_BYTES, RowBatch, as_time
from sakimori.ingest.source import (
    BOOLEAN,
    INTEGER,
    TEXT,
    TIMESTAMP,
    Document,
    Reason,
    Refused,
    Row,
    Rows,
    Source,
    col,
    log_table,
)
from sakimori.ingest.ssm_session.terminal import shown

TABLE: Final = log_table(
    "aws_ssm_session_log",
    "What was typed and shown in sessions of Session Manager, line by line.",
    key="session_id",
    time="event_time",
    distinct=("session_data", "text", "line_offset", "line_number"),
    columns=(
        col("event_time", TIMESTAMP, "When the line was streamed; of a transcript, when that was made or stored."),
        col("time_is_of_file", BOOLEAN, "The time is that of a transcript, and not of the line."),
        col("session_id", TEXT, "The session; NULL where neither the event nor the name of the file tells it."),
        col("user_identity_arn", TEXT, "The ARN of who opened the session; NULL in a transcript."),
        col("target_id", TEXT, "The instance or task on which the session ran; NULL in a transcript."),
        col("run_as_user", TEXT, "The user of the operating system; NULL in a transcript."),
        col("line_offset", INTEGER, "Where the line, or its event, begins in the unpacked file, in bytes: it puts lines in order."),
        col("line_number", INTEGER, "Which line of its event or transcript, from 1; NULL far down in a large transcript."),
        col("text", TEXT, "The line as a person reads it, without codes for the terminal and without what was taken back."),
        col("session_data", TEXT, "The line as it was logged, codes for the terminal included."),
        col("event_version", TEXT, "The version of the event's format; NULL in a transcript."),
        col("rest", TEXT, "All other fields of the event, as JSON."),
    ),
)  # fmt: skip

_PLAN: Final = plan_of(
    TABLE,
    {
        "eventTime": "event_time",
        "sessionId": "session_id",
        "runAsUser": "run_as_user",
        "eventVersion": "event_version",
        "awsRegion": "region",
    },
)
_SHAPE: Final = frozenset({"sessionId", "sessionData", "eventTime"})
_SESSION_ID: Final = re.compile(
    r"(?!(?:i|mi|eni|vpc|subnet|vol|fl|tgw)-[0-9a-f]{17}\b)[\w+=,.@-]+-[0-9a-z]{17,32}", re.ASCII
)
_TRANSCRIPT: Final = re.compile(rf"(?:\A|/){_SESSION_ID.pattern}\.log(?:\.gz)?\Z", re.ASCII)
_ENDING: Final = re.compile(r"(?:\.log)?(?:\.gz)?\Z")
_MADE: Final = re.compile(rb"\s*(?:[0-9T:.-]{23}Z )?Script started on ([^\r\n\[]{8,64})")
_ARN_ACCOUNT: Final = re.compile(r"arn:[a-z-]+:(?:iam|sts)::([0-9]{12}):")
_HEAD_BYTES: Final = 64 << 10
_EXPORT_BYTES: Final = 64
_SEARCHED_LINES: Final = 10
_SPELLED: Final = ("%a %d %b %Y %I:%M:%S %p %Z", "%a %b %d %H:%M:%S %Y", "%a %d %b %Y %H:%M:%S %Z")
"""How `script` writes the time where it does not write ISO 8601; a zone is UTC, as instances have it."""


def _rows(document: Document) -> Rows:
    head = document.head or document.data
    if not _is_stream(document.location, head):
        yield from _transcript(document, head)
        return
    for found in records_of(document):
        if isinstance(found, Refused):
            yield found
        else:
            yield from _streamed(found, document)


def _is_stream(location: str, head: bytes) -> bool:
    """Events, and no transcript: a transcript may show what looks like an event, and would be believed."""
    if _TRANSCRIPT.search(location) or _MADE.match(head):
        return False
    return any(top_keys(line) >= _SHAPE for line in head[:_HEAD_BYTES].split(b"\n", _SEARCHED_LINES))


def _streamed(record: Record, document: Document) -> Rows:
    """A row for each line of an event; one without any line is one row, as it still says who was there."""
    members = dict(record.members)
    lines = members.get("sessionData")
    if "sessionId" not in members or "sessionData" not in members:
        yield Refused(offset=record.offset, reason=Reason.NOT_A_RECORD)
        return
    if isinstance(lines, list) and all(isinstance(line, str) for line in lines):
        del members["sessionData"]
    else:
        lines = []
    event = guarded(partial(_event, members=members, place_account=document.place.account), record)
    if isinstance(event, Refused):
        yield event
        return
    for number, line in enumerate(lines, 1):
        yield {**event, "line_number": number, "session_data": line, "text": shown(line)}
    if not lines:
        yield event


def _event(record: Record, *, members: dict[str, Any], place_account: str) -> Row | Refused:
    row: Values = {"line_offset": record.offset, "time_is_of_file": False}
    take(_PLAN, members, row)
    for member, name, column in (("userIdentity", "arn", "user_identity_arn"), ("target", "id", "target_id")):
        value = inside(members, member, name)
        if isinstance(value, str):
            row[column] = value
            if len(members[member]) == 1:
                del members[member]
    arn = _ARN_ACCOUNT.match(str(row.get("user_identity_arn")))
    row["account_id"] = place_account or (arn and arn[1])
    return finished(record, TABLE, row, members)


def _transcript(document: Document, head: bytes) -> Rows:
    """A row for each line that is not empty. Bytes that are no UTF-8, as of a file that was shown, become U+FFFD."""
    is_exported = EXPORTED.match(head[:_EXPORT_BYTES].decode("utf-8", "replace")) is not None
    of_file: Values = {
        "event_time": _made_at(head) or document.place.named_at or document.place.modified_at,
        "time_is_of_file": True,
        "session_id": _session_of(document.location),
    }
    offset = document.offset
    for number, raw in enumerate(document.data.split(b"\n"), 1):
        begins, offset = offset, offset + len(raw) + 1
        if not raw.strip():
            continue
        if len(raw) > MAX_RECORD_BYTES:
            yield Refused(offset=begins, reason=Reason.TOO_LARGE, size=len(raw))
            continue
        line = raw.rstrip(b"\r").decode("utf-8", "replace")
        row: Values = {**of_file, "line_offset": begins, "line_number": None if document.offset else number}
        if is_exported and (logged := EXPORTED.match(line)):
            line = line[logged.end() :]
            row |= {"event_time": as_time(logged[1]), "time_is_of_file": False}
        if row["event_time"] is None:
            yield Refused(offset=begins, reason=Reason.NO_TIME, detail=TABLE.time, size=len(raw))
        else:
            yield {**row, "session_data": line, "text": shown(line)}


def _made_at(head: bytes) -> datetime | None:
    made = _MADE.match(head)
    if not made:
        return None
    text = made[1].decode("ascii", "replace").strip()
    if moment := as_time(text):
        return moment
    for spelled in _SPELLED:
        try:
            return datetime.strptime(text, spelled)  # noqa: DTZ007 - the lake's times are UTC without saying so
        except ValueError:
            continue
    return None


def _session_of(location: str) -> str | None:
    """The session id in the file's name, or in that of its directory, as an export of a log stream has it."""
    for part in reversed(location.split("/")):
        if name := _SESSION_ID.fullmatch(_ENDING.sub("", part)):
            return name[0]
    return None


def _recognises(name: str, head: bytes) -> bool:
    if _TRANSCRIPT.search(name):
        return not top_keys(head)
    return bool(_MADE.match(head)) or _is_stream(name, head)


SOURCE: Final = Source(
    name="ssm-session",
    table=TABLE,
    batch=partial(RowBatch, TABLE, _rows),
    recognises=_recognises,
    cut=cut,
    head=lambda data: data[:_HEAD_BYTES],
)
