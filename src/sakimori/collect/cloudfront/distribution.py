"""CloudFront distributions."""

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.collect.kleene import every
from sakimori.model.words import Scope

_ENCRYPTED = {"https-only": True, "redirect-to-https": True, "allow-all": False}


def _protocols(record: Record) -> list[str] | None:
    """How viewers may come by the default behaviour, then by those for certain paths; None where one does not say."""
    found = record.get("DefaultCacheBehavior"), *((record.get("CacheBehaviors") or {}).get("Items") or ())
    protocols = [each.get("ViewerProtocolPolicy") for each in found if each]
    return protocols if found[0] and all(protocols) else None


def _requires_https(record: Record, _context: Context) -> bool | None:
    protocols = _protocols(record)
    return None if protocols is None else every(_ENCRYPTED.get(each) for each in protocols)


def _policies(record: Record, _context: Context) -> list[str] | None:
    protocols = _protocols(record)
    return None if protocols is None else sorted(set(protocols))


def _has_s3_origin(record: Record, _context: Context) -> bool | None:
    origins = (record.get("Origins") or {}).get("Items")
    return any("S3OriginConfig" in origin for origin in origins) if origins else None


def _has_web_acl(record: Record, _context: Context) -> bool | None:
    acl = record.get("WebACLId")
    return None if acl is None else bool(acl)


TABLE = table(
    "aws_cloudfront_distribution",
    "CloudFront distributions.",
    key="arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::CloudFront::Distribution",
    rows=call("cloudfront:ListDistributions", "DistributionList.Items"),
    each=[call("cloudfront:GetDistributionConfig", "DistributionConfig", with_={"Id": "Id"})],
    columns=[
        col("arn", TEXT, "The distribution's ARN.", "ARN"),
        col("distribution_id", TEXT, "The distribution's id.", "Id"),
        col("domain_name", TEXT, "The name that CloudFront gave it, ….cloudfront.net.", "DomainName"),
        col("aliases", TEXT, "Its own domain names, separated by commas.", "Aliases.Items", when_absent=()),
        col("comment", TEXT, "What its author wrote.", "Comment"),
        col("is_enabled", BOOLEAN, "It answers viewers.", "Enabled"),
        col("modified_at", TIMESTAMP, "When it was last changed.", "LastModifiedTime"),
        col("has_s3_origin", BOOLEAN, "At least one origin is an S3 bucket (website endpoints do not count).", _has_s3_origin),
        col("default_root_object", TEXT, "What a request for / is given; '' where nothing is set.",
            "DistributionConfig.DefaultRootObject", when_absent=""),
        col("viewer_protocol_policies", TEXT,
            "How viewers may come: allow-all, https-only or redirect-to-https, separated by commas.", _policies),
        col("requires_https", BOOLEAN, "Every path refuses plain HTTP or sends it on to HTTPS.", _requires_https),
        col("web_acl_id", TEXT, "The ARN or id of the AWS WAF web ACL; '' where there is none.", "WebACLId"),
        col("has_web_acl", BOOLEAN, "A web ACL is associated.", _has_web_acl),
        col("standard_logging_is_enabled", BOOLEAN, "Standard logging (legacy) writes access logs to a bucket.",
            "DistributionConfig.Logging.Enabled", when_absent=False),
        col("log_bucket", TEXT, "The bucket of standard logging (legacy); '' where there is none.",
            "DistributionConfig.Logging.Bucket", when_absent=""),
    ],
)  # fmt: skip
