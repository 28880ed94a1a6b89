"""The server access log of the data bucket: the only place that tells of its listing where no trail records data events.

Source: Amazon S3 User Guide, "Amazon S3 server access log format" (the fields, and the name of an object).
"""

from datetime import datetime
from typing import Final

from moto.s3.models import s3_backends

from sakimori.simulate.state import AccountState
from sakimori.simulate.trail.event import Happening

_OWNER: Final = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
"""The canonical id that AWS's documentation uses."""


def write_access_log(state: AccountState, source: str, target: str, since: datetime) -> str:
    """Deliver what S3 heard of `source` since then as one object of `target`; gives its key."""
    happened = (each for each in state.history.since_number(0) if each.is_data and each.at >= since)
    lines = [line for each in happened if (line := _line(each, source))]
    key = f"data/{state.clock():%Y-%m-%d-%H-%M-%S}-{len(lines):016X}"
    s3_backends[state.account_id][state.partition].put_object(target, key, "".join(lines).encode())
    return key


def _line(happening: Happening, bucket: str) -> str:
    event = happening.event
    asked = event.get("requestParameters") or {}
    if event["eventName"] != "ListObjects" or asked.get("bucketName") != bucket:
        return ""
    at = f"{happening.at:[%d/%b/%Y:%H:%M:%S +0000]}"
    who, address = event["userIdentity"].get("arn", "-"), event["sourceIPAddress"]
    request = f'"GET /{bucket}?list-type=2&encoding-type=url HTTP/1.1"'
    number = event["requestID"].replace("-", "")[:16].upper()
    return (
        f"{_OWNER} {bucket} {at} {address} {who} {number} REST.GET.BUCKET - {request} 200 - 612 - 24 23 "
        f'"-" "{event["userAgent"]}" - {_OWNER[:24]}= SigV4 TLS_AES_128_GCM_SHA256 AuthHeader '
        f"{bucket}.s3.ap-northeast-1.amazonaws.com TLSv1.3 - -\n"
    )
