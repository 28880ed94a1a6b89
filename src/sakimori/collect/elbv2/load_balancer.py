"""Application, Network and Gateway Load Balancers."""

from collections.abc import Mapping

from sakimori.collect.declaration import BOOLEAN, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.model.words import Scope

LIST = call("elbv2:DescribeLoadBalancers", "LoadBalancers")


def _attributes(record: Record) -> Mapping[str, str]:
    return {each["Key"]: each["Value"] for each in record.get("Attributes") or ()}


def _logs(record: Record, _context: Context) -> bool | None:
    return {"true": True, "false": False}.get(_attributes(record).get("access_logs.s3.enabled", ""))


def _log_bucket(record: Record, _context: Context) -> str | None:
    return _attributes(record).get("access_logs.s3.bucket")


def _is_application(record: Record, _context: Context) -> bool | None:
    kind = record.get("Type")
    return None if kind is None else kind == "application"


def _faces_internet(record: Record, _context: Context) -> bool | None:
    return {"internet-facing": True, "internal": False}.get(record.get("Scheme", ""))


TABLE = table(
    "aws_elbv2_load_balancer",
    "Application, Network and Gateway Load Balancers.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::ElasticLoadBalancingV2::LoadBalancer",
    rows=LIST,
    each=[
        call("elbv2:DescribeLoadBalancerAttributes", "Attributes", with_={"LoadBalancerArn": "LoadBalancerArn"}),
        call("wafv2:GetWebACLForResource", "WebACL.ARN", name="WebACL", with_={"ResourceArn": "LoadBalancerArn"},
             when="Type == 'application'"),
    ],
    columns=[
        col("arn", TEXT, "The load balancer's ARN.", "LoadBalancerArn"),
        col("name", TEXT, "The load balancer's name.", "LoadBalancerName"),
        col("balancer_type", TEXT, "application, network or gateway.", "Type"),
        col("is_application", BOOLEAN, "It is an Application Load Balancer.", _is_application),
        col("is_internet_facing", BOOLEAN, "Its addresses are public; NULL for a Gateway Load Balancer.", _faces_internet),
        col("dns_name", TEXT, "The name by which it is reached.", "DNSName", when_absent=""),
        col("vpc_id", TEXT, "The VPC it stands in.", "VpcId"),
        col("created_at", TIMESTAMP, "When it was made.", "CreatedTime"),
        col("access_logs_are_enabled", BOOLEAN, "Access logs are written to a bucket; NULL for a Gateway Load Balancer.",
            _logs, needs=["Attributes"]),
        col("access_log_bucket", TEXT, "The bucket of access logs; '' where none is set.", _log_bucket, needs=["Attributes"]),
        col("web_acl_arn", TEXT, "The AWS WAF web ACL of an Application Load Balancer; '' where there is none.", "WebACL",
            when_absent=""),
        col("has_web_acl", BOOLEAN, "An AWS WAF web ACL is associated.", lambda record, _: bool(record.get("WebACL")),
            needs=["WebACL"]),
    ],
)  # fmt: skip
