"""Logs of requests from browsers and programs: balancers, CloudFront, WAF, API Gateway, S3."""

from typing import Final

from sakimori.analysis.log_forms.form import LogForm
from sakimori.ingest.apigateway.source import SOURCE as API_GATEWAY
from sakimori.ingest.cloudfront.source import SOURCE as CLOUDFRONT
from sakimori.ingest.elb.application import SOURCE as APPLICATION
from sakimori.ingest.elb.classic import SOURCE as CLASSIC
from sakimori.ingest.s3_access import SOURCE as S3_ACCESS
from sakimori.ingest.waf import SOURCE as WAF

_WEB: Final = ("webserver", "proxy")

ALB_FORM: Final = LogForm(
    table=APPLICATION.table,
    services=("alb", "elb"),
    categories=_WEB,
    aliases={
        "cs-method": "request_verb", "cs-uri": "request_url", "c-uri": "request_url", "cs-uri-stem": "request_url",
        "cs-uri-query": "request_url", "c-uri-query": "request_url", "cs-user-agent": "user_agent",
        "c-useragent": "user_agent", "c-ip": "client_ip", "sc-status": "elb_status_code", "cs-host": "domain_name",
    },
    principal=("client_ip",),
    origin=("client_ip",),
    resources=("elb",),
)  # fmt: skip
CLASSIC_FORM: Final = LogForm(
    table=CLASSIC.table,
    services=("classic-elb", "classic_elb"),
    categories=_WEB,
    aliases={
        "cs-method": "request_verb", "cs-uri": "request_url", "c-uri": "request_url", "cs-uri-stem": "request_url",
        "cs-uri-query": "request_url", "c-uri-query": "request_url", "cs-user-agent": "user_agent",
        "c-useragent": "user_agent", "c-ip": "client_ip", "sc-status": "elb_status_code",
    },
    principal=("client_ip",),
    origin=("client_ip",),
    resources=("elb",),
)  # fmt: skip
CLOUDFRONT_FORM: Final = LogForm(
    table=CLOUDFRONT.table,
    services=("cloudfront",),
    categories=_WEB,
    aliases={
        "cs-method": "cs_method", "cs-uri": "cs_uri_stem", "c-uri": "cs_uri_stem", "cs-uri-stem": "cs_uri_stem",
        "cs-uri-query": "cs_uri_query", "c-uri-query": "cs_uri_query", "cs-user-agent": "cs_user_agent",
        "c-useragent": "cs_user_agent", "c-ip": "c_ip", "sc-status": "sc_status", "cs-host": "x_host_header",
        "cs-referer": "cs_referer", "cs-referrer": "cs_referer", "cs-cookie": "cs_cookie",
    },
    event_id="x_edge_request_id",
    principal=("c_ip",),
    origin=("c_ip",),
    resources=("distribution_id",),
)  # fmt: skip
WAF_FORM: Final = LogForm(
    table=WAF.table,
    services=("waf", "wafv2"),
    categories=_WEB,
    aliases={
        "cs-method": "http_method", "cs-uri": "uri", "c-uri": "uri", "cs-uri-stem": "uri", "cs-uri-query": "args",
        "c-uri-query": "args", "cs-user-agent": "user_agent", "c-useragent": "user_agent", "c-ip": "client_ip",
        "sc-status": "response_code_sent", "cs-host": "host",
    },
    json=frozenset({"headers", "labels", "rule_group_list", "rate_based_rule_list", "non_terminating_matching_rules"}),
    event_id="request_id",
    principal=("client_ip",),
    origin=("client_ip",),
    resources=("web_acl_id", "http_source_id"),
)  # fmt: skip
API_GATEWAY_FORM: Final = LogForm(
    table=API_GATEWAY.table,
    services=("apigateway", "api_gateway"),
    categories=_WEB,
    aliases={
        "cs-method": "http_method", "cs-uri": "path", "c-uri": "path", "cs-uri-stem": "path", "cs-uri-query": "path",
        "c-uri-query": "path", "cs-user-agent": "user_agent", "c-useragent": "user_agent", "c-ip": "ip",
        "sc-status": "status", "cs-host": "domain_name",
    },
    event_id="extended_request_id",
    principal=("user_arn", "caller", "ip"),
    origin=("ip",),
    resources=("api_id",),
)  # fmt: skip
S3_ACCESS_FORM: Final = LogForm(
    table=S3_ACCESS.table,
    services=("s3", "s3access", "s3_access"),
    principal=("requester", "remote_ip"),
    origin=("remote_ip",),
    resources=("bucket",),
    anchors=("operation",),
)
