"""What the steps that keep records ask of S3, IAM, Systems Manager and Bedrock, and moto lacks."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from sakimori.simulate.server import SimulatedAccount


@pytest.fixture(scope="module")
def simulated() -> Iterator[SimulatedAccount]:
    with SimulatedAccount(account_id="616161616161") as account:
        yield account


def test_a_bucket_is_born_with_the_tags_that_were_asked_for(simulated: SimulatedAccount) -> None:
    s3 = simulated.client("s3", region="eu-west-1")
    configuration = {"LocationConstraint": "eu-west-1", "Tags": [{"Key": "sakimori", "Value": "HB10"}]}
    s3.create_bucket(Bucket="tagged", CreateBucketConfiguration=configuration)
    assert s3.get_bucket_tagging(Bucket="tagged")["TagSet"] == configuration["Tags"]
    simulated.client("s3").create_bucket(
        Bucket="tagged-too", CreateBucketConfiguration={"Tags": configuration["Tags"]}
    )  # fmt: skip
    assert simulated.client("s3").get_bucket_tagging(Bucket="tagged-too")["TagSet"] == configuration["Tags"]


def test_a_version_tells_of_its_locks_and_one_without_says_so(simulated: SimulatedAccount) -> None:
    s3 = simulated.client("s3")
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    s3.create_bucket(Bucket="open")
    for bucket in ("locked", "open"):
        s3.put_object(Bucket=bucket, Key="log", Body=b"x")
    for ask in (s3.get_object_retention, s3.get_object_legal_hold):
        with pytest.raises(ClientError, match="NoSuchObjectLockConfiguration"):
            ask(Bucket="locked", Key="log")
        with pytest.raises(ClientError, match="InvalidRequest"):
            ask(Bucket="open", Key="log")
        with pytest.raises(ClientError, match="NoSuchBucket"):
            ask(Bucket="gone", Key="log")
    until = datetime(2040, 1, 1, tzinfo=UTC)
    s3.put_object_retention(Bucket="locked", Key="log", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until})
    s3.put_object_legal_hold(Bucket="locked", Key="log", LegalHold={"Status": "ON"})
    assert s3.get_object_retention(Bucket="locked", Key="log")["Retention"]["RetainUntilDate"] == until
    assert s3.get_object_legal_hold(Bucket="locked", Key="log")["LegalHold"] == {"Status": "ON"}


@pytest.mark.parametrize("service", ["config.amazonaws.com", "guardduty.amazonaws.com"])
def test_a_service_linked_role_is_made_once(simulated: SimulatedAccount, service: str) -> None:
    iam = simulated.client("iam")
    role = iam.create_service_linked_role(AWSServiceName=service)["Role"]
    assert iam.get_role(RoleName=role["RoleName"])["Role"]["Arn"] == role["Arn"]
    with pytest.raises(ClientError, match="InvalidInput"):
        iam.create_service_linked_role(AWSServiceName=service)


def test_a_document_tells_its_versions_and_which_one_is_used(simulated: SimulatedAccount) -> None:
    ssm = simulated.client("ssm")
    content = {"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": {}}
    with pytest.raises(ClientError, match="InvalidDocument"):
        ssm.list_document_versions(Name="preferences")
    ssm.create_document(
        Name="preferences", DocumentType="Session", DocumentFormat="JSON", Content=json.dumps(content)
    )  # fmt: skip
    newer = json.dumps({**content, "description": "newer"})
    ssm.update_document(
        Name="preferences", Content=newer, DocumentFormat="JSON", VersionName="newer", DocumentVersion="$LATEST"
    )  # fmt: skip
    found = ssm.list_document_versions(Name="preferences")["DocumentVersions"]
    told = {each["DocumentVersion"]: (each["IsDefaultVersion"], each.get("VersionName")) for each in found}
    assert told == {"1": (True, None), "2": (False, "newer")}


@pytest.mark.slow
def test_bedrock_takes_only_a_bucket_of_its_region_that_lets_it_write(simulated: SimulatedAccount) -> None:
    s3, bedrock = simulated.client("s3"), simulated.client("bedrock")
    s3.create_bucket(Bucket="models")
    config = {"s3Config": {"bucketName": "models"}, "textDataDeliveryEnabled": True}
    with pytest.raises(ClientError, match="ValidationException"):
        bedrock.put_model_invocation_logging_configuration(loggingConfig=config)
    statement = {
        "Effect": "Allow", "Principal": {"Service": "bedrock.amazonaws.com"}, "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::models/*", "Condition": {"StringEquals": {"aws:SourceAccount": "616161616161"}},
    }  # fmt: skip
    s3.put_bucket_policy(Bucket="models", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    bedrock.put_model_invocation_logging_configuration(loggingConfig=config)
    with pytest.raises(ClientError, match="ValidationException"):
        simulated.client("bedrock", region="us-west-2").put_model_invocation_logging_configuration(loggingConfig=config)
