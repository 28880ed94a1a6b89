"""Lines of PostgreSQL's log as RDS and Aurora write them, and what pgAudit says in them.

The beginning of a line is `log_line_prefix`, on RDS `%t:%r:%u@%d:[%p]:`, to which a parameter group may add more fields.
A statement of several lines goes on with a tab. Source: pgAudit's README, "Format", and PostgreSQL's "Error Reporting and
Logging". A client chooses its user, database and application names: what looks like a field may be a part of those.
"""

import re
from typing import Final

from sakimori.ingest.json_members import Values
from sakimori.ingest.json_records import json_text
from sakimori.ingest.rows import as_time

BEGINS: Final = re.compile(
    r"(?P<time>[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?) (?P<zone>[A-Za-z0-9_/+-]{1,40}):"
    r"(?:\[local\]|(?P<host>[^()@\s]+)\((?P<port>[0-9]{1,5})\))?:(?P<username>[^@]*+)@(?P<database>.{0,256}?):"
    r"\[(?P<connectionid>[0-9]{1,10})\]:(?P<more>.{0,512}?)"
    r"(?P<severity>LOG|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|DEBUG[1-5]?|DETAIL|HINT|STATEMENT|CONTEXT|QUERY|LOCATION):  ?"
)
CONTINUES: Final = "\t"
AUDIT: Final = "AUDIT: "
_FIELDS: Final = (
    "audit_type", "statement_id", "substatement_id", "operation", "command", "object_type", "object", "statement",
    "parameter",
)  # fmt: skip
_FEWEST_FIELDS: Final = 8
_FIELD: Final = re.compile(r'"((?:[^"]++|"")*+)"(?=,|\Z)|([^,"][^,]*+)?(?=,|\Z)', re.DOTALL)
_MORE: Final = re.compile(r"[0-9]+:(?P<sqlstate>[0-9A-Z]{5}):")
_UTC: Final = frozenset({"UTC", "GMT"})


def row_of(text: str) -> Values | None:
    """The row of a whole entry, its lines joined; None where it does not begin as one. Its time may be missing."""
    begins = BEGINS.match(text)
    if not begins:
        return None
    row: Values = {name: value for name, value in begins.groupdict().items() if value and name not in _OF_NO_COLUMN}
    row["engine"] = "postgresql"
    row["timestamp"] = as_time(begins["time"]) if begins["zone"] in _UTC else None
    rest: dict[str, object] = {}
    if more := begins["more"]:
        rest["log_line_prefix"] = more
        if state := _MORE.match(more):
            row["sqlstate"] = state["sqlstate"]
    message = text[begins.end() :]
    fields = _csv(message.removeprefix(AUDIT)) if message.startswith(AUDIT) else None
    if fields is None or len(fields) < _FEWEST_FIELDS:
        row["message"] = message
    else:
        row |= {name: value or None for name, value in zip(_FIELDS, fields, strict=False)}
        if fields[len(_FIELDS) :]:
            rest["more"] = fields[len(_FIELDS) :]
    if rest:
        row["rest"] = json_text(rest)
    return row


_OF_NO_COLUMN: Final = frozenset({"time", "zone", "more"})


def _csv(text: str) -> list[str] | None:
    """The fields of one CSV record, which may hold line ends; None where it is none, as one that was cut off."""
    fields: list[str] = []
    at = 0
    while field := _FIELD.match(text, at):
        fields.append(field[2] or "" if field[1] is None else field[1].replace('""', '"'))
        at = field.end() + 1
        if at > len(text):
            return fields
    return None
