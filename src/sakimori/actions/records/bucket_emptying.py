"""Taking back a bucket of ours: all versions of all objects, then the bucket.

What is locked stops it before anything is deleted, and so does a bucket that is not ours. One that holds too much to be
emptied call by call is given a lifecycle rule that lets S3 empty it within days; the undo is then asked for again.
Source: Amazon S3 User Guide, "Deleting a general purpose bucket", "Emptying a general purpose bucket" and "Locking objects".
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from sakimori.actions.site import Site
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Call, Change
from sakimori.model.errors import ActionError

_RETENTION: Final = "s3:GetObjectRetention"
_HOLD: Final = "s3:GetObjectLegalHold"
READS: Final = ("s3:ListObjectVersions", _RETENTION, _HOLD, "s3:GetObjectLockConfiguration", "s3:GetBucketTagging")
WRITES: Final = ("s3:PutBucketPolicy", "s3:PutBucketLifecycleConfiguration", "s3:DeleteObjects", "s3:DeleteBucket")
TAG: Final = {"Key": "sakimori", "Value": "HB10"}
MOST_VERSIONS: Final = 20_000
"""About 3 MB in the journal."""
_BATCH: Final = 1000
_UNLOCKED: Final = ("NoSuchObjectLockConfiguration",)
EMPTYING: Final = "sakimori-empty"
"""How the ids of the lifecycle rules begin that let S3 empty it."""
_HOW: Final = {
    "ID": EMPTYING, "Filter": {"Prefix": ""}, "Status": "Enabled", "Expiration": {"Days": 1},
    "NoncurrentVersionExpiration": {"NoncurrentDays": 1}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
}  # fmt: skip
_MARKERS: Final = {"ID": f"{EMPTYING}-markers", "Filter": {"Prefix": ""}, "Status": "Enabled",
                   "Expiration": {"ExpiredObjectDeleteMarker": True}}  # fmt: skip


def holds_objects(site: Site, bucket: str) -> bool:
    """Whether anything is in it, deleted versions too."""
    return bool(_versions(site, bucket, 1))


def emptied_and_deleted(
    site: Site, bucket: str, lifecycle: Sequence[Mapping[str, Any]], shut: Call, made: Call
) -> Sequence[Change]:
    """The calls; `shut` closes it to the services that still deliver, `made` would make it again.

    ActionError where it is not ours, where a version is locked or that cannot be seen, or while S3 empties it.
    """
    try:
        if not _is_made_here(site, bucket):
            raise ActionError("harden_record.hb10_not_ours", bucket=bucket)
        if any(each.get("ID") == EMPTYING for each in lifecycle) and holds_objects(site, bucket):
            raise ActionError("harden_record.hb10_emptying", bucket=bucket)
        versions = _versions(site, bucket, MOST_VERSIONS + 1)
        locked = next(_locked(site, bucket, versions), "") if _may_be_locked(site, bucket) else ""
    except Refusal as refusal:
        raise ActionError(
            "harden_record.hb10_not_seen", bucket=bucket, call=refusal.call, code=refusal.code
        ) from refusal
    if locked:
        raise ActionError("harden_record.hb10_locked", bucket=bucket, key=locked)
    values = {"bucket": bucket}
    closing = Change(
        name="shut", call=shut, text="harden_record.hb10_shut", values=values, lasting="harden_record.hb10_gone"
    )
    if len(versions) > MOST_VERSIONS:
        parameters = {"Bucket": bucket, "LifecycleConfiguration": {"Rules": [_HOW, _MARKERS]}}
        call = Call(operation="s3:PutBucketLifecycleConfiguration", region=site.region, parameters=parameters)
        emptying = Change(
            name="empty", call=call, text="harden_record.hb10_empty", values=values, lasting="harden_record.hb10_gone"
        )  # fmt: skip
        return (closing, emptying)
    drop = Call(
        operation="s3:DeleteBucket", region=site.region, parameters={"Bucket": bucket}, settled=("NoSuchBucket",)
    )  # fmt: skip
    gone = Change(name="bucket", call=drop, undo=(made,), text="harden_record.hb10_dropped", values=values)
    return (closing, *_deletions(site, bucket, versions), gone)


def _deletions(site: Site, bucket: str, versions: Sequence[Mapping[str, Any]]) -> Iterator[Change]:
    for start in range(0, len(versions), _BATCH):
        batch = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in versions[start : start + _BATCH]]
        parameters = {"Bucket": bucket, "Delete": {"Objects": batch, "Quiet": True}}
        yield Change(
            name=f"objects-{start // _BATCH + 1}",
            call=Call(operation="s3:DeleteObjects", region=site.region, parameters=parameters),
            text="harden_record.hb10_deleted", values={"count": len(batch), "bucket": bucket},
            lasting="harden_record.hb10_gone",
        )  # fmt: skip


def _versions(site: Site, bucket: str, most: int) -> Sequence[Mapping[str, Any]]:
    """Versions and delete markers, so many at most."""
    asked = {"Bucket": bucket, "MaxKeys": min(most, _BATCH)}
    pages = site.door.pages("s3:ListObjectVersions", site.region, asked)
    found = (
        {"Key": each["Key"], "VersionId": each["VersionId"], "is_marker": key == "DeleteMarkers"}
        for page in pages for key in ("Versions", "DeleteMarkers") for each in page.get(key) or ()
    )  # fmt: skip
    return list(islice(found, most))


def _may_be_locked(site: Site, bucket: str) -> bool:
    answer = site.call("s3:GetObjectLockConfiguration", ("ObjectLockConfigurationNotFoundError",), Bucket=bucket)
    return answer is not None


def _locked(site: Site, bucket: str, versions: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Keys of versions under retention, whenever that ends, or under legal hold.

    HeadObject would tell both in one call, but hides them from who may not read locks.
    """
    for each in versions:
        if not each["is_marker"]:
            which = {"Bucket": bucket, "Key": each["Key"], "VersionId": each["VersionId"]}
            retention = (site.call(_RETENTION, _UNLOCKED, **which) or {}).get("Retention")
            hold = (site.call(_HOLD, _UNLOCKED, **which) or {}).get("LegalHold") or {}
            if retention or hold.get("Status") == "ON":
                yield str(each["Key"])


def _is_made_here(site: Site, bucket: str) -> bool:
    answer = site.call("s3:GetBucketTagging", ("NoSuchTagSet",), Bucket=bucket) or {}
    return TAG in (answer.get("TagSet") or ())
