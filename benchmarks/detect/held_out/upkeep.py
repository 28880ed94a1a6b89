"""Upkeep that is done now and then and is in order: copies, certificates, policies, a new region for a load test."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import clock
from company import (
    BUCKETS,
    CHROME,
    DATA,
    ORGANISATION,
    PEOPLE,
    SHOP,
    STAGING,
    TERRAFORM,
    kms_arn,
)  # fmt: skip
from pages import opened
from record import Caller, Pen, Record, session

Calls = list[tuple[str, Any]]
_TANAKA, _SUZUKI, _OGAWA = PEOPLE["tanaka.k"], PEOPLE["suzuki.m"], PEOPLE["ogawa.d"]


def run(pen: Pen, caller: Caller, when: float, calls: Calls, **more: Any) -> Iterator[Record]:
    """Calls one after another, as quickly as a person clicks."""
    for api, request in calls:
        yield pen.write(caller, when, api, request=request, **more)
        when += pen.rng.uniform(4, 45)


def new_region(pen: Pen) -> Iterator[Record]:
    """Jakarta is opted into for the load test, and used for two hours."""
    when, region = clock.Day(15).at("10:30"), "ap-southeast-3"
    yield from run(
        pen,
        _OGAWA.console(15, when - 60),
        when,
        [
            ("account:EnableRegion", {"RegionName": region, "AccountId": STAGING}),
            ("account:GetRegionOptStatus", {"RegionName": region, "AccountId": STAGING}),
        ],
    )
    role = session(STAGING, "OrganizationAccountAccessRole", "suzuki.m", when + 3600, mfa=True)
    tester = Caller(role, STAGING, "192.0.2.3", TERRAFORM)
    ids = [f"i-0{pen.rng.getrandbits(64):016x}" for _ in range(20)]
    launch = {
        "instancesSet": {"items": [{"imageId": "ami-0aaaabbbbccccdddd", "minCount": 20, "maxCount": 20}]},
        "instanceType": "c7g.2xlarge",
        "monitoring": {"enabled": False},
    }
    answer = {"instancesSet": {"items": [{"instanceId": name, "instanceType": "c7g.2xlarge"} for name in ids]}}
    yield from run(
        pen,
        tester,
        when + 3660,
        [
            ("ec2:CreateVpc", {"cidrBlock": "10.90.0.0/16"}),
            ("ec2:CreateSubnet", {"cidrBlock": "10.90.1.0/24"}),
            ("ec2:CreateKeyPair", {"keyName": "loadtest"}),
            ("ec2:CreateSecurityGroup", {"groupName": "loadtest", "groupDescription": "load test"}),
            ("ec2:AuthorizeSecurityGroupIngress", opened(pen.rng, 22, 22, "192.0.2.3/32")),
        ],
        region=region,
    )
    yield pen.write(tester, when + 3900, "ec2:RunInstances", request=launch, response=answer, region=region)
    yield from run(
        pen,
        tester,
        when + 12_000,
        [
            ("ec2:TerminateInstances", {"instancesSet": {"items": [{"instanceId": name} for name in ids]}}),
            ("ec2:DeleteKeyPair", {"keyName": "loadtest"}),
        ],
        region=region,
    )


def quota(pen: Pen) -> Iterator[Record]:
    when = clock.Day(11).at("16:00")
    yield from run(
        pen,
        _SUZUKI.console(11, when - 60),
        when,
        [
            ("servicequotas:ListServiceQuotas", {"serviceCode": "ec2"}),
            (
                "servicequotas:RequestServiceQuotaIncrease",
                {"serviceCode": "ec2", "quotaCode": "L-1216C47A", "desiredValue": 640.0},
            ),
        ],
    )


def roles_and_policies(pen: Pen) -> Iterator[Record]:
    """Ordinary work on permissions: least privilege, a service's role, and one that is taken away."""
    when, trust = (
        clock.Day(7).at("14:30"),
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}',
    )
    yield from run(
        pen,
        _TANAKA.console(7, when - 60),
        when,
        [
            ("iam:CreateRole", {"roleName": "shop-refund-role", "assumeRolePolicyDocument": trust}),
            (
                "iam:AttachRolePolicy",
                {
                    "roleName": "shop-refund-role",
                    "policyArn": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
                },
            ),
            (
                "iam:PutRolePolicy",
                {
                    "roleName": "shop-refund-role",
                    "policyName": "queue",
                    "policyDocument": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}]}',
                },
            ),
            ("iam:DetachUserPolicy", {"userName": "ext-pham", "policyArn": "arn:aws:iam::aws:policy/PowerUserAccess"}),
            ("iam:AttachUserPolicy", {"userName": "ext-pham", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
        ],
    )
    when = clock.Day(21).at("15:00")
    yield from run(
        pen,
        _SUZUKI.console(21, when - 60),
        when,
        [
            (
                "s3:PutBucketPolicy",
                {
                    "bucketName": BUCKETS["images"],
                    "policy": "",
                    "bucketPolicy": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"Service": "cloudfront.amazonaws.com"},
                                "Action": "s3:GetObject",
                                "Resource": f"arn:aws:s3:::{BUCKETS['images']}/*",
                                "Condition": {
                                    "StringEquals": {
                                        "AWS:SourceArn": f"arn:aws:cloudfront::{SHOP}:distribution/E1EXAMPLESHOP"
                                    }
                                },
                            }
                        ],
                    },
                },
            ),
            (
                "s3:PutBucketPolicy",
                {
                    "bucketName": BUCKETS["orders"],
                    "policy": "",
                    "bucketPolicy": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": "*",
                                "Action": "s3:GetObject",
                                "Resource": f"arn:aws:s3:::{BUCKETS['orders']}/*",
                                "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORGANISATION}},
                            }
                        ],
                    },
                },
            ),
            (
                "sqs:AddPermission",
                {
                    "queueUrl": f"https://sqs.ap-northeast-1.amazonaws.com/{SHOP}/order-events",
                    "label": "data",
                    "actions": ["SendMessage"],
                    "aWSAccountIds": [DATA],
                },
            ),
            (
                "kms:PutKeyPolicy",
                {
                    "keyId": kms_arn(SHOP, "shop"),
                    "policyName": "default",
                    "policy": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::410300000044:root"},"Action":"kms:Decrypt","Resource":"*"}]}',
                },
            ),
        ],
    )


def trail_upkeep(pen: Pen) -> Iterator[Record]:
    """Data events are extended, a detector's filter is added for the scanner, and a finding is archived."""
    when = clock.Day(15).at("14:00")
    yield from run(
        pen,
        _OGAWA.console(15, when - 60),
        when,
        [
            (
                "cloudtrail:PutEventSelectors",
                {
                    "trailName": "org-trail",
                    "advancedEventSelectors": [
                        {
                            "name": "objects",
                            "fieldSelectors": [
                                {"field": "eventCategory", "equals": ["Data"]},
                                {"field": "resources.type", "equals": ["AWS::S3::Object"]},
                            ],
                        },
                        {
                            "name": "management",
                            "fieldSelectors": [{"field": "eventCategory", "equals": ["Management"]}],
                        },
                    ],
                },
            ),
            ("guardduty:ArchiveFindings", {"detectorId": "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "findingIds": ["f1"]}),
            (
                "securityhub:BatchUpdateFindings",
                {"workflow": {"status": "SUPPRESSED"}, "note": {"text": "accepted", "updatedBy": "ogawa.d"}},
            ),
        ],
    )


def housekeeping(pen: Pen) -> Iterator[Record]:
    """What looks like an attack to somebody who does not know the house."""
    when = clock.Day(2).at("16:30")
    trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::410300000011:root"},"Action":"sts:AssumeRole","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}'
    yield from run(
        pen,
        _OGAWA.console(2, when - 60),
        when,
        [
            ("iam:CreateRole", {"roleName": "emergency-access", "assumeRolePolicyDocument": trust}),
            (
                "iam:AttachRolePolicy",
                {"roleName": "emergency-access", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
            ),
            (
                "account:PutAlternateContact",
                {"AlternateContactType": "SECURITY", "EmailAddress": "HIDDEN_DUE_TO_SECURITY_REASONS"},
            ),
        ],
    )
    when = clock.Day(4).at("11:20")
    github = "https://token.actions.githubusercontent.com"
    one_repository = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::410300000033:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"},"StringLike":{"token.actions.githubusercontent.com:sub":"repo:hinode/shop-web:*"}}}]}'
    staging = Caller(
        session(STAGING, "OrganizationAccountAccessRole", "suzuki.m", when - 60, mfa=True),
        STAGING,
        "192.0.2.3",
        CHROME,
        console=True,
    )
    yield from run(
        pen,
        staging,
        when,
        [
            (
                "iam:CreateOpenIDConnectProvider",
                {"url": github, "clientIDList": ["sts.amazonaws.com"], "thumbprintList": ["0" * 40]},
            ),
            ("iam:CreateRole", {"roleName": "github-preview", "assumeRolePolicyDocument": one_repository}),
            ("cloudtrail:DeleteTrail", {"name": "old-verify-trail"}),
            ("rds:DeleteDBInstance", {"dBInstanceIdentifier": "stg-verify", "skipFinalSnapshot": True}),
        ],
    )
    when = clock.Day(17).at("13:20")
    yield from run(
        pen,
        PEOPLE["sato.y"].console(17, when - 90),
        when,
        [
            ("lambda:CreateFunctionUrlConfig", {"functionName": "shop-coupon-issue", "authType": "AWS_IAM"}),
            ("lambda:PublishLayerVersion20181031", {"layerName": "common"}),
            (
                "lambda:UpdateFunctionConfiguration20150331v2",
                {
                    "functionName": "shop-coupon-issue",
                    "layers": [f"arn:aws:lambda:ap-northeast-1:{SHOP}:layer:common:12"],
                },
            ),
            ("lambda:DeleteFunction20150331", {"functionName": "verify-hello"}),
        ],
    )
    when = clock.Day(8).at("10:15")
    yield from run(
        pen,
        _SUZUKI.console(8, when - 90),
        when,
        [
            (
                "ec2:DeleteFlowLogs",
                {"DeleteFlowLogsRequest": {"FlowLogId": {"content": "fl-0old0old0old0old0", "tag": 1}}},
            ),
            (
                "ec2:CreateFlowLogs",
                {
                    "CreateFlowLogsRequest": {
                        "ResourceType": "VPC",
                        "ResourceId": {"content": "vpc-0a1b2c3d4e5f6a7b8", "tag": 1},
                        "TrafficType": "ALL",
                        "LogDestinationType": "s3",
                    }
                },
            ),
            ("wafv2:UpdateWebACL", {"name": "shop", "scope": "REGIONAL"}),
            ("ec2:AuthorizeSecurityGroupIngress", opened(pen.rng, 51820, 51820, "192.0.2.3/32")),
        ],
    )
    when = clock.Day(9).at("08:50")
    away = PEOPLE["okada.j"].console(9, when)
    by_vpn = Caller(away.identity, DATA, "203.0.113.44", away.agent, console=True)
    yield from run(
        pen,
        by_vpn,
        when + 20,
        [
            ("athena:ListWorkGroups", {}),
            ("glue:GetTables", {"databaseName": "lake"}),
            ("quicksight:DescribeDashboard", None),
        ]
        * 6,
    )


UPKEEP: Final[tuple[Callable[[Pen], Iterator[Record]], ...]] = (
    new_region, quota, roles_and_policies, trail_upkeep, housekeeping,
)  # fmt: skip
