"""AWS's own services, and what they do in the company's name."""

from typing import Final

import clock
from actors import CONFIG_READS, ENI, TARGETS, linked
from company import (
    BUCKETS,
    DATA,
    DR,
    JAVA,
    PAYER,
    SHOP,
    STAGING,
    instance,
)
from population import Actor, Population, Shape
from record import resource
from shapes import (
    RATE,
    athena_query,
    data_key,
    decrypt,
    ec2_reads,
    function_arn,
    function_name,
    instances,
    list_objects,
    object_call,
    request_id,
)

SERVICES: Final = (
    Population(
        "pages through CloudFront",
        0.12,
        [Actor("service", "cloudfront")],
        [object_call(1, "GetObject", "images", missing=0.04)],
        clock.SHOPPERS,
    ),
    Population(
        "logs delivered",
        0.06,
        [Actor("service", name, account=DATA) for name in ("cloudtrail", "delivery.logs", "config")],
        [
            object_call(9, "PutObject", "logs", DATA),
            Shape(
                3,
                "s3:GetBucketAcl",
                {"bucketName": BUCKETS["logs"], "acl": ""},
                None,
                [resource(DATA, "AWS::S3::Bucket", f"arn:aws:s3:::{BUCKETS['logs']}")],
            ),
        ],
    ),
    Population(
        "functions called",
        0.03,
        [Actor("service", "events"), Actor("service", "apigateway")],
        [
            Shape(
                1,
                "lambda:Invoke",
                lambda rng: {"functionName": function_arn(function_name(rng)), "invocationType": "Event"},
                data=True,
                errors=((0.002, "TooManyRequestsException", "Rate Exceeded."),),
            ),
        ],
        clock.SHOPPERS,
    ),
    Population(
        "autoscaling",
        0.035,
        [
            linked("autoscaling", "AWSServiceRoleForAutoScaling", session_name="AutoScaling"),
            linked("autoscaling", "AWSServiceRoleForAutoScaling", STAGING, session_name="AutoScaling"),
        ],
        [
            Shape(10, "ec2:DescribeInstanceStatus", {"instancesSet": {}, "filterSet": {}, "includeAllInstances": True}),
            Shape(6, "ec2:DescribeInstances", instances),
            Shape(5, "elasticloadbalancing:DescribeTargetHealth", TARGETS),
            Shape(
                3,
                "ec2:DescribeLaunchTemplateVersions",
                {"DescribeLaunchTemplateVersionsRequest": {"LaunchTemplateId": "lt-0a1b2c3d4e5f6a7b8"}},
            ),
            Shape(
                1,
                "elasticloadbalancing:RegisterTargets",
                lambda rng: {
                    **TARGETS,
                    "targets": [{"id": rng.choice(instances(rng)["instancesSet"]["items"])["instanceId"]}],
                },
            ),
            Shape(
                1,
                "elasticloadbalancing:DeregisterTargets",
                lambda rng: {**TARGETS, "targets": [{"id": instances(rng)["instancesSet"]["items"][0]["instanceId"]}]},
            ),
            Shape(
                1.5,
                "ec2:RunInstances",
                lambda rng: {
                    "instancesSet": {"items": [{"minCount": 1, "maxCount": 1}]},
                    "instanceType": "m7g.large",
                    "launchTemplate": {"launchTemplateId": "lt-0a1b2c3d4e5f6a7b8", "version": "41"},
                    "clientToken": request_id(rng),
                    "monitoring": {"enabled": False},
                    "disableApiTermination": False,
                },
                lambda rng: {
                    "reservationId": "r-0a1b2c3d4e5f6a7b8",
                    "instancesSet": {
                        "items": [
                            {
                                "instanceId": f"i-0{rng.getrandbits(64):016x}",
                                "instanceType": "m7g.large",
                                "instanceState": {"code": 0, "name": "pending"},
                            }
                        ]
                    },
                },
                errors=(
                    (
                        0.02,
                        "Server.InsufficientInstanceCapacity",
                        "We currently do not have sufficient m7g.large capacity in the Availability Zone you requested.",
                    ),
                ),
            ),
            Shape(1.5, "ec2:TerminateInstances", lambda rng: {"instancesSet": instances(rng, 1)["instancesSet"]}),
        ],
        clock.SHOPPERS,
    ),
    Population(
        "configuration recorder",
        0.05,
        [
            linked("config", "AWSServiceRoleForConfig", account, session_name="AWSConfig-Describe")
            for account in (SHOP, STAGING, DATA, PAYER)
        ],
        [
            *(
                Shape(
                    1,
                    api,
                    {"bucketName": BUCKETS["images"]}
                    if api.startswith("s3")
                    else {"roleName": "shop-eks-node-role"}
                    if api.startswith("iam")
                    else {},
                    errors=(RATE,),
                )
                for api in CONFIG_READS
            ),
            Shape(
                1.5,
                "s3:GetBucketPolicy",
                {"bucketName": BUCKETS["artifacts"], "policy": ""},
                errors=((1.0, "NoSuchBucketPolicy", "The bucket policy does not exist"),),
            ),
            *(
                Shape(0.4, api, {}, region=region)
                for api in ("ec2:DescribeVpcs", "ec2:DescribeSubnets", "rds:DescribeDBSnapshots")
                for region in ("us-east-1", DR)
            ),
        ],
    ),
    Population(
        "encrypted volumes",
        0.05,
        [
            *(
                Actor(
                    "linked",
                    instance(f"web {number}"),
                    "aws:ec2-infrastructure",
                    SHOP,
                    "AWS Internal",
                    "AWS Internal",
                    "ec2",
                    weight=0.2,
                )
                for number in range(10)
            ),
            linked("rds", "AWSServiceRoleForRDS", session_name="RDS"),
        ],
        [
            decrypt(6, "ebs", {"aws:ebs:id": "vol-0a1b2c3d4e5f6a7b8"}),
            data_key(3, "ebs", {"aws:ebs:id": "vol-0a1b2c3d4e5f6a7b8"}),
            Shape(
                1,
                "kms:CreateGrant",
                {
                    "keyId": "alias/ebs",
                    "granteePrincipal": f"arn:aws:iam::{SHOP}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
                    "operations": ["Decrypt", "GenerateDataKeyWithoutPlaintext", "CreateGrant"],
                    "constraints": {"encryptionContextSubset": {"aws:ebs:id": "vol-0a1b2c3d4e5f6a7b8"}},
                },
            ),
            Shape(1, "ec2:DescribeNetworkInterfaces", ENI),
        ],
        clock.SHOPPERS,
    ),
    Population(
        "backups",
        0.006,
        [
            linked(
                "backup",
                "AWSBackupDefaultServiceRole",
                path="service-role/",
                session_name="AWSBackup-AWSBackupDefaultServiceRole",
            )
        ],
        [
            Shape(
                4,
                "ec2:CreateSnapshot",
                lambda rng: {
                    "volumeId": f"vol-0{rng.getrandbits(64):016x}",
                    "description": "This snapshot is created by the AWS Backup service.",
                    "tagSpecificationSet": {
                        "items": [
                            {
                                "resourceType": "snapshot",
                                "tags": [{"key": "aws:backup:source-resource", "value": "plan"}],
                            }
                        ]
                    },
                },
                lambda rng: {"snapshotId": f"snap-0{rng.getrandbits(64):016x}", "status": "pending", "encrypted": True},
            ),
            Shape(
                4, "ec2:DescribeSnapshots", {"snapshotSet": {}, "ownersSet": {}, "sharedUsersSet": {}, "filterSet": {}}
            ),
            Shape(2, "ec2:DeleteSnapshot", lambda rng: {"snapshotId": f"snap-0{rng.getrandbits(64):016x}"}),
            Shape(
                1,
                "rds:CreateDBClusterSnapshot",
                lambda rng: {
                    "dBClusterIdentifier": "shop-aurora",
                    "dBClusterSnapshotIdentifier": f"awsbackup:job-{request_id(rng)}",
                },
            ),
            Shape(
                1,
                "rds:DeleteDBClusterSnapshot",
                lambda rng: {"dBClusterSnapshotIdentifier": f"awsbackup:job-{request_id(rng)}"},
            ),
            Shape(
                1,
                "ec2:CopySnapshot",
                lambda rng: {
                    "sourceRegion": "ap-northeast-1",
                    "sourceSnapshotId": f"snap-0{rng.getrandbits(64):016x}",
                    "destinationRegion": DR,
                    "encrypted": True,
                    "kmsKeyId": "alias/dr",
                },
                region=DR,
            ),
        ],
        (0, 3, 9, 6, 2) + (0,) * 19,
    ),
    Population(
        "analytics",
        0.045,
        [
            Actor("role", "GlueJobRunnerSession", "GlueServiceRole", DATA, "192.0.2.97", JAVA, "glue", "service-role/"),
            Actor(
                "role",
                "quicksight",
                "aws-quicksight-service-role-v0",
                DATA,
                "quicksight.amazonaws.com",
                "quicksight.amazonaws.com",
                "quicksight",
                "service-role/",
            ),
        ],
        [
            Shape(
                10,
                "glue:GetTable",
                lambda rng: {"databaseName": "lake", "name": rng.choice(("orders", "clickstream", "stock"))},
            ),
            Shape(5, "glue:GetPartitions", {"databaseName": "lake", "tableName": "clickstream", "maxResults": 1000}),
            Shape(
                2,
                "glue:BatchCreatePartition",
                {"databaseName": "lake", "tableName": "clickstream"},
                errors=((0.05, "AlreadyExistsException", "Partition already exists."),),
            ),
            Shape(3, "athena:StartQueryExecution", athena_query, lambda rng: {"queryExecutionId": request_id(rng)}),
            Shape(6, "athena:GetQueryExecution", lambda rng: {"queryExecutionId": request_id(rng)}),
            Shape(2, "athena:GetQueryResultsStream", lambda rng: {"queryExecutionId": request_id(rng)}),
            object_call(14, "GetObject", "lake", DATA),
            object_call(5, "PutObject", "lake", DATA),
            list_objects(3, "lake", DATA),
            object_call(2, "GetObject", "customers", DATA),
            decrypt(4, "lake", {"aws:s3:arn": f"arn:aws:s3:::{BUCKETS['lake']}"}, DATA),
        ],
        clock.NIGHT_WORK,
        0.8,
    ),
    Population(
        "other service sessions",
        0.06,
        [
            linked("ecs", "AWSServiceRoleForECS"),
            linked("trustedadvisor", "AWSServiceRoleForTrustedAdvisor", PAYER),
            linked("guardduty", "AWSServiceRoleForAmazonGuardDuty"),
            linked("access-analyzer", "AWSServiceRoleForAccessAnalyzer"),
            linked("inspector2", "AWSServiceRoleForAmazonInspector2"),
            linked("elasticache", "AWSServiceRoleForElastiCache"),
            linked("resource-explorer-2", "AWSServiceRoleForResourceExplorer", STAGING),
        ],
        [
            *ec2_reads(0.5),
            Shape(2, "ecr:DescribeImages", {"repositoryName": "cart-api"}),
            Shape(2, "lambda:ListFunctions20150331", {"maxItems": 50}),
            Shape(2, "iam:ListRoles", {"maxItems": 100}),
            Shape(1, "organizations:DescribeOrganization"),
            Shape(1, "organizations:ListAccounts"),
            Shape(2, "s3:ListBuckets", {"Host": "s3.ap-northeast-1.amazonaws.com"}),
        ],
    ),
)
