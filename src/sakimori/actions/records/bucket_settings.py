"""The settings of a bucket that keep logs whole, and the calls from any of their values to any other.

Source: botocore's model of s3; Amazon S3 User Guide, "Blocking public access", "Controlling ownership of objects" and
"Using versioning" (versions can only be suspended, which for a new object is the same as never turned on); S3 API
reference, BlockedEncryptionTypes and PutBucketLifecycleConfiguration: what a bucket has of these two is sent along when
its encryption or its rules are set, and is never a difference.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sakimori.actions.records.log_archive_policy import normal_policy
from sakimori.actions.site import Site
from sakimori.model.action import Call, Change

Settings = Mapping[str, Any]

_BLOCKED: Final = "BlockedEncryptionTypes"
_LEAST_MOVED: Final = "TransitionDefaultMinimumObjectSize"
SWITCHES: Final = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
ENFORCED: Final = "BucketOwnerEnforced"
SSE_S3: Final = ({"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False},)
BORN: Final[Settings] = {
    "public_access": dict.fromkeys(SWITCHES, True), "ownership": ENFORCED, "encryption": list(SSE_S3),
    "blocked_encryption": ["SSE-C"], "is_versioned": False, "policy": None, "lifecycle": [], "least_moved": "",
    "is_shared_by_acl": False,
}  # fmt: skip
"""What every new bucket has since April 2026 (AWS Storage Blog); what a bucket really has is read again after it is made."""

READS: Final = (
    "s3:GetPublicAccessBlock", "s3:GetBucketOwnershipControls", "s3:GetBucketEncryption", "s3:GetBucketVersioning",
    "s3:GetBucketPolicy", "s3:GetBucketLifecycleConfiguration", "s3:GetBucketAcl",
)  # fmt: skip
WRITES: Final = (
    "s3:PutPublicAccessBlock", "s3:DeletePublicAccessBlock", "s3:PutBucketOwnershipControls",
    "s3:DeleteBucketOwnershipControls", "s3:PutBucketEncryption", "s3:DeleteBucketEncryption", "s3:PutBucketVersioning",
    "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutBucketLifecycleConfiguration", "s3:DeleteBucketLifecycle",
)  # fmt: skip


def bucket_settings(site: Site, bucket: str) -> Settings:
    """As they are, in normal form; `site` is of the bucket's Region."""
    block = site.call("s3:GetPublicAccessBlock", ("NoSuchPublicAccessBlockConfiguration",), Bucket=bucket)
    switches = (block or {}).get("PublicAccessBlockConfiguration") or {}
    controls = site.call("s3:GetBucketOwnershipControls", ("OwnershipControlsNotFoundError",), Bucket=bucket)
    owners = ((controls or {}).get("OwnershipControls") or {}).get("Rules") or ()
    encryption = site.call(
        "s3:GetBucketEncryption", ("ServerSideEncryptionConfigurationNotFoundError",), Bucket=bucket
    )  # fmt: skip
    versioning = site.call("s3:GetBucketVersioning", Bucket=bucket) or {}
    policy = site.call("s3:GetBucketPolicy", ("NoSuchBucketPolicy",), Bucket=bucket)
    lifecycle = site.call("s3:GetBucketLifecycleConfiguration", ("NoSuchLifecycleConfiguration",), Bucket=bucket)
    acl = site.call("s3:GetBucketAcl", Bucket=bucket) or {}
    owner = (acl.get("Owner") or {}).get("ID")
    rules = _plain(((encryption or {}).get("ServerSideEncryptionConfiguration") or {}).get("Rules") or [])
    return {
        "public_access": None if block is None else {name: bool(switches.get(name)) for name in SWITCHES},
        "ownership": next((str(each["ObjectOwnership"]) for each in owners), ""),
        "encryption": [kept for each in rules if (kept := {key: each[key] for key in each if key != _BLOCKED})],
        "blocked_encryption": sorted(
            {kind for each in rules for kind in (each.get(_BLOCKED) or {}).get("EncryptionType", ())}
        ),
        "is_versioned": versioning.get("Status") == "Enabled",
        "policy": None if policy is None else normal_policy(str(policy["Policy"])),
        "lifecycle": in_normal_order(_plain((lifecycle or {}).get("Rules") or [])),
        "least_moved": str((lifecycle or {}).get(_LEAST_MOVED) or ""),
        "is_shared_by_acl": any((each.get("Grantee") or {}).get("ID") != owner for each in acl.get("Grants") or ()),
    }


def in_normal_order(rules: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Rules of a lifecycle, whose order has no meaning."""
    return sorted(rules, key=lambda each: json.dumps(each, sort_keys=True))


def settings_changes(region: str, bucket: str, now: Settings, target: Settings) -> Sequence[Change]:
    """One call for each setting that differs, in an order in which none refuses the next."""
    found: list[Change] = []
    for name in _in_order(now, target):
        put, text = _SETTINGS[name]
        if now[name] != target[name]:
            call, back = put(region, bucket, target), put(region, bucket, now)
            found.append(Change(name=name, call=call, undo=(back,), text=text, values={"bucket": bucket}))
    return found


def _in_order(now: Settings, target: Settings) -> Sequence[str]:
    """Where public policies are blocked, one that somebody else wrote into the document is refused."""
    names = list(_SETTINGS)
    is_closing = _openness(target) <= _openness(now)
    return [*names[1:], names[0]] if is_closing else names


def _openness(settings: Settings) -> int:
    return sum(not each for each in (settings["public_access"] or dict.fromkeys(SWITCHES, False)).values())


def _public_access(region: str, bucket: str, settings: Settings) -> Call:
    value = settings["public_access"]
    if value is None:
        return Call(operation="s3:DeletePublicAccessBlock", region=region, parameters={"Bucket": bucket})
    parameters = {"Bucket": bucket, "PublicAccessBlockConfiguration": value}
    return Call(operation="s3:PutPublicAccessBlock", region=region, parameters=parameters)


def _ownership(region: str, bucket: str, settings: Settings) -> Call:
    value = settings["ownership"]
    if not value:
        return Call(operation="s3:DeleteBucketOwnershipControls", region=region, parameters={"Bucket": bucket})
    parameters = {"Bucket": bucket, "OwnershipControls": {"Rules": [{"ObjectOwnership": value}]}}
    return Call(operation="s3:PutBucketOwnershipControls", region=region, parameters=parameters)


def _encryption(region: str, bucket: str, settings: Settings) -> Call:
    if not settings["encryption"]:
        return Call(operation="s3:DeleteBucketEncryption", region=region, parameters={"Bucket": bucket})
    blocked = settings["blocked_encryption"]
    along = {_BLOCKED: {"EncryptionType": blocked}} if blocked else {}
    rules = [{**each, **along} for each in settings["encryption"]]
    parameters = {"Bucket": bucket, "ServerSideEncryptionConfiguration": {"Rules": rules}}
    return Call(operation="s3:PutBucketEncryption", region=region, parameters=parameters)


def _versioning(region: str, bucket: str, settings: Settings) -> Call:
    value = settings["is_versioned"]
    parameters = {"Bucket": bucket, "VersioningConfiguration": {"Status": "Enabled" if value else "Suspended"}}
    return Call(operation="s3:PutBucketVersioning", region=region, parameters=parameters)


def _policy(region: str, bucket: str, settings: Settings) -> Call:
    value = settings["policy"]
    if value is None:
        return Call(operation="s3:DeleteBucketPolicy", region=region, parameters={"Bucket": bucket})
    parameters = {"Bucket": bucket, "Policy": json.dumps(value)}
    return Call(operation="s3:PutBucketPolicy", region=region, parameters=parameters)


def _lifecycle(region: str, bucket: str, settings: Settings) -> Call:
    if not settings["lifecycle"]:
        return Call(operation="s3:DeleteBucketLifecycle", region=region, parameters={"Bucket": bucket})
    parameters = {"Bucket": bucket, "LifecycleConfiguration": {"Rules": settings["lifecycle"]}}
    if settings["least_moved"]:
        parameters[_LEAST_MOVED] = settings["least_moved"]
    return Call(operation="s3:PutBucketLifecycleConfiguration", region=region, parameters=parameters)


_SETTINGS: Final[Mapping[str, tuple[Callable[[str, str, Settings], Call], str]]] = {
    "public_access": (_public_access, "harden_record.hb10_public_access"),
    "ownership": (_ownership, "harden_record.hb10_ownership"),
    "encryption": (_encryption, "harden_record.hb10_encryption"),
    "is_versioned": (_versioning, "harden_record.hb10_versions"),
    "policy": (_policy, "harden_record.hb10_policy"),
    "lifecycle": (_lifecycle, "harden_record.hb10_lifecycle"),
}


def _plain(value: Any) -> Any:
    """The same as plain JSON; a day of a lifecycle rule becomes its text, which S3 takes too."""
    return json.loads(
        json.dumps(value, default=lambda each: each.isoformat() if isinstance(each, datetime) else str(each))
    )
