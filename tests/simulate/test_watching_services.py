"""Security Hub, GuardDuty, Macie, Detective, Inspector, Organizations and the watch over costs, as their stand-ins keep them."""

from typing import Any

import pytest

from sakimori.simulate.server import SimulatedAccount
from sakimori.simulate.stand_ins.bedrock import log_invocations, note_invocation

TOKYO = "ap-northeast-1"
FSBP = "arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0"
MAIL = {"SubscriptionType": "EMAIL", "Address": "a@example.com"}


def test_security_hub_refuses_everything_while_it_is_off(account: SimulatedAccount, refusal_of: Any) -> None:
    hub = account.client("securityhub")
    for call in (hub.describe_hub, hub.get_enabled_standards, hub.list_finding_aggregators):
        code, message, _ = refusal_of(call)
        assert code == "InvalidAccessException"
        assert "not subscribed" in message


def test_standards_wait_for_a_recorder(account: SimulatedAccount, refusal_of: Any) -> None:
    hub = account.client("securityhub")
    hub.enable_security_hub()
    enabled = hub.get_enabled_standards()["StandardsSubscriptions"]
    assert len(enabled) == 2
    assert {each["StandardsStatus"] for each in enabled} == {"INCOMPLETE"}
    _record(account)
    assert {each["StandardsStatus"] for each in hub.get_enabled_standards()["StandardsSubscriptions"]} == {"READY"}
    unknown = [{"StandardsArn": "arn:aws:securityhub:us-east-1::standards/none/v/1"}]
    refused = refusal_of(hub.batch_enable_standards, StandardsSubscriptionRequests=unknown)
    assert refused[0] == "InvalidInputException"
    first = [each["StandardsSubscriptionArn"] for each in enabled if each["StandardsArn"] == FSBP]
    hub.batch_disable_standards(StandardsSubscriptionArns=first)
    left = [each["StandardsArn"] for each in hub.get_enabled_standards()["StandardsSubscriptions"]]
    assert left == ["arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0"]
    hub.disable_security_hub()
    hub.enable_security_hub(EnableDefaultStandards=False)
    assert hub.get_enabled_standards()["StandardsSubscriptions"] == []


def _record(account: SimulatedAccount) -> None:
    config = account.client("config")
    role = "arn:aws:iam::123456789012:role/r"
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role})
    account.client("s3").create_bucket(Bucket="config-1")
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "config-1"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")


def test_one_aggregator_is_seen_from_every_region(account: SimulatedAccount, refusal_of: Any) -> None:
    tokyo, virginia = account.client("securityhub", region=TOKYO), account.client("securityhub")
    tokyo.enable_security_hub()
    virginia.enable_security_hub()
    refused = refusal_of(tokyo.create_finding_aggregator, RegionLinkingMode="ALL_REGIONS", Regions=["us-east-1"])
    assert refused[0] == "InvalidInputException"
    arn = tokyo.create_finding_aggregator(RegionLinkingMode="SPECIFIED_REGIONS", Regions=["us-east-1"])[
        "FindingAggregatorArn"
    ]
    assert virginia.list_finding_aggregators()["FindingAggregators"] == [{"FindingAggregatorArn": arn}]
    found = virginia.get_finding_aggregator(FindingAggregatorArn=arn)
    assert (found["FindingAggregationRegion"], found["Regions"]) == (TOKYO, ["us-east-1"])
    assert (
        refusal_of(virginia.create_finding_aggregator, RegionLinkingMode="ALL_REGIONS")[0] == "LimitExceededException"
    )
    tokyo.delete_finding_aggregator(FindingAggregatorArn=arn)
    assert refusal_of(tokyo.get_finding_aggregator, FindingAggregatorArn=arn)[0] == "ResourceNotFoundException"


def test_a_detector_has_every_plan_but_runtime_monitoring(account: SimulatedAccount, refusal_of: Any) -> None:
    guard = account.client("guardduty")

    def features() -> dict[str, str]:
        return {each["Name"]: each["Status"] for each in guard.get_detector(DetectorId=detector)["Features"]}

    off = {"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}
    detector = guard.create_detector(Enable=True, Features=[off])["DetectorId"]
    disabled = {name for name, status in features().items() if status == "DISABLED"}
    assert disabled == {"S3_DATA_EVENTS", "EKS_RUNTIME_MONITORING", "RUNTIME_MONITORING"}
    guard.update_detector(DetectorId=detector, Features=[{"Name": "RUNTIME_MONITORING", "Status": "ENABLED"}])
    assert (features()["RUNTIME_MONITORING"], features()["S3_DATA_EVENTS"]) == ("ENABLED", "DISABLED")
    guard.update_detector(DetectorId=detector, Enable=False)
    assert features()["RUNTIME_MONITORING"] == "ENABLED"
    both = [{"Name": name, "Status": "ENABLED"} for name in ("RUNTIME_MONITORING", "EKS_RUNTIME_MONITORING")]
    assert refusal_of(guard.update_detector, DetectorId=detector, Features=both)[0] == "BadRequestException"
    assert guard.list_publishing_destinations(DetectorId=detector)["Destinations"] == []
    assert refusal_of(guard.list_publishing_destinations, DetectorId="0" * 32)[0] == "BadRequestException"


def test_macie_is_off_until_it_is_turned_on(account: SimulatedAccount, refusal_of: Any) -> None:
    macie = account.client("macie2")
    assert refusal_of(macie.get_macie_session) == ("AccessDeniedException", "Macie is not enabled.", 403)
    macie.enable_macie()
    assert refusal_of(macie.enable_macie)[0] == "ConflictException"
    assert macie.get_macie_session()["status"] == "ENABLED"
    macie.update_macie_session(status="PAUSED")
    assert macie.get_macie_session()["status"] == "PAUSED"
    assert refusal_of(account.client("macie2", region=TOKYO).get_macie_session)[0] == "AccessDeniedException"
    macie.disable_macie()
    assert refusal_of(macie.get_macie_session)[0] == "AccessDeniedException"


@pytest.mark.slow
def test_a_region_has_one_graph_of_its_own(account: SimulatedAccount, refusal_of: Any) -> None:
    detective = account.client("detective")
    arn = detective.create_graph()["GraphArn"]
    assert refusal_of(detective.create_graph)[0] == "ConflictException"
    assert [each["Arn"] for each in detective.list_graphs()["GraphList"]] == [arn]
    assert account.client("detective", region=TOKYO).list_graphs()["GraphList"] == []
    assert detective.list_invitations()["Invitations"] == []
    detective.delete_graph(GraphArn=arn)
    assert refusal_of(detective.delete_graph, GraphArn=arn)[0] == "ResourceNotFoundException"


def test_inspector_means_the_own_account_where_none_is_named(account: SimulatedAccount, refusal_of: Any) -> None:
    inspector = account.client("inspector2")

    def states() -> dict[str, str]:
        (found,) = inspector.batch_get_account_status()["accounts"]
        return {kind: state["status"] for kind, state in found["resourceState"].items()}

    assert set(states().values()) == {"DISABLED"}
    assert refusal_of(inspector.enable, resourceTypes=["LAMBDA_CODE"])[0] == "ValidationException"
    inspector.enable(resourceTypes=["EC2", "LAMBDA"])
    inspector.enable(resourceTypes=["LAMBDA_CODE"])
    assert states() == {"ec2": "ENABLED", "ecr": "DISABLED", "lambda": "ENABLED", "lambdaCode": "ENABLED"}
    inspector.disable(resourceTypes=["LAMBDA"])
    assert states() == {"ec2": "ENABLED", "ecr": "DISABLED", "lambda": "DISABLED", "lambdaCode": "DISABLED"}


def test_root_credentials_are_managed_only_where_iam_is_trusted(account: SimulatedAccount, refusal_of: Any) -> None:
    iam, organizations = account.client("iam"), account.client("organizations")
    assert refusal_of(iam.list_organizations_features)[0] == "OrganizationNotFoundException"
    organizations.create_organization(FeatureSet="ALL")
    assert refusal_of(iam.enable_organizations_root_sessions)[0] == "ServiceAccessNotEnabledException"
    organizations.enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    assert iam.list_organizations_features()["EnabledFeatures"] == []
    iam.enable_organizations_root_credentials_management()
    iam.enable_organizations_root_sessions()
    iam.disable_organizations_root_sessions()
    assert iam.list_organizations_features()["EnabledFeatures"] == ["RootCredentialsManagement"]
    organizations.disable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    assert refusal_of(iam.list_organizations_features)[0] == "ServiceAccessNotEnabledException"


def test_a_budgets_notification_tells_ten_addresses_and_a_topic_and_never_nobody(
    account: SimulatedAccount, refusal_of: Any
) -> None:
    budgets = account.client("budgets")
    over = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80}
    named = {"AccountId": account.account_id, "BudgetName": "b"}
    assert refusal_of(budgets.describe_notifications_for_budget, **named)[0] == "NotFoundException"
    budgets.create_budget(
        AccountId=account.account_id,
        Budget={
            "BudgetName": "b",
            "BudgetType": "COST",
            "TimeUnit": "DAILY",
            "BudgetLimit": {"Amount": "1", "Unit": "USD"},
        },
        NotificationsWithSubscribers=[{"Notification": over, "Subscribers": [MAIL]}],
    )
    (shown,) = budgets.describe_notifications_for_budget(**named)["Notifications"]
    assert (shown["ThresholdType"], shown["NotificationState"]) == ("PERCENTAGE", "OK")
    asked = {**named, "Notification": shown}
    assert budgets.describe_subscribers_for_notification(**asked)["Subscribers"] == [MAIL]
    assert refusal_of(budgets.delete_subscriber, **asked, Subscriber=MAIL)[0] == "InvalidParameterException"
    topic = {"SubscriptionType": "SNS", "Address": f"arn:aws:sns:us-east-1:{account.account_id}:bills"}
    for told in (*({**MAIL, "Address": f"{number}@example.com"} for number in range(9)), topic):
        budgets.create_subscriber(**asked, Subscriber=told)
    for more in ({**MAIL, "Address": "more@example.com"}, {**topic, "Address": topic["Address"] + "2"}):
        assert refusal_of(budgets.create_subscriber, **asked, Subscriber=more)[0] == "CreationLimitExceededException"
    budgets.delete_subscriber(**asked, Subscriber=MAIL)
    other = {**shown, "Threshold": 90}
    refused = refusal_of(budgets.describe_subscribers_for_notification, **named, Notification=other)
    assert refused[0] == "NotFoundException"


def test_a_budget_is_changed_and_keeps_its_notifications(account: SimulatedAccount, refusal_of: Any) -> None:
    budgets = account.client("budgets")
    named = {"AccountId": account.account_id, "BudgetName": "b"}
    budget = {
        "BudgetName": "b",
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": "1", "Unit": "USD"},
    }
    forecast = {"NotificationType": "FORECASTED", "ComparisonOperator": "GREATER_THAN", "Threshold": 100.0}
    changed = {**budget, "BudgetLimit": {"Amount": "2", "Unit": "USD"}}
    asked = {"AccountId": account.account_id, "NewBudget": changed}
    assert refusal_of(budgets.update_budget, **asked)[0] == "NotFoundException"
    budgets.create_budget(AccountId=account.account_id, Budget=budget)
    budgets.create_notification(**named, Notification=forecast, Subscribers=[MAIL])
    again = refusal_of(budgets.create_notification, **named, Notification=forecast, Subscribers=[MAIL])
    assert again[0] == "DuplicateRecordException"
    budgets.update_budget(**asked)
    assert budgets.describe_budget(**named)["Budget"]["BudgetLimit"]["Amount"] == "2"
    assert len(budgets.describe_notifications_for_budget(**named)["Notifications"]) == 1
    daily = {"AccountId": account.account_id, "NewBudget": {**changed, "TimeUnit": "DAILY"}}
    assert refusal_of(budgets.update_budget, **daily)[0] == "InvalidParameterException"
    budgets.delete_notification(**named, Notification={**forecast, "ThresholdType": "PERCENTAGE"})
    assert refusal_of(budgets.delete_notification, **named, Notification=forecast)[0] == "NotFoundException"


def test_a_monitor_that_goes_takes_along_who_hears_nothing_else(account: SimulatedAccount, refusal_of: Any) -> None:
    ce = account.client("ce")
    services = {"MonitorName": "m", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
    arn = ce.create_anomaly_monitor(AnomalyMonitor=services)["MonitorArn"]
    told = {"SubscriptionName": "s", "MonitorArnList": [arn], "Frequency": "DAILY", "Threshold": 10.0}
    mail = {"Type": "EMAIL", "Address": "bill@example.com"}
    made = ce.create_anomaly_subscription(AnomalySubscription={**told, "Subscribers": [mail]})["SubscriptionArn"]
    ce.update_anomaly_subscription(SubscriptionArn=made, Frequency="WEEKLY")
    (shown,) = ce.get_anomaly_subscriptions()["AnomalySubscriptions"]
    assert (shown["Frequency"], shown["Subscribers"]) == ("WEEKLY", [{**mail, "Status": "CONFIRMED"}])
    refused = refusal_of(ce.update_anomaly_subscription, SubscriptionArn=made, Frequency="IMMEDIATE")
    assert refused[0] == "ValidationException"
    ce.delete_anomaly_monitor(MonitorArn=arn)
    assert ce.get_anomaly_subscriptions()["AnomalySubscriptions"] == []
    assert refusal_of(ce.delete_anomaly_subscription, SubscriptionArn=made)[0] == "UnknownSubscriptionException"


def test_anomalies_are_told_by_mail_daily_or_to_a_topic_at_once(account: SimulatedAccount, refusal_of: Any) -> None:
    ce = account.client("ce")
    services = {"MonitorName": "m", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
    monitor = ce.create_anomaly_monitor(AnomalyMonitor=services)["MonitorArn"]
    assert refusal_of(ce.create_anomaly_monitor, AnomalyMonitor=services)[0] == "ValidationException"
    mail = {"Type": "EMAIL", "Address": "a@example.com"}
    wanted = {"SubscriptionName": "s", "MonitorArnList": [monitor], "Subscribers": [mail], "Frequency": "IMMEDIATE"}
    assert refusal_of(ce.create_anomaly_subscription, AnomalySubscription=wanted)[0] == "ValidationException"
    ce.create_anomaly_subscription(AnomalySubscription={**wanted, "Frequency": "DAILY"})
    (heard,) = ce.get_anomaly_subscriptions(MonitorArn=monitor)["AnomalySubscriptions"]
    assert heard["Subscribers"] == [{**mail, "Status": "CONFIRMED"}]
    ce.delete_anomaly_monitor(MonitorArn=monitor)
    assert ce.get_anomaly_monitors()["AnomalyMonitors"] == []
    assert refusal_of(ce.get_anomaly_monitors, MonitorArnList=[monitor])[0] == "UnknownMonitorException"


def test_the_record_of_costs_needs_its_bucket(account: SimulatedAccount, refusal_of: Any) -> None:
    exports, cur = account.client("bcm-data-exports"), account.client("cur")
    output = {"OutputType": "CUSTOM", "Format": "PARQUET", "Compression": "PARQUET", "Overwrite": "OVERWRITE_REPORT"}
    where = {"S3Bucket": "costs-1", "S3Prefix": "c", "S3Region": "us-east-1", "S3OutputConfigurations": output}
    export = {
        "Name": "e",
        "DataQuery": {"QueryStatement": "SELECT a FROM COST_AND_USAGE_REPORT"},
        "DestinationConfigurations": {"S3Destination": where},
        "RefreshCadence": {"Frequency": "SYNCHRONOUS"},
    }
    report = {
        "ReportName": "r",
        "TimeUnit": "DAILY",
        "Format": "Parquet",
        "Compression": "Parquet",
        "S3Bucket": "costs-1",
    }
    definition = {**report, "AdditionalSchemaElements": [], "S3Prefix": "c", "S3Region": "us-east-1"}
    assert refusal_of(exports.create_export, Export=export)[0] == "ValidationException"
    assert refusal_of(cur.put_report_definition, ReportDefinition=definition)[0] == "ValidationException"
    account.client("s3").create_bucket(Bucket="costs-1")
    arn = exports.create_export(Export=export)["ExportArn"]
    cur.put_report_definition(ReportDefinition=definition)
    assert exports.get_export(ExportArn=arn)["ExportStatus"]["StatusCode"] == "HEALTHY"
    assert cur.describe_report_definitions()["ReportDefinitions"][0]["ReportStatus"]["lastStatus"] == "SUCCESS"
    account.client("s3").delete_bucket(Bucket="costs-1")
    assert exports.list_exports()["Exports"][0]["ExportStatus"]["StatusCode"] == "UNHEALTHY"
    assert cur.describe_report_definitions()["ReportDefinitions"][0]["ReportStatus"]["lastStatus"] == "ERROR_NO_BUCKET"


def test_the_primary_contact_is_replaced_as_a_whole(account: SimulatedAccount, refusal_of: Any) -> None:
    client = account.client("account")
    first = client.get_contact_information()["ContactInformation"]
    client.put_contact_information(ContactInformation={**first, "FullName": "防人株式会社"})
    assert client.get_contact_information()["ContactInformation"]["FullName"] == "防人株式会社"
    account.state.services.contact = None
    assert refusal_of(client.get_contact_information)[::2] == ("ResourceNotFoundException", 404)


@pytest.mark.slow
def test_calls_of_models_show_as_metrics(account: SimulatedAccount) -> None:
    wanted = {"Namespace": "AWS/Bedrock", "MetricName": "Invocations"}
    assert account.client("cloudwatch").list_metrics(**wanted)["Metrics"] == []
    note_invocation(account.state, "us-east-1", "model")
    (metric,) = account.client("cloudwatch").list_metrics(**wanted)["Metrics"]
    assert metric["Dimensions"] == [{"Name": "ModelId", "Value": "model"}]
    bedrock = account.client("bedrock")
    assert "loggingConfig" not in bedrock.get_model_invocation_logging_configuration()
    log_invocations(account.state, "us-east-1", "log-1")
    found = bedrock.get_model_invocation_logging_configuration()["loggingConfig"]
    assert found["s3Config"]["bucketName"] == "log-1"
