"""Listeners of load balancers."""

from collections.abc import Sequence

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, Context, Record, call, col, table
from sakimori.collect.elbv2.load_balancer import LIST
from sakimori.model.words import Scope


def _actions(record: Record) -> Sequence[Record]:
    """The default actions in the order in which they are done; the last one answers."""
    return sorted(record.get("DefaultActions") or (), key=lambda action: action.get("Order", 0))


def _answer(record: Record, _context: Context) -> str | None:
    actions = _actions(record)
    return actions[-1].get("Type") if actions else None


def _redirects(record: Record, _context: Context) -> bool | None:
    """A redirect keeps the protocol (`#{protocol}`) unless it names another."""
    actions = _actions(record)
    if not actions or not actions[-1].get("Type"):
        return None
    return (actions[-1].get("RedirectConfig") or {}).get("Protocol") == "HTTPS"


TABLE = table(
    "aws_elbv2_listener",
    "Listeners of Application, Network and Gateway Load Balancers.",
    key="arn",
    parent="load_balancer_arn",
    parent_key="LoadBalancerArn",
    scope=Scope.REGION,
    resource_type="AWS::ElasticLoadBalancingV2::Listener",
    rows=(LIST, call("elbv2:DescribeListeners", "Listeners", with_={"LoadBalancerArn": "LoadBalancerArn"})),
    columns=[
        col("arn", TEXT, "The listener's ARN.", "ListenerArn"),
        col("load_balancer_arn", TEXT, "The load balancer that it belongs to.", "LoadBalancerArn"),
        col("port", INTEGER, "The port it listens on.", "Port"),
        col("protocol", TEXT, "HTTP, HTTPS, TCP, TLS, UDP, …", "Protocol"),
        col("ssl_policy", TEXT, "The security policy of TLS; '' where there is none.", "SslPolicy", when_absent=""),
        col("default_action", TEXT, "What answers where no rule does: forward, redirect, fixed-response, …", _answer),
        col("redirects_to_https", BOOLEAN, "Its default action sends viewers on to HTTPS.", _redirects),
    ],
)  # fmt: skip
