"""CI: Jenkins by the key of a user, Serverless, CDK, and Terraform Cloud by tokens."""

import random
from typing import Final

import clock
from actors import TARGETS
from company import (
    BOTO,
    BUCKETS,
    CLI_LINUX,
    ROLE_OF_PROVIDER,
    SHOP,
    STAGING,
    TERRAFORM,
)
from population import Actor, Population, Shape
from record import Record
from shapes import (
    EXPIRED,
    RATE,
    THROTTLED,
    ec2_reads,
    function_arn,
    function_name,
    list_objects,
    object_call,
    parameter,
    request_id,
)

SERVERLESS: Final = "serverless-framework/4.19.1 aws-sdk-nodejs/2.1692.0 linux/v22.20.0 promise"
CDK: Final = (
    "aws-sdk-js/3.896.0 ua/2.1 os/linux#5.14.0 lang/js md/nodejs#22.20.0 api/cloudformation#3.896.0 app/aws-cdk"
)


def function_update(rng: random.Random) -> Record:
    """Lambda repeats the function's name in a form of its own."""
    name = function_name(rng)
    return {
        "functionName": name,
        "s3Bucket": BUCKETS["artifacts"],
        "s3Key": f"serverless/{name}/{rng.randrange(999)}.zip",
        "publish": False,
        "dryRun": False,
        "fullyQualifiedArn": {
            "arnPrefix": {"partition": "aws", "region": "ap-northeast-1", "account": SHOP},
            "relativeId": {"functionName": name},
            "functionQualifier": {},
        },
    }


def stack(rng: random.Random) -> Record:
    return {"stackName": rng.choice(("shop-webhook-prod", "shop-stock-prod", "CdkMemberStack", "CdkCampaignStack"))}


def change_set(rng: random.Random) -> Record:
    return {
        **stack(rng),
        "changeSetName": f"cdk-deploy-{request_id(rng)}",
        "changeSetType": "UPDATE",
        "capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        "templateURL": "https://cdk-assets.example/t.json",
        "roleARN": f"arn:aws:iam::{SHOP}:role/cdk-hnb659fds-cfn-exec-role-{SHOP}-ap-northeast-1",
    }


def _terraform(role: str, account: str, numbers: range) -> list[Actor]:
    return [
        Actor(
            "web",
            f"terraform-run-{number:016x}",
            role,
            account,
            f"198.51.100.{1 + number % 4}",
            TERRAFORM,
            ROLE_OF_PROVIDER["terraform"].replace(SHOP, account),
            hours=1,
            subject=f"organization:hinode:project:infra:workspace:net-{number}:run_phase:{'plan' if 'Plan' in role else 'apply'}",
        )
        for number in numbers
    ]


_REFRESH: Final = (
    *ec2_reads(),
    *(
        Shape(2, api, request, errors=(RATE, EXPIRED))
        for api, request in (
            ("iam:GetRole", {"roleName": "shop-eks-node-role"}),
            ("iam:ListAttachedRolePolicies", {"roleName": "shop-eks-node-role"}),
            ("iam:ListRolePolicies", {"roleName": "batch-server-role"}),
            ("iam:GetPolicy", {"policyArn": f"arn:aws:iam::{SHOP}:policy/shop-app"}),
            ("iam:GetPolicyVersion", {"policyArn": f"arn:aws:iam::{SHOP}:policy/shop-app", "versionId": "v7"}),
            ("iam:GetOpenIDConnectProvider", {"openIDConnectProviderArn": ROLE_OF_PROVIDER["eks"]}),
            ("s3:GetBucketPolicy", {"bucketName": BUCKETS["images"], "policy": ""}),
            ("s3:GetBucketVersioning", {"bucketName": BUCKETS["images"], "versioning": ""}),
            ("s3:GetBucketPublicAccessBlock", {"bucketName": BUCKETS["images"], "publicAccessBlock": ""}),
            ("rds:DescribeDBClusters", {"dBClusterIdentifier": "shop-aurora"}),
            ("rds:ListTagsForResource", {"resourceName": f"arn:aws:rds:ap-northeast-1:{SHOP}:cluster:shop-aurora"}),
            ("kms:DescribeKey", {"keyId": "alias/shop"}),
            ("kms:GetKeyRotationStatus", {"keyId": "alias/shop"}),
            (
                "elasticloadbalancing:DescribeListeners",
                {"loadBalancerArn": TARGETS["targetGroupArn"].replace("targetgroup", "loadbalancer/app")},
            ),
            ("logs:DescribeLogGroups", {"logGroupNamePrefix": "/aws/lambda/shop"}),
            ("route53:GetHostedZone", {"id": "Z0EXAMPLESHOP"}),
            ("cloudtrail:GetTrailStatus", {"name": "org-trail"}),
            ("guardduty:GetDetector", {"detectorId": "0a1b2c3d4e5f60718293a4b5c6d7e8f9"}),
        )
    ),
)
PIPELINES: Final = (
    Population(
        "Jenkins",
        0.03,
        [
            Actor("key", "jenkins-deploy", ip="192.0.2.34", agent=CLI_LINUX, weight=4),
            Actor("key", "jenkins-deploy", ip="192.0.2.35", agent=BOTO),
        ],
        [
            Shape(3, "sts:GetCallerIdentity"),
            Shape(4, "ecr:GetAuthorizationToken", {}),
            Shape(6, "ecr:InitiateLayerUpload", {"repositoryName": "cart-api", "registryId": SHOP}),
            Shape(
                4,
                "ecr:PutImage",
                lambda rng: {"repositoryName": "cart-api", "registryId": SHOP, "imageTag": f"r{rng.randrange(900)}"},
                errors=(
                    (0.02, "ImageTagAlreadyExistsException", "The image tag already exists and cannot be overwritten."),
                ),
            ),
            object_call(12, "PutObject", "artifacts"),
            object_call(8, "GetObject", "artifacts", missing=0.05),
            list_objects(3, "artifacts"),
            Shape(4, "eks:DescribeCluster", {"name": "shop-eks"}),
            parameter(2, "/ci"),
            Shape(2, "ec2:DescribeInstances", {"instancesSet": {}, "filterSet": {}}, errors=(THROTTLED,)),
            Shape(
                1,
                "cloudfront:CreateInvalidation",
                lambda rng: {
                    "distributionId": "E1EXAMPLESHOP",
                    "invalidationBatch": {
                        "callerReference": request_id(rng),
                        "paths": {"quantity": 1, "items": ["/assets/*"]},
                    },
                },
            ),
            Shape(0.3, "iam:ListRoles", errors=((1.0, "denied", "identity"),)),
            Shape(1, "ecs:UpdateService", {"cluster": "tools", "service": "preview", "forceNewDeployment": True}),
        ],
        clock.RELEASES,
        0.12,
    ),
    Population(
        "Serverless from Jenkins",
        0.006,
        [Actor("key", "jenkins-deploy", ip="192.0.2.34", agent=SERVERLESS)],
        [
            Shape(5, "cloudformation:DescribeStackEvents", stack, errors=(RATE,)),
            Shape(3, "cloudformation:DescribeStacks", stack),
            Shape(
                1,
                "cloudformation:UpdateStack",
                lambda rng: {**stack(rng), "capabilities": ["CAPABILITY_IAM"]},
                errors=((0.2, "ValidationError", "No updates are to be performed."),),
            ),
            Shape(
                1,
                "cloudformation:ValidateTemplate",
                {"templateURL": "https://s3.amazonaws.com/hinode-jenkins-artifacts/t.json"},
            ),
            object_call(3, "PutObject", "artifacts"),
        ],
        clock.RELEASES,
        0.05,
    ),
    Population(
        "CloudFormation for them",
        0.006,
        [
            Actor("key", "jenkins-deploy", ip="cloudformation.amazonaws.com", agent="cloudformation.amazonaws.com"),
            Actor(
                "linked",
                "AWSCloudFormation",
                f"cdk-hnb659fds-cfn-exec-role-{SHOP}-ap-northeast-1",
                SHOP,
                "cloudformation.amazonaws.com",
                "cloudformation.amazonaws.com",
                "cloudformation",
            ),
        ],
        [
            Shape(
                5,
                "lambda:UpdateFunctionCode20150331v2",
                function_update,
                lambda rng: {"functionName": function_name(rng), "lastUpdateStatus": "InProgress"},
            ),
            Shape(5, "lambda:GetFunction20150331v2", lambda rng: {"functionName": function_arn(function_name(rng))}),
            Shape(
                1.5,
                "lambda:UpdateFunctionConfiguration20150331v2",
                lambda rng: {"functionName": function_name(rng), "environment": {}, "timeout": 30},
            ),
            Shape(
                0.3,
                "iam:PutRolePolicy",
                lambda rng: {
                    "roleName": f"shop-{rng.choice(('order-webhook', 'stock-sync'))}-role",
                    "policyName": "dev-policy",
                    "policyDocument": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}',
                },
            ),
            Shape(
                0.4,
                "events:PutRule",
                {"name": "stock-sync-hourly", "scheduleExpression": "rate(1 hour)", "state": "ENABLED"},
            ),
            Shape(
                0.3,
                "lambda:AddPermission20150331v2",
                lambda rng: {
                    "functionName": function_arn(function_name(rng)),
                    "statementId": "EventsInvoke",
                    "action": "lambda:InvokeFunction",
                    "principal": "events.amazonaws.com",
                    "sourceArn": f"arn:aws:events:ap-northeast-1:{SHOP}:rule/stock-sync-hourly",
                },
            ),
            Shape(0.5, "apigateway:UpdateRestApi", {"restApiId": "a1b2c3d4e5"}),
        ],
        clock.RELEASES,
        0.05,
    ),
    Population(
        "CDK",
        0.006,
        [
            Actor(
                "chained",
                "aws-cdk-jenkins",
                f"cdk-hnb659fds-deploy-role-{SHOP}-ap-northeast-1",
                SHOP,
                "192.0.2.34",
                CDK,
                subject="jenkins-deploy",
            )
        ],
        [
            Shape(8, "cloudformation:DescribeStackEvents", stack, errors=(RATE,)),
            Shape(3, "cloudformation:DescribeStacks", stack),
            Shape(1, "cloudformation:CreateChangeSet", change_set),
            Shape(1, "cloudformation:ExecuteChangeSet", stack),
            Shape(1, "cloudformation:DeleteChangeSet", stack),
            Shape(1, "cloudformation:GetTemplate", stack),
            Shape(1, "ssm:GetParameter", {"name": "/cdk-bootstrap/hnb659fds/version"}),
        ],
        clock.RELEASES,
        0.05,
    ),
    Population(
        "Terraform plans",
        0.05,
        [*_terraform("TerraformCloudPlan", SHOP, range(4)), *_terraform("TerraformCloudPlan", STAGING, range(4, 6))],
        [*_REFRESH, object_call(1, "GetObject", "state")],
        clock.RELEASES,
        0.35,
    ),
    Population(
        "Terraform applies",
        0.006,
        [*_terraform("TerraformCloudApply", SHOP, range(2)), *_terraform("TerraformCloudApply", STAGING, range(4, 6))],
        [
            *_REFRESH,
            Shape(
                3,
                "ec2:CreateTags",
                {
                    "resourcesSet": {"items": [{"resourceId": "sg-0a1b2c3d4e5f6a7b8"}]},
                    "tagSet": {"items": [{"key": "owner", "value": "infra"}]},
                },
            ),
            Shape(1, "iam:TagRole", {"roleName": "batch-server-role", "tags": [{"key": "owner", "value": "infra"}]}),
            Shape(
                0.6,
                "ec2:AuthorizeSecurityGroupIngress",
                {
                    "groupId": "sg-0a1b2c3d4e5f6a7b8",
                    "ipPermissions": {
                        "items": [
                            {
                                "ipProtocol": "tcp",
                                "fromPort": 443,
                                "toPort": 443,
                                "groups": {"items": [{"groupId": "sg-0b1b2c3d4e5f6a7b8"}]},
                                "ipRanges": {},
                                "ipv6Ranges": {},
                                "prefixListIds": {},
                            }
                        ]
                    },
                },
            ),
            Shape(
                0.4,
                "iam:CreatePolicyVersion",
                {
                    "policyArn": f"arn:aws:iam::{SHOP}:policy/shop-app",
                    "setAsDefault": True,
                    "policyDocument": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":"arn:aws:s3:::hinode-shop-images/*"}]}',
                },
            ),
            Shape(
                0.3, "iam:DeletePolicyVersion", {"policyArn": f"arn:aws:iam::{SHOP}:policy/shop-app", "versionId": "v2"}
            ),
            Shape(0.2, "iam:CreateRole", errors=((1.0, "denied", "identity"),)),
            Shape(
                0.4,
                "monitoring:PutMetricAlarm",
                {"alarmName": "shop-web-5xx", "threshold": 20.0, "comparisonOperator": "GreaterThanThreshold"},
            ),
            Shape(
                0.2,
                "s3:PutBucketLifecycle",
                {
                    "bucketName": BUCKETS["images"],
                    "lifecycle": "",
                    "LifecycleConfiguration": {"Rule": {"ID": "old", "Status": "Enabled", "Expiration": {"Days": 730}}},
                },
            ),
            Shape(
                0.1,
                "iam:DetachRolePolicy",
                {"roleName": "batch-server-role", "policyArn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"},
            ),
        ],
        clock.RELEASES,
        0.03,
    ),
)
