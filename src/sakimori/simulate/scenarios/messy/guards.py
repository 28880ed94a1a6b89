"""The services that watch, and the watch over money: some were tried in Tokyo, some forgotten, none whole."""

from typing import Any, Final

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import IRELAND, TOKYO, VIRGINIA
from sakimori.simulate.scenarios.messy.storage import full_name
from sakimori.simulate.stand_ins.bedrock import log_invocations, note_invocation

_STANDARDS: Final = "standards"
_FSBP: Final = f"{_STANDARDS}/aws-foundational-security-best-practices/v/1.0.0"
_CIS: Final = f"{_STANDARDS}/cis-aws-foundations-benchmark/v/3.0.0"
_MODEL: Final = "anthropic.claude-3-haiku-20240307-v1:0"
_MAIL: Final = "keiri@example.jp"
_OFF_IN_IRELAND: Final = (
    "S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS",
)  # fmt: skip


def seed(seeding: Seeding) -> None:
    """Comes after the recorders of Config: the standards rest on them."""
    _guardduty(seeding)
    _filters(seeding)
    _securityhub(seeding)
    _automation_rules(seeding)
    _scanners(seeding)
    _organization(seeding)
    _contacts(seeding)
    _money(seeding)
    _models(seeding)
    _config_rule(seeding)


def _guardduty(seeding: Seeding) -> None:
    """Ireland has a detector of the time when every plan was declined, but for the one that came last."""
    ireland = seeding.client("guardduty", IRELAND)
    declined = [{"Name": name, "Status": "DISABLED"} for name in _OFF_IN_IRELAND]
    ireland.create_detector(Enable=True, Features=[*declined, {"Name": "RUNTIME_MONITORING", "Status": "ENABLED"}])
    tokyo = seeding.client("guardduty", TOKYO)
    bucket = f"arn:aws:s3:::{full_name(seeding, 'backup')}"
    key = f"arn:aws:kms:{TOKYO}:{seeding.state.account_id}:key/00000000-0000-0000-0000-000000000000"
    tokyo.create_publishing_destination(
        DetectorId=tokyo.list_detectors()["DetectorIds"][0],
        DestinationType="S3",
        DestinationProperties={"DestinationArn": bucket, "KmsKeyArn": key},
    )


def _filters(seeding: Seeding) -> None:
    """One tamed the scanner of the office; the other was meant for one bucket, and hides every bucket's."""
    tokyo = seeding.client("guardduty", TOKYO)
    seeding.names["detector.tokyo"] = detector = tokyo.list_detectors()["DetectorIds"][0]
    scanner = {
        "type": {"Equals": ["Recon:EC2/Portscan"]},
        "resource.instanceDetails.tags.value": {"Equals": ["scanner"]},
    }
    public = {"type": {"Equals": ["Policy:S3/BucketBlockPublicAccessDisabled"]}}
    for name, criterion in (("office-scanner", scanner), ("public-buckets", public)):
        tokyo.create_filter(
            DetectorId=detector,
            Name=name,
            Action="ARCHIVE",
            Rank=1,
            FindingCriteria={"Criterion": criterion},
        )


def _automation_rules(seeding: Seeding) -> None:
    """The week before the audit: one bucket that is public on purpose, and then everything that was medium."""
    hub = seeding.client("securityhub", TOKYO)
    bucket = f"arn:aws:s3:::{full_name(seeding, 'web-assets')}"
    suppressed = {"Workflow": {"Status": "SUPPRESSED"}}
    for key, name, criteria in (
        ("bucket", "公開バケット", {"ComplianceSecurityControlId": _exactly("S3.8"), "ResourceId": _exactly(bucket)}),
        ("audit", "監査前", {"SeverityLabel": _exactly("MEDIUM")}),
    ):
        seeding.names[f"automation-rule.{key}"] = hub.create_automation_rule(
            RuleName=name,
            Description="-",
            RuleOrder=1,
            Criteria=criteria,
            Actions=[{"Type": "FINDING_FIELDS_UPDATE", "FindingFieldsUpdate": suppressed}],
        )["RuleArn"]


def _exactly(value: str) -> list[dict[str, str]]:
    return [{"Value": value, "Comparison": "EQUALS"}]


def _securityhub(seeding: Seeding) -> None:
    """Tokyo checks both standards; Virginia was turned on with the first alone; nobody gathers the two."""
    for region, standards in ((TOKYO, (_FSBP, _CIS)), (VIRGINIA, (_FSBP,))):
        hub = seeding.client("securityhub", region)
        hub.enable_security_hub(EnableDefaultStandards=False)
        arns = [{"StandardsArn": f"arn:aws:securityhub:{region}::{standard}"} for standard in standards]
        hub.batch_enable_standards(StandardsSubscriptionRequests=arns)
    seeding.client("securityhub", TOKYO).create_finding_aggregator(RegionLinkingMode="NO_REGIONS")


def _scanners(seeding: Seeding) -> None:
    """Each was tried where the last consultant happened to be."""
    seeding.client("inspector2", TOKYO).enable(resourceTypes=["EC2", "ECR", "LAMBDA", "LAMBDA_CODE"])
    seeding.client("inspector2", VIRGINIA).enable(resourceTypes=["EC2"])
    seeding.client("macie2", TOKYO).enable_macie(status="ENABLED")
    seeding.client("macie2", VIRGINIA).enable_macie(status="PAUSED")
    own = f"arn:aws:detective:{TOKYO}:{seeding.state.account_id}:graph:fedcba9876543210fedcba9876543210"
    seeding.state.services.graphs[TOKYO] = own
    graph = f"arn:aws:detective:{VIRGINIA}:444444444444:graph:0123456789abcdef0123456789abcdef"
    invited = {"AccountId": seeding.state.account_id, "AdministratorId": "444444444444", "GraphArn": graph}
    seeding.state.services.invitations[VIRGINIA] = [{**invited, "Status": "INVITED"}]


def _organization(seeding: Seeding) -> None:
    """Made for the bills; its only policy is AWS's own."""
    organizations = seeding.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    seeding.names["organization"] = organizations.describe_organization()["Organization"]["Arn"]


def _contacts(seeding: Seeding) -> None:
    accounting: dict[str, str] = {"Name": "経理部", "Title": "-", "EmailAddress": _MAIL, "PhoneNumber": "+81300000000"}
    seeding.client("account").put_alternate_contact(AlternateContactType="BILLING", **accounting)


def _money(seeding: Seeding) -> None:
    """A budget that tells nobody, one that tells of S3 alone, and a monitor without ears."""
    account = seeding.state.account_id
    over: dict[str, Any] = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80}
    told = {"Notification": over, "Subscribers": [{"SubscriptionType": "EMAIL", "Address": _MAIL}]}
    budgets = seeding.client("budgets")
    common = {"BudgetLimit": {"Amount": "300", "Unit": "USD"}, "BudgetType": "COST"}
    silent = {"BudgetName": "毎月の予算", "TimeUnit": "MONTHLY", **common}
    narrow = {"BudgetName": "S3 <only>", "TimeUnit": "MONTHLY", "CostFilters": {"Service": ["Amazon S3"]}, **common}
    daily = {"BudgetName": "1日の上限", "TimeUnit": "DAILY", **common}
    budgets.create_budget(AccountId=account, Budget=silent)
    budgets.create_budget(AccountId=account, Budget=narrow, NotificationsWithSubscribers=[told])
    budgets.create_budget(AccountId=account, Budget=daily, NotificationsWithSubscribers=[told])
    ce = seeding.client("ce")
    services = {"MonitorName": "Default-Services-Monitor", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
    ce.create_anomaly_monitor(AnomalyMonitor=services)
    dimension = {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [account]}}
    custom = {"MonitorName": "先代が作ったもの", "MonitorType": "CUSTOM", "MonitorSpecification": dimension}
    arn = ce.create_anomaly_monitor(AnomalyMonitor=custom)["MonitorArn"]
    ce.create_anomaly_subscription(
        AnomalySubscription={
            "SubscriptionName": "経理へ",
            "MonitorArnList": [arn],
            "Subscribers": [{"Address": _MAIL, "Type": "EMAIL"}],
            "Frequency": "DAILY",
            "Threshold": 100.0,
        }
    )
    _exports(seeding)


# What follows is written into the state itself: reading a service's model for one call takes 0.1 s or more.
def _exports(seeding: Seeding) -> None:
    """The export holds no costs; the old report does, and still arrives."""
    bucket = full_name(seeding, "backup")
    output = {"OutputType": "CUSTOM", "Format": "PARQUET", "Compression": "PARQUET", "Overwrite": "OVERWRITE_REPORT"}
    where = {"S3Bucket": bucket, "S3Prefix": "co", "S3Region": TOKYO, "S3OutputConfigurations": output}
    arn = f"arn:aws:bcm-data-exports:us-east-1:{seeding.state.account_id}:export/optimization-1"
    seeding.state.services.exports[arn] = {
        "ExportArn": arn,
        "Name": "optimization",
        "DataQuery": {"QueryStatement": "SELECT action_type FROM COST_OPTIMIZATION_RECOMMENDATIONS"},
        "DestinationConfigurations": {"S3Destination": where},
        "RefreshCadence": {"Frequency": "SYNCHRONOUS"},
    }
    seeding.state.services.reports["hourly-cur"] = {
        "ReportName": "hourly-cur",
        "TimeUnit": "HOURLY",
        "Format": "Parquet",
        "Compression": "Parquet",
        "AdditionalSchemaElements": ["RESOURCES"],
        "S3Bucket": bucket,
        "S3Prefix": "cur",
        "S3Region": TOKYO,
    }


def _models(seeding: Seeding) -> None:
    """Both Regions call models; only Virginia keeps what was asked and answered."""
    for region in (TOKYO, VIRGINIA):
        note_invocation(seeding.state, region, _MODEL)
    log_invocations(seeding.state, VIRGINIA, full_name(seeding, "partner-drop"))


def _config_rule(seeding: Seeding) -> None:
    source = {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_PUBLIC_READ_PROHIBITED"}
    rule = {"ConfigRuleName": "s3-bucket-public-read-prohibited", "Source": source}
    seeding.client("config", TOKYO).put_config_rule(ConfigRule=rule)
