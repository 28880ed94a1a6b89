"""The rules that judge the account by its trails: before there is one, and after their remedies were carried out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.app.company import assess_company, use_credentials

from sakimori.model.words import Status
from sakimori.simulate.server import SimulatedAccount

TOKYO = "ap-northeast-1"
RULES = (
    "aws.cloudtrail.multi-region-trail-records",
    "aws.cloudtrail.object-reads-recorded",
    "aws.cloudtrail.object-writes-recorded",
    "aws.cloudtrail.insights-enabled",
)


@pytest.fixture
def account() -> Iterator[SimulatedAccount]:
    with SimulatedAccount() as simulated:
        yield simulated


@pytest.mark.slow
def test_an_account_without_trails_fails_and_one_with_a_whole_trail_passes(
    account: SimulatedAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_credentials(account, "owner", monkeypatch)

    def statuses() -> dict[str, Status]:
        found = assess_company(account, tmp_path, rules=RULES, regions=(TOKYO,)).assessment.verdicts
        return {verdict.rule: verdict.status for verdict in found}

    assert statuses() == dict.fromkeys(RULES, Status.FAIL)
    make_whole_trail(account)
    assert statuses() == dict.fromkeys(RULES, Status.PASS)
    account.client("cloudtrail", region=TOKYO).stop_logging(Name="kiroku")
    assert statuses() == dict.fromkeys(RULES, Status.FAIL)


def make_whole_trail(account: SimulatedAccount) -> None:
    s3: Any = account.client("s3", region=TOKYO)
    s3.create_bucket(Bucket="kiroku", CreateBucketConfiguration={"LocationConstraint": TOKYO})
    s3.put_bucket_policy(
        Bucket="kiroku",
        Policy='{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:PutObject",'
        ' "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Resource": "arn:aws:s3:::kiroku/*"}]}',
    )
    cloudtrail: Any = account.client("cloudtrail", region=TOKYO)
    cloudtrail.create_trail(Name="kiroku", S3BucketName="kiroku", IsMultiRegionTrail=True)
    data = [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}]
    cloudtrail.put_event_selectors(
        TrailName="kiroku",
        AdvancedEventSelectors=[
            {"Name": "management", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
            {"Name": "objects", "FieldSelectors": data},
        ],
    )
    cloudtrail.put_insight_selectors(TrailName="kiroku", InsightSelectors=[{"InsightType": "ApiCallRateInsight"}])
    cloudtrail.start_logging(Name="kiroku")
