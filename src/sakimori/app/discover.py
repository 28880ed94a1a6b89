"""Where an account's logs go, by its own configuration, and what it logs nowhere.

What is on comes from a snapshot's tables; the folder under a bucket, which no table holds, is asked for here.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sakimori.app.collecting import CollectRequest, collect_snapshot
from sakimori.app.discovery import account_logs, resource_logs
from sakimori.app.discovery.found import Account, Destination, Elsewhere, Found, Hole
from sakimori.aws.door import Door
from sakimori.collect.catalogue import declarations
from sakimori.collect.engine import Progress
from sakimori.lake.facts import Facts
from sakimori.lake.snapshot import Lake
from sakimori.lake.table_rows import TableRows
from sakimori.model.gap import Gap

TABLES: Final = (
    "aws_apigateway_stage", "aws_apigatewayv2_stage", "aws_bcm_export", "aws_cloudfront_distribution",
    "aws_cloudfront_log_delivery", "aws_cloudtrail_trail", "aws_config_delivery_channel", "aws_config_recorder",
    "aws_cur_report", "aws_ec2_flow_log", "aws_ec2_vpc", "aws_elbv2_load_balancer", "aws_guardduty_detector",
    "aws_rds_cluster", "aws_rds_instance", "aws_s3_bucket", "aws_ssm_managed_instance", "aws_ssm_session_preferences",
    "aws_wafv2_web_acl",
)  # fmt: skip
"""The tables that are read."""
OPERATIONS: Final = (
    "bcm-data-exports:GetExport", "cloudfront:GetDistributionConfig", "cloudtrail:DescribeTrails",
    "cur:DescribeReportDefinitions", "ec2:DescribeFlowLogs", "elbv2:DescribeLoadBalancerAttributes",
    "guardduty:DescribePublishingDestination", "guardduty:ListPublishingDestinations", "logs:DescribeDeliveryDestinations",
    "route53:ListQueryLoggingConfigs", "route53resolver:ListResolverQueryLogConfigAssociations",
    "route53resolver:ListResolverQueryLogConfigs", "s3:GetBucketLogging", "ssm:GetDocument",
)  # fmt: skip
"""What is asked besides."""
_FRESH_FOR: Final = timedelta(hours=24)
_LOOKERS: Final[Sequence[Callable[[Account], Iterable[Found]]]] = (
    account_logs.trails, resource_logs.flows, resource_logs.balancers, resource_logs.distributions, resource_logs.web_acls,
    resource_logs.buckets, resource_logs.databases, resource_logs.stages, account_logs.sessions, account_logs.dns,
    account_logs.config, account_logs.guardduty, account_logs.costs,
)  # fmt: skip


@dataclass(slots=True)
class Discovery:
    """What was found, each in order. `gaps` are what could not be read: a log that only they would tell of is not here."""

    destinations: list[Destination] = field(default_factory=list[Destination])
    elsewhere: list[Elsewhere] = field(default_factory=list[Elsewhere])
    holes: list[Hole] = field(default_factory=list[Hole])
    gaps: list[Gap] = field(default_factory=list[Gap])


def discover(
    home: Path, doors: Sequence[Door], *, clock: Callable[[], datetime], progress: Progress | None = None
) -> Discovery:
    """Where the logs of the accounts behind these doors go; their configuration is collected where no snapshot of a day has it."""
    request = CollectRequest(home=home, tables=TABLES, max_age=_FRESH_FOR)
    snapshot = collect_snapshot(request, doors, clock=clock, progress=progress)
    lake = Lake(home)
    try:
        return look_through(lake.open(snapshot), doors)
    finally:
        lake.close()


def look_through(facts: Facts, doors: Sequence[Door]) -> Discovery:
    """Where logs go by the facts of a snapshot."""
    found = Discovery()
    rows = TableRows(facts)
    try:
        for door in doors:
            account = Account(
                door=door,
                all_rows=lambda name: rows.of(declarations()[name].table),
                is_read=lambda *unit: unit in facts.units and not facts.units[unit].gaps,
            )
            for look in _LOOKERS:
                for each in look(account):
                    _sort(found, each)
    finally:
        rows.close()
    found.gaps += [gap for unit in facts.units.values() if unit.table in TABLES for gap in unit.gaps]
    found.destinations = _without_doubles(found.destinations)
    found.elsewhere = sorted(set(found.elsewhere))
    found.holes.sort()
    return found


def _sort(found: Discovery, each: Found) -> None:
    match each:
        case Destination():
            found.destinations.append(each)
        case Elsewhere():
            found.elsewhere.append(each)
        case Hole():
            found.holes.append(each)
        case Gap():
            found.gaps.append(each)


def _without_doubles(found: Iterable[Destination]) -> list[Destination]:
    """One for each place, the first reason kept; a place under another one of the same kind is read with that."""
    by_place: dict[tuple[str, str], Destination] = {}
    for each in found:
        held = by_place.setdefault((each.uri, each.region), each)
        if held.kind != each.kind:
            # Logs of two kinds in one folder: each file says which it is.
            by_place[each.uri, each.region] = Destination(
                account=held.account, kind="auto", uri=held.uri, region=held.region, why=held.why, values=held.values
            )
    kept = sorted(by_place.values())
    folders = [each for each in kept if each.uri.startswith("s3://")]
    return [
        each
        for each in kept
        if not any(
            other is not each and other.kind == each.kind and each.uri.startswith(other.uri) and other.uri.endswith("/")
            for other in folders
        )
    ]
