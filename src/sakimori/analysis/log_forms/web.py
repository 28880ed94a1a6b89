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


def _request(  # noqa: PLR0913 - a request's own words
    *, method: str, path: str, query: str, agent: str, client: str, status: str, host: str = ""
) -> dict[str, str]:
    """The columns of a log by the names that Sigma gives the parts of a request."""
    return {
        "cs-method": method, "cs-uri": path, "c-uri": path, "cs-uri-stem": path, "cs-uri-query": query,
        "c-uri-query": query, "cs-user-agent": agent, "c-useragent": agent, "c-ip": client, "sc-status": status,
        **({"cs-host": host} if host else {}),
    }  # fmt: skip


_BALANCER: Final = _request(
    method="request_verb", path="request_url", query="request_url", agent="user_agent", client="client_ip",
    status="elb_status_code",
)  # fmt: skip
ALB_FORM: Final = LogForm(
    table=APPLICATION.table,
    services=("alb", "elb"),
    categories=_WEB,
    aliases={**_BALANCER, "cs-host": "domain_name"},
    principal=("client_ip",),
    origin=("client_ip",),
    resources=("elb",),
)
CLASSIC_FORM: Final = LogForm(
    table=CLASSIC.table,
    services=("classic-elb", "classic_elb"),
    categories=_WEB,
    aliases=_BALANCER,
    principal=("client_ip",),
    origin=("client_ip",),
    resources=("elb",),
)
CLOUDFRONT_FORM: Final = LogForm(
    table=CLOUDFRONT.table,
    services=("cloudfront",),
    categories=_WEB,
    aliases={
        **_request(
            method="cs_method", path="cs_uri_stem", query="cs_uri_query", agent="cs_user_agent", client="c_ip",
            status="sc_status", host="x_host_header",
        ),
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
    aliases=_request(
        method="http_method", path="uri", query="args", agent="user_agent", client="client_ip",
        status="response_code_sent", host="host",
    ),
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
    aliases=_request(
        method="http_method", path="path", query="path", agent="user_agent", client="ip", status="status",
        host="domain_name",
    ),
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
