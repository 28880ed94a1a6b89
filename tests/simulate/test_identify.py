"""Every protocol's requests are recognised, as boto3 really sends them."""

import contextlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sakimori.simulate.identify import identify
from sakimori.simulate.server import SimulatedAccount

_BUCKET = {"Bucket": "a-bucket"}
_FUNCTION = {"FunctionName": "f"}
CALLS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("account", "GetAlternateContact", {"AlternateContactType": "SECURITY"}),
    ("apigateway", "GetRestApis", {}),
    ("apigatewayv2", "GetApis", {}),
    ("cloudfront", "ListDistributions", {}),
    ("cloudtrail", "DescribeTrails", {}),
    ("cloudtrail", "GetTrailStatus", {"Name": "trail"}),
    ("cloudwatch", "DescribeAlarms", {}),
    ("codebuild", "BatchGetProjects", {"names": ["p"]}),
    ("config", "DescribeConfigurationRecorderStatus", {}),
    ("dynamodb", "ListTables", {}),
    ("ec2", "DescribeInstances", {}),
    ("ec2", "GetEbsEncryptionByDefault", {}),
    ("ecr", "DescribeRepositories", {}),
    ("efs", "DescribeFileSystems", {}),
    ("elb", "DescribeLoadBalancers", {}),
    ("elbv2", "DescribeLoadBalancers", {}),
    ("events", "ListRules", {}),
    ("guardduty", "GetDetector", {"DetectorId": "0" * 32}),
    ("guardduty", "ListDetectors", {}),
    ("iam", "GetAccountAuthorizationDetails", {}),
    ("kms", "ListKeys", {}),
    ("lambda", "GetPolicy", _FUNCTION),
    ("lambda", "ListFunctions", {}),
    ("logs", "DescribeMetricFilters", {}),
    ("organizations", "DescribeOrganization", {}),
    ("rds", "DescribeDBInstances", {}),
    ("resourcegroupstaggingapi", "GetResources", {}),
    ("route53", "ListHostedZones", {}),
    ("s3", "GetBucketAcl", _BUCKET),
    ("s3", "GetBucketEncryption", _BUCKET),
    ("s3", "GetBucketOwnershipControls", _BUCKET),
    ("s3", "GetBucketPolicy", _BUCKET),
    ("s3", "GetBucketPolicyStatus", _BUCKET),
    ("s3", "GetBucketVersioning", _BUCKET),
    ("s3", "GetObject", {**_BUCKET, "Key": "v20180820/configuration/publicAccessBlock"}),
    ("s3", "GetPublicAccessBlock", _BUCKET),
    ("s3", "ListBuckets", {"MaxBuckets": 10}),
    ("s3", "ListObjectsV2", _BUCKET),
    ("s3", "PutObject", {**_BUCKET, "Key": "a/日本.txt", "Body": b"Action=GetObject"}),
    ("s3control", "GetPublicAccessBlock", {"AccountId": "123456789012"}),
    ("secretsmanager", "ListSecrets", {}),
    ("securityhub", "DescribeHub", {}),
    ("ses", "ListIdentities", {}),
    ("sesv2", "ListEmailIdentities", {}),
    ("sns", "ListSubscriptions", {}),
    ("sqs", "ListQueues", {}),
    ("ssm", "DescribeParameters", {}),
    ("stepfunctions", "ListStateMachines", {}),
    ("sts", "GetCallerIdentity", {}),
    ("support", "DescribeTrustedAdvisorChecks", {"language": "en"}),
)


@pytest.mark.parametrize(("service", "operation", "parameters"), CALLS, ids=lambda value: str(value)[:40])
def test_a_real_call_is_recognised(
    shared_account: SimulatedAccount, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    client = shared_account.client(service, region="ap-northeast-1")
    method = next(name for name, api in client.meta.method_to_api_mapping.items() if api == operation)
    shared_account.forget_calls()
    with contextlib.suppress(ClientError):
        getattr(client, method)(**parameters)
    call = shared_account.calls[-1]
    assert (call.name, call.region) == (f"{service}:{operation}", "ap-northeast-1")


def _environ(**more: str) -> dict[str, Any]:
    scope = f"AKIA{'X' * 16}/20260101/eu-west-1/{more.pop('service')}/aws4_request"
    authorization = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
    base = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "QUERY_STRING": "", "SERVER_NAME": "h", "SERVER_PORT": "80"}
    return {**base, "wsgi.url_scheme": "http", "HTTP_HOST": "h", "HTTP_AUTHORIZATION": authorization, **more}


def test_a_bucket_in_the_host_is_recognised() -> None:
    environ = _environ(service="s3", HTTP_HOST="a-bucket.s3.amazonaws.com", QUERY_STRING="policy", RAW_URI="/?policy")
    assert identify(environ, b"").name == "s3:GetBucketPolicy"


def test_a_presigned_request_names_its_key_and_region() -> None:
    environ = _environ(service="s3", PATH_INFO="/a-bucket/key", RAW_URI="/a-bucket/key")
    del environ["HTTP_AUTHORIZATION"]
    environ["QUERY_STRING"] = "X-Amz-Credential=AKIA1%2F20260101%2Feu-west-1%2Fs3%2Faws4_request"
    call = identify(environ, b"")
    assert (call.name, call.access_key_id, call.region) == ("s3:GetObject", "AKIA1", "eu-west-1")


def test_a_smithy_rpc_request_is_recognised() -> None:
    path = "/service/GraniteServiceVersion20100801/operation/DescribeAlarms"
    environ = _environ(service="monitoring", PATH_INFO=path, REQUEST_METHOD="POST")
    assert identify(environ, b"").name == "cloudwatch:DescribeAlarms"


def test_an_unsigned_web_identity_request_belongs_to_sts() -> None:
    environ = _environ(service="s3", CONTENT_TYPE="application/x-www-form-urlencoded", REQUEST_METHOD="POST")
    del environ["HTTP_AUTHORIZATION"]
    assert identify(environ, b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15").name == (
        "sts:AssumeRoleWithWebIdentity"
    )


def test_what_fits_nothing_has_no_operation() -> None:
    assert (
        identify(_environ(service="guardduty", PATH_INFO="/no/such/path", RAW_URI="/no/such/path"), b"").operation == ""
    )
    assert identify(_environ(service="no-such-service"), b"").operation == ""
