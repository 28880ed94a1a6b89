"""What the place of a file says of its log: account, Region and the time in its name."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sakimori.lake.log_parts import UNKNOWN

_PATH: Final = re.compile(
    r"(?:^|/)AWSLogs/(?:o-[a-z0-9]{10,32}/)?(?P<account>[0-9]{12})/[A-Za-z0-9-]+/(?P<region>[a-z]{2}(?:-[a-z]+)+-[0-9])?"
)
_HIVE_ACCOUNT: Final = re.compile(r"(?:^|/)aws-account-id=([0-9]{12})/")
_HIVE_REGION: Final = re.compile(r"(?:^|/)aws-region=([a-z0-9-]{4,32})/")
_ASKED: Final = re.compile(r"(?:logs|lookup-events)://(?P<account>[0-9]{12})/(?P<region>[a-z0-9-]+)/")
_NAME_TIME: Final = re.compile(r"_([0-9]{8}T[0-9]{4})Z[_.]")
_REGION: Final = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]\Z")
_ACCOUNT: Final = re.compile(r"[0-9]{12}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Account and Region as the path tells them ("" where it does not), and the time in the file's name (UTC).

    `modified_at` is when the object was stored, or a local file last written: for logs without any time of their own.
    """

    account: str = ""
    region: str = ""
    named_at: datetime | None = None
    modified_at: datetime | None = None


def place_of(location: str) -> Place:
    """What a key or path tells by AWS's own layout (AWSLogs/…), Hive-style partitions included.

    >>> place_of("AWSLogs/111122223333/CloudTrail/us-east-1/2026/10/01/x_CloudTrail_us-east-1_20261001T0005Z_a.json.gz").region
    'us-east-1'
    """
    found = _ASKED.match(location) or _PATH.search(location)
    account = found["account"] if found else ""
    region = (found["region"] or "") if found else ""
    if hive := _HIVE_ACCOUNT.search(location):
        account = hive[1]
    if hive := _HIVE_REGION.search(location):
        region = hive[1]
    return Place(account=account, region=region, named_at=_named_at(location))


def _named_at(location: str) -> datetime | None:
    found = _NAME_TIME.search(location)
    if not found:
        return None
    try:
        return datetime.strptime(found[1], "%Y%m%dT%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None


def account_or_unknown(value: object) -> str:
    """Twelve digits, or `unknown`: nothing else may become the name of a directory."""
    return value if isinstance(value, str) and _ACCOUNT.match(value) else UNKNOWN


def region_or_unknown(value: object) -> str:
    """A Region's name or `global`, or else `unknown`: nothing else may become the name of a directory."""
    return value if isinstance(value, str) and (_REGION.match(value) or value == "global") else UNKNOWN


def partition_of(region: str) -> str:
    """The partition that a Region's name tells; `aws` for any other name."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"
