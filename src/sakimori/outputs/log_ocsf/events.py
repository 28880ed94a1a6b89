"""Logs as events of OCSF 1.8.0: which table becomes which class.

Every log table stands in one of the two lists.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from sakimori.outputs.log_ocsf.api_activity import api_activity
from sakimori.outputs.log_ocsf.dns_activity import dns_activity
from sakimori.outputs.log_ocsf.http_activity import from_bucket, from_cloudfront, from_load_balancer, from_waf
from sakimori.outputs.log_ocsf.network_activity import network_activity
from sakimori.outputs.log_ocsf.row_values import Row

MAPPED: Final[Mapping[str, Callable[[Row], dict[str, Any]]]] = {
    "aws_alb_access_log": from_load_balancer,
    "aws_cloudfront_access_log": from_cloudfront,
    "aws_cloudtrail_event": api_activity,
    "aws_dns_query_log": dns_activity,
    "aws_s3_access_log": from_bucket,
    "aws_vpc_flow_log": network_activity,
    "aws_waf_log": from_waf,
}
"""What makes an event of a row, by the table's name."""

WITHOUT_CLASS: Final = frozenset({
    "aws_alb_connection_log", "aws_apigateway_access_log", "aws_config_item", "aws_cost_line", "aws_elb_access_log",
    "aws_guardduty_finding_log", "aws_nlb_access_log", "aws_rds_audit_log", "aws_ssm_session_log",
    "aws_transit_gateway_flow_log",
})  # fmt: skip
"""Log tables that are not written as OCSF."""


def ocsf_events(table_name: str, rows: Iterable[Row]) -> Iterator[dict[str, Any]]:
    """One event of plain JSON values a row, in their order; KeyError at once for a table that is not in `MAPPED`.

    `rows` have the table's columns; one that is left out counts as NULL, but ValueError for a row without its time. What
    has no attribute in OCSF, or is not what the attribute holds, stands in `unmapped` by the name of its column.
    """
    return map(MAPPED[table_name], rows)
