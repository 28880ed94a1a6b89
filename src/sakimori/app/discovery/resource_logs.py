"""Logs of single resources: networks, load balancers, distributions, web ACLs, buckets, databases and APIs."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sakimori.app.discovery.found import Account, Found, listed_in, text_of
from sakimori.ingest.log_groups import kind_of_group
from sakimori.model.gap import Gap
from sakimori.model.words import GLOBAL

_GATEWAY: Final = "tgw-"
_SUFFIX: Final = ".s3.amazonaws.com"


def flows(account: Account) -> Iterator[Found]:
    """Where flow logs go, and VPCs that have none. A flow log of a subnet alone does not cover its VPC."""
    for region in account.regions_of("aws_ec2_flow_log"):
        listed = account.ask("ec2:DescribeFlowLogs", region, "FlowLogs")
        if isinstance(listed, Gap):
            yield listed
            continue
        for each in listed:
            yield _flow(account, region, each)
    logged = {text_of(row, "resource_id") for row in account.rows("aws_ec2_flow_log") if row["is_active"]}
    bare: defaultdict[str, list[object]] = defaultdict(list)
    for row in account.rows("aws_ec2_vpc"):
        is_known = account.knows(str(row["region"]), "aws_ec2_flow_log")
        if row["is_own"] and is_known and row["vpc_id"] not in logged:
            bare[str(row["region"])].append(row["vpc_id"])
    for region, vpcs in sorted(bare.items()):
        yield account.hole("ingest_aws.hole_flows", region, *vpcs)


def _flow(account: Account, region: str, flow: Mapping[str, Any]) -> Found:
    resource = str(flow.get("ResourceId", ""))
    kind = "tgw-flow" if resource.startswith(_GATEWAY) else "vpc-flow"
    whose = {"why": "ingest_aws.why_flows", "name": str(flow.get("FlowLogId", "")), "resource": resource}
    if group := flow.get("LogGroupName"):
        return account.in_group(kind, str(group), region, **whose)
    hive = (flow.get("DestinationOptions") or {}).get("HiveCompatiblePartitions")
    below = (
        f"AWSLogs/aws-account-id={account.id}/aws-service=vpcflowlogs/aws-region={region}/"
        if hive
        else f"AWSLogs/{account.id}/vpcflowlogs/{region}/"
    )
    return account.at(kind, str(flow.get("LogDestination") or ""), below, **whose)


def balancers(account: Account) -> Iterator[Found]:
    """Where load balancers write who came and how connections went: under one prefix lie logs of every kind of them."""
    bare: defaultdict[str, list[object]] = defaultdict(list)
    for row in account.rows("aws_elbv2_load_balancer"):
        region = str(row["region"])
        if row["access_logs_are_enabled"] is False:
            bare[region].append(row["arn"])
        told = account.tell("elbv2:DescribeLoadBalancerAttributes", region, {"LoadBalancerArn": row["arn"]})
        if isinstance(told, Gap):
            yield told
            continue
        attributes = {each["Key"]: each["Value"] for each in told.get("Attributes") or ()}
        for log in ("access_logs", "connection_logs"):
            if attributes.get(f"{log}.s3.enabled") == "true":
                below = (attributes.get(f"{log}.s3.prefix", ""), f"AWSLogs/{account.id}/elasticloadbalancing/{region}/")
                yield account.in_bucket(
                    "auto",
                    attributes.get(f"{log}.s3.bucket", ""),
                    *below,
                    why="ingest_aws.why_balancer",
                    name=row["name"],
                )
    for region, names in sorted(bare.items()):
        yield account.hole("ingest_aws.hole_balancers", region, *names)


def distributions(account: Account) -> Iterator[Found]:
    """Where CloudFront writes access logs, by the legacy way and by deliveries of CloudWatch Logs."""
    delivered = {text_of(row, "distribution_arn") for row in account.rows("aws_cloudfront_log_delivery")}
    bare: list[object] = []
    for row in account.rows("aws_cloudfront_distribution"):
        if row["standard_logging_is_enabled"]:
            yield _legacy(account, str(row["distribution_id"]), text_of(row, "log_bucket"))
        elif row["standard_logging_is_enabled"] is False and row["arn"] not in delivered:
            bare.append(row["arn"])
    if delivered:
        yield from _deliveries(account)
    if bare and account.knows(GLOBAL, "aws_cloudfront_log_delivery"):
        yield account.hole("ingest_aws.hole_distributions", GLOBAL, *bare)


def _legacy(account: Account, identifier: str, bucket: str) -> Found:
    told = account.tell("cloudfront:GetDistributionConfig", GLOBAL, {"Id": identifier})
    if isinstance(told, Gap):
        return told
    prefix = str((told.get("DistributionConfig", {}).get("Logging") or {}).get("Prefix") or "")
    return account.in_bucket(
        "cloudfront", bucket.removesuffix(_SUFFIX), prefix, why="ingest_aws.why_distribution", name=identifier
    )


def _deliveries(account: Account) -> Iterator[Found]:
    listed = account.ask("logs:DescribeDeliveryDestinations", GLOBAL, "deliveryDestinations")
    if isinstance(listed, Gap):
        yield listed
        return
    places = {
        each.get("arn"): each.get("deliveryDestinationConfiguration", {}).get("destinationResourceArn", "")
        for each in listed
    }
    for row in account.rows("aws_cloudfront_log_delivery"):
        arn = str(places.get(text_of(row, "destination_arn")) or text_of(row, "destination_arn"))
        name = text_of(row, "distribution_arn").rpartition("/")[2]
        yield account.at(
            "cloudfront", arn, f"AWSLogs/{account.id}/CloudFront/", why="ingest_aws.why_distribution", name=name
        )


def web_acls(account: Account) -> Iterator[Found]:
    """Where AWS WAF writes what it judged."""
    bare: defaultdict[str, list[object]] = defaultdict(list)
    for row in account.rows("aws_wafv2_web_acl"):
        for arn in listed_in(row, "log_destinations"):
            below = f"AWSLogs/{account.id}/WAFLogs/"
            yield account.at("waf", arn, below, why="ingest_aws.why_web_acl", name=row["name"])
        if all(row[name] is False for name in ("is_logging", "security_lake_is_logging", "telemetry_is_logging")):
            bare[str(row["region"])].append(row["arn"])
    for region, arns in sorted(bare.items()):
        yield account.hole("ingest_aws.hole_web_acls", region, *arns)


def buckets(account: Account) -> Iterator[Found]:
    """Where S3 writes who read buckets. A trail that records objects of all buckets tells it too."""
    is_told = any(
        row["is_logging"] and row["records_object_reads_of_all_buckets"] for row in account.rows("aws_cloudtrail_trail")
    )
    bare: list[object] = []
    for row in account.rows("aws_s3_bucket"):
        name, target = text_of(row, "name"), text_of(row, "access_log_bucket")
        if target:
            told = account.tell("s3:GetBucketLogging", str(row["region"]), {"Bucket": name})
            if isinstance(told, Gap):
                yield told
                continue
            prefix = str((told.get("LoggingEnabled") or {}).get("TargetPrefix") or "")
            yield account.in_bucket("s3-access", target, prefix, why="ingest_aws.why_bucket", name=name)
        elif row["access_logging_is_enabled"] is False and not is_told:
            bare.append(name)
    if bare:
        yield account.hole("ingest_aws.hole_buckets", GLOBAL, *bare)


def databases(account: Account) -> Iterator[Found]:
    """Log groups of RDS and Aurora whose kind is known, and databases that tell nobody who signed in."""
    bare: defaultdict[str, list[object]] = defaultdict(list)
    for table, sort in (("aws_rds_instance", "instance"), ("aws_rds_cluster", "cluster")):
        for row in account.rows(table):
            region, name = str(row["region"]), text_of(row, "name")
            for log in listed_in(row, "exported_logs"):
                group = f"/aws/rds/{sort}/{name}/{log}"
                if kind := kind_of_group(group):
                    yield account.in_group(kind, group, region, why="ingest_aws.why_database", name=name)
            if row["exports_main_log"] is False and not row.get("cluster_name"):
                bare[region].append(row["arn"])
    for region, arns in sorted(bare.items()):
        yield account.hole("ingest_aws.hole_databases", region, *arns)


def stages(account: Account) -> Iterator[Found]:
    """Where API Gateway writes access logs."""
    bare: defaultdict[str, list[object]] = defaultdict(list)
    for table in ("aws_apigateway_stage", "aws_apigatewayv2_stage"):
        for row in account.rows(table):
            if arn := text_of(row, "access_log_arn"):
                name = f"{text_of(row, 'api_id')}/{text_of(row, 'stage_name')}"
                yield account.at("apigateway", arn, why="ingest_aws.why_stage", name=name)
            elif row["access_logs_are_enabled"] is False:
                bare[str(row["region"])].append(row["arn"])
    for region, arns in sorted(bare.items()):
        yield account.hole("ingest_aws.hole_stages", region, *arns)
