"""Which buckets of the account are public today, and what would stop being read once the account's block is on.

What the bucket's own block closes already, or the switches of the account that are on, does not count. CloudFront that
reads with an identity (OAC, OAI) is not the public and goes on; one that reads a website endpoint, or without identity,
reads as everybody does. Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage" ("The meaning of
public"), "Website endpoints"; Amazon CloudFront Developer Guide, "Restrict access to an Amazon S3 origin".
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from sakimori.actions.site import Site
from sakimori.actions.step import Caution
from sakimori.aws.refusal import Refusal
from sakimori.collect.cloudfront.distribution_origin import bucket_in
from sakimori.model.words import GLOBAL

_LIST: Final = "s3:ListBuckets"
_BLOCK: Final = "s3:GetPublicAccessBlock"
_STATUS: Final = "s3:GetBucketPolicyStatus"
_ACL: Final = "s3:GetBucketAcl"
_OWNERSHIP: Final = "s3:GetBucketOwnershipControls"
_WEBSITE: Final = "s3:GetBucketWebsite"
_DISTRIBUTIONS: Final = "cloudfront:ListDistributions"
READS: Final = (_LIST, _BLOCK, _STATUS, _ACL, _OWNERSHIP, _WEBSITE, _DISTRIBUTIONS)

_GONE: Final = "NoSuchBucket"
_EVERYONE: Final = "/groups/global/"
_PAGE: Final = 1000
_WORKERS: Final = 8
_LONG_DAYS: Final = 14
"""So many days of logs without a public reader say that there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bucket:
    """What one bucket shows: public as a whole, or perhaps by ACLs of single objects; `refusals` are what it did not show."""

    name: str
    is_public: bool = False
    has_object_acls: bool = False
    is_website: bool = False
    refusals: tuple[tuple[str, str], ...] = ()


def public_reading(site: Site, switches: Mapping[str, bool]) -> Sequence[Caution]:
    """What the account's block would close, where `switches` are on already. Raises Refusal where buckets cannot be listed."""
    listed = site.all_of(_LIST, "Buckets", MaxBuckets=_PAGE)

    def look(told: Mapping[str, Any]) -> _Bucket:
        return _look(site.at(told.get("BucketRegion") or site.region), str(told["Name"]), switches)

    with ThreadPoolExecutor(_WORKERS) as pool:
        buckets = list(pool.map(look, listed))
    websites = [each.name for each in buckets if each.is_website and (each.is_public or each.has_object_acls)]
    public = [each.name for each in buckets if each.is_public and not each.is_website]
    single = [each.name for each in buckets if each.has_object_acls and not each.is_public and not each.is_website]
    return [
        *_named("harden_watch.hb16_websites", websites, blocks=True),
        *_readers(site, public),
        *_named("harden_watch.hb16_objects", single),
        *_unseen(buckets),
    ]


def public_origins(site: Site, switches: Mapping[str, bool]) -> Sequence[Caution]:
    """Distributions that read one of the account's open buckets as everybody does. Raises Refusal."""
    buckets = {str(each["Name"]): each for each in site.all_of(_LIST, "Buckets", MaxBuckets=_PAGE)}
    at = site.at(GLOBAL)
    found: set[str] = set()
    for page in at.door.pages(_DISTRIBUTIONS, GLOBAL, {}):
        for each in (page.get("DistributionList") or {}).get("Items") or ():
            for bucket in _read_openly(each):
                told = buckets.get(bucket)
                if told is not None:
                    seen = _look(site.at(told.get("BucketRegion") or site.region), bucket, switches)
                    if seen.is_public or seen.has_object_acls:
                        found.add(f"{each['Id']} ({bucket})")
    return _named("harden_watch.hb16_distributions", sorted(found), blocks=True)


def _read_openly(distribution: Mapping[str, Any]) -> Iterator[str]:
    for origin in (distribution.get("Origins") or {}).get("Items") or ():
        has_identity = origin.get("OriginAccessControlId") or (origin.get("S3OriginConfig") or {}).get(
            "OriginAccessIdentity"
        )
        bucket = bucket_in(str(origin.get("DomainName", "")))
        if bucket and not has_identity:
            yield bucket


def _look(site: Site, name: str, switches: Mapping[str, bool]) -> _Bucket:
    refusals: list[tuple[str, str]] = []

    def asked(call: str, *absent: str) -> Mapping[str, Any]:
        try:
            return site.call(call, (_GONE, *absent), Bucket=name) or {}
        except Refusal as refusal:
            refusals.append((call, refusal.code))
            return {}

    told = asked(_BLOCK, "NoSuchPublicAccessBlockConfiguration").get("PublicAccessBlockConfiguration") or {}
    closed = {
        switch for switch in ("IgnorePublicAcls", "RestrictPublicBuckets") if told.get(switch) or switches.get(switch)
    }
    by_policy = "RestrictPublicBuckets" not in closed and _is_public(asked(_STATUS, "NoSuchBucketPolicy"))
    has_acls = "IgnorePublicAcls" not in closed and _has_acls(asked(_OWNERSHIP, "OwnershipControlsNotFoundError"))
    by_acl = has_acls and _grants_everyone(asked(_ACL))
    is_open = by_policy or has_acls
    return _Bucket(
        name=name, is_public=by_policy or by_acl, has_object_acls=has_acls,
        is_website=is_open and bool(asked(_WEBSITE, "NoSuchWebsiteConfiguration")), refusals=tuple(refusals),
    )  # fmt: skip


def _is_public(answer: Mapping[str, Any]) -> bool:
    return bool((answer.get("PolicyStatus") or {}).get("IsPublic"))


def _has_acls(answer: Mapping[str, Any]) -> bool:
    rules: Iterable[Mapping[str, str]] = (answer.get("OwnershipControls") or {}).get("Rules") or ()
    return all(rule.get("ObjectOwnership") != "BucketOwnerEnforced" for rule in rules)


def _grants_everyone(answer: Mapping[str, Any]) -> bool:
    return any(_EVERYONE in str((each.get("Grantee") or {}).get("URI", "")) for each in answer.get("Grants") or ())


def _named(text: str, names: Sequence[str], *, blocks: bool = False) -> Sequence[Caution]:
    return [Caution(text=text, values={"names": list(names)}, blocks=blocks)] if names else []


def _readers(site: Site, public: Sequence[str]) -> Iterator[Caution]:
    """Of buckets that are public: who reads them so, as far as logs tell. Only where nobody does for long does nothing stop."""
    unseen: list[str] = []
    idle: list[str] = []
    for name in public:
        seen = site.logs.public_reads(name)
        if seen.count:
            values = {"name": name, "count": seen.count, "days": seen.days}
            yield Caution(text="harden_watch.hb16_read", values=values, blocks=True)
        elif seen.days >= _LONG_DAYS:
            idle.append(name)
        else:
            unseen.append(name)
    yield from _named("harden_watch.hb16_public", unseen, blocks=True)
    if idle:
        yield Caution(text="harden_watch.hb16_not_read", values={"names": idle, "days": _LONG_DAYS})


def _unseen(buckets: Sequence[_Bucket]) -> Iterator[Caution]:
    refused: dict[tuple[str, str], list[str]] = {}
    for bucket in buckets:
        for refusal in bucket.refusals:
            refused.setdefault(refusal, []).append(bucket.name)
    for (call, code), names in sorted(refused.items()):
        yield Caution(text="harden_watch.hb16_unseen", values={"call": call, "code": code, "names": names})
