"""The rules on alarms in an account where nothing is set up, and after their own remedies were carried out."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.app.company import assess_company, use_credentials
from tests.held_rulebook import held_rulebook

from sakimori.model.words import Status
from sakimori.simulate.server import SimulatedAccount

TOKYO = "ap-northeast-1"
RULES = {name: rule for name, rule in held_rulebook().rules.items() if name.endswith("-alarmed")}


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with SimulatedAccount() as simulated:
        start_trail(simulated)
        yield simulated


@pytest.fixture
def statuses(account: SimulatedAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    use_credentials(account, "owner", monkeypatch)

    def ask(pattern: str = "aws.cloudwatch.*-alarmed") -> dict[str, Status]:
        result = assess_company(account, tmp_path, rules=(pattern,))
        assert len(result.assessment.verdicts) == len({verdict.rule for verdict in result.assessment.verdicts})
        return {verdict.rule: verdict.status for verdict in result.assessment.verdicts}

    return ask


def topic(account: SimulatedAccount, region: str) -> str:
    """A topic that a queue hears, which needs no confirming."""
    sns: Any = account.client("sns", region=region)
    arn = sns.create_topic(Name="security")["TopicArn"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=f"arn:aws:sqs:{region}:{account.state.account_id}:security")
    return arn


def start_trail(account: SimulatedAccount) -> None:
    where = {"LocationConstraint": TOKYO}
    account.client("s3", region=TOKYO).create_bucket(Bucket="kiroku", CreateBucketConfiguration=where)
    account.client("logs", region=TOKYO).create_log_group(logGroupName="kiroku")
    trail: Any = account.client("cloudtrail", region=TOKYO)
    trail.create_trail(
        Name="kiroku",
        S3BucketName="kiroku",
        IsMultiRegionTrail=True,
        CloudWatchLogsLogGroupArn=f"arn:aws:logs:{TOKYO}:{account.state.account_id}:log-group:kiroku:*",
        CloudWatchLogsRoleArn=f"arn:aws:iam::{account.state.account_id}:role/kiroku",
    )
    trail.start_logging(Name="kiroku")


def carry_out_remedy(account: SimulatedAccount, rule: str, action: str) -> None:
    console = RULES[rule].remedy.console
    assert console
    (pattern,) = re.findall(r"enter: (\{.*\})$", console.en, re.MULTILINE)
    metric = {"metricName": rule, "metricNamespace": "Security", "metricValue": "1"}
    account.client("logs", region=TOKYO).put_metric_filter(
        logGroupName="kiroku", filterName=rule, filterPattern=pattern, metricTransformations=[metric]
    )
    account.client("cloudwatch", region=TOKYO).put_metric_alarm(
        AlarmName=rule, MetricName=rule, Namespace="Security", Statistic="Sum", Period=300, EvaluationPeriods=1,
        Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold", AlarmActions=[action],
    )  # fmt: skip


@pytest.mark.slow
def test_the_remedy_of_each_rule_mends_it_and_nothing_else_does(account: SimulatedAccount, statuses: Any) -> None:
    assert statuses() == dict.fromkeys(RULES, Status.FAIL)
    for rule in RULES:
        carry_out_remedy(account, rule, topic(account, TOKYO))
    assert statuses() == dict.fromkeys(RULES, Status.PASS)


@pytest.mark.slow
def test_event_rules_tell_where_they_stand_in_every_region(account: SimulatedAccount, statuses: Any) -> None:
    rule = "aws.cloudwatch.kms-key-deletion-alarmed"
    pattern = '{"source": ["aws.kms"], "detail": {"eventName": ["DisableKey", "ScheduleKeyDeletion"]}}'
    for region in account.state.enabled_regions:
        events: Any = account.client("events", region=region)
        events.put_rule(Name="kms", EventPattern=pattern)
        events.put_targets(Rule="kms", Targets=[{"Id": "topic", "Arn": topic(account, region)}])
    assert statuses(rule) == {rule: Status.PASS}
    account.client("events", region="eu-west-1").disable_rule(Name="kms")
    assert statuses(rule) == {rule: Status.FAIL}
