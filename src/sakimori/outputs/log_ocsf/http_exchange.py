"""The pieces of an HTTP Activity: method, URL, request, response, TLS.

Source: OCSF 1.8.0, objects/{http_request,http_response,url,tls}.json.
"""

import re
from typing import Any, Final

from sakimori.outputs.log_ocsf.event import FAILURE, OTHER, SUCCESS, UNTOLD
from sakimori.outputs.log_ocsf.row_values import Left, address_of, known, text

ACTIVITIES: Final = {
    0: "Unknown", 1: "Connect", 2: "Delete", 3: "Get", 4: "Head", 5: "Options", 6: "Post", 7: "Put", 8: "Trace", 9: "Patch",
    OTHER: "Other",
}  # fmt: skip
_METHODS: Final = {name.upper(): uid for uid, name in ACTIVITIES.items() if uid not in {0, OTHER}}
_URL: Final = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?P<hostname>\[[0-9A-Fa-f:.]+\]|[^\s/?#:@\[\]]*)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[^?#]*)?(?:\?(?P<query_string>.*))?",
    re.DOTALL,
)
_MOST_PORTS: Final = 65_535
_FIRST_FAILURE: Final = 400
_LEAST_CODE: Final = 100


def method_of(method: str | None) -> tuple[int, str | None]:
    """The activity of a method, and the method where OCSF has a name for it: what a client makes up is an activity of its own."""
    if not method:
        return 0, None
    found = _METHODS.get(method)
    return (found, method) if found else (OTHER, None)


def url_of(told: str | None) -> dict[str, Any] | None:
    """A URL with its parts, as far as it has any."""
    if not told:
        return None
    found = _URL.fullmatch(told)
    parts = {name: value for name, value in found.groupdict().items() if value} if found else {}
    port = int(parts.pop("port", "-1"))
    return {"url_string": told, **parts, **({"port": port} if 0 <= port <= _MOST_PORTS else {})}


def url_of_parts(scheme: str | None, host: str | None, path: str | None, query: str | None) -> dict[str, Any] | None:
    """A URL of which a log has the parts. OCSF knows none without a path: then it is spelled from the rest."""
    parts = known(scheme=scheme, hostname=host, path=path, query_string=query)
    if path or not parts:
        return parts or None
    beginning = f"{scheme}://" if scheme else ""
    ending = f"?{query}" if query else ""
    return {**parts, "url_string": f"{beginning}{host or ''}{ending}"}


def status_of(code: int | None) -> tuple[int, str]:
    """How it ended, as the status code says."""
    if code is None:
        return UNTOLD
    return FAILURE if code >= _FIRST_FAILURE else SUCCESS


def code_of(left: Left, name: str) -> int | None:
    """A status code, without which OCSF knows no answer; a number that is none (CloudFront's 0 of a viewer who left) stays."""
    value = left.get(name)
    if isinstance(value, int) and value >= _LEAST_CODE:
        del left[name]
        return value
    return None


def milliseconds_of(*seconds: object) -> int | None:
    """The sum of durations in milliseconds; None where one is not known (-1 or NULL)."""
    total = 0.0
    for each in seconds:
        if not isinstance(each, int | float) or each < 0:
            return None
        total += each
    return round(total * 1000)


def tls_of(left: Left, version: str, cipher: str, server_name: str = "") -> dict[str, Any] | None:
    """The TLS of the connection; None without a version, which OCSF demands: the rest stays where it is."""
    told = text(left, version)
    if not told:
        return None
    return known(version=told, cipher=text(left, cipher), sni=text(left, server_name) if server_name else None)


def addresses_of(left: Left, name: str) -> list[str] | None:
    """The addresses in a header of them; where it holds anything else it stays whole with the rest as well."""
    told = left.get(name)
    if not isinstance(told, str):
        return None
    pieces = [piece.strip() for piece in told.split(",")]
    found = [ip for piece in pieces if (ip := address_of(piece))]
    if len(found) == len(pieces):
        del left[name]
    return found or None
