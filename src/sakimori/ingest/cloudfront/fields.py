"""Fields of CloudFront's logs: their orders where no header tells them, and the row that they give."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from sakimori.ingest.json_members import moment, value_of
from sakimori.ingest.json_records import json_text
from sakimori.ingest.lines.fields import CLOCK
from sakimori.lake.table import Column, Table, Type

_STANDARD_FIELDS: Final = (
    "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) "
    "cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken "
    "x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status "
    "fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len "
    "sc-range-start sc-range-end c-country cache-behavior-path-pattern"
)
STANDARD: Final = tuple(_STANDARD_FIELDS.split())
"""Legacy logs have the first 33 or, of older years, fewer; v2 has two more by default."""
_REAL_TIME_FIELDS: Final = (
    "timestamp c-ip time-to-first-byte sc-status sc-bytes cs-method cs-protocol cs-host cs-uri-stem cs-bytes "
    "x-edge-location x-edge-request-id x-host-header time-taken cs-protocol-version c-ip-version cs-user-agent "
    "cs-referer cs-cookie cs-uri-query x-edge-response-result-type x-forwarded-for ssl-protocol ssl-cipher "
    "x-edge-result-type fle-encrypted-fields fle-status sc-content-type sc-content-len sc-range-start sc-range-end "
    "c-port x-edge-detailed-result-type c-country cs-accept-encoding cs-accept cache-behavior-path-pattern cs-headers "
    "cs-header-names cs-headers-count primary-distribution-id primary-distribution-dns-name origin-fbl origin-lbl asn "
    "cmcd-encoded-bitrate cmcd-buffer-length cmcd-buffer-starvation cmcd-content-id cmcd-object-duration cmcd-deadline "
    "cmcd-measured-throughput cmcd-next-object-request cmcd-next-range-request cmcd-object-type cmcd-playback-rate "
    "cmcd-requested-maximum-throughput cmcd-streaming-format cmcd-session-id cmcd-stream-type cmcd-startup "
    "cmcd-top-bitrate cmcd-version r-host sr-reason x-edge-mqcs distribution-tenant-id connection-id"
)
_REAL_TIME: Final = tuple(_REAL_TIME_FIELDS.split())
_PRIMARY: Final = ("primary-distribution-id", "primary-distribution-dns-name")
_ADDED: Final = (40, 45, 63, 66, 67, 68)
"""How many fields all fields were, from 2020 on; the address of the server came last, and was put in third."""
_WITHOUT_PRIMARY: Final = 43
_EPOCH: Final = re.compile(r"[0-9]{9,10}(?:\.[0-9]{1,6})?", re.ASCII)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CLOCK: Final = re.compile(CLOCK)
_ADDRESS: Final = re.compile(r"[0-9a-fA-F]*[:.][0-9a-fA-F:.]*:[0-9a-fA-F:.]*|[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+", re.ASCII)
_IP_VERSIONS: Final = ("IPv4", "IPv6")
_SHORTEST: Final = 12
"""Standard logs of 2012 had twelve fields."""


def order_of(values: Sequence[str]) -> tuple[str, ...] | None:
    """The names of the fields of a line in a file without header; None where these are no fields of CloudFront's in full."""
    if len(values) >= _SHORTEST and _DATE.fullmatch(values[0]) and _CLOCK.fullmatch(values[1]):
        return STANDARD[: len(values)] if len(values) <= len(STANDARD) else None
    if len(values) < _ADDED[0] or not _EPOCH.fullmatch(values[0]):
        return None
    names = _REAL_TIME
    count = len(values)
    if _ADDRESS.fullmatch(values[2]):
        names = (*names[:2], "s-ip", *names[2:])
        count -= 1
    if count == _WITHOUT_PRIMARY:
        names = tuple(name for name in names if name not in _PRIMARY)
    elif count not in _ADDED:
        return None
    names = names[: len(values)]
    return names if values[names.index("c-ip-version")] in _IP_VERSIONS else None


@lru_cache(maxsize=1_024)
def column_name(name: str) -> str:
    """AWS's name of a field as the name of a column.

    >>> column_name("cs(User-Agent)"), column_name("timestamp(ms)")
    ('cs_user_agent', 'timestamp_ms')
    """
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def decoded(text: str, *, is_agent: bool = False) -> str:
    """A text as the viewer sent it: without the encoding that CloudFront wrote over it, twice over user agents of older logs.

    >>> decoded("curl%2520/8", is_agent=True), decoded("/a%2520b"), decoded("100% true")
    ('curl /8', '/a%20b', '100% true')
    """
    # CloudFront encodes spaces and quotation marks: what holds one was not encoded.
    if "%" not in text or " " in text or '"' in text:
        return text
    try:
        found = unquote(text, errors="strict")
        return unquote(found, errors="strict") if is_agent and "%20" in found and " " not in found else found
    except UnicodeDecodeError:
        # Bytes that are no text stay as the log has them.
        return text


def row_of(table: Table, columns: Mapping[str, Column], members: Mapping[str, object]) -> dict[str, object]:
    """The row of the fields of one request, by AWS's names or those of columns; without `time` where none is told."""
    found = {column_name(name): (name, value) for name, value in members.items() if value not in ("-", "", None)}
    row: dict[str, object] = {table.time: _time_of(found)}
    rest: dict[str, object] = {}
    for name, (own_name, value) in found.items():
        column = columns.get(name)
        kept = None if column is None else value_of(column, value)
        if column is None or kept is None:
            rest[own_name] = value
        elif column.type is Type.TEXT:
            row[name] = decoded(str(kept), is_agent=name == "cs_user_agent")
        else:
            row[name] = kept
    if _is_real_time(members):
        _turn_real_time(row)
    if rest:
        row["rest"] = json_text(rest)
    return row


def _time_of(found: dict[str, tuple[str, object]]) -> datetime | None:
    """The time of the request, taken out of its fields: the most exact one there is."""
    _, date = found.get("date", ("", ""))
    _, clock = found.get("time", ("", ""))
    for names, value in (
        (("timestamp_ms",), found.get("timestamp_ms", ("", None))[1]),
        (("timestamp",), found.get("timestamp", ("", None))[1]),
        (("date", "time"), f"{str(date)[:10]}T{clock}"),
    ):
        if time := moment(value):
            for name in (*names, "date", "time"):
                found.pop(name, None)
            return time
    return None


def _is_real_time(members: Mapping[str, object]) -> bool:
    """These are fields of a real-time log: standard logs have a date, milliseconds, or headers in parentheses."""
    names = {column_name(name) for name in members}
    return "timestamp" in names and not names & {"date", "timestamp_ms"} and not any("(" in name for name in members)


def _turn_real_time(row: dict[str, object]) -> None:
    """Bring a row of a real-time log to what the columns mean.

    There `cs-host` is the viewer's Host header and `x-host-header` the distribution, and the path has the query string.
    """
    row["cs_host"], row["x_host_header"] = row.get("x_host_header"), row.get("cs_host")
    stem, mark, query = str(row.get("cs_uri_stem") or "").partition("?")
    if mark:
        row["cs_uri_stem"] = stem
        row.setdefault("cs_uri_query", query)
