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
