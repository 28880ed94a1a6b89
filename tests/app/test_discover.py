"""What is read of the company: every log by its own configuration.

Slow: the whole company is looked through.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.collect.conftest import FakeDoor, refused
from tests.ingest.doors import HOME, TOKYO, door_of

from sakimori.app.discover import TABLES, Discovery, discover, look_through
from sakimori.app.discovery.found import Destination
from sakimori.collect.catalogue import declarations
from sakimori.lake.snapshot import Lake
from sakimori.lake.unit import Unit
from sakimori.model.gap import Gap
from sakimori.model.words import GLOBAL, GapKind, Scope
from sakimori.simulate.server import SimulatedAccount

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 23, tzinfo=UTC)
OWN = "123456789012"
NOTHING: Mapping[str, Any] = {
    "route53resolver:ListResolverQueryLogConfigs": {},
    "route53resolver:ListResolverQueryLogConfigAssociations": {},
    "route53:ListQueryLoggingConfigs": {},
}
TRAIL = {
    "arn": f"arn:aws:cloudtrail:{HOME}:{OWN}:trail/t", "name": "t", "home_region": HOME, "is_multi_region": True,
    "is_organization_trail": False, "is_logging": True, "delivery_is_failing": False, "s3_bucket_name": "kiroku",
    "log_group_arn": f"arn:aws:logs:{HOME}:{OWN}:log-group:t:*", "records_management_reads": True,
    "records_management_writes": True, "records_object_reads_of_all_buckets": True,
}  # fmt: skip


class World:
    """An account whose snapshot holds these rows, every other table read and empty, behind a door with these answers."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.rows: dict[str, list[Mapping[str, object]]] = {}
        self.refused: list[tuple[str, str]] = []
        self.door = FakeDoor(NOTHING)
        self.now = NOW

    def has(self, table: str, region: str = HOME, **row: object) -> None:
        whole = {column.name: None for column in declarations()[table].table.columns}
        own = {"account_id": OWN, "partition": "aws", "region": region}
        self.rows.setdefault(table, []).append({**whole, **own, **row})

    def found(self) -> Discovery:
        lake = Lake(self.home)
        self.now += timedelta(minutes=1)
        with lake.writer({"accounts": {OWN: [HOME]}, "tables": sorted(TABLES)}, self.now) as writer:
            writer.accounts([self.door.account])
            for name in TABLES:
                table = declarations()[name].table
                region = HOME if table.scope is Scope.REGION else GLOBAL
                gaps = tuple(
                    Gap(table=name, account=OWN, region=region, call=call, kind=GapKind.DENIED, code="AccessDenied")
                    for denied, call in self.refused
                    if denied == name
                )
                unit = Unit(table=name, account=OWN, region=region, as_of=self.now, gaps=gaps)
                writer.stage([(table, unit, self.rows.get(name, []))])
                writer.seal(table, OWN)
            writer.finish(self.now)
        try:
            return look_through(lake.open(lake.find("latest")), [self.door])
        finally:
            lake.close()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def places(found: Discovery) -> list[tuple[str, str, str]]:
    return [(each.kind, each.uri, each.region) for each in found.destinations]


def holes(found: Discovery) -> set[str]:
    return {each.what.removeprefix("ingest_aws.hole_") for each in found.holes}


def test_a_trail_is_read_where_it_delivers(world: World) -> None:
    world.has("aws_cloudtrail_trail", **TRAIL)
    world.door.answers["cloudtrail:DescribeTrails"] = {
        "trailList": [{"TrailARN": TRAIL["arn"], "S3KeyPrefix": "logs/x"}]
    }
    found = world.found()
    assert places(found) == [("cloudtrail", f"s3://kiroku/logs/x/AWSLogs/{OWN}/CloudTrail/", "")]
    assert not {"trail", "objects"} & holes(found)
    assert found.destinations[0].reason.said("en") == "CloudTrail, trail t"


def test_the_log_group_of_a_trail_is_read_where_its_bucket_refuses_it(world: World) -> None:
    world.has("aws_cloudtrail_trail", **{**TRAIL, "delivery_is_failing": True})
    world.door.answers["cloudtrail:DescribeTrails"] = {"trailList": []}
    found = world.found()
    assert ("cloudtrail", "logs://t", HOME) in places(found)
    assert "trail" in holes(found)


def test_a_trail_of_the_organisation_is_read_for_all_its_accounts(world: World) -> None:
    world.has("aws_cloudtrail_trail", **{**TRAIL, "is_organization_trail": True})
    world.door.answers["cloudtrail:DescribeTrails"] = {"trailList": []}
    assert places(world.found()) == [("cloudtrail", "s3://kiroku/AWSLogs/", "")]


def test_without_a_trail_the_way_to_the_event_history_is_told(world: World) -> None:
    [hole] = [each for each in world.found().holes if each.what == "ingest_aws.hole_trail"]
    assert "--lookup-events" in hole.sentence.said("en")
    assert "--lookup-events" in hole.sentence.said("ja")


@pytest.mark.parametrize(
    ("table", "hole"),
    [
        ("aws_cloudtrail_trail", "trail"),
        ("aws_ec2_flow_log", "flows"),
        ("aws_config_recorder", "config"),
        ("aws_cur_report", "costs"),
    ],
)
def test_what_could_not_be_read_is_a_gap_and_no_hole(world: World, table: str, hole: str) -> None:
    world.has("aws_ec2_vpc", vpc_id="vpc-1", is_own=True)
    assert hole in holes(world.found())
    world.refused.append((table, "test:Call"))
    found = world.found()
    assert hole not in holes(found)
    assert table in {gap.table for gap in found.gaps}


def flow(**more: object) -> Mapping[str, object]:
    return {"FlowLogId": "fl-1", "ResourceId": "vpc-1", **more}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (flow(LogGroupName="net"), ("vpc-flow", "logs://net", HOME)),
        (flow(LogDestination="arn:aws:s3:::flows"), ("vpc-flow", f"s3://flows/AWSLogs/{OWN}/vpcflowlogs/{HOME}/", "")),
        (flow(LogDestination="arn:aws:s3:::flows/a/b/"), ("vpc-flow", f"s3://flows/a/b/AWSLogs/{OWN}/vpcflowlogs/{HOME}/", "")),
        (flow(ResourceId="tgw-1", LogGroupName="tgw"), ("tgw-flow", "logs://tgw", HOME)),
        (
            flow(LogDestination="arn:aws:s3:::flows", DestinationOptions={"HiveCompatiblePartitions": True}),
            ("vpc-flow", f"s3://flows/AWSLogs/aws-account-id={OWN}/aws-service=vpcflowlogs/aws-region={HOME}/", ""),
        ),
    ],
)  # fmt: skip
def test_a_flow_log_is_read_where_it_goes(world: World, told: Mapping[str, object], expected: tuple[str, ...]) -> None:
    world.has("aws_ec2_flow_log", flow_log_id="fl-1", resource_id="vpc-1", is_active=True)
    world.door.answers["ec2:DescribeFlowLogs"] = {"FlowLogs": [told]}
    assert places(world.found()) == [expected]


def test_a_log_that_goes_to_firehose_is_told_and_not_read(world: World) -> None:
    stream = f"arn:aws:firehose:{HOME}:{OWN}:deliverystream/flows"
    world.has("aws_ec2_flow_log", flow_log_id="fl-1", resource_id="vpc-1", is_active=True)
    world.door.answers["ec2:DescribeFlowLogs"] = {"FlowLogs": [flow(LogDestination=stream)]}
    found = world.found()
    assert places(found) == []
    assert [each.address for each in found.elsewhere] == [stream]


def test_a_vpc_without_an_active_flow_log_of_its_own_is_a_hole(world: World) -> None:
    for name in ("vpc-1", "vpc-2", "vpc-3"):
        world.has("aws_ec2_vpc", vpc_id=name, is_own=True)
    world.has("aws_ec2_vpc", vpc_id="vpc-shared", is_own=False)
    world.has("aws_ec2_flow_log", flow_log_id="fl-1", resource_id="vpc-1", is_active=True)
    world.has("aws_ec2_flow_log", flow_log_id="fl-2", resource_id="vpc-2", is_active=False)
    world.door.answers["ec2:DescribeFlowLogs"] = {"FlowLogs": []}
    [hole] = [each for each in world.found().holes if each.what == "ingest_aws.hole_flows"]
    assert hole.resources == ("vpc-2", "vpc-3")
    assert hole.sentence.said("en") == f"VPCs in {HOME} without a flow log: 2"


def test_load_balancers_of_one_bucket_are_read_once_and_each_file_tells_its_kind(world: World) -> None:
    attributes = [
        {"Key": f"{log}.s3.{name}", "Value": value}
        for log in ("access_logs", "connection_logs")
        for name, value in (("enabled", "true"), ("bucket", "lb"), ("prefix", "p"))
    ]
    for name in ("one", "two"):
        world.has("aws_elbv2_load_balancer", arn=name, name=name, access_logs_are_enabled=True, access_log_bucket="lb")
    world.has("aws_elbv2_load_balancer", arn="bare", name="bare", access_logs_are_enabled=False)
    world.door.answers["elbv2:DescribeLoadBalancerAttributes"] = lambda asked: {
        "Attributes": [] if asked["LoadBalancerArn"] == "bare" else attributes
    }
    found = world.found()
    assert places(found) == [("auto", f"s3://lb/p/AWSLogs/{OWN}/elasticloadbalancing/{HOME}/", "")]
    assert [each.resources for each in found.holes if each.what.endswith("balancers")] == [("bare",)]


def test_cloudfronts_logs_are_read_by_both_ways(world: World) -> None:
    world.has("aws_cloudfront_distribution", GLOBAL, arn="d1", distribution_id="E1", standard_logging_is_enabled=True,
              log_bucket="cdn.s3.amazonaws.com")  # fmt: skip
    arn = f"arn:aws:cloudfront::{OWN}:distribution/E2"
    world.has("aws_cloudfront_distribution", GLOBAL, arn=arn, distribution_id="E2", standard_logging_is_enabled=False)
    world.has("aws_cloudfront_distribution", GLOBAL, arn="d3", distribution_id="E3", standard_logging_is_enabled=False)
    world.has(
        "aws_cloudfront_log_delivery", GLOBAL, distribution_arn=arn, destination_arn="dest", destination_type="S3"
    )
    world.door.answers["cloudfront:GetDistributionConfig"] = {"DistributionConfig": {"Logging": {"Prefix": "www/"}}}
    place = {"arn": "dest", "deliveryDestinationConfiguration": {"destinationResourceArn": "arn:aws:s3:::v2"}}
    world.door.answers["logs:DescribeDeliveryDestinations"] = {"deliveryDestinations": [place]}
    found = world.found()
    assert places(found) == [
        ("cloudfront", "s3://cdn/www/", ""),
        ("cloudfront", f"s3://v2/AWSLogs/{OWN}/CloudFront/", ""),
    ]
    assert [each.resources for each in found.holes if each.what.endswith("distributions")] == [("d3",)]


def test_web_acls_databases_and_apis_are_read_where_they_log(world: World) -> None:
    world.has(
        "aws_wafv2_web_acl",
        name="w",
        arn="w",
        log_destinations="arn:aws:s3:::aws-waf-logs-x, arn:aws:logs:us-east-1:123456789012:log-group:aws-waf-logs-y",
    )
    world.has("aws_rds_instance", name="shop", arn="a", exported_logs="audit,slowquery", exports_main_log=True)
    world.has("aws_rds_cluster", name="all", arn="b", exported_logs="postgresql", exports_main_log=True)
    world.has("aws_apigateway_stage", arn="c", api_id="a1", stage_name="prod",
              access_log_arn=f"arn:aws:logs:{HOME}:{OWN}:log-group:api", access_logs_are_enabled=True)  # fmt: skip
    assert places(world.found()) == [
        ("apigateway", "logs://api", HOME),
        ("rds-audit", "logs:///aws/rds/cluster/all/postgresql", HOME),
        ("rds-audit", "logs:///aws/rds/instance/shop/audit", HOME),
        ("waf", "logs://aws-waf-logs-y", HOME),
        ("waf", f"s3://aws-waf-logs-x/AWSLogs/{OWN}/WAFLogs/", ""),
    ]


def test_databases_that_log_nothing_are_told_in_one_line_whether_they_are_of_a_cluster_or_not(world: World) -> None:
    world.has("aws_rds_instance", name="shop", arn="a", exports_main_log=False)
    world.has("aws_rds_cluster", name="all", arn="b", exports_main_log=False)
    [hole] = [each for each in world.found().holes if each.what == "ingest_aws.hole_databases"]
    assert hole.resources == ("a", "b")


def test_buckets_that_log_nobodys_reading_are_no_hole_where_a_trail_records_objects(world: World) -> None:
    world.has("aws_s3_bucket", name="plain", arn="p", access_log_bucket="", access_logging_is_enabled=False)
    assert "buckets" in holes(world.found())
    world.has("aws_cloudtrail_trail", **TRAIL)
    world.door.answers["cloudtrail:DescribeTrails"] = {}
    assert "buckets" not in holes(world.found())


def test_sessions_config_findings_and_the_bill_are_read_where_they_go(world: World) -> None:
    world.has("aws_ssm_session_preferences", s3_bucket_name="audit", log_group_name="/ssm", sessions_are_logged=True)
    world.door.answers["ssm:GetDocument"] = {"Content": '{"inputs": {"s3KeyPrefix": "ssm/"}}'}
    world.has("aws_config_delivery_channel", s3_bucket_name="conf", s3_key_prefix="c")
    world.has("aws_config_recorder", is_recording=True)
    world.has("aws_guardduty_detector", detector_id="d", arn="d", is_enabled=True, exports_findings=True)
    world.door.answers["guardduty:ListPublishingDestinations"] = {"Destinations": [{"DestinationId": "1"}]}
    world.door.answers["guardduty:DescribePublishingDestination"] = {
        "DestinationProperties": {"DestinationArn": "arn:aws:s3:::gd/x"}
    }
    world.has("aws_bcm_export", GLOBAL, arn="e", name="focus", holds_costs=True)
    place = {"S3Bucket": "bill", "S3Prefix": "b"}
    world.door.answers["bcm-data-exports:GetExport"] = {
        "Export": {"DestinationConfigurations": {"S3Destination": place}}
    }
    found = world.found()
    assert places(found) == [
        ("config", f"s3://conf/c/AWSLogs/{OWN}/Config/{HOME}/", ""),
        ("cur", "s3://bill/b/focus/data/", ""),
        ("guardduty", f"s3://gd/x/AWSLogs/{OWN}/GuardDuty/{HOME}/", ""),
        ("ssm-session", "logs:///ssm", HOME),
        ("ssm-session", "s3://audit/ssm/", ""),
    ]
    assert not {"config", "costs", "findings", "sessions"} & holes(found)


def test_dns_queries_are_read_where_they_go_and_unlogged_vpcs_told(world: World) -> None:
    for name in ("vpc-1", "vpc-2"):
        world.has("aws_ec2_vpc", vpc_id=name, is_own=True)
    config = {"Id": "rqlc-1", "Name": "all", "DestinationArn": "arn:aws:s3:::dns/q"}
    world.door.answers["route53resolver:ListResolverQueryLogConfigs"] = {"ResolverQueryLogConfigs": [config]}
    tied = {"ResolverQueryLogConfigAssociations": [{"ResourceId": "vpc-1"}]}
    world.door.answers["route53resolver:ListResolverQueryLogConfigAssociations"] = tied
    zone = {"HostedZoneId": "Z1", "CloudWatchLogsLogGroupArn": f"arn:aws:logs:us-east-1:{OWN}:log-group:/aws/route53/x"}
    world.door.answers["route53:ListQueryLoggingConfigs"] = {"QueryLoggingConfigs": [zone]}
    found = world.found()
    assert places(found) == [
        ("dns", "logs:///aws/route53/x", HOME),
        ("dns", f"s3://dns/q/AWSLogs/{OWN}/vpcdnsquerylogs/", ""),
    ]
    assert [each.resources for each in found.holes if each.what.endswith("dns")] == [("vpc-2",)]


def test_a_detail_that_is_refused_is_a_gap_and_stops_nothing(world: World) -> None:
    world.has("aws_ec2_flow_log", flow_log_id="fl-1", resource_id="vpc-1", is_active=True)
    world.has("aws_config_delivery_channel", s3_bucket_name="conf")
    world.door.answers["ec2:DescribeFlowLogs"] = refused("UnauthorizedOperation")
    found = world.found()
    assert [each.kind for each in found.destinations] == ["config"]
    assert [(gap.call, gap.code) for gap in found.gaps] == [("ec2:DescribeFlowLogs", "UnauthorizedOperation")]


def test_what_lies_under_another_place_is_read_with_that(world: World) -> None:
    world.has("aws_s3_bucket", name="a", arn="a", access_log_bucket="logs", access_logging_is_enabled=True)
    world.has("aws_s3_bucket", name="b", arn="b", access_log_bucket="logs", access_logging_is_enabled=True)
    prefixes = {"a": "all/", "b": "all/b/"}
    world.door.answers["s3:GetBucketLogging"] = lambda asked: {
        "LoggingEnabled": {"TargetPrefix": prefixes[asked["Bucket"]]}
    }
    assert places(world.found()) == [("s3-access", "s3://logs/all/", "")]


def test_every_log_of_the_company_is_found_by_its_own_configuration(company: SimulatedAccount, tmp_path: Path) -> None:
    door = door_of(company, regions=(HOME, TOKYO))
    found = discover(tmp_path, [door], clock=lambda: datetime.now(UTC))  # noqa: TID251
    account = company.account_id
    by_kind = _by_kind(found.destinations)
    assert by_kind["cloudtrail"] >= {
        f"s3://awase-trail-tokyo-{account}/AWSLogs/{account}/CloudTrail/",
        f"s3://awase-handson-{account}/AWSLogs/{account}/CloudTrail/",
        "logs://trail",
    }
    assert by_kind["vpc-flow"] == {"logs:///vpc/production"}
    assert by_kind["s3-access"] >= {f"s3://awase-log-archive-{account}/s3/customer-data/"}
    assert {"waf", "rds-audit", "apigateway", "cloudfront", "config", "ssm-session"} <= set(by_kind)
    assert {"trail", "objects", "flows", "balancers", "web_acls", "databases"} <= holes(found)
    for each in (*found.destinations, *found.holes):
        note = each.reason if isinstance(each, Destination) else each.sentence
        assert note.said("en") != note.said("ja")


def _by_kind(found: Sequence[Destination]) -> dict[str, set[str]]:
    kinds: dict[str, set[str]] = {}
    for each in found:
        kinds.setdefault(each.kind, set()).add(each.uri)
    return kinds
