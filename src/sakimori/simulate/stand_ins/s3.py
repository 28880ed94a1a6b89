"""What every bucket is born with since 2023, and ListBuckets by pages."""

import base64
from collections.abc import Mapping
from typing import Any, Final

from moto.s3.models import FakeBucket, PublicAccessBlock, s3_backends

from sakimori.simulate.call import Answer
from sakimori.simulate.stand_ins.form import Desk, StandIn

_SUCCESS: Final = 300


def create_bucket(desk: Desk) -> Answer:
    """Moto's bucket with all public access blocked, ACLs off and SSE-S3 on.

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
        bucket.ownership_rule = parameters.get("ObjectOwnership") or "BucketOwnerEnforced"
        bucket.encryption = _sse_s3()
    return answer


def delete_encryption(desk: Desk) -> Answer:
    """Moto's answer; a bucket without a rule of its own still encrypts with SSE-S3."""
    answer = desk.moto()
    if answer.status < _SUCCESS:
        _buckets(desk)[desk.parameters()["Bucket"]].encryption = _sse_s3()
    return answer


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


STAND_INS: Final[Mapping[str, StandIn]] = {
    "s3:CreateBucket": create_bucket,
    "s3:DeleteBucketEncryption": delete_encryption,
    "s3:ListBuckets": list_buckets,
}


def _sse_s3() -> dict[str, Any]:
    """The default encryption in moto's form."""
    return {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}}


def _buckets(desk: Desk) -> Mapping[str, FakeBucket]:
    return s3_backends[desk.state.account_id][desk.state.partition].buckets


def _fits(name: str, bucket: FakeBucket, asked: Mapping[str, Any]) -> bool:
    region = asked.get("BucketRegion")
    return name.startswith(asked.get("Prefix") or "") and region in (None, "", bucket.region_name)


def _entry(bucket: FakeBucket, *, paged: bool) -> Mapping[str, Any]:
    entry = {"Name": bucket.name, "CreationDate": bucket.creation_date}
    return {**entry, "BucketRegion": bucket.region_name} if paged else entry
