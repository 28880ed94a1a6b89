"""One S3 bucket: its name, whether it is open now, and what is known of who reads it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sakimori.actions.resources.mended import not_this
from sakimori.actions.site import Site
from sakimori.actions.step import Caution
from sakimori.aws.refusal import Refusal
from sakimori.model.arn import Arn
from sakimori.model.words import GLOBAL

NOT_THERE: Final = "NoSuchBucket"
_WEBSITE: Final = "s3:GetBucketWebsite"
_POLICY_STATUS: Final = "s3:GetBucketPolicyStatus"
_ACL: Final = "s3:GetBucketAcl"
_OWNERSHIP: Final = "s3:GetBucketOwnershipControls"
_LOGGING: Final = "s3:GetBucketLogging"
_DISTRIBUTIONS: Final = "cloudfront:ListDistributions"
WEBSITE_READS: Final = (_WEBSITE, _DISTRIBUTIONS)
"""What `websites` reads."""
USE_READS: Final = (*WEBSITE_READS, _POLICY_STATUS, _ACL, _OWNERSHIP, _LOGGING)
"""What `websites` and `openings` read."""
_EVERYONE: Final = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)


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


@dataclass(frozen=True, slots=True)
class BucketUse:
    """What can be seen of who reads one bucket without credentials."""

    site: Site
    bucket: str

    def websites(self) -> Iterator[Caution]:
        """The bucket is a website, or a distribution reads it as everybody does: both stop for certain."""
        yield from self._looked(_WEBSITE, self._website)
        yield from self._looked(_DISTRIBUTIONS, self._distributions)

    def openings(self) -> Iterator[Caution]:
        """By what it is open to everybody today, and who came in without credentials."""
        yield from self._looked(_POLICY_STATUS, self._policy)
        yield from self._looked(_ACL, self._acl)
        yield from self._looked(_OWNERSHIP, self._objects)
        yield from self._looked(_LOGGING, self._logging)

    def _looked(self, call: str, look: Any) -> Iterator[Caution]:
        try:
            yield from look()
        except Refusal as refusal:
            values = {"bucket": self.bucket, "call": call, "code": refusal.code}
            yield Caution(text="fix_data.bucket_not_looked_at", values=values)

    def _website(self) -> Iterator[Caution]:
        if self._asked(_WEBSITE, "NoSuchWebsiteConfiguration") is not None:
            yield Caution(text="fix_data.bucket_is_website", values={"bucket": self.bucket}, blocks=True)

    def _distributions(self) -> Iterator[Caution]:
        at = self.site.at(GLOBAL)
        for page in at.door.pages(_DISTRIBUTIONS, GLOBAL, {}):
            for each in page.get("DistributionList", {}).get("Items") or ():
                origins = each.get("Origins", {}).get("Items") or ()
                if any(_reads_openly(origin, self.bucket) for origin in origins):
                    values = {"bucket": self.bucket, "distribution": str(each.get("Id"))}
                    yield Caution(text="fix_data.bucket_behind_distribution", values=values, blocks=True)

    def _policy(self) -> Iterator[Caution]:
        answer = self._asked(_POLICY_STATUS, "NoSuchBucketPolicy") or {}
        if (answer.get("PolicyStatus") or {}).get("IsPublic"):
            yield Caution(text="fix_data.bucket_open_by_policy", values={"bucket": self.bucket})

    def _acl(self) -> Iterator[Caution]:
        grants = (self._asked(_ACL) or {}).get("Grants") or ()
        if any(grant.get("Grantee", {}).get("URI") in _EVERYONE for grant in grants):
            yield Caution(text="fix_data.bucket_open_by_acl", values={"bucket": self.bucket})

    def _objects(self) -> Iterator[Caution]:
        answer = self._asked(_OWNERSHIP, "OwnershipControlsNotFoundError") or {}
        rules = (answer.get("OwnershipControls") or {}).get("Rules") or ()
        if all(rule.get("ObjectOwnership") != "BucketOwnerEnforced" for rule in rules):
            yield Caution(text="fix_data.bucket_objects_have_acls", values={"bucket": self.bucket})

    def _logging(self) -> Iterator[Caution]:
        seen = self.site.logs.public_reads(self.bucket)
        values = {"bucket": self.bucket, "days": seen.days, "count": seen.count, "last_at": seen.last_at}
        if seen.count:
            yield Caution(text="fix_data.bucket_read_openly", values=values)
        if seen.days:
            if not seen.count:
                yield Caution(text="fix_data.bucket_not_read_openly", values=values)
            return
        logged = (self._asked(_LOGGING) or {}).get("LoggingEnabled") or {}
        target = logged.get("TargetBucket")
        if target:
            yield Caution(text="fix_data.bucket_logged_at", values={"bucket": self.bucket, "log_bucket": target})
        else:
            yield Caution(text="fix_data.bucket_not_logged", values={"bucket": self.bucket})

    def _asked(self, call: str, *absent: str) -> Any:
        return self.site.call(call, absent, Bucket=self.bucket, ExpectedBucketOwner=self.site.account.id)


def _reads_openly(origin: Any, bucket: str) -> bool:
    """Whether an origin is this bucket, read without an identity: as a website, or without OAC and OAI."""
    domain = str(origin.get("DomainName", ""))
    if not domain.startswith((f"{bucket}.s3.", f"{bucket}.s3-")):
        return False
    has_identity = origin.get("OriginAccessControlId") or origin.get("S3OriginConfig", {}).get("OriginAccessIdentity")
    return not has_identity
