"""Where the logs of the account go: the bucket that its trail or AWS Config fills already, or one of ours.

Every step that sends logs asks here, so that there is one archive. Its name is known before it is made. A bucket of that
name may be another account's: names of buckets are one space for all of AWS, and account numbers are no secret.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sakimori.actions.looking import could_not_look
from sakimori.actions.records.known_trails import READS as _TRAIL_READS
from sakimori.actions.records.known_trails import known_trails, manager_of
from sakimori.actions.records.landing_zones import landing_zone_of
from sakimori.actions.site import Site
from sakimori.actions.step import Caution
from sakimori.aws.refusal import Refusal
from sakimori.model.words import GapKind

READS: Final = ("s3:ListBuckets", "s3:HeadBucket", *_TRAIL_READS, "config:DescribeDeliveryChannels")
CAUTION_READS: Final = ("s3:GetBucketEncryption",)
_NOT_THERE: Final = ("404", "NoSuchBucket", "NotFound")
_DENIED: Final = (GapKind.DENIED, GapKind.DENIED_BY_ORGANIZATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The bucket. `manager` is who manages it, "" for the owner of this account; `is_ours` says that it has our name."""

    bucket: str
    region: str
    is_there: bool
    is_ours: bool
    manager: str = ""


def log_archive(site: Site) -> Archive:
    """The bucket that serves: ours where it is, else one that gets logs already, else ours that is to be made."""
    name = f"sakimori-logs-{site.account.id}-{site.home}"
    owned = owned_buckets(site)
    if name in owned:
        return Archive(bucket=name, region=owned[name], is_there=True, is_ours=True)
    filled = filled_buckets(site)
    for bucket in filled:
        if bucket in owned and not landing_zone_of((bucket,)):
            return Archive(bucket=bucket, region=owned[bucket], is_there=True, is_ours=False)
    for bucket in filled:
        if bucket in owned or exists_elsewhere(site, bucket):
            manager = landing_zone_of((bucket,)) or bucket
            region = owned.get(bucket, site.home)
            return Archive(bucket=bucket, region=region, is_there=True, is_ours=False, manager=manager)
    return Archive(bucket=name, region=site.home, is_there=False, is_ours=True)


def owned_buckets(site: Site) -> Mapping[str, str]:
    """The buckets of this account by name, each with its Region."""
    # ListBuckets tells the Region only where it is asked by pages.
    found = site.at(site.home).all_of("s3:ListBuckets", "Buckets", MaxBuckets=1000)
    return {str(each["Name"]): str(each.get("BucketRegion") or site.home) for each in found}


def exists_elsewhere(site: Site, bucket: str) -> bool:
    """Whether a bucket that this account does not own is another's; false where there is none of that name."""
    try:
        return site.at(site.home).call("s3:HeadBucket", _NOT_THERE, Bucket=bucket) is not None
    except Refusal as refusal:
        if refusal.kind in _DENIED or refusal.code in {"403", "301"}:
            return True
        raise


def logs_leaving(site: Site) -> Sequence[Caution]:
    """What the trails of the account and AWS Config at home send to buckets of strangers."""
    channels = site.at(site.home).call("config:DescribeDeliveryChannels") or {}
    senders = [
        (str(each["Name"]), str(each.get("S3BucketName") or ""), manager_of(site, each)) for each in known_trails(site)
    ]
    senders += [
        (str(each["name"]), str(each.get("s3BucketName") or ""), "") for each in channels.get("DeliveryChannels") or ()
    ]
    owned = owned_buckets(site)
    return [caution for each in senders for caution in leaving(site, *each, owned)]


def leaving(site: Site, sender: str, bucket: str, manager: str, owned: Mapping[str, str]) -> Sequence[Caution]:
    """That `sender` delivers to a bucket which the account does not own, and which no organisation and no landing zone explains.

    Whoever breaks in sends the logs elsewhere so that nobody sees them. A landing zone is known by its names alone, which
    anybody may take: it explains a bucket only for what carries its name itself.
    """
    is_explained = manager.startswith("arn:") or (manager and landing_zone_of((bucket,)) == manager)
    if bucket in owned or not bucket or is_explained or not exists_elsewhere(site, bucket):
        return ()
    return (Caution(text="harden_record.logs_leave", values={"name": sender, "bucket": bucket}),)


def archive_cautions(site: Site, archive: Archive) -> Sequence[Caution]:
    """What keeps a service of this account from writing there."""
    values = {"bucket": archive.bucket}
    if archive.manager:
        return (Caution(text="harden_record.archive_of_others", values=values, blocks=True),)
    if not archive.is_there:
        if exists_elsewhere(site, archive.bucket):
            return (Caution(text="harden_record.archive_taken", values=values, blocks=True),)
        return (Caution(text="harden_record.archive_to_be_made", values=values),)
    try:
        answer = site.at(archive.region).call(
            "s3:GetBucketEncryption", ("ServerSideEncryptionConfigurationNotFoundError",), Bucket=archive.bucket
        )
    except Refusal as refusal:
        return (could_not_look(refusal),)
    rules = ((answer or {}).get("ServerSideEncryptionConfiguration") or {}).get("Rules") or ()
    algorithms = {str((each.get("ApplyServerSideEncryptionByDefault") or {}).get("SSEAlgorithm", "")) for each in rules}
    if any(each.startswith("aws:kms") for each in algorithms):
        return (Caution(text="harden_record.archive_has_key", values=values),)
    return ()


def filled_buckets(site: Site) -> Sequence[str]:
    """What trails and Config deliver to; trails of all Regions first."""
    trails = known_trails(site)
    ranked = sorted(trails, key=lambda each: (not each.get("IsMultiRegionTrail"), str(each["TrailARN"])))
    channels = site.at(site.home).call("config:DescribeDeliveryChannels") or {}
    found = [str(each.get("S3BucketName") or "") for each in ranked]
    found += [str(each.get("s3BucketName") or "") for each in channels.get("DeliveryChannels") or ()]
    return [each for each in dict.fromkeys(found) if each]
