"""The company's buckets: public ones of several kinds, one given away, old ones without a block, and good ones."""

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
    "old-site": TOKYO,
    "upload-box": TOKYO,
    "once-public": IRELAND,
    "log-archive": TOKYO,
}
_EVERYONE: Final = {"Effect": "Allow", "Principal": "*"}
_TLS_ONLY: Final = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
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
    put_policy(seeding, "web-assets", {**_EVERYONE, "Action": "s3:GetObject"}, "/*")
    partner = {"AWS": f"arn:aws:iam::{_PARTNER}:root"}
    drop = {"Effect": "Allow", "Principal": partner, "Action": ["s3:PutObject", "s3:PutBucketPolicy"]}
    put_policy(seeding, "partner-drop", drop, "", "/*")
    put_policy(seeding, "partner-read", {"Effect": "Allow", "Principal": partner, "Action": "s3:GetObject"}, "/*")
    put_policy(seeding, "customer-data", _TLS_ONLY, "", "/*")
    s3 = seeding.client("s3", TOKYO)
    s3.put_bucket_versioning(Bucket=full_name(seeding, "customer-data"), VersioningConfiguration={"Status": "Enabled"})
    tags = [{"Key": "用途", "Value": "健康診断の結果"}, {"Key": "owner", "Value": "佐藤"}]
    s3.put_bucket_tagging(Bucket=full_name(seeding, "shindan"), Tagging={"TagSet": tags})
    _public_ones(seeding)
    _log_archive(seeding)


def _public_ones(seeding: Seeding) -> None:
    """From the days of ACLs: a site, a box that anyone may put files into, and one whose block came later."""
    for name in ("old-site", "upload-box", "once-public"):
        s3 = seeding.client("s3", _BUCKETS[name])
        bucket = full_name(seeding, name)
        block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        s3.delete_public_access_block(Bucket=bucket)
        if name == "upload-box":
            put_policy(seeding, name, {**_EVERYONE, "Action": "s3:PutObject"}, "/*")
            continue
        writer = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=writer)
        s3.put_bucket_acl(Bucket=bucket, ACL="public-read-write" if name == "once-public" else "public-read")
        if name == "once-public":
            s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)


def _log_archive(seeding: Seeding) -> None:
    """Someone began an archive for logs and did it well; so far only customer-data logs into it."""
    s3 = seeding.client("s3", TOKYO)
    bucket = full_name(seeding, "log-archive")
    account = {"StringEquals": {"aws:SourceAccount": seeding.state.account_id}}
    deliver = {"Effect": "Allow", "Action": "s3:PutObject", "Condition": account}
    statements: list[Mapping[str, Any]] = [
        {**_TLS_ONLY, "Principal": {"AWS": "*"}, "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]},
        *(
            {**deliver, "Principal": {"Service": service}, "Resource": f"arn:aws:s3:::{bucket}/*"}
            for service in ("cloudtrail.amazonaws.com", "logging.s3.amazonaws.com")
        ),
    ]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    seeding.state.mfa_delete[bucket] = True  # by the root user, whom no key here can be
    s3.put_bucket_logging(
        Bucket=full_name(seeding, "customer-data"),
        BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": bucket, "TargetPrefix": "s3/customer-data/"}},
    )


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
