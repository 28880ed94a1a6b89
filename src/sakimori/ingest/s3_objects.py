"""Logs as they lie in S3: what is listed under a prefix, and what could not be listed or read, told and never passed over."""

import errno
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.ingest.date_folders import Days, is_whole
from sakimori.ingest.objects import MAX_PACKED_BYTES, StoredObject
from sakimori.model.errors import UsageError
from sakimori.model.words import GLOBAL

SCHEME: Final = "s3://"
OPERATIONS: Final = ("s3:HeadBucket", "s3:ListObjectsV2", "s3:GetObject")
"""What reading a bucket calls; `kms:Decrypt` comes to it where a key of KMS encrypts the logs."""
_LIST: Final = "s3:ListObjectsV2"
_GET: Final = "s3:GetObject"
_URI: Final = re.compile(
    r"s3://(?P<bucket>[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9])(?:/(?P<prefix>.*))?\Z", re.DOTALL
)
_LEVELS: Final = 12
_FOLDERS: Final = 5_000
"""Folders that are looked into one by one in search of dates: beyond these, listing everything is quicker."""
_NO_BUCKET: Final = frozenset({"NoSuchBucket", "InvalidBucketName"})
_DECRYPT: Final = "kms:Decrypt"


def s3_objects(
    door: Door, uri: str, *, since: datetime | None = None, until: datetime | None = None
) -> Iterator[StoredObject]:
    """The objects under `s3://bucket/prefix` that may hold something of the time between `since` and `until`.

    Their `read` raises OSError whose `strerror` says which call AWS refused how. Where a folder could not be listed, an
    object with the folder's address and no version stands for it, and its `read` does the same. UsageError for an
    address that is none, and where there is no such bucket.
    """
    found = _URI.match(uri)
    if not found:
        raise UsageError("ingest_aws.not_an_s3_address", uri=uri)
    bucket = found["bucket"]
    listing = _Listing(
        door=door, bucket=bucket, region=region_of(door, bucket), days=Days.around(since, until), since=since
    )
    return listing.under(found["prefix"] or "", 0)


def region_of(door: Door, bucket: str) -> str:
    """The Region of a bucket; `global` where AWS does not say: its answers then lead to the right one."""
    try:
        return str(door.call("s3:HeadBucket", GLOBAL, {"Bucket": bucket}).get("BucketRegion") or GLOBAL)
    except Refusal:
        # What it refuses here it refuses to the listing too, which tells it in AWS's own words.
        return GLOBAL


@dataclass(slots=True, kw_only=True)
class _Listing:
    door: Door
    bucket: str
    region: str
    days: Days
    since: datetime | None
    folders: int = field(default=0)

    def under(self, prefix: str, level: int) -> Iterator[StoredObject]:
        """Everything below a prefix, folder by folder where dates are sought and not found yet."""
        by_folder = not self.days.are_all and level < _LEVELS and self.folders < _FOLDERS and not is_whole(prefix)
        self.folders += by_folder
        folders: list[str] = []
        asked = {"Bucket": self.bucket, "Prefix": prefix, **({"Delimiter": "/"} if by_folder else {})}
        try:
            for page in self.door.pages(_LIST, self.region, asked):
                yield from self._objects(page)
                folders += [each["Prefix"] for each in page.get("CommonPrefixes") or ()]
        except Refusal as refusal:
            if refusal.code in _NO_BUCKET:
                raise UsageError("ingest_aws.no_such_bucket", bucket=self.bucket) from refusal
            yield self._unlisted(prefix, refusal)
        for folder in folders:
            if self.days.may_be_in(folder):
                yield from self.under(folder, level + 1)

    def _objects(self, page: Mapping[str, Any]) -> Iterator[StoredObject]:
        for each in page.get("Contents") or ():
            # A folder that somebody made in the console is an object without bytes; so are the files with which Config
            # and others try whether they may write.
            if not each.get("Size"):
                continue
            stored: datetime | None = each.get("LastModified")
            if self.since and stored and stored < self.since:
                continue
            yield _stored(self.door, self.region, (self.bucket, each["Key"]), (each.get("ETag"), each["Size"], stored))

    def _unlisted(self, prefix: str, refusal: Refusal) -> StoredObject:
        return StoredObject(location=self._address(prefix), version="", byte_count=0, read=_refusing(refusal))

    def _address(self, key: str) -> str:
        return f"{SCHEME}{self.bucket}/{key}"


def object_at(door: Door, region: str, place: tuple[str, str], told: tuple[str, int]) -> StoredObject:
    """An object of which bucket and key, ETag and size were told; its `read` raises OSError as those that are listed do."""
    etag, size = told
    return _stored(door, region, place, (etag or None, size, None))


def _stored(
    door: Door, region: str, place: tuple[str, str], told: tuple[str | None, int, datetime | None]
) -> StoredObject:
    bucket, key = place
    etag, size, stored_at = told
    return StoredObject(
        location=f"{SCHEME}{bucket}/{key}",
        version=(etag or "").strip('"'),
        byte_count=size,
        read=partial(_read, door, region, place, (etag, size)),
        modified_at=stored_at,
        is_delivered=True,
    )


def _read(door: Door, region: str, place: tuple[str, str], told: tuple[str | None, int]) -> bytes:
    etag, size = told
    if size > MAX_PACKED_BYTES:
        raise OSError(errno.EFBIG, f"{_GET} {size} bytes")
    # What was replaced since it was listed is another version, which the next run lists.
    condition = {"IfMatch": etag} if etag else {}
    try:
        return door.call(_GET, region, {"Bucket": place[0], "Key": place[1], **condition})["Body"]
    except Refusal as refusal:
        raise _unreadable(refusal) from refusal


def _refusing(refusal: Refusal) -> Callable[[], bytes]:
    def read() -> bytes:
        raise _unreadable(refusal) from refusal

    return read


def _unreadable(refusal: Refusal) -> OSError:
    """The call and the code that AWS refused it with, and the key of KMS where that is the reason."""
    key = f" {_DECRYPT}" if _DECRYPT in refusal.message else ""
    return OSError(errno.EACCES, f"{refusal.call} {refusal.code}{key}")
