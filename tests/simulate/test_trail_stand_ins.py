"""Trails in the simulated account: seen from every Region, and honest about what arrives."""

from typing import Any

import pytest

from sakimori.simulate.server import SimulatedAccount

TOKYO = "ap-northeast-1"


@pytest.fixture
def trail(account: SimulatedAccount) -> Any:
    """CloudTrail in Tokyo with a trail of that Region alone."""
    account.client("s3").create_bucket(Bucket="kiroku")
    cloudtrail = account.client("cloudtrail", region=TOKYO)
    cloudtrail.create_trail(
        Name="kiroku",
        S3BucketName="kiroku",
        IsMultiRegionTrail=False,
        CloudWatchLogsLogGroupArn=f"arn:aws:logs:{TOKYO}:{account.state.account_id}:log-group:kiroku:*",
        CloudWatchLogsRoleArn=f"arn:aws:iam::{account.state.account_id}:role/kiroku",
    )
    return cloudtrail


@pytest.mark.slow
@pytest.mark.usefixtures("trail")
def test_list_trails_shows_the_trails_of_other_regions(account: SimulatedAccount) -> None:
    cloudtrail = account.client("cloudtrail", region="eu-west-1")
    assert [(each["Name"], each["HomeRegion"]) for each in cloudtrail.list_trails()["Trails"]] == [("kiroku", TOKYO)]
    assert cloudtrail.describe_trails()["trailList"] == []


@pytest.mark.slow
def test_insights_are_an_error_until_they_are_put_and_after_they_are_taken_off(trail: Any, refusal_of: Any) -> None:
    assert refusal_of(trail.get_insight_selectors, TrailName="kiroku")[0] == "InsightNotEnabledException"
    for kind in ("ApiCallRateInsight", "ApiErrorRateInsight"):
        trail.put_insight_selectors(TrailName="kiroku", InsightSelectors=[{"InsightType": kind}])
        found = trail.get_insight_selectors(TrailName="kiroku")["InsightSelectors"]
        assert [each["InsightType"] for each in found] == [kind]
    trail.put_insight_selectors(TrailName="kiroku", InsightSelectors=[])
    assert refusal_of(trail.get_insight_selectors, TrailName="kiroku")[0] == "InsightNotEnabledException"


@pytest.mark.slow
def test_events_reach_a_log_group_that_is_there_while_the_trail_is_on(account: SimulatedAccount, trail: Any) -> None:
    logs = account.client("logs", region=TOKYO)
    assert "LatestCloudWatchLogsDeliveryTime" not in trail.get_trail_status(Name="kiroku")
    trail.start_logging(Name="kiroku")
    assert trail.get_trail_status(Name="kiroku")["LatestCloudWatchLogsDeliveryError"]
    logs.create_log_group(logGroupName="kiroku")
    status = trail.get_trail_status(Name="kiroku")
    assert "LatestCloudWatchLogsDeliveryError" not in status
    assert status["LatestCloudWatchLogsDeliveryTime"] <= account.state.clock()


@pytest.mark.slow
def test_the_event_history_names_what_was_started_as_recorded_answers_do(account: SimulatedAccount) -> None:
    ec2 = account.client("ec2")
    started = ec2.run_instances(ImageId="ami-0abcdef1234567890", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    asked = [{"AttributeKey": "ResourceName", "AttributeValue": started}]
    (event,) = account.client("cloudtrail").lookup_events(LookupAttributes=asked)["Events"]
    kinds = {each["ResourceType"] for each in event["Resources"]}
    assert {"AWS::EC2::Instance", "AWS::EC2::Ami", "AWS::EC2::Subnet", "AWS::EC2::NetworkInterface"} <= kinds
    ec2.terminate_instances(InstanceIds=[started])
    names = [each["EventName"] for each in account.client("cloudtrail").lookup_events(LookupAttributes=asked)["Events"]]
    assert names == ["TerminateInstances", "RunInstances"]
