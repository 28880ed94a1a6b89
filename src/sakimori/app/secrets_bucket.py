"""Objects of S3 as a place of a scan for secrets: fetched a few ahead, looked at in memory, never written."""

from collections.abc import Iterator
from typing import Final

from sakimori.analysis.secrets.found import Unread
from sakimori.analysis.secrets.places.piece import Located, Provenance
from sakimori.app.secrets_work import Told, Worker
from sakimori.aws.door import Door
from sakimori.ingest.ahead import Fetched, fetched
from sakimori.ingest.objects import StoredObject
from sakimori.ingest.s3_objects import s3_objects

_LARGEST: Final = 512 << 20
"""Bytes of one object: it is held in memory whole, for an archive's list may stand at its end."""


def look_at_bucket(door: Door, uri: str, worker: Worker) -> Iterator[tuple[Told, int]]:
    """What each object under `s3://bucket/prefix` holds, and its bytes. UsageError where there is no such bucket.

    Objects are told by their address; what AWS refused is told with the call and its code.
    """
    for each in fetched(_small(s3_objects(door, uri))):
        yield _looked(each, worker), each.each.byte_count


def _small(objects: Iterator[StoredObject]) -> Iterator[StoredObject]:
    for each in objects:
        yield each if each.byte_count <= _LARGEST else StoredObject(location=each.location, version="", byte_count=0)


def _looked(each: Fetched, worker: Worker) -> Told:
    name = each.each.location
    if each.fault:
        return [], [Unread(name=name, reason="unreadable", detail=each.fault)]
    if each.data is None:
        return [], [Unread(name=name, reason="too_large")]
    provenance = Provenance(source="s3", file=name, resource=name)
    found = [Located(found=one, provenance=provenance) for one in worker.scanner.scan(each.data, name)]
    return found, list(worker.scanner.take_unread())
