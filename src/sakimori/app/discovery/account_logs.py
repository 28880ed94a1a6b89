"""Logs that belong to an account and its Regions: CloudTrail, Config, GuardDuty, sessions, DNS and the bill."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sakimori.app.discovery.found import Account, Found, text_of
from sakimori.model.gap import Gap
from sakimori.model.words import GLOBAL

_PREFERENCES: Final = "SSM-SessionManagerRunShell"


def trails(account: Account) -> Iterator[Found]:
    """Where trails deliver; a log group only of a trail whose bucket refuses its files, as both hold the same events."""
    rows = [row for row in account.rows("aws_cloudtrail_trail") if row["is_logging"]]
    told = {
        str(trail.get("TrailARN")): trail
        for region in sorted({str(row["home_region"]) for row in rows})
        for trail in _items(account.ask("cloudtrail:DescribeTrails", region, "trailList"))
    }
    for row in rows:
        trail = told.get(str(row["arn"]), {})
        whose = {"name": text_of(row, "name")}
        # An organisation's trail has its id between, and one folder for each account.
        below = "AWSLogs/" if row["is_organization_trail"] else f"AWSLogs/{account.id}/CloudTrail/"
        prefix = str(trail.get("S3KeyPrefix") or "")
        yield account.in_bucket(
            "cloudtrail", text_of(row, "s3_bucket_name"), prefix, below, why="ingest_aws.why_trail", **whose
        )
        if row["delivery_is_failing"] and row["log_group_arn"]:
            yield account.at("cloudtrail", text_of(row, "log_group_arn"), why="ingest_aws.why_trail", **whose)
    if not account.knows(GLOBAL, "aws_cloudtrail_trail"):
        return
    if not any(_records_all(row) for row in rows):
        yield account.hole("ingest_aws.hole_trail", GLOBAL)
    if not any(row["records_object_reads_of_all_buckets"] for row in rows):
        yield account.hole("ingest_aws.hole_objects", GLOBAL)


def _records_all(trail: Mapping[str, object]) -> bool:
    return (
        all(trail[name] for name in ("is_multi_region", "records_management_reads", "records_management_writes"))
        and not trail["delivery_is_failing"]
    )


def config(account: Account) -> Iterator[Found]:
    """Where Config delivers its history and snapshots."""
    recording = {str(row["region"]) for row in account.rows("aws_config_recorder") if row["is_recording"]}
    for row in account.rows("aws_config_delivery_channel"):
        region, bucket = str(row["region"]), text_of(row, "s3_bucket_name")
        if bucket:
            below = (text_of(row, "s3_key_prefix"), f"AWSLogs/{account.id}/Config/{region}/")
            yield account.in_bucket("config", bucket, *below, why="ingest_aws.why_config", region=region)
    silent = [
        region
        for region in account.door.account.selected
        if region not in recording and account.knows(region, "aws_config_recorder")
    ]
    if silent:
        yield account.hole("ingest_aws.hole_config", GLOBAL, *silent)


def guardduty(account: Account) -> Iterator[Found]:
    """Where detectors export their findings."""
    for row in account.rows("aws_guardduty_detector"):
        region, detector = str(row["region"]), text_of(row, "detector_id")
        if row["exports_findings"] is False and row["is_enabled"]:
            yield account.hole("ingest_aws.hole_findings", region, row["arn"])
        if not row["exports_findings"]:
            continue
        listed = account.ask("guardduty:ListPublishingDestinations", region, "Destinations", {"DetectorId": detector})
        if isinstance(listed, Gap):
            yield listed
            continue
        for each in listed:
            asked = {"DetectorId": detector, "DestinationId": each["DestinationId"]}
            told = account.tell("guardduty:DescribePublishingDestination", region, asked)
            if isinstance(told, Gap):
                yield told
                continue
            arn = str(told.get("DestinationProperties", {}).get("DestinationArn", ""))
            yield account.at(
                "guardduty",
                arn,
                f"AWSLogs/{account.id}/GuardDuty/{region}/",
                why="ingest_aws.why_findings",
                region=region,
            )


def sessions(account: Account) -> Iterator[Found]:
    """Where Session Manager keeps what is typed and shown; a hole only where machines are managed."""
    managed = set(account.regions_of("aws_ssm_managed_instance"))
    for row in account.rows("aws_ssm_session_preferences"):
        region = str(row["region"])
        if bucket := text_of(row, "s3_bucket_name"):
            told = account.tell("ssm:GetDocument", region, {"Name": _PREFERENCES, "DocumentFormat": "JSON"})
            prefix = "" if isinstance(told, Gap) else _session_prefix(told)
            yield account.in_bucket(
                "ssm-session", bucket, f"{prefix}/" if prefix else "", why="ingest_aws.why_sessions", region=region
            )
        if group := text_of(row, "log_group_name"):
            yield account.in_group("ssm-session", group, region, why="ingest_aws.why_sessions")
        if row["sessions_are_logged"] is False and region in managed:
            yield account.hole("ingest_aws.hole_sessions", region)


def _session_prefix(document: Mapping[str, Any]) -> str:
    try:
        inputs = json.loads(str(document.get("Content", ""))).get("inputs") or {}
        return str(inputs.get("s3KeyPrefix") or "").strip("/")
    except (ValueError, AttributeError):
        return ""


def dns(account: Account) -> Iterator[Found]:
    """Where queries to the VPCs' resolver and to hosted zones are logged."""
    for region in account.regions_of("aws_ec2_vpc"):
        listed = account.ask("route53resolver:ListResolverQueryLogConfigs", region, "ResolverQueryLogConfigs")
        tied = account.ask(
            "route53resolver:ListResolverQueryLogConfigAssociations", region, "ResolverQueryLogConfigAssociations"
        )
        if isinstance(listed, Gap) or isinstance(tied, Gap):
            yield listed if isinstance(listed, Gap) else tied  # type: ignore[misc] - one of both is a gap
            continue
        for each in listed:
            whose = {"name": str(each.get("Name") or each.get("Id"))}
            yield account.at(
                "dns",
                str(each.get("DestinationArn", "")),
                f"AWSLogs/{account.id}/vpcdnsquerylogs/",
                why="ingest_aws.why_resolver",
                **whose,
            )
        logged = {str(each.get("ResourceId")) for each in tied}
        vpcs = [
            row["vpc_id"]
            for row in account.rows("aws_ec2_vpc")
            if row["region"] == region and row["is_own"] and row["vpc_id"] not in logged
        ]
        if vpcs:
            yield account.hole("ingest_aws.hole_dns", region, *vpcs)
    zones = account.ask("route53:ListQueryLoggingConfigs", GLOBAL, "QueryLoggingConfigs")
    if isinstance(zones, Gap):
        yield zones
        return
    for each in zones:
        yield account.at(
            "dns",
            str(each.get("CloudWatchLogsLogGroupArn", "")),
            why="ingest_aws.why_zone",
            name=each.get("HostedZoneId"),
        )


def costs(account: Account) -> Iterator[Found]:
    """Where the bill goes line by line."""
    exports = [row for row in account.rows("aws_bcm_export") if row["holds_costs"]]
    for row in exports:
        told = account.tell("bcm-data-exports:GetExport", GLOBAL, {"ExportArn": row["arn"]})
        if isinstance(told, Gap):
            yield told
            continue
        place = told.get("Export", {}).get("DestinationConfigurations", {}).get("S3Destination", {})
        name = text_of(row, "name")
        below = (str(place.get("S3Prefix", "")), f"{name}/data/")
        yield account.in_bucket("cur", str(place.get("S3Bucket", "")), *below, why="ingest_aws.why_costs", name=name)
    reports = (
        account.ask("cur:DescribeReportDefinitions", GLOBAL, "ReportDefinitions")
        if list(account.rows("aws_cur_report"))
        else []
    )
    if isinstance(reports, Gap):
        yield reports
        return
    for each in reports:
        name = str(each["ReportName"])
        # Its manifests lie among the files of the report.
        yield account.in_bucket(
            "auto", each["S3Bucket"], str(each.get("S3Prefix", "")), f"{name}/", why="ingest_aws.why_costs", name=name
        )
    if not exports and not reports and account.knows(GLOBAL, "aws_bcm_export", "aws_cur_report"):
        yield account.hole("ingest_aws.hole_costs", GLOBAL)


def _items(answer: list[Mapping[str, Any]] | Gap) -> list[Mapping[str, Any]]:
    """The items; none where AWS refuses: what they would add is a prefix only, and the place is known."""
    return [] if isinstance(answer, Gap) else answer
