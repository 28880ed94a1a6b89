"""Origins of CloudFront distributions: where the content comes from."""

import re
from collections.abc import Iterator

from sakimori.aws.door import Door
from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Reader, Record, call, col, table
from sakimori.model.words import Scope

_LIST = "cloudfront:ListDistributions"

# The bucket's REST endpoints (with dual stack, and the old form with a dash) and its website endpoints.
# Source: "Amazon S3 endpoints and quotas" and "Website endpoints", AWS General Reference and S3 User Guide.
_BUCKET = re.compile(
    r"(?P<bucket>[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]?)\.s3(?:-website)?(?:[.-](?:dualstack\.)?[a-z0-9-]+)?"
    r"\.amazonaws\.com(?:\.cn)?"
)
# Access points stand in a bucket's place under these names, and are no buckets.
_OF_ACCESS_POINTS = ("-s3alias", "--ol-s3")


def _origins(door: Door, region: str) -> Iterator[Record]:
    for page in door.pages(_LIST, region, {}):
        for distribution in page["DistributionList"].get("Items") or ():
            for origin in distribution["Origins"]["Items"]:
                yield {**origin, "distribution": distribution["ARN"], "bucket": bucket_in(origin["DomainName"])}


def bucket_in(domain_name: str) -> str:
    """The bucket whose S3 endpoint `domain_name` is; "" for any other address and for an access point.

    >>> bucket_in("site.example.s3.ap-northeast-1.amazonaws.com"), bucket_in("lb-1.elb.amazonaws.com")
    ('site.example', '')
    """
    found = _BUCKET.fullmatch(domain_name.lower())
    name = found["bucket"] if found else ""
    return "" if name.endswith(_OF_ACCESS_POINTS) else name


def _kind(record: Record, _context: Context) -> str | None:
    kinds = {"S3OriginConfig": "s3", "CustomOriginConfig": "custom", "VpcOriginConfig": "vpc"}
    return next((kind for member, kind in kinds.items() if member in record), None)


def _is_s3(record: Record, context: Context) -> bool | None:
    kind = _kind(record, context)
    return None if kind is None else kind == "s3"


def _is_custom(record: Record, context: Context) -> bool | None:
    kind = _kind(record, context)
    return None if kind is None else kind == "custom"


def _has_identity(record: Record, _context: Context) -> bool:
    return bool((record.get("S3OriginConfig") or {}).get("OriginAccessIdentity"))


def _bucket_exists(record: Record, _context: Context) -> bool | None:
    return "Location" in record if record["bucket"] else None


TABLE = table(
    "aws_cloudfront_distribution_origin",
    "Origins of CloudFront distributions.",
    key="id",
    parent="distribution_arn",
    parent_key="distribution",
    scope=Scope.ACCOUNT,
    resource_type="AWS::CloudFront::Distribution",
    rows=Reader(function=_origins, operations=(_LIST,)),
    each=[
        # Asks for no more than the bucket's Region; S3 answers it in any Region.
        call("s3:GetBucketLocation", "@", name="Location", with_={"Bucket": "bucket"}, when="bucket",
             absent=("NoSuchBucket",)),
    ],
    columns=[
        col("id", TEXT, "The distribution's ARN and the origin's id.", lambda record, _: f"{record['distribution']}/{record['Id']}"),
        col("distribution_arn", TEXT, "The distribution that fetches from it.", "distribution"),
        col("origin_id", TEXT, "The origin's id, unique in its distribution.", "Id"),
        col("domain_name", TEXT, "Where CloudFront fetches from.", "DomainName"),
        col("kind", TEXT, "s3, custom (websites of buckets are custom too) or vpc.", _kind),
        col("is_s3", BOOLEAN, "It is an S3 bucket, and not the website endpoint of one.", _is_s3),
        col("is_bucket", BOOLEAN, "Its address is that of an S3 bucket or of a bucket's website.", lambda record, _: bool(record["bucket"])),
        col("bucket_name", TEXT, "The bucket at that address; '' where it is none.", "bucket"),
        col("bucket_exists", BOOLEAN, "A bucket of that name is there; NULL where S3 does not say.", _bucket_exists,
            needs=["Location"]),
        col("has_access_control", BOOLEAN, "Origin access control (OAC) signs what CloudFront asks for.",
            lambda record, _: bool(record.get("OriginAccessControlId"))),
        col("has_access_identity", BOOLEAN, "An origin access identity (OAI), the older way, is used.", _has_identity),
        col("protocol_policy", TEXT, "For a custom origin: http-only, match-viewer or https-only; '' for others.",
            "CustomOriginConfig.OriginProtocolPolicy", when_absent=""),
        col("is_custom", BOOLEAN, "It is reached by HTTP or HTTPS at an address of its own.", _is_custom),
    ],
)  # fmt: skip
