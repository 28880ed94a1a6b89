"""The one door to AWS: calls named by operation, so that the transport can be replaced."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from sakimori.aws.refusal import Refusal
from sakimori.model.account import Account

Answer = Mapping[str, Any]


class Door(Protocol):
    """Reads one account. Thread-safe.

    `operation` is written `service:Operation` with boto3's service names
    (`s3control:GetPublicAccessBlock`). `region` is a Region, or `global` for the Region
    where the partition keeps its global services. Both methods raise Refusal once a call
    has failed for good: throttling never makes a call fail before its time is used up.
    """

    account: Account

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Met while the account was opened: its id or its list of Regions is then not AWS's own word."""
        ...

    def call(self, operation: str, region: str, parameters: Mapping[str, object]) -> Answer:
        """One answer. A body that streams (S3's `Body`) stands in it as bytes."""
        ...

    def pages(self, operation: str, region: str, parameters: Mapping[str, object]) -> Iterator[Answer]:
        """All pages of a listing, in order; one page where AWS does not page."""
        ...
