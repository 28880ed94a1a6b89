"""Whether an S3 bucket is open to everybody today, and by what: the facts behind the account's block and a bucket's own.

What a switch that is on closes already does not count. CloudFront that reads with an identity (OAC, OAI) is not the public
and goes on; one that reads a website endpoint, or without identity, reads as everybody does. Source: Amazon S3 User Guide,
"Blocking public access to your Amazon S3 storage" ("The meaning of public"), "Website endpoints"; Amazon CloudFront
Developer Guide, "Restrict access to an Amazon S3 origin".
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sakimori.actions.site import Site, Usage
from sakimori.aws.refusal import Refusal
from sakimori.collect.cloudfront.distribution_origin import bucket_in
from sakimori.model.words import GLOBAL

NOT_THERE: Final = "NoSuchBucket"
DISTRIBUTIONS: Final = "cloudfront:ListDistributions"
_BLOCK: Final = "s3:GetPublicAccessBlock"
_STATUS: Final = "s3:GetBucketPolicyStatus"
_ACL: Final = "s3:GetBucketAcl"
_OWNERSHIP: Final = "s3:GetBucketOwnershipControls"
_WEBSITE: Final = "s3:GetBucketWebsite"
READS: Final = (_BLOCK, _STATUS, _ACL, _OWNERSHIP, _WEBSITE, DISTRIBUTIONS)
"""What `openness` and `open_origins` read."""
LONG_DAYS: Final = 14
"""So many days of logs without a public reader say that there is none."""

_OF_POLICY: Final = "RestrictPublicBuckets"
_OF_ACLS: Final = "IgnorePublicAcls"
_EVERYONE: Final = "/groups/global/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Openness:
    """What one bucket shows: open as a whole, or perhaps by ACLs of single objects; `refusals` are what it did not show."""

    by_policy: bool = False
    by_acl: bool = False
    has_object_acls: bool = False
    is_website: bool = False
    refusals: tuple[tuple[str, str], ...] = ()

    @property
    def is_public(self) -> bool:
        """As a whole."""
        return self.by_policy or self.by_acl

    @property
    def is_open(self) -> bool:
        """Somebody without credentials may come in somewhere."""
        return self.is_public or self.has_object_acls


def openness(site: Site, name: str, switches: Mapping[str, bool] | None = None) -> Openness:
    """Of a bucket in the Region of `site`; `switches` are those of the account that are on."""
    refusals: list[tuple[str, str]] = []

    def asked(call: str, *absent: str) -> Mapping[str, Any]:
        named = {"Bucket": name, "ExpectedBucketOwner": site.account.id}
        try:
            return site.call(call, (NOT_THERE, *absent), **named) or {}
        except Refusal as refusal:
            refusals.append((call, refusal.code))
            return {}

    told = asked(_BLOCK, "NoSuchPublicAccessBlockConfiguration").get("PublicAccessBlockConfiguration") or {}
    closed = {each for each in (_OF_POLICY, _OF_ACLS) if told.get(each) or (switches or {}).get(each)}
    by_policy = _OF_POLICY not in closed and _is_public(asked(_STATUS, "NoSuchBucketPolicy"))
    has_acls = _OF_ACLS not in closed and _has_acls(asked(_OWNERSHIP, "OwnershipControlsNotFoundError"))
    by_acl = has_acls and _grants_everyone(asked(_ACL))
    is_website = (by_policy or has_acls) and bool(asked(_WEBSITE, "NoSuchWebsiteConfiguration"))
    return Openness(
        by_policy=by_policy, by_acl=by_acl, has_object_acls=has_acls, is_website=is_website, refusals=tuple(refusals)
    )  # fmt: skip


def open_origins(site: Site) -> Iterator[tuple[str, str]]:
    """Distributions that read a bucket as everybody does, as pairs of their id and the bucket. Raises Refusal."""
    for page in site.at(GLOBAL).door.pages(DISTRIBUTIONS, GLOBAL, {}):
        for each in (page.get("DistributionList") or {}).get("Items") or ():
            for origin in (each.get("Origins") or {}).get("Items") or ():
                identity = (origin.get("S3OriginConfig") or {}).get("OriginAccessIdentity")
                bucket = bucket_in(str(origin.get("DomainName", "")))
                if bucket and not identity and not origin.get("OriginAccessControlId"):
                    yield str(each["Id"]), bucket


def is_idle(seen: Usage) -> bool:
    """Whether nobody reads without credentials, as logs of long enough tell."""
    return not seen.count and seen.days >= LONG_DAYS


def _is_public(answer: Mapping[str, Any]) -> bool:
    return bool((answer.get("PolicyStatus") or {}).get("IsPublic"))


def _has_acls(answer: Mapping[str, Any]) -> bool:
    rules: Iterable[Mapping[str, str]] = (answer.get("OwnershipControls") or {}).get("Rules") or ()
    return all(rule.get("ObjectOwnership") != "BucketOwnerEnforced" for rule in rules)


def _grants_everyone(answer: Mapping[str, Any]) -> bool:
    return any(_EVERYONE in str((each.get("Grantee") or {}).get("URI", "")) for each in answer.get("Grants") or ())
