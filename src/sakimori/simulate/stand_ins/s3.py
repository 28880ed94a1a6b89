"""What every new bucket is born with, what its settings refuse, MFA Delete, and ListBuckets by pages."""

import base64
import json
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket, PublicAccessBlock, s3_backends
from moto.s3.utils import bucket_policy_is_public

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn

_SUCCESS: Final = 300
_ENFORCED: Final = "BucketOwnerEnforced"
_DENIED: Final = ServiceError("AccessDenied", "Access Denied", 403)
_NO_LOCK: Final = ServiceError(
    "NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration", 404
)


def create_bucket(desk: Desk) -> Answer:
    """Moto's bucket with all public access blocked, ACLs off, SSE-S3 on and the tags that were asked for, which moto drops.

    Source: "Heads-Up: Amazon S3 Security Changes Are Coming in April of 2023", AWS News
    Blog; older buckets lack these, as a scenario makes them lack it.
    """
    answer = desk.moto()
    if answer.status < _SUCCESS:
        parameters = desk.parameters()
        bucket: Any = _buckets(desk)[parameters["Bucket"]]  # moto declares other types than it keeps
        bucket.public_access_block = PublicAccessBlock(
            block_public_acls="true",
            ignore_public_acls="true",
            block_public_policy="true",
            restrict_public_buckets="true",
        )
        bucket.ownership_rule = parameters.get("ObjectOwnership") or _ENFORCED
        bucket.encryption = _sse_s3()
        tags = (parameters.get("CreateBucketConfiguration") or {}).get("Tags") or ()
        if tags:
            backend = s3_backends[desk.state.account_id][desk.state.partition]
            backend.put_bucket_tagging(bucket.name, {each["Key"]: each["Value"] for each in tags})
    return answer


def delete_encryption(desk: Desk) -> Answer:
    """Moto's answer; a bucket without a rule of its own still encrypts with SSE-S3."""
    answer = desk.moto()
    if answer.status < _SUCCESS:
        _buckets(desk)[desk.parameters()["Bucket"]].encryption = _sse_s3()
    return answer


def encryption(desk: Desk) -> Mapping[str, Any] | Answer:
    """The rule with the kinds of encryption that are blocked, of which moto tells nothing.

    Source: S3 User Guide, "Blocking or unblocking SSE-C for a general purpose bucket".
    """
    bucket: Any = _buckets(desk).get(desk.parameters()["Bucket"])  # moto declares other types than it keeps
    if bucket is None or not bucket.encryption:
        return desk.moto()
    rule = bucket.encryption["Rule"]
    blocked = (rule.get("BlockedEncryptionTypes") or {}).get("EncryptionType") or "SSE-C"
    types = {"EncryptionType": blocked if isinstance(blocked, list) else [blocked]}
    has_key = str(rule.get("BucketKeyEnabled", False)).lower() == "true"
    kept = {**rule, "BucketKeyEnabled": has_key, "BlockedEncryptionTypes": types}
    return {"ServerSideEncryptionConfiguration": {"Rules": [kept]}}


def list_buckets(desk: Desk) -> Mapping[str, Any]:
    """Buckets by name; with MaxBuckets by pages. BucketRegion stands only in paged answers, as on AWS."""
    asked = desk.parameters()
    names = sorted(name for name, bucket in _buckets(desk).items() if _fits(name, bucket, asked))
    if token := asked.get("ContinuationToken"):
        last = base64.b64decode(token).decode()
        names = [name for name in names if name > last]
    paged = bool({"MaxBuckets", "BucketRegion", "Prefix", "ContinuationToken"} & set(asked))
    page = names[: int(asked.get("MaxBuckets") or 10_000)]
    result: dict[str, Any] = {
        "Buckets": [_entry(_buckets(desk)[name], paged=paged) for name in page],
        "Owner": {"ID": desk.state.account_id.rjust(64, "0")},
    }
    if len(page) < len(names):
        result["ContinuationToken"] = base64.b64encode(page[-1].encode()).decode()
    if asked.get("Prefix"):
        result["Prefix"] = asked["Prefix"]
    return result


def put_acl(desk: Desk) -> Answer:
    """Moto's answer; refused where ACLs are off, or public and blocked.

    Source: S3 API reference, PutBucketAcl and PublicAccessBlockConfiguration.
    """
    asked = desk.parameters()
    bucket: Any = _buckets(desk).get(asked["Bucket"])  # moto declares other types than it keeps
    if bucket is not None and bucket.ownership_rule == _ENFORCED:
        raise ServiceError("AccessControlListNotSupported", "The bucket does not allow ACLs", 400)
    is_public = str(asked.get("ACL", "")).startswith("public") or b"/groups/global/A" in desk.call.body
    if bucket is not None and is_public and _blocks(bucket, "block_public_acls"):
        raise _DENIED
    return desk.moto()


def put_policy(desk: Desk) -> Answer:
    """Moto's answer; a public policy is refused where such are blocked, and a Deny with a condition denies no call here.

    moto looks at no condition: a policy that asks for TLS would close its bucket to everyone, and here nobody has TLS.
    Source: S3 API reference, PublicAccessBlockConfiguration.
    """
    asked = desk.parameters()
    bucket = _buckets(desk).get(asked["Bucket"])
    if bucket is not None and bucket_policy_is_public(asked["Policy"]) and _blocks(bucket, "block_public_policy"):
        raise _DENIED
    answer = desk.moto()
    if bucket is not None and answer.status < _SUCCESS:
        vars(bucket)["get_permission"] = partial(_permission, bucket)
    return answer


def put_versioning(desk: Desk) -> Answer:
    """Moto's answer; MFA Delete is the root user's alone, and so is every change where it is on.

    Source: S3 User Guide, "Configuring MFA delete".
    """
    asked = desk.parameters()
    name, wanted = asked["Bucket"], asked["VersioningConfiguration"].get("MFADelete")
    if (wanted or desk.state.mfa_delete.get(name)) and (desk.principal != desk.state.root_arn or not asked.get("MFA")):
        raise _DENIED
    answer = desk.moto()
    if wanted and answer.status < _SUCCESS:
        desk.state.mfa_delete[name] = wanted == "Enabled"
    return answer


def get_versioning(desk: Desk) -> Mapping[str, Any] | Answer:
    """Moto's answer, with MFADelete where it was ever set."""
    name = desk.parameters()["Bucket"]
    bucket: Any = _buckets(desk).get(name)
    if bucket is None or name not in desk.state.mfa_delete:
        return desk.moto()
    mfa_delete = "Enabled" if desk.state.mfa_delete[name] else "Disabled"
    return {"Status": bucket.versioning_status, "MFADelete": mfa_delete}


def object_retention(desk: Desk) -> Mapping[str, Any]:
    """How long the version is locked, of which moto tells nothing.

    Source: S3 API reference, GetObjectRetention and its errors.
    """
    found = _version(desk)
    if not found.lock_mode:
        raise _NO_LOCK
    return {"Retention": {"Mode": found.lock_mode, "RetainUntilDate": found.lock_until}}


def object_hold(desk: Desk) -> Mapping[str, Any]:
    """The version's legal hold; moto tells of one where none was ever set."""
    found = _version(desk)
    if not found.lock_legal_status:
        raise _NO_LOCK
    return {"LegalHold": {"Status": found.lock_legal_status}}


STAND_INS: Final[Mapping[str, StandIn]] = {
    "s3:CreateBucket": create_bucket,
    "s3:DeleteBucketEncryption": delete_encryption,
    "s3:GetBucketEncryption": encryption,
    "s3:GetBucketVersioning": get_versioning,
    "s3:GetObjectLegalHold": object_hold,
    "s3:GetObjectRetention": object_retention,
    "s3:ListBuckets": list_buckets,
    "s3:PutBucketAcl": put_acl,
    "s3:PutBucketPolicy": put_policy,
    "s3:PutBucketVersioning": put_versioning,
}


def _blocks(bucket: FakeBucket, switch: str) -> bool:
    return bool(bucket.public_access_block) and bool(getattr(bucket.public_access_block, switch))


def _sse_s3() -> dict[str, Any]:
    """The default encryption in moto's form."""
    return {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}}


def _buckets(desk: Desk) -> Mapping[str, FakeBucket]:
    return s3_backends[desk.state.account_id][desk.state.partition].buckets


def _version(desk: Desk) -> Any:
    asked = desk.parameters()
    bucket = _buckets(desk).get(asked["Bucket"])
    if bucket is None:
        raise ServiceError("NoSuchBucket", "The specified bucket does not exist", 404)
    if not bucket.object_lock_enabled:
        raise ServiceError("InvalidRequest", "Bucket is missing Object Lock Configuration", 400)
    backend = s3_backends[desk.state.account_id][desk.state.partition]
    found = backend.get_object(asked["Bucket"], asked["Key"], version_id=asked.get("VersionId"))
    if found is None:
        raise ServiceError("NoSuchKey", "The specified key does not exist.", 404)
    return found


def _fits(name: str, bucket: FakeBucket, asked: Mapping[str, Any]) -> bool:
    region = asked.get("BucketRegion")
    return name.startswith(asked.get("Prefix") or "") and region in (None, "", bucket.region_name)


def _entry(bucket: FakeBucket, *, paged: bool) -> Mapping[str, Any]:
    entry = {"Name": bucket.name, "CreationDate": bucket.creation_date}
    return {**entry, "BucketRegion": bucket.region_name} if paged else entry


def _permission(bucket: FakeBucket, action: str, resource: str) -> PermissionResult:
    """What the bucket's policy says, without the denials that hold under a condition only."""
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    document = json.loads(bucket.policy)
    listed = document.get("Statement", [])
    statements = listed if isinstance(listed, list) else [listed]
    kept = [each for each in statements if each.get("Effect") != "Deny" or not each.get("Condition")]
    return IAMPolicy(json.dumps({**document, "Statement": kept})).is_action_permitted(action, resource)
