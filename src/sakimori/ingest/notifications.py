"""What S3 tells of new objects through a queue of SQS: directly, through a topic of SNS, or through EventBridge.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import unquote_plus

from sakimori.aws.door import Door
from sakimori.ingest.objects import StoredObject
from sakimori.ingest.s3_objects import object_at, region_of

RECEIVE: Final = "sqs:ReceiveMessage"
ACKNOWLEDGE: Final = "sqs:DeleteMessageBatch"
"""Taking a message off the queue says that it was received; it changes nothing that the account consists of."""
_MOST: Final = 10
"""Messages of one answer, as SQS allows."""
_ROUNDS: Final = 100
_TRIES: Final = "ApproximateReceiveCount"
_WAIT_SECONDS: Final = 10
_REGION: Final = re.compile(r"://(?:sqs\.)?([a-z]{2}(?:-[a-z]+)+-\d)[.]")


MOST_TRIES: Final = 10
"""Times that a message comes before it is given up: its object was removed, or nobody may read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message, and the objects that it tells of (none for one that tells of nothing new). `tries`: how often it came."""

    receipt: str
    objects: tuple[StoredObject, ...]
    tries: int


class Notifications:
    """A queue that a trail's bucket tells of new objects. Not thread-safe."""

    def __init__(self, door: Door, queue_url: str) -> None:
        self._door = door
        self._url = queue_url
        found = _REGION.search(queue_url)
        self._region = found[1] if found else door.account.selected[0]
        self._regions: dict[str, str] = {}

    def receive(self) -> tuple[Message, ...]:
        """All that waits; where nothing does, up to ten seconds are waited for the first. Raises Refusal."""
        received: list[Message] = []
        for number in range(_ROUNDS):
            asked = {
                "QueueUrl": self._url,
                "MaxNumberOfMessages": _MOST,
                "WaitTimeSeconds": 0 if number else _WAIT_SECONDS,
                "AttributeNames": [_TRIES],
            }
            messages = self._door.call(RECEIVE, self._region, asked).get("Messages") or ()
            received += map(self._message, messages)
            if len(messages) < _MOST:
                break
        return tuple(received)

    def _message(self, message: Mapping[str, Any]) -> Message:
        body = str(message.get("Body", ""))
        objects = [self._object(*told) for told in objects_told(body)]
        objects += [_event(message["MessageId"], body)] if holds_event(body) else []
        tries = str((message.get("Attributes") or {}).get(_TRIES, "1"))
        return Message(
            receipt=message["ReceiptHandle"], objects=tuple(objects), tries=int(tries) if tries.isdigit() else 1
        )

    def acknowledge(self, receipts: Sequence[str]) -> None:
        """Take messages off the queue; one that stays comes again, and its object is known then. Raises Refusal."""
        for start in range(0, len(receipts), _MOST):
            entries = [
                {"Id": str(number), "ReceiptHandle": receipt}
                for number, receipt in enumerate(receipts[start : start + _MOST])
            ]
            self._door.call(ACKNOWLEDGE, self._region, {"QueueUrl": self._url, "Entries": entries})

    def _object(self, bucket: str, key: str, etag: str, size: int) -> StoredObject:
        if bucket not in self._regions:
            self._regions[bucket] = region_of(self._door, bucket)
        return object_at(self._door, self._regions[bucket], (bucket, key), (etag, size))


def holds_event(body: str) -> bool:
    """Whether a message is an event of CloudTrail itself, as EventBridge passes it on within seconds.

    Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-aws-service-specific-topics.html
    """
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError):
        return False
    detail = _part(cast("dict[str, Any]", found), "detail") if isinstance(found, dict) else {}
    return "eventName" in detail and "eventSource" in detail


def _event(message: str, body: str) -> StoredObject:
    """The event as an object: the lake has each event once, whichever way it came."""
    raw = body.encode()
    return StoredObject(location=f"sqs:///{message}.json", version="", byte_count=len(raw), read=lambda: raw)


def objects_told(body: str, depth: int = 0) -> Iterator[tuple[str, str, str, int]]:
    """Bucket, key, ETag and size of the new objects in a message; none for one that tells of nothing new."""
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError):
        return
    if not isinstance(found, dict):
        return
    message = cast("dict[str, Any]", found)
    if isinstance(message.get("Message"), str) and depth == 0:
        yield from objects_told(message["Message"], depth + 1)
    records = message.get("Records")
    for record in cast("list[Any]", records) if isinstance(records, list) else ():
        if isinstance(record, dict) and str(cast("dict[str, Any]", record).get("eventName", "")).startswith(
            "ObjectCreated:"
        ):
            yield from _told(_part(cast("dict[str, Any]", record), "s3"), is_encoded=True)
    if message.get("detail-type") == "Object Created":
        yield from _told(_part(message, "detail"), is_encoded=False)


def _told(found: Mapping[str, Any], *, is_encoded: bool) -> Iterator[tuple[str, str, str, int]]:
    bucket, stored = _part(found, "bucket").get("name"), _part(found, "object")
    key, size = stored.get("key"), stored.get("size")
    if isinstance(bucket, str) and isinstance(key, str) and bucket and key:
        # Keys are encoded as in a form where S3 tells them, and as they are where EventBridge does.
        told = unquote_plus(key) if is_encoded else key
        yield bucket, told, str(stored.get("eTag") or stored.get("etag") or ""), size if isinstance(size, int) else 0


def _part(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = found.get(name)
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}
