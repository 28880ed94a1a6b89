"""One S3 bucket: its name, whether it is open now, and what is known of who reads it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from sakimori.actions.resources import bucket_openness
from sakimori.actions.resources.bucket_openness import DISTRIBUTIONS, Openness, is_idle, open_origins, openness
from sakimori.actions.resources.mended import not_this
from sakimori.actions.site import Site, Usage
from sakimori.actions.step import Caution
from sakimori.aws.refusal import Refusal
from sakimori.model.arn import Arn

NOT_THERE: Final = bucket_openness.NOT_THERE
_LOGGING: Final = "s3:GetBucketLogging"
WEBSITE_READS: Final = bucket_openness.READS
"""What `websites` reads."""
USE_READS: Final = (*WEBSITE_READS, _LOGGING)
"""What `websites` and `openings` read."""


def bucket_call(site: Site, call: str) -> dict[str, Any]:
    """The parameters that name the bucket and its owner: a bucket's ARN does not say whose it is."""
    try:
        found = Arn.parse(site.resource)
    except ValueError:
        raise not_this(site, call) from None
    is_bucket = (found.partition, found.service, found.region, found.account_id) == (
        site.account.partition,
        "s3",
        "",
        "",
    )
    if not is_bucket or not found.resource or "/" in found.resource:
        raise not_this(site, call)
    return {"Bucket": found.resource, "ExpectedBucketOwner": site.account.id}


@dataclass(frozen=True)
class BucketUse:
    """What can be seen of who reads one bucket without credentials: the facts that the account's block is held back by."""

    site: Site
    bucket: str

    def websites(self) -> Iterator[Caution]:
        """The bucket is an open website, or a distribution reads it as everybody does: both stop for certain."""
        if self._seen.is_website:
            yield self._said("fix_data.bucket_is_website", blocks=True)
        yield from self._distributions()
        for call, code in self._seen.refusals:
            yield self._not_looked_at(call, code, blocks=True)

    def openings(self) -> Iterator[Caution]:
        """By what it is open to everybody today, and who came in without credentials."""
        # Only where logs show that nobody reads it so for long does nothing stop.
        blocks = not is_idle(self._reads)
        if self._seen.by_policy:
            yield self._said("fix_data.bucket_open_by_policy", blocks=blocks)
        if self._seen.by_acl:
            yield self._said("fix_data.bucket_open_by_acl", blocks=blocks)
        if self._seen.has_object_acls:
            yield self._said("fix_data.bucket_objects_have_acls")
        yield from self._logged()

    @cached_property
    def _seen(self) -> Openness:
        return openness(self.site, self.bucket)

    @cached_property
    def _reads(self) -> Usage:
        return self.site.logs.public_reads(self.bucket)

    def _distributions(self) -> Iterator[Caution]:
        try:
            for distribution, bucket in open_origins(self.site):
                if bucket == self.bucket and self._seen.is_open:
                    yield self._said("fix_data.bucket_behind_distribution", blocks=True, distribution=distribution)
        except Refusal as refusal:
            yield self._not_looked_at(DISTRIBUTIONS, refusal.code, blocks=True)

    def _logged(self) -> Iterator[Caution]:
        seen = self._reads
        values: dict[str, Any] = {"days": seen.days, "count": seen.count}
        if seen.count:
            yield self._said("fix_data.bucket_read_openly", **values, last_at=seen.last_at)
        elif seen.days:
            yield self._said("fix_data.bucket_not_read_openly", **values)
        if seen.count or seen.days:
            return
        try:
            answer = self.site.call(_LOGGING, Bucket=self.bucket, ExpectedBucketOwner=self.site.account.id) or {}
        except Refusal as refusal:
            yield self._not_looked_at(_LOGGING, refusal.code)
            return
        target = (answer.get("LoggingEnabled") or {}).get("TargetBucket")
        yield (
            self._said("fix_data.bucket_logged_at", log_bucket=target)
            if target
            else self._said("fix_data.bucket_not_logged")
        )

    def _not_looked_at(self, call: str, code: str, *, blocks: bool = False) -> Caution:
        return self._said("fix_data.bucket_not_looked_at", blocks=blocks, call=call, code=code)

    def _said(self, text: str, *, blocks: bool = False, **values: Any) -> Caution:
        return Caution(text=text, values={"bucket": self.bucket, **values}, blocks=blocks)
