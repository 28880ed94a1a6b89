"""Messages of CloudWatch Logs: bare lines, or lines that an export to S3 begins with the time of each."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from sakimori.ingest.rows import as_time, lines_of
from sakimori.ingest.source import Document, Refused

EXPORTED: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z) ")
"""What an export task writes before each message: when CloudWatch Logs says that it was logged."""
_BOM: Final = "\ufeff"


class Message(NamedTuple):
    """A tuple and no dataclass: a batch has a million of them. `logged_at` is the export's time, None for a bare line."""

    offset: int
    text: str
    logged_at: datetime | None = None


def messages_of(document: Document) -> Iterator[Message | Refused]:
    """Each line that is not empty as a message, without the export's time; `offset` is that of the line."""
    for found in lines_of(document):
        if isinstance(found, Refused):
            yield found
            continue
        offset, line = found
        yield message_of(offset, line)


def message_of(offset: int, line: str) -> Message:
    """The message of one line.

    >>> message_of(0, "2026-10-01T00:00:00.000Z 1.0 ...").text
    '1.0 ...'
    """
    line = line.lstrip(_BOM)
    exported = EXPORTED.match(line)
    if not exported:
        return Message(offset, line)
    return Message(offset, line[exported.end() :], as_time(exported[1]))


def first_message(head: bytes) -> str:
    """The first message of a file whose beginning is `head`, as far as it goes; "" where there is none."""
    line = next((line for line in head.split(b"\n") if line.strip()), b"")
    return message_of(0, line.rstrip(b"\r").decode("utf-8", "replace")).text
