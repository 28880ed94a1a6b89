"""The address of an SQS queue, by which SQS wants it named, and its attributes."""

from collections.abc import Mapping
from typing import Any, Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site

URL: Final = "sqs:GetQueueUrl"
ATTRIBUTES: Final = "sqs:GetQueueAttributes"
QUEUE: Final = Kind(service="sqs", call=URL, pattern=r"[A-Za-z0-9_-]{1,80}(\.fifo)?")
_NOT_THERE: Final = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")


def queue_url(site: Site, name: str) -> str | None:
    """Where the queue is; None where it is not."""
    answer = site.call(URL, _NOT_THERE, QueueName=name)
    return None if answer is None else str(answer["QueueUrl"])


def queue_attributes(site: Site, name: str) -> Mapping[str, Any] | None:
    """All that is set of the queue; None where there is none."""
    url = queue_url(site, name)
    answer = None if url is None else site.call(ATTRIBUTES, _NOT_THERE, QueueUrl=url, AttributeNames=["All"])
    return None if answer is None else answer.get("Attributes") or {}
