"""Partners who come in from accounts of their own: the MSP and the vendor of the CSPM scanner."""

from typing import Final

from actors import METRIC
from company import (
    ACCOUNTS,
    BOTO,
    BUCKETS,
    CLI_LINUX,
    CSPM,
    JAVA,
    MSP,
    SHOP,
    STAGING,
)
from population import Actor, Population, Shape
from shapes import (
    RATE,
    ec2_reads,
)

REGIONS: Final = (
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
)
_AUDITED: Final = (
    ("iam:GetAccountAuthorizationDetails", {"maxItems": 100}),
    ("iam:GetAccountSummary", None),
    ("iam:ListUsers", {"maxItems": 1000}),
    ("iam:ListAccessKeys", {"userName": "jenkins-deploy"}),
    ("iam:GetAccessKeyLastUsed", {"accessKeyId": "AKIAJENKINSXXEXAMPLE"}),
    ("iam:GenerateCredentialReport", None),
    ("iam:GetCredentialReport", None),
    ("iam:ListVirtualMFADevices", {"assignmentStatus": "Any"}),
    ("iam:GetAccountPasswordPolicy", None),
    ("s3:ListBuckets", {"Host": "s3.amazonaws.com"}),
    ("s3:GetBucketAcl", {"bucketName": BUCKETS["orders"], "acl": ""}),
    ("s3:GetBucketPolicyStatus", {"bucketName": BUCKETS["customers"], "policyStatus": ""}),
    ("organizations:DescribeOrganization", None),
    ("support:DescribeTrustedAdvisorChecks", {"language": "en"}),
)
_AUDITED_ANYWHERE: Final = (
    "ec2:DescribeInstances",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSnapshots",
    "ec2:DescribeSnapshotAttribute",
    "ec2:DescribeVolumes",
    "ec2:DescribeFlowLogs",
    "ec2:DescribeImages",
    "ec2:GetEbsEncryptionByDefault",
    "rds:DescribeDBInstances",
    "rds:DescribeDBSnapshots",
    "rds:DescribeDBSnapshotAttributes",
    "lambda:ListFunctions20150331",
    "lambda:GetPolicy20150331v2",
    "cloudtrail:DescribeTrails",
    "cloudtrail:GetEventSelectors",
    "guardduty:ListDetectors",
    "securityhub:DescribeHub",
    "config:DescribeConfigurationRecorders",
    "kms:ListKeys",
    "kms:GetKeyPolicy",
    "secretsmanager:ListSecrets",
    "sns:ListTopics",
    "sqs:ListQueues",
    "ecr:DescribeRepositories",
    "ecs:ListClusters",
    "eks:ListClusters",
    "es:ListDomainNames",
    "redshift:DescribeClusters",
    "sagemaker:ListNotebookInstances",
    "bedrock:ListFoundationModels",
    "access-analyzer:ListAnalyzers",
    "ssm:DescribeInstanceInformation",
    "acm:ListCertificates",
    "elasticfilesystem:DescribeFileSystems",
    "dynamodb:ListTables",
)
_SCANNER: Final = [
    *(Shape(3, api, request, errors=(RATE,)) for api, request in _AUDITED),
    *(Shape(0.25, api, {}, region=region, errors=(RATE,)) for api in _AUDITED_ANYWHERE for region in REGIONS),
    Shape(4, "kms:GetKeyRotationStatus", {"keyId": "alias/payment"}, errors=((1.0, "denied", "resource"),)),
    Shape(
        3,
        "secretsmanager:GetResourcePolicy",
        {"secretId": "prod/payment/gateway"},
        errors=((0.6, "denied", "explicit"),),
    ),
    Shape(2, "codecommit:ListRepositories", {}, errors=((1.0, "denied", "scp"),)),
    Shape(
        3,
        "s3:GetBucketPolicy",
        {"bucketName": BUCKETS["artifacts"], "policy": ""},
        errors=((0.9, "NoSuchBucketPolicy", "The bucket policy does not exist"),),
    ),
]

PARTNERS: Final = (
    Population(
        "MSP monitoring",
        0.06,
        [
            Actor("cross", "monitor", "MSP-Monitoring", account, "192.0.2.113", JAVA, MSP, subject="collector")
            for account in (SHOP, STAGING)
        ],
        [
            Shape(
                10,
                "monitoring:GetMetricData",
                {"startTime": "Oct 1, 2026, 1:00:00 AM", "endTime": "Oct 1, 2026, 1:05:00 AM"},
                errors=(RATE,),
            ),
            Shape(6, "monitoring:GetMetricStatistics", METRIC),
            Shape(4, "monitoring:DescribeAlarms", {"maxRecords": 100}),
            Shape(3, "rds:DescribeDBInstances", {}),
            Shape(2, "rds:DescribeEvents", {"duration": 60}),
            Shape(2, "logs:FilterLogEvents", {"logGroupName": "/eks/shop/application", "filterPattern": "ERROR"}),
            Shape(
                0.8, "dynamodb:DescribeContinuousBackups", {"tableName": "cart"}, errors=((1.0, "denied", "identity"),)
            ),
            *ec2_reads(0.3),
            Shape(
                1,
                "health:DescribeEvents",
                {"filter": {"eventStatusCodes": ["open"]}},
                errors=((0.3, "SubscriptionRequiredException", ""),),
            ),
        ],
    ),
    Population(
        "MSP operators",
        0.006,
        [
            Actor(
                "cross",
                f"op-{name}",
                "MSP-Operations",
                SHOP,
                f"192.0.2.{last}",
                CLI_LINUX,
                MSP,
                subject="operators",
                hours=4,
            )
            for name, last in (("kudo", 114), ("miura", 114), ("arai", 115))
        ],
        [
            *ec2_reads(0.5),
            Shape(4, "monitoring:DescribeAlarmHistory", {"alarmName": "shop-web-5xx"}),
            Shape(2, "ssm:DescribeInstanceInformation", {"maxResults": 50}),
            Shape(
                0.6,
                "ssm:SendCommand",
                {
                    "documentName": "AWS-RunPatchBaseline",
                    "targets": [{"key": "tag:Patch", "values": ["weekly"]}],
                    "parameters": "HIDDEN_DUE_TO_SECURITY_REASONS",
                    "interactive": False,
                },
            ),
            Shape(
                0.3,
                "ssm:StartSession",
                lambda rng: {"target": f"i-0{rng.getrandbits(64):016x}"},
                errors=((0.2, "TargetNotConnected", "The target is not connected."),),
            ),
            Shape(0.4, "ec2:RebootInstances", {"instancesSet": {"items": [{"instanceId": "i-0a1b2c3d4e5f6a7b8"}]}}),
            Shape(0.3, "iam:ListUsers", errors=((1.0, "denied", "identity"),)),
            Shape(
                0.2,
                "s3:GetObject",
                {"bucketName": BUCKETS["orders"], "key": "daily/orders-00001.csv.gz"},
                errors=((1.0, "denied", "explicit"),),
                data=True,
            ),
        ],
        (2, 2, 2, 2, 2, 2, 2, 3, 4, 6, 7, 7, 5, 7, 7, 7, 6, 6, 4, 3, 3, 2, 2, 2),
    ),
    Population(
        "CSPM scanner",
        0.08,
        [
            Actor(
                "cross", "cspm-scan", "CspmReadOnly", account, "198.51.100.18", BOTO, CSPM, subject="scanner", hours=4
            )
            for account in ACCOUNTS
        ],
        _SCANNER,
        (0, 10, 10, 8, 2) + (0,) * 8 + (2, 2) + (0,) * 9,
    ),
)
