"""Account-wide settings, of which the messy company shows one side: a new account, and the same one mended."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.app.company import assess_company, use_credentials

from sakimori.model.words import Status
from sakimori.simulate.server import SimulatedAccount

RULES = (
    "aws.account.*",
    "aws.bcm.*",
    "aws.budgets.*",
    "aws.ce.*",
    "aws.organizations.*",
    "aws.securityhub.findings-aggregated",
)
MENDED = {
    "aws.account.billing-contact-set",
    "aws.account.contact-information-set",
    "aws.account.operations-contact-set",
    "aws.account.security-contact-set",
    "aws.bcm.data-export-exists",
    "aws.budgets.budget-with-notification",
    "aws.budgets.daily-budget-with-notification",
    "aws.ce.anomaly-detection-enabled",
    "aws.organizations.account-in-organization",
    "aws.securityhub.findings-aggregated",
}
OF_AN_ORGANIZATION = {
    "aws.organizations.all-features-enabled",
    "aws.organizations.root-credentials-managed",
    "aws.organizations.service-control-policies-enabled",
}


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedAccount]:
    with SimulatedAccount() as account:
        use_credentials(account, "owner", monkeypatch)
        yield account


def statuses(account: SimulatedAccount, home: Path) -> dict[str, Status]:
    result = assess_company(account, home, rules=RULES)
    assert result.assessment.gaps == ()
    return {verdict.rule: verdict.status for verdict in result.assessment.verdicts}


@pytest.mark.slow
def test_a_new_account_has_only_its_primary_contact(fresh: SimulatedAccount, tmp_path: Path) -> None:
    found = statuses(fresh, tmp_path)
    assert found == dict.fromkeys(MENDED, Status.FAIL) | {"aws.account.contact-information-set": Status.PASS}


@pytest.mark.slow
def test_a_primary_contact_that_is_not_there_fails(fresh: SimulatedAccount, tmp_path: Path) -> None:
    fresh.state.services.contact = None
    assert statuses(fresh, tmp_path)["aws.account.contact-information-set"] is Status.FAIL


@pytest.mark.slow
def test_an_organization_for_bills_alone_fails_and_a_guarded_one_passes(
    fresh: SimulatedAccount, tmp_path: Path
) -> None:
    organizations = fresh.client("organizations")
    organizations.create_organization(FeatureSet="CONSOLIDATED_BILLING")
    found = statuses(fresh, tmp_path / "bills")
    assert {found[rule] for rule in OF_AN_ORGANIZATION} == {Status.FAIL}
    assert found["aws.organizations.account-in-organization"] is Status.PASS
    organizations.delete_organization()
    guard(fresh)
    found = statuses(fresh, tmp_path / "guarded")
    assert {found[rule] for rule in OF_AN_ORGANIZATION} == {Status.PASS}


@pytest.mark.slow
def test_what_the_remedies_say_mends_the_account(fresh: SimulatedAccount, tmp_path: Path) -> None:
    mend(fresh)
    found = statuses(fresh, tmp_path)
    assert {rule: found[rule] for rule in MENDED} == dict.fromkeys(MENDED, Status.PASS)


def guard(account: SimulatedAccount) -> None:
    organizations, iam = account.client("organizations"), account.client("iam")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    document = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "x:Y", "Resource": "*"}]}'
    policy = organizations.create_policy(
        Type="SERVICE_CONTROL_POLICY", Name="guardrails", Description="-", Content=document
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=policy, TargetId=root)
    organizations.enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    iam.enable_organizations_root_credentials_management()


def mend(account: SimulatedAccount) -> None:
    guard(account)
    contact = {"Name": "Team", "Title": "-", "EmailAddress": "team@example.com", "PhoneNumber": "+81300000000"}
    for kind in ("SECURITY", "BILLING", "OPERATIONS"):
        account.client("account").put_alternate_contact(AlternateContactType=kind, **contact)
    hub = account.client("securityhub")
    hub.enable_security_hub()
    hub.create_finding_aggregator(RegionLinkingMode="ALL_REGIONS")
    mend_costs(account)


def mend_costs(account: SimulatedAccount) -> None:
    mail = {"SubscriptionType": "EMAIL", "Address": "team@example.com"}
    over = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80}
    for unit in ("MONTHLY", "DAILY"):
        limit = {"Amount": "100", "Unit": "USD"}
        account.client("budgets").create_budget(
            AccountId=account.account_id,
            Budget={"BudgetName": unit, "BudgetType": "COST", "TimeUnit": unit, "BudgetLimit": limit},
            NotificationsWithSubscribers=[{"Notification": over, "Subscribers": [mail]}],
        )
    ce = account.client("ce")
    monitor: dict[str, Any] = {"MonitorName": "m", "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE"}
    subscription = {
        "SubscriptionName": "s",
        "MonitorArnList": [ce.create_anomaly_monitor(AnomalyMonitor=monitor)["MonitorArn"]],
        "Subscribers": [{"Type": "EMAIL", "Address": "team@example.com"}],
        "Frequency": "DAILY",
    }
    ce.create_anomaly_subscription(AnomalySubscription=subscription)
    account.client("s3").create_bucket(Bucket="archive-1")
    output = {"OutputType": "CUSTOM", "Format": "PARQUET", "Compression": "PARQUET", "Overwrite": "OVERWRITE_REPORT"}
    where = {"S3Bucket": "archive-1", "S3Prefix": "c", "S3Region": "us-east-1", "S3OutputConfigurations": output}
    account.client("bcm-data-exports").create_export(
        Export={
            "Name": "costs",
            "DataQuery": {"QueryStatement": "SELECT line_item_unblended_cost FROM COST_AND_USAGE_REPORT"},
            "DestinationConfigurations": {"S3Destination": where},
            "RefreshCadence": {"Frequency": "SYNCHRONOUS"},
        }
    )
