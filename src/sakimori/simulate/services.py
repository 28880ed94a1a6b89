"""Which of boto3's services hides behind a signing name.

Source: `signingName`, `targetPrefix` and `apiVersion` of botocore's service models
(1.44). A name that is not listed is its own service.
"""

from collections.abc import Mapping
from typing import Final

SIGNED_AS: Final[Mapping[str, tuple[str, ...]]] = {
    "access-analyzer": ("accessanalyzer",),
    "airflow": ("mwaa",),
    "aoss": ("opensearchserverless",),
    "apigateway": ("apigateway", "apigatewayv2"),
    "aps": ("amp",),
    "bedrock": ("bedrock", "bedrock-agent", "bedrock-runtime", "bedrock-agent-runtime", "bedrock-data-automation"),
    "cassandra": ("keyspaces",),
    "cloudcontrolapi": ("cloudcontrol",),
    "cloudhsm": ("cloudhsmv2", "cloudhsm"),
    "dynamodb": ("dynamodb", "dynamodbstreams"),
    "elasticfilesystem": ("efs",),
    "elasticloadbalancing": ("elbv2", "elb"),
    "elasticmapreduce": ("emr",),
    "es": ("opensearch", "es"),
    "events": ("events", "eventbridgev2"),
    "geo": ("location",),
    "kinesisanalytics": ("kinesisanalyticsv2", "kinesisanalytics"),
    "mobiletargeting": ("pinpoint",),
    "monitoring": ("cloudwatch",),
    "rds": ("rds", "neptune", "docdb"),
    "s3": ("s3", "s3control"),
    "ses": ("sesv2", "ses"),
    "servicequotas": ("service-quotas",),
    "sso": ("sso-admin",),
    "sso-oauth": ("sso-oidc",),
    "states": ("stepfunctions",),
    "tagging": ("resourcegroupstaggingapi",),
    "timestream": ("timestream-query", "timestream-write"),
}
"""Signing name to services, the likeliest first."""

BY_VERSION: Final[Mapping[tuple[str, str], str]] = {
    ("elasticloadbalancing", "2012-06-01"): "elb",
    ("elasticloadbalancing", "2015-12-01"): "elbv2",
    ("ses", "2010-12-01"): "ses",
}
"""Signing name and `Version` of a form to the service."""

BY_TARGET: Final[Mapping[str, str]] = {
    "AWSEventsV2": "eventbridgev2",
    "BaldrApiService": "cloudhsmv2",
    "CloudHsmFrontendService": "cloudhsm",
    "DynamoDBStreams_20120810": "dynamodbstreams",
    "KinesisAnalytics_20150814": "kinesisanalytics",
    "KinesisAnalytics_20180523": "kinesisanalyticsv2",
}
"""The part of X-Amz-Target before the dot, where one signing name has several services."""

UNSIGNED: Final[Mapping[str, str]] = {
    "AssumeRoleWithSAML": "sts",
    "AssumeRoleWithWebIdentity": "sts",
}
"""Operations that AWS takes without a signature."""
