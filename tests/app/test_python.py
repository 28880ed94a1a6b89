"""The program as a Python function, under moto in the same process."""

import boto3
import pytest
from moto import mock_aws

import sakimori
from sakimori.model.errors import UsageError
from sakimori.model.words import Status


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    return boto3.Session(region_name="us-east-1")


@pytest.mark.slow
def test_a_session_is_assessed_under_moto_in_the_same_process(session: boto3.Session) -> None:
    with mock_aws():
        s3 = session.client("s3")
        for name in ("open-bucket", "closed-bucket"):
            s3.create_bucket(Bucket=name)
        s3.put_public_access_block(
            Bucket="closed-bucket",
            PublicAccessBlockConfiguration=dict.fromkeys(
                ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
            ),
        )
        assessment = sakimori.assess(session, regions=["us-east-1"], rules=["aws.s3.bucket-public-access-blocked"])
    found = {verdict.resource: verdict.status for verdict in assessment.verdicts}
    assert found == {"arn:aws:s3:::open-bucket": Status.FAIL, "arn:aws:s3:::closed-bucket": Status.PASS}
    assert assessment.gaps == ()
    assert assessment.score.controls == 0
    assert assessment.verdicts[0].evidence["name"] == "open-bucket"
    assert assessment.verdicts[-1].status is Status.PASS


@pytest.mark.slow
def test_what_moto_lacks_is_a_gap_and_never_a_pass(session: boto3.Session) -> None:
    """Slow: every rule over an account of moto alone."""
    with mock_aws():
        assessment = sakimori.assess(session, regions=["us-east-1"])
    assert {verdict.status for verdict in assessment.verdicts} <= set(Status)
    refused = {gap.call for gap in assessment.gaps}
    for verdict in assessment.verdicts:
        if verdict.rule == "aws.trustedadvisor.security-checks-clear":
            assert verdict.status is Status.UNKNOWN
    assert any(call.startswith("support:") for call in refused)


@pytest.mark.slow
def test_a_second_run_in_a_home_says_what_is_new_and_what_is_fixed(session: boto3.Session, tmp_path: object) -> None:
    rules = ["aws.s3.bucket-public-access-blocked"]
    with mock_aws():
        s3 = session.client("s3")
        s3.create_bucket(Bucket="first-bucket")
        first = sakimori.assess(session, regions=["us-east-1"], rules=rules, home=str(tmp_path))
        s3.delete_bucket(Bucket="first-bucket")
        s3.create_bucket(Bucket="second-bucket")
        second = sakimori.assess(session, regions=["us-east-1"], rules=rules, home=str(tmp_path))
    assert len(first.changes.new) == 1
    assert [verdict.resource for verdict in second.changes.fixed] == ["arn:aws:s3:::first-bucket"]
    assert second.changes.new == {second.verdicts[0].id}
    assert second.verdicts[0].first_seen is not None


@pytest.mark.slow
def test_what_does_not_exist_is_said(session: boto3.Session) -> None:
    with mock_aws():
        with pytest.raises(UsageError):
            sakimori.assess(session, regions=["us-nowhere-1"])
        with pytest.raises(UsageError):
            sakimori.assess(session, regions=["us-east-1"], rules=["aws.nothing.at-all"])
        with pytest.raises(UsageError):
            sakimori.assess(session, frameworks=["cis-9.9"])
        with pytest.raises(UsageError):
            sakimori.assess(session, regions=["us-east-1"], thresholds="loose")
