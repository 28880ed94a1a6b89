"""The company's buckets: one public, one given away, two old ones without a block, and good ones."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import IRELAND, TOKYO, VIRGINIA

_PARTNER: Final = "333333333333"
_BUCKETS: Final = {
    "web-assets": TOKYO,
    "customer-data": TOKYO,
    "partner-drop": VIRGINIA,
    "partner-read": VIRGINIA,
    "old-logs": IRELAND,
    "backup": TOKYO,
    "trail": TOKYO,
    "trail-tokyo": TOKYO,
    "shindan": TOKYO,
}


def seed(seeding: Seeding) -> None:
    """Buckets with their policies; the policies of the trails' buckets come with the trails."""
    for name, region in _BUCKETS.items():
        where = {} if region == VIRGINIA else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        seeding.client("s3", region).create_bucket(Bucket=full_name(seeding, name), **where)
    for name in ("web-assets", "backup"):
        seeding.client("s3", TOKYO).delete_public_access_block(Bucket=full_name(seeding, name))
    seeding.client("s3", IRELAND).put_public_access_block(
        Bucket=full_name(seeding, "old-logs"),
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": False,
        },
    )
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    put_policy(seeding, "web-assets", everyone, "/*")
    partner = {"AWS": f"arn:aws:iam::{_PARTNER}:root"}
    drop = {"Effect": "Allow", "Principal": partner, "Action": ["s3:PutObject", "s3:PutBucketPolicy"]}
    put_policy(seeding, "partner-drop", drop, "", "/*")
    put_policy(seeding, "partner-read", {"Effect": "Allow", "Principal": partner, "Action": "s3:GetObject"}, "/*")
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    tls_only = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Condition": insecure}
    put_policy(seeding, "customer-data", tls_only, "", "/*")
    s3 = seeding.client("s3", TOKYO)
    s3.put_bucket_versioning(Bucket=full_name(seeding, "customer-data"), VersioningConfiguration={"Status": "Enabled"})
    tags = [{"Key": "用途", "Value": "健康診断の結果"}, {"Key": "owner", "Value": "佐藤"}]
    s3.put_bucket_tagging(Bucket=full_name(seeding, "shindan"), Tagging={"TagSet": tags})


def full_name(seeding: Seeding, name: str) -> str:
    """A bucket's whole name, which no other account's bucket has."""
    return f"awase-{name}-{seeding.state.account_id}"


def put_policy(seeding: Seeding, name: str, statement: Mapping[str, Any], *under: str) -> None:
    """Give a bucket a policy of one statement over each of `under` (as "/*") of its ARN."""
    put_bucket_policy(seeding.client("s3", _BUCKETS[name]), full_name(seeding, name), [statement], *under)


def put_bucket_policy(s3: Any, bucket: str, statements: Sequence[Mapping[str, Any]], *under: str) -> None:
    """Give a bucket a policy of statements, each over each of `under` (as "/*") of its ARN."""
    resources = [f"arn:aws:s3:::{bucket}{each}" for each in under]
    # Moto's PutBucketLogging understands one resource only where it stands without a list.
    over = resources[0] if len(resources) == 1 else resources
    document = {"Version": "2012-10-17", "Statement": [{**each, "Resource": over} for each in statements]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
