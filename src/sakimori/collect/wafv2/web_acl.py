"""Web ACLs of AWS WAF, with their rules and their logs."""

from collections.abc import Iterator

from sakimori.aws.door import Door
from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, Call, Context, Derive, Reader, Record, call, col, table
from sakimori.model.words import Scope

_LIST = "wafv2:ListWebACLs"
# Web ACLs of CloudFront live in this Region alone. Source: "ListWebACLs", AWS WAFV2 API reference.
_OF_CLOUDFRONT = "us-east-1"


def _acls(door: Door, region: str) -> Iterator[Record]:
    for scope in ("REGIONAL", "CLOUDFRONT") if region == _OF_CLOUDFRONT else ("REGIONAL",):
        for page in door.pages(_LIST, region, {"Scope": scope}):
            for acl in page.get("WebACLs") or ():
                yield {**acl, "Scope": scope}


def _logs(name: str, **scope: object) -> Call:
    return call("wafv2:GetLoggingConfiguration", "LoggingConfiguration.LogDestinationConfigs", name=name,
                with_={"ResourceArn": "ARN"}, absent=("WAFNonexistentItemException",), **scope)  # type: ignore[arg-type]  # fmt: skip


def _has(name: str) -> Derive:
    return lambda record, _: bool(record.get(name))


def _statements(acl: Record) -> list[Record]:
    """What each rule looks for, those that Firewall Manager puts first and last included."""
    found = [rule.get("Statement") or {} for rule in acl.get("Rules") or ()]
    for member in ("PreProcessFirewallManagerRuleGroups", "PostProcessFirewallManagerRuleGroups"):
        found += [group.get("FirewallManagerStatement") or {} for group in acl.get(member) or ()]
    return found


def _managed_groups(record: Record, _context: Context) -> list[str] | None:
    acl = record.get("WebACL")
    if not acl:
        return None
    groups = [found for each in _statements(acl) if (found := each.get("ManagedRuleGroupStatement"))]
    return [f"{group['VendorName']}/{group['Name']}" for group in groups]


def _has_managed_groups(record: Record, context: Context) -> bool | None:
    groups = _managed_groups(record, context)
    return None if groups is None else bool(groups)


def _rule_count(record: Record, _context: Context) -> int | None:
    acl = record.get("WebACL")
    return len(_statements(acl)) if acl else None


def _allows_by_default(record: Record, _context: Context) -> bool | None:
    action = (record.get("WebACL") or {}).get("DefaultAction")
    return "Allow" in action if action else None


TABLE = table(
    "aws_wafv2_web_acl",
    "Web ACLs of AWS WAF; those of CloudFront stand in us-east-1.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::WAFv2::WebACL",
    rows=Reader(function=_acls, operations=(_LIST,)),
    each=[
        call("wafv2:GetWebACL", "WebACL", with_={"Name": "Name", "Scope": "Scope", "Id": "Id"}),
        _logs("OwnLogs"),
        _logs("SecurityLakeLogs", LogScope="SECURITY_LAKE"),
        _logs("TelemetryLogs", LogScope="CLOUDWATCH_TELEMETRY_RULE_MANAGED"),
    ],
    columns=[
        col("arn", TEXT, "The web ACL's ARN.", "ARN"),
        col("name", TEXT, "The web ACL's name.", "Name"),
        col("web_acl_id", TEXT, "The web ACL's id.", "Id"),
        col("acl_scope", TEXT, "REGIONAL or CLOUDFRONT.", "Scope"),
        col("allows_by_default", BOOLEAN, "What no rule decides is let in.", _allows_by_default, needs=["WebACL"]),
        col("rule_count", INTEGER, "Rules and rule groups at its top.", _rule_count, needs=["WebACL"]),
        col("managed_rule_groups", TEXT, "Managed rule groups by vendor and name, separated by commas.", _managed_groups,
            needs=["WebACL"]),
        col("has_managed_rules", BOOLEAN, "At least one rule group is managed by AWS or a vendor.", _has_managed_groups,
            needs=["WebACL"]),
        col("log_destinations", TEXT, "ARNs that the account's own logging writes to, separated by commas.", "OwnLogs",
            when_absent=()),
        col("is_logging", BOOLEAN, "Logging that the account set up is on.", _has("OwnLogs"), needs=["OwnLogs"]),
        col("security_lake_is_logging", BOOLEAN, "Security Lake collects its logs.", _has("SecurityLakeLogs"),
            needs=["SecurityLakeLogs"]),
        col("telemetry_is_logging", BOOLEAN, "A telemetry rule of CloudWatch collects its logs.", _has("TelemetryLogs"),
            needs=["TelemetryLogs"]),
    ],
)  # fmt: skip
