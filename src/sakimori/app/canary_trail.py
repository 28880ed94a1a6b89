"""Where a canary that was called for real must come out: the trails that record it, and the files that they deliver."""

import gzip
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sakimori.app.canary import Canary
from sakimori.app.collecting import CollectRequest, collect_snapshot
from sakimori.app.discovery import account_logs
from sakimori.app.discovery.found import Account, Destination
from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.collect.catalogue import declarations
from sakimori.collect.engine import Progress
from sakimori.ingest.objects import StoredObject
from sakimori.ingest.s3_objects import SCHEME, region_of, s3_objects
from sakimori.lake.snapshot import Lake
from sakimori.lake.table_rows import Row, TableRows
from sakimori.model.errors import UsageError
from sakimori.model.gap import Gap

_TABLE: Final = "aws_cloudtrail_trail"
_EARLIER: Final = timedelta(minutes=5)
"""How far the clocks of S3 and of this machine may differ."""
_MOST_BYTES: Final = 256 << 20
"""Of one file, unpacked: CloudTrail's are far smaller."""
_ORGANIZATION: Final = re.compile(r"/(?:o-[a-z0-9]{10,32})/\Z")


@dataclass(frozen=True, slots=True)
class TrailFile:
    """The file that holds the event."""

    location: str
    delivered_at: datetime
    held: StoredObject


@dataclass(frozen=True, slots=True)
class Trails:
    """The trails of an account: folders of those that record the canary, and what keeps the others from it."""

    folders: tuple[str, ...]
    names: tuple[str, ...]
    others: tuple[str, ...]
    gaps: tuple[Gap, ...]
    arns: tuple[str, ...] = ()
    failing: tuple[tuple[str, str], ...] = ()
    """Those whose last file S3 refused, and why."""


def trails_of(
    home: Path, door: Door, region: str, *, clock: Callable[[], datetime], progress: Progress | None = None
) -> Trails:
    """Read which trails record a call that reads, made to IAM, whose events are of that Region."""
    snapshot = collect_snapshot(CollectRequest(home=home, tables=(_TABLE,)), (door,), clock=clock, progress=progress)
    lake = Lake(home)
    try:
        facts = lake.open(snapshot)
    finally:
        lake.close()
    rows = TableRows(facts)
    try:
        every = [row for row in rows.of(declarations()[_TABLE].table) if row["account_id"] == door.account.id]
    finally:
        rows.close()
    able = [row for row in every if _records(row, region)]
    account = Account(door=door, all_rows=lambda _: able, is_read=lambda *_: False)
    found = [each for each in account_logs.trails(account) if isinstance(each, Destination | Gap)]
    return Trails(
        folders=tuple(
            dict.fromkeys(
                folder for each in found if isinstance(each, Destination) and each.uri.startswith(SCHEME)
                for folder in folders_of(door, each.uri, region)
            )
        ),
        names=tuple(str(row["name"]) for row in able),
        arns=tuple(str(row["arn"]) for row in able),
        others=tuple(str(row["name"]) for row in every if row not in able),
        failing=tuple((str(row["name"]), str(row["latest_delivery_error"])) for row in able if row["delivery_is_failing"]),
        gaps=(*(gap for unit in facts.units.values() for gap in unit.gaps), *(each for each in found if isinstance(each, Gap))),
    )  # fmt: skip


def _records(trail: Row, region: str) -> bool:
    """What is not known of a trail does not count against it: the file will tell."""
    sees_region = trail["is_multi_region"] is not False or trail["home_region"] == region
    told = (trail["is_logging"], trail["includes_global_events"], trail["records_management_reads"])
    return sees_region and all(each is not False for each in told)


def folders_of(door: Door, uri: str, region: str) -> Iterator[str]:
    """The folders of one account and Region: a trail of an organisation has its id between."""
    own = f"{door.account.id}/CloudTrail/{region}/"
    if not uri.endswith("AWSLogs/"):
        yield f"{uri}{region}/"
        return
    yield uri + own
    bucket, _, prefix = uri.removeprefix(SCHEME).partition("/")
    asked = {"Bucket": bucket, "Prefix": prefix, "Delimiter": "/"}
    try:
        for page in door.pages("s3:ListObjectsV2", region_of(door, bucket), asked):
            for each in page.get("CommonPrefixes") or ():
                if _ORGANIZATION.search("/" + each["Prefix"]):
                    yield f"{SCHEME}{bucket}/{each['Prefix']}{own}"
    except Refusal:
        # The listing of the folder itself tells it, with AWS's own words.
        return


@dataclass(slots=True)
class TrailMail:
    """What is delivered to these folders after a canary was planted; each file is read once."""

    door: Door
    folders: tuple[str, ...]
    canary: Canary
    files: int = 0
    """How many were read and did not hold it."""
    unreadable: dict[str, str] = field(default_factory=dict[str, str])
    """Reason by address."""
    _read: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def look(self) -> TrailFile | None:
        """The file that holds the canary, once it is there."""
        for each in self._listed():
            if (each.location, each.version) not in self._read and (found := self._opened(each)) is not None:
                return found
        return None

    @property
    def is_blind(self) -> bool:
        """Not one of the folders can be listed."""
        return all(folder in self.unreadable for folder in self.folders)

    def _listed(self) -> Iterator[StoredObject]:
        for folder in self.folders:
            try:
                yield from s3_objects(self.door, folder, since=self.canary.planted_at - _EARLIER)
            except UsageError:
                # Of an address that a trail has, only the bucket may be wrong: it was deleted.
                self.unreadable[folder] = "NoSuchBucket"

    def _opened(self, each: StoredObject) -> TrailFile | None:
        try:
            data = each.read() if each.read else b""
            holds_it = _holds(data, self.canary.marker)
        except (OSError, EOFError) as error:
            # It may be readable the next time: a listing that was throttled, a file that was replaced.
            self.unreadable[each.location] = getattr(error, "strerror", None) or str(error)
            return None
        self.unreadable.pop(each.location, None)
        self._read.add((each.location, each.version))
        if not holds_it:
            self.files += 1
            return None
        at = each.modified_at or self.canary.planted_at
        return TrailFile(each.location, at, replace(each, read=lambda: data))


def _holds(data: bytes, marker: str) -> bool:
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        return marker.encode() in file.read(_MOST_BYTES)
