"""Lines of API Gateway's access logs in the formats CLF and CSV that its console proposes, by the names of JSON."""

import re
from typing import Final

_ID: Final = r"[A-Za-z0-9_=+/-]{8,128}"
_NUMBER: Final = r"(?:[0-9]{1,15}|-)"
_STATUS: Final = r"(?:[0-9]{3}|-)"
_EVENT: Final = "CONNECT|MESSAGE|DISCONNECT"
_METHOD: Final = r"[A-Z]{3,10}|-"
_TIME: Final = r"[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} [+-][0-9]{4}"
_CLF_BEGINS: Final = rf"(?P<ip>\S+) (?P<caller>\S+) (?P<user>\S+) \[(?P<requestTime>{_TIME})\] ?\""
_CSV_BEGINS: Final = rf"(?P<ip>[^,]+),(?:(?P<caller>[^,]*),(?P<user>[^,]*),)?(?P<requestTime>{_TIME}),"


def _ids(between: str) -> str:
    return f"(?P<requestId>{_ID})(?:{between}(?P<extendedRequestId>{_ID}))?\\Z"


_FORMATS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        # Of REST and HTTP APIs: a route is told as `GET /orders`, a resource as `/orders`.
        _CLF_BEGINS + rf'(?P<httpMethod>{_METHOD}) (?P<path>.*) (?P<protocol>[^ "]+)" '
        rf"(?P<status>{_STATUS}) (?P<responseLength>{_NUMBER}) " + _ids(" "),
        _CLF_BEGINS + rf'(?P<eventType>{_EVENT}) (?P<routeKey>.*) (?P<connectionId>[^ "]+)" (?P<status>{_STATUS}) '
        + _ids(" "),
        _CSV_BEGINS + rf"(?P<httpMethod>{_METHOD}),(?P<path>.*),(?P<protocol>[^,]+),"
        rf"(?P<status>{_STATUS}),(?P<responseLength>{_NUMBER})," + _ids(","),
        _CSV_BEGINS + rf"(?P<eventType>{_EVENT}),(?P<routeKey>.*),(?P<status>{_STATUS}),(?P<connectionId>[^,]+), ?"
        + _ids(","),
    )
)  # fmt: skip


def fields_of(line: str) -> dict[str, str] | None:
    """The fields of one line, None where it is of none of these formats; what is `-` is left out.

    >>> fields_of('192.0.2.7 - - [01/Oct/2026:00:00:00 +0000] "GET GET /orders HTTP/1.1" 200 12 JKJaXmPLvHcESHA=')["routeKey"]
    'GET /orders'
    """
    for form in _FORMATS:
        found = form.match(line)
        if found:
            fields = {name: value for name, value in found.groupdict().items() if value and value != "-"}
            if path := fields.pop("path", None):
                fields["resourcePath" if path.startswith("/") else "routeKey"] = path
            return fields
    return None
