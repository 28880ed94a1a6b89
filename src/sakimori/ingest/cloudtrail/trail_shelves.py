"""Where the files of trails lie: copies in a folder, or the objects of a bucket."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, cast

from sakimori.aws.door import Door
from sakimori.aws.refusal import Refusal
from sakimori.ingest.cloudtrail.digest_chain import StoredDigest
from sakimori.ingest.cloudtrail.digests import Chain, Digest, ListedLog, base_of, day_of, hash_of
from sakimori.ingest.objects import StoredObject, local_objects
from sakimori.ingest.s3_objects import SCHEME, region_of, s3_objects
from sakimori.model.errors import AccessError

HEAD: Final = "s3:HeadObject"
_AROUND: Final = timedelta(hours=3)
"""The next digest tells the signature of the last one, and log files come some minutes after their events."""

Span = tuple[datetime | None, datetime | None]
"""Digests that end from the one moment (held) to the other (not held)."""


@dataclass(slots=True)
class _Files:
    """Digests by their chains, and log files by their names."""

    digests: dict[Chain, list[StoredDigest]] = field(default_factory=dict[Chain, list[StoredDigest]])
    logs: dict[str, list[StoredObject]] = field(default_factory=dict[str, list[StoredObject]])
    """Several where one name lies in several folders: whoever adds a file chooses its name."""

    def add(self, each: StoredObject, span: Span, signature: Callable[[StoredObject], str]) -> None:
        chain = Chain.of(each.location)
        if chain is None:
            self.logs.setdefault(plain_name(each.location), []).append(each)
        elif _is_within(each.location, span):
            stored = StoredDigest(
                location=each.location, chain=chain, read=partial(_read, each), signature=partial(signature, each)
            )
            self.digests.setdefault(chain, []).append(stored)


class Folder:
    """Copies of the files: where they were delivered to cannot be told, and their metadata stayed in S3."""

    def __init__(self, source: str, span: Span = (None, None)) -> None:
        """UsageError where there is no such folder."""
        self._files = _Files()
        for each in local_objects(source):
            self._files.add(each, span, lambda _: "")

    def digests(self) -> Mapping[Chain, Sequence[StoredDigest]]:
        """The digest files by their chains."""
        return self._files.digests

    def locations(self) -> tuple[str, ...]:
        """Of all log files."""
        return tuple(each.location for those in self._files.logs.values() for each in those)

    def log(self, listed: ListedLog) -> Callable[[], bytes] | None:
        """How to read a log file, unpacked or not; None where no file has its name. Of several, one that is not as listed."""
        found = self._files.logs.get(plain_name(listed.key), [])
        if len(found) > 1:
            return partial(_read_odd, found, listed.content_hash)
        return partial(_read, found[0]) if found else None

    def lies_at(self, digest: Digest) -> bool:
        """Whether it still has its name."""
        return plain_name(digest.location) == plain_name(digest.key)

    def reaches(self, listed: ListedLog) -> bool:  # noqa: ARG002 - the form of a shelf
        """A copy is expected to be a copy of everything."""
        return True


class Bucket:
    """The files as they lie in S3, below the prefix that was named."""

    def __init__(self, door: Door, source: str, span: Span = (None, None)) -> None:
        """AccessError where a part of it cannot be listed: nothing in there could be told missing."""
        self._door = door
        self._source = source
        self._bucket = source.removeprefix(SCHEME).partition("/")[0]
        self._region = region_of(door, self._bucket)
        self._files = _Files()
        since, until = span
        listed = s3_objects(door, source, since=since and since - _AROUND, until=until and until + _AROUND)
        for each in listed:
            self._files.add(_ensure_listed(each), span, self._signature)
        self._by_location = {each.location: each for those in self._files.logs.values() for each in those}

    def digests(self) -> Mapping[Chain, Sequence[StoredDigest]]:
        """The digest files by their chains."""
        return self._files.digests

    def locations(self) -> tuple[str, ...]:
        """Of all log files."""
        return tuple(self._by_location)

    def log(self, listed: ListedLog) -> Callable[[], bytes] | None:
        """How to read a log file; None where it is not in its place."""
        found = self._by_location.get(_address(listed.bucket, listed.key))
        return partial(_read, found) if found else None

    def lies_at(self, digest: Digest) -> bool:
        """Whether it is in its place."""
        return digest.location == _address(digest.bucket, digest.key)

    def reaches(self, listed: ListedLog) -> bool:
        """A trail's bucket may have been another one once."""
        return _address(listed.bucket, listed.key).startswith(self._source)

    def _signature(self, each: StoredObject) -> str:
        key = each.location.removeprefix(_address(self._bucket, ""))
        try:
            answer = self._door.call(HEAD, self._region, {"Bucket": self._bucket, "Key": key})
        except Refusal:
            return ""
        return str(cast("Mapping[str, str]", answer.get("Metadata") or {}).get("signature", ""))


def plain_name(location: str) -> str:
    """A file's name without folders and .gz: whoever copied the files may have unpacked them."""
    return base_of(location).removesuffix(".gz")


def _address(bucket: str, key: str) -> str:
    return f"{SCHEME}{bucket}/{key}"


def _ensure_listed(each: StoredObject) -> StoredObject:
    if not each.version and not each.byte_count and each.read:
        try:
            each.read()
        except OSError as error:
            raise AccessError("lake_verbs.not_listed", location=each.location, reason=error.strerror) from error
    return each


def _read(each: StoredObject) -> bytes:
    return each.read() if each.read else Path(each.path).read_bytes() if each.path else b""


def _read_odd(those: Sequence[StoredObject], content_hash: str) -> bytes:
    """The first that has another content than it should; of them all where none has."""
    data = b""
    for each in those:
        data = _read(each)
        if hash_of(data) != content_hash:
            break
    return data


def _is_within(location: str, span: Span) -> bool:
    at = day_of(location)
    return at is None or ((span[0] is None or span[0] <= at) and (span[1] is None or at < span[1]))
