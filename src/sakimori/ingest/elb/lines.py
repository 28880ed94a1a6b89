"""What the logs of all load balancers share: the names of their files, and the ends of the texts of strangers."""

import re
from typing import Final

from sakimori.ingest.lines.fields import REGION
from sakimori.ingest.source import Document

_FILE: Final = re.compile(
    rf"(?:^|/)(?P<kind>[a-z_]*?)[._]?(?P<account_id>[0-9]{{12}})_elasticloadbalancing_(?P<region>{REGION})_"
    r"(?P<elb>[^/]+)_[0-9]{8}T[0-9]{4}Z_[^/]*\Z"
)
NOT_CLASSIC: Final = ("app.", "net.", "gwy.")
"""How the names of all other load balancers begin in the names of files."""
REQUEST_AND_AGENT: Final = r'"(?>(.*?)" ")(.*)" '
"""Bounds of a request and a user agent: no URL has spaces, so the first `" "` parts them."""


def named(document: Document) -> dict[str, str]:
    """Account, Region and resource ID of the load balancer as the file's name tells them.

    In the name periods stand where the resource ID has slashes: `app.shop.50dc6c495c0c9188` is `app/shop/50dc6c495c0c9188`.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
    """
    found = _FILE.search(document.location)
    if not found:
        return {}
    elb = found["elb"].replace(".", "/") if found["elb"].startswith(NOT_CLASSIC) else found["elb"]
    return {"account_id": found["account_id"], "region": found["region"], "elb": elb}


def is_named(location: str, kind: str, balancer: str | tuple[str, ...]) -> bool:
    """The file has the name that AWS gives to this kind of log (`conn_log` and so on, "" for access logs)."""
    found = _FILE.search(location)
    return bool(found) and found["kind"] == kind and found["elb"].startswith(balancer)
