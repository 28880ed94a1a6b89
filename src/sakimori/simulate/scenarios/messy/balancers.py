"""Load balancers, APIs and the web ACLs before them: one of each as it should be, and others as they grew."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import IRELAND, TOKYO, VIRGINIA
from sakimori.simulate.scenarios.messy.storage import full_name

_REDIRECT: Final = {
    "Type": "redirect",
    "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
}
_ANSWER: Final = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "ContentType": "text/plain"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Balancer:
    """One Application Load Balancer with the default action of its HTTP listener."""

    name: str
    scheme: str
    action: Mapping[str, Any]
    is_watched: bool = False


_BALANCERS: Final = (
    _Balancer(name="web", scheme="internet-facing", action=_REDIRECT, is_watched=True),
    _Balancer(name="admin", scheme="internet-facing", action=_ANSWER),
    _Balancer(name="inside", scheme="internal", action=_ANSWER),
)
_FORMAT: Final = "$context.requestId $context.identity.sourceIp"


def seed(seeding: Seeding) -> None:
    """Web ACLs, load balancers, then APIs; `web-acl.<name>`, `alb.<name>` and `stage.<name>` are their ARNs."""
    _web_acl(seeding, "web", TOKYO, rules=[_managed("AWSManagedRulesCommonRuleSet"), _rate_limit()], logs=True)
    # Someone meant well: it counts requests, and knows no attack.
    _web_acl(seeding, "count-only", TOKYO, rules=[_rate_limit()], logs=False)
    _web_acl(seeding, "edge", VIRGINIA, rules=[_managed("AWSManagedRulesKnownBadInputsRuleSet")], logs=False)
    _log_bucket(seeding)
    for balancer in _BALANCERS:
        _load_balancer(seeding, balancer)
    _rest_apis(seeding)
    _http_apis(seeding)


def _managed(name: str) -> Mapping[str, Any]:
    group = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name}}
    return {"Name": name, "Priority": 0, "Statement": group, "OverrideAction": {"None": {}}, **_seen(name)}


def _rate_limit() -> Mapping[str, Any]:
    limit = {"RateBasedStatement": {"Limit": 2000, "AggregateKeyType": "IP"}}
    return {"Name": "rate", "Priority": 1, "Statement": limit, "Action": {"Count": {}}, **_seen("rate")}


def _seen(name: str) -> Mapping[str, Any]:
    config = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}
    return {"VisibilityConfig": config}


def _web_acl(seeding: Seeding, name: str, region: str, *, rules: list[Mapping[str, Any]], logs: bool) -> None:
    wafv2 = seeding.client("wafv2", region)
    scope = "CLOUDFRONT" if region == VIRGINIA else "REGIONAL"
    made = wafv2.create_web_acl(Name=name, Scope=scope, DefaultAction={"Allow": {}}, Rules=rules, **_seen(name))
    arn = seeding.names[f"web-acl.{name}"] = made["Summary"]["ARN"]
    if logs:
        group = f"aws-waf-logs-{name}"
        seeding.client("logs", region).create_log_group(logGroupName=group)
        destination = f"arn:aws:logs:{region}:{seeding.state.account_id}:log-group:{group}"
        wafv2.put_logging_configuration(
            LoggingConfiguration={"ResourceArn": arn, "LogDestinationConfigs": [destination]}
        )


def _log_bucket(seeding: Seeding) -> None:
    s3, bucket = seeding.client("s3", TOKYO), full_name(seeding, "alb-logs")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": TOKYO})
    delivery = {
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/AWSLogs/{seeding.state.account_id}/*",
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [delivery]}))


def _load_balancer(seeding: Seeding, balancer: _Balancer) -> None:
    """One in the default VPC's subnets, with one listener on port 80."""
    found = seeding.client("ec2", TOKYO).describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])
    place = {"Subnets": [subnet["SubnetId"] for subnet in found["Subnets"][:2]], "Scheme": balancer.scheme}
    elbv2 = seeding.client("elbv2", TOKYO)
    made = elbv2.create_load_balancer(Name=f"awase-{balancer.name}", Type="application", **place)
    arn = seeding.names[f"alb.{balancer.name}"] = made["LoadBalancers"][0]["LoadBalancerArn"]
    port = {"Protocol": "HTTP", "Port": 80, "DefaultActions": [balancer.action]}
    listener = elbv2.create_listener(LoadBalancerArn=arn, **port)
    seeding.names[f"listener.{balancer.name}"] = listener["Listeners"][0]["ListenerArn"]
    if balancer.is_watched:
        bucket = {"Key": "access_logs.s3.bucket", "Value": full_name(seeding, "alb-logs")}
        enabled = {"Key": "access_logs.s3.enabled", "Value": "true"}
        elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[enabled, bucket])
        acl = seeding.names["web-acl.web"]
        seeding.client("wafv2", TOKYO).associate_web_acl(WebACLArn=acl, ResourceArn=arn)


def _rest_apis(seeding: Seeding) -> None:
    """One API with two stages: the one that is watched, and the one for tests that everybody forgot."""
    apigateway = seeding.client("apigateway", TOKYO)
    api = apigateway.create_rest_api(name="注文API", endpointConfiguration={"types": ["REGIONAL"]})["id"]
    root = apigateway.get_resources(restApiId=api)["items"][0]["id"]
    method = {"restApiId": api, "resourceId": root, "httpMethod": "GET"}
    apigateway.put_method(**method, authorizationType="AWS_IAM")
    apigateway.put_integration(**method, type="MOCK")
    for stage in ("prod", "test"):
        apigateway.create_deployment(restApiId=api, stageName=stage)
        seeding.names[f"stage.{stage}"] = f"arn:aws:apigateway:{TOKYO}::/restapis/{api}/stages/{stage}"
    group = f"arn:aws:logs:{TOKYO}:{seeding.state.account_id}:log-group:api-orders"
    changes = {"/accessLogSettings/destinationArn": group, "/*/*/logging/loglevel": "ERROR"}
    operations = [{"op": "replace", "path": path, "value": value} for path, value in changes.items()]
    apigateway.update_stage(restApiId=api, stageName="prod", patchOperations=operations)
    acl, watched = seeding.names["web-acl.web"], seeding.names["stage.prod"]
    seeding.client("wafv2", TOKYO).associate_web_acl(WebACLArn=acl, ResourceArn=watched)


def _http_apis(seeding: Seeding) -> None:
    group = f"arn:aws:logs:{IRELAND}:{seeding.state.account_id}:log-group:api-hook"
    for name, logs in (("hook", {"DestinationArn": group, "Format": _FORMAT}), ("demo", None)):
        apis = seeding.client("apigatewayv2", IRELAND)
        api = apis.create_api(Name=name, ProtocolType="HTTP")["ApiId"]
        apis.create_stage(ApiId=api, StageName="prod", **({"AccessLogSettings": logs} if logs else {}))
        seeding.names[f"stage.{name}"] = f"arn:aws:apigateway:{IRELAND}::/apis/{api}/stages/prod"
