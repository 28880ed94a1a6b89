r"""Messages of CloudWatch Logs as the bytes of a log file that its source reads: each message stays one record.

A message may hold line ends, and whoever writes to a log may put them there. JSON needs none of them; a log of
PostgreSQL goes on with a tab, as its source knows it; of anything else they are written as `\n`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sakimori.lake.instants import moment_of

_WITH_TIME: Final = frozenset({"rds-audit", "ssm-session", "apigateway"})
"""Sources whose messages need not tell their time: it is put before each, as an export to S3 does."""
_BY_STREAM: Final = "ssm-session"
"""Its transcripts are told apart by their streams, which bear the sessions' names."""
_LINE_ENDS: Final = ("\r\n", "\n", "\r")

Event = Mapping[str, Any]
"""As FilterLogEvents gives it."""


def files_of(source: str, events: Iterable[Event], head: bytes = b"") -> Sequence[tuple[str, bytes]]:
    """Name and content of each file that these messages make; the name is "" where all are in one. `head` begins each."""
    if source != _BY_STREAM:
        return (("", head + b"".join(_line(source, event) for event in events)),)
    streams: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        streams[str(event.get("logStreamName", ""))].append(event)
    return tuple(
        (_file_name(stream, mine), b"".join(_line(source, event) for event in mine)) for stream, mine in streams.items()
    )


def bytes_of(event: Event) -> int:
    """How large a message is, as CloudWatch Logs counts it: in UTF-8, and 26 for itself."""
    return len(str(event.get("message", "")).encode("utf-8", "replace")) + 26


def logged_at(event: Event) -> int:
    """Milliseconds since 1970."""
    return int(event.get("timestamp") or 0)


def _line(source: str, event: Event) -> bytes:
    text = str(event.get("message", "")).rstrip("\r\n")
    if not text.strip():
        return b""
    time = f"{_spelled(logged_at(event))} " if source in _WITH_TIME else ""
    if text.lstrip().startswith(("{", "[")):
        lines = [_joined(text, " ")]
    elif source == "rds-audit":
        lines = [_joined(text, "\n\t")]
    elif source == _BY_STREAM:
        lines = _joined(text, "\n").split("\n")
    else:
        lines = [_joined(text, "\\n")]
    return "".join(f"{time}{line}\n" for line in lines).encode("utf-8", "replace")


def _joined(text: str, between: str) -> str:
    for end in _LINE_ENDS:
        text = text.replace(end, "\n")
    return text if between == "\n" else text.replace("\n", between)


def _spelled(milliseconds: int) -> str:
    moment = moment_of(milliseconds * 1_000)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03}Z"


def _file_name(stream: str, events: Sequence[Event]) -> str:
    """A transcript's name ends in `.log`, that of streamed events does not: what is what, its source tells by that."""
    is_json = any(str(event.get("message", "")).lstrip().startswith("{") for event in events)
    return stream if is_json else f"{stream}.log"
