r"""Audit logs of databases in RDS and Aurora: the audit plugin of MariaDB and MySQL, Aurora's own, and pgAudit.

The plugin writes `timestamp,serverhost,username,host,connectionid,queryid,operation,database,object,retcode`, newer
versions `connection_type` after it; SQL stands between single quotes with `\'`, `\\` and `\n` for what it must not hold.
Aurora's timestamps are microseconds since 1970. Ordinary lines of PostgreSQL's log stay too, with `operation` NULL:
its failed logins are told nowhere else. Any other line (an error log or general log of MySQL, a log of another service) is refused.
A log that grows is read again and again: an entry is known by its text, one of PostgreSQL, which does not name its
server, by that and its file; the second of two equal entries by being the second.
Source: RDS User Guide, "MariaDB Audit Plugin support"; Aurora User Guide, "Audit log details".
"""

import re
from collections import Counter
from datetime import datetime
from functools import partial
from hashlib import blake2b
from typing import Final

from sakimori.ingest.json_members import Values
from sakimori.ingest.log_messages import Message, message_of, messages_of
from sakimori.ingest.rds_audit import postgresql
from sakimori.ingest.rows import MAX_RECORD_BYTES, RowBatch, as_time
from sakimori.ingest.source import (
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
from sakimori.lake.instants import moment_of

TABLE: Final = log_table(
    "aws_rds_audit_log",
    "What the audit logs of RDS and Aurora databases tell, and the other lines of those logs.",
    key="serverhost",
    time="timestamp",
    identity=("timestamp", "entry_id"),
    distinct=("timestamp", "queryid", "statement_id", "entry_id"),
    columns=(
        col("timestamp", TIMESTAMP, "When it happened; to the second but in Aurora MySQL."),
        col("engine", TEXT, "mysql for the audit plugin of MariaDB, MySQL and Aurora MySQL, or else postgresql."),
        col("serverhost", TEXT, "The database server by its own name, or by that of its log group."),
        col("username", TEXT, "The database user."),
        col("host", TEXT, "Where the user connected from."),
        col("port", INTEGER, "The port of the user's side, in PostgreSQL."),
        col("connectionid", INTEGER, "The connection's number; in PostgreSQL the process that serves it."),
        col("queryid", INTEGER, "The query's number in the server, of the audit plugin."),
        col("operation", TEXT, "CONNECT, QUERY, READ and the like, or pgAudit's class; NULL for an ordinary line of a log."),
        col("command", TEXT, "The kind of statement, such as SELECT, of pgAudit."),
        col("database", TEXT, "The database in use; NULL where none is."),
        col("object_type", TEXT, "TABLE, INDEX, VIEW and the like, of pgAudit."),
        col("object", TEXT, "The table or other object; NULL where the entry tells of none."),
        col("statement", TEXT, "The SQL as it ran; NULL where the entry has none."),
        col("parameter", TEXT, "The values of a statement's parameters, where pgAudit logs them."),
        col("retcode", INTEGER, "0 for success, or the error's number, of the audit plugin."),
        col("connection_type", INTEGER, "1 for TCP/IP, 2 for a socket, 4 for TLS, of newer audit plugins."),
        col("audit_type", TEXT, "SESSION or OBJECT, of pgAudit."),
        col("statement_id", INTEGER, "The statement's number in its session, of pgAudit."),
        col("substatement_id", INTEGER, "The number of a statement inside that one, of pgAudit."),
        col("severity", TEXT, "LOG, ERROR, FATAL and the like, in PostgreSQL."),
        col("sqlstate", TEXT, "PostgreSQL's code of the error, where the log has it."),
        col("message", TEXT, "What an ordinary line of a log says; NULL for an audited statement."),
        col("entry_id", TEXT, "A mark of the entry, by which the same one read twice is one row."),
        col("rest", TEXT, "All other fields, as JSON."),
    ),
)  # fmt: skip

_BEGINS: Final = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:|[0-9]{8} [0-9]{2}:[0-9]{2}:|[0-9]{16},")
_HEAD: Final = r"(?P<timestamp>[0-9]{8} [0-9]{2}:[0-9]{2}:[0-9]{2}|[0-9]{16}),(?P<serverhost>[^,]*),"
_CALLER: Final = r"(?P<host>[^,]*),(?P<connectionid>[0-9]*),(?P<queryid>[0-9]*),"
_USER: Final = r"(?P<username>[^,]*),"
_TAIL: Final = r",(?P<retcode>-?[0-9]*)(?:,(?P<connection_type>[0-9]*))?\Z"
_BEGINNING: Final = re.compile(_HEAD + _USER + _CALLER + "[A-Z_]+,")
_PLUGIN: Final = re.compile(
    _HEAD + _USER + _CALLER + r"(?P<operation>[A-Z_]+),(?P<database>[^,]*),"
    r"(?:'(?P<statement>(?:[^'\\]++|\\.)*+)'|(?P<object>[^,']*))" + _TAIL,
    re.DOTALL,
)
_ODD_QUERY: Final = re.compile(
    _HEAD + _USER + _CALLER + r"(?P<operation>QUERY[A-Z_]*),(?P<database>[^,]*),'?(?P<statement>.*?)"
    r"(?:'?,(?P<retcode>-?[0-9]{1,6})(?:,(?P<connection_type>[0-9]))?)?\Z",
    re.DOTALL,
)
"""A query whose quotes do not close, as one that was cut off."""
_ODD_LOGIN: Final = re.compile(
    _HEAD
    + r"(?P<username>.*),"
    + _CALLER
    + r"(?P<operation>[A-Z_]*CONNECT),(?P<database>[^,]*),(?P<object>[^,]*)"
    + _TAIL
)
"""A login with commas in the name of its user, whatever fields that name pretends to be."""
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_LETTERS: Final = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}
_MICROSECOND_DIGITS: Final = 16
_GROUP: Final = re.compile(r"/aws/rds/(?:instance|cluster)/([^/]+)/")
_SEARCHED_LINES: Final = 10


def _rows(document: Document) -> Rows:
    """Entries of one line, or of PostgreSQL with the lines that go on with a tab."""
    entry: list[Message] = []
    size = 0
    entries = _Entries(document.location)
    for found in messages_of(document):
        if isinstance(found, Message) and entry and _goes_on(entry[0], found):
            size += len(found.text)
            if size > MAX_RECORD_BYTES:
                yield Refused(offset=found.offset, reason=Reason.TOO_LARGE, size=len(found.text))
            else:
                entry.append(found)
            continue
        if entry:
            yield entries.row(entry)
        entry, size = [], 0
        if isinstance(found, Refused):
            yield found
        else:
            entry = [found]
    if entry:
        row = entries.row(entry)
        is_open = not document.data.endswith(b"\n")
        if is_open and not isinstance(row, Refused) and _is_cut_off(row):
            yield Refused(offset=entry[0].offset, reason=Reason.CUT_OFF, size=size + len(entry[0].text))
        else:
            yield row


def _is_cut_off(row: Row) -> bool:
    """The last entry of a file, without the end of its line, is not whole: the plugin ends with a code, pgAudit with its last field."""
    if row["engine"] == "mysql":
        return row.get("retcode") is None
    return str(row.get("message") or "").startswith(postgresql.AUDIT)


def _goes_on(first: Message, message: Message) -> bool:
    """Entries of the plugin never go on: it escapes line ends."""
    return message.text.startswith(postgresql.CONTINUES) and not _BEGINNING.match(first.text)


class _Entries:
    """Rows of the entries of one document, which it counts where they are equal."""

    def __init__(self, location: str) -> None:
        group = _GROUP.search(location)
        self._location = location
        self._server = group[1] if group else None
        self._met: Counter[bytes] = Counter()

    def row(self, entry: list[Message]) -> Row | Refused:
        """The row of an entry, which may have several lines."""
        first = entry[0]
        lines = [first.text, *(message.text.removeprefix(postgresql.CONTINUES) for message in entry[1:])]
        text = "\n".join(lines).rstrip()
        row = _of_plugin(text) or postgresql.row_of(text)
        if row is None:
            return Refused(offset=first.offset, reason=Reason.BAD_LINE, size=len(text))
        row["timestamp"] = row["timestamp"] or first.logged_at
        if row["timestamp"] is None:
            return Refused(offset=first.offset, reason=Reason.NO_TIME, detail=TABLE.time, size=len(text))
        row.setdefault("serverhost", self._server)
        row["entry_id"] = self._mark(text, "" if row.get("engine") == "mysql" else self._location)
        return row

    def _mark(self, text: str, of_file: str) -> str:
        digest = blake2b(f"{of_file}\n{text}".encode("utf-8", "replace"), digest_size=10).digest()
        self._met[digest] += 1
        return f"{digest.hex()}-{self._met[digest]}"


def _of_plugin(text: str) -> Values | None:
    found = _PLUGIN.match(text) or _ODD_QUERY.match(text) or _ODD_LOGIN.match(text)
    if not found:
        return None
    row: Values = {name: value or None for name, value in found.groupdict().items()}
    row["engine"] = "mysql"
    row["timestamp"] = _moment(found["timestamp"])
    if statement := found.groupdict().get("statement"):
        row["statement"] = _ESCAPED.sub(_letter, statement)
    host, colon, port = found["host"].partition(":")
    if colon and port.isdecimal():
        row |= {"host": host, "port": port}
    return row


def _letter(escaped: re.Match[str]) -> str:
    return _LETTERS.get(escaped[1], escaped[1])


def _moment(text: str) -> datetime | None:
    if len(text) == _MICROSECOND_DIGITS:
        return moment_of(int(text)).replace(tzinfo=None)
    return as_time(text)


def _cut(data: bytes) -> int:
    """The index of the last line that begins an entry, as the entry before it is whole; 0 where there is none."""
    end = len(data)
    while (end := data.rfind(b"\n", 0, end)) >= 0:
        if _BEGINS.match(data, end + 1):
            return end + 1
    return 0


def _recognises(name: str, head: bytes) -> bool:  # noqa: ARG001 - the lines tell, whatever their file is called
    for raw in head.split(b"\n", _SEARCHED_LINES)[:_SEARCHED_LINES]:
        text = message_of(0, raw.decode("utf-8", "replace")).text
        if postgresql.BEGINS.match(text) or _BEGINNING.match(text):
            return True
    return False


SOURCE: Final = Source(
    name="rds-audit", table=TABLE, batch=partial(RowBatch, TABLE, _rows), recognises=_recognises, cut=_cut
)
