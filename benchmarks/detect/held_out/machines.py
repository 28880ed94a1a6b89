"""The machines of the shop itself: the cluster, the batch servers, the functions."""

from typing import Final

import clock
from actors import ENI, TARGETS, functions, on_instances, pods
from company import (
    BOTO,
    BUCKETS,
    CLI_LINUX,
    SHOP,
)
from population import Actor, Population, Shape
from shapes import (
    EXPIRED,
    RATE,
    THROTTLED,
    data_key,
    decrypt,
    ec2_reads,
    function_arn,
    instances,
    list_objects,
    log_stream,
    object_call,
    parameter,
    request_id,
    secret,
)

POPULATIONS: Final = (
    Population(
        "cluster applications",
        0.115,
        pods("irsa-cart-api", "irsa-order-api", "irsa-member-api", "irsa-image-resize"),
        [
            decrypt(14, "shop", {"aws:dynamodb:tableName": "cart", "aws:dynamodb:subscriberId": SHOP}),
            data_key(8, "shop", {"aws:sqs:arn": f"arn:aws:sqs:ap-northeast-1:{SHOP}:order-events"}),
            parameter(5),
            secret(4),
            Shape(
                3,
                "sqs:GetQueueAttributes",
                {
                    "queueUrl": f"https://sqs.ap-northeast-1.amazonaws.com/{SHOP}/order-events",
                    "attributeNames": ["ApproximateNumberOfMessages"],
                },
            ),
            Shape(2, "dynamodb:DescribeTable", {"tableName": "cart"}, errors=(RATE, EXPIRED)),
            object_call(6, "PutObject", "images"),
            object_call(8, "GetObject", "images", missing=0.03),
            Shape(0.3, "s3:HeadBucket", {"bucketName": BUCKETS["images"]}),
        ],
        clock.SHOPPERS,
    ),
    Population(
        "cluster controllers",
        0.09,
        pods("irsa-external-secrets", "irsa-external-dns", "irsa-karpenter", "irsa-lb-controller", "irsa-fluent-bit"),
        [
            *ec2_reads(),
            Shape(5, "elasticloadbalancing:DescribeTargetHealth", TARGETS, errors=(RATE,)),
            Shape(4, "elasticloadbalancing:DescribeLoadBalancers", {"pageSize": 400}),
            Shape(3, "elasticloadbalancing:DescribeTags", {"resourceArns": [TARGETS["targetGroupArn"]]}),
            Shape(
                2,
                "route53:ListResourceRecordSets",
                {"hostedZoneId": "Z0EXAMPLESHOP"},
                errors=((0.02, "ThrottlingException", "Rate exceeded"),),
            ),
            Shape(1, "route53:ListHostedZones"),
            Shape(
                0.05,
                "route53:ChangeResourceRecordSets",
                {
                    "hostedZoneId": "Z0EXAMPLESHOP",
                    "changeBatch": {
                        "changes": [
                            {"action": "UPSERT", "resourceRecordSet": {"name": "api.hinode-shop.example", "type": "A"}}
                        ]
                    },
                },
            ),
            secret(5),
            log_stream(3, "/eks/shop/application"),
            Shape(1, "pricing:GetProducts", {"serviceCode": "AmazonEC2", "maxResults": 100}, region="us-east-1"),
            Shape(
                2,
                "ssm:GetParameter",
                {"name": "/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/arm64/standard/recommended/image_id"},
            ),
            Shape(
                0.2,
                "ec2:CreateFleet",
                lambda rng: {
                    "CreateFleetRequest": {
                        "Type": "instant",
                        "ClientToken": request_id(rng),
                        "TargetCapacitySpecification": {"DefaultTargetCapacityType": "spot", "TotalTargetCapacity": 1},
                    }
                },
            ),
            Shape(0.2, "ec2:TerminateInstances", lambda rng: {"instancesSet": instances(rng, 1)["instancesSet"]}),
        ],
    ),
    Population(
        "answers to customers by a language model",
        0.004,
        pods("irsa-support-chat"),
        [
            Shape(
                9,
                "bedrock:InvokeModel",
                {"modelId": "apac.anthropic.claude-sonnet-4-20250514-v1:0"},
                errors=((0.01, "ThrottlingException", "Too many requests, please wait before trying again."),),
            ),
            Shape(1, "bedrock:ApplyGuardrail", {"guardrailIdentifier": "gr0example", "guardrailVersion": "3"}),
        ],
        clock.SHOPPERS,
    ),
    Population(
        "cluster nodes",
        0.045,
        on_instances("shop-eks-node-role", 9),
        [
            Shape(4, "ecr:GetAuthorizationToken", {}),
            Shape(
                5,
                "ecr:BatchGetImage",
                lambda rng: {
                    "repositoryName": rng.choice(("cart-api", "order-api", "member-api")),
                    "registryId": SHOP,
                    "imageIds": [{"imageTag": f"r{rng.randrange(900)}"}],
                },
            ),
            Shape(
                5,
                "ecr:GetDownloadUrlForLayer",
                lambda rng: {
                    "repositoryName": "cart-api",
                    "registryId": SHOP,
                    "layerDigest": f"sha256:{rng.getrandbits(256):064x}",
                },
            ),
            Shape(8, "ec2:DescribeInstances", instances),
            Shape(2, "eks:DescribeCluster", {"name": "shop-eks"}),
            Shape(
                3,
                "ec2:AssignPrivateIpAddresses",
                {"networkInterfaceId": "eni-0a1b2c3d4e5f6a7b8", "secondaryPrivateIpAddressCount": 1},
                errors=(THROTTLED,),
            ),
            Shape(
                10,
                "ssm:UpdateInstanceInformation",
                lambda rng: {
                    "instanceId": f"i-0{rng.getrandbits(64):016x}",
                    "agentVersion": "3.3.2299.0",
                    "platformName": "Amazon Linux",
                },
            ),
            Shape(2, "ec2:DescribeNetworkInterfaces", ENI),
        ],
    ),
    Population(
        "batch server",
        0.075,
        on_instances("batch-server-role", 2, agent=BOTO),
        [
            object_call(30, "GetObject", "orders", missing=0.01),
            object_call(14, "PutObject", "orders"),
            list_objects(5, "orders"),
            object_call(3, "DeleteObject", "orders"),
            secret(1, ("prod/order/db", "prod/mail/smtp")),
            decrypt(6, "orders", {"aws:s3:arn": f"arn:aws:s3:::{BUCKETS['orders']}"}),
            Shape(
                0.3,
                "sns:Publish",
                {
                    "topicArn": f"arn:aws:sns:ap-northeast-1:{SHOP}:batch-report",
                    "message": "HIDDEN_DUE_TO_SECURITY_REASONS",
                },
            ),
            Shape(
                0.3,
                "ses:SendRawEmail",
                {
                    "source": "report@hinode-mail.example",
                    "destinations": ["HIDDEN_DUE_TO_SECURITY_REASONS"],
                    "rawMessage": "HIDDEN_DUE_TO_SECURITY_REASONS",
                },
            ),
        ],
        clock.NIGHT_WORK,
    ),
    Population(
        "on-premises upload",
        0.008,
        [Actor("key", "sftp-batch", ip="192.0.2.36", agent=CLI_LINUX)],
        [
            object_call(8, "PutObject", "orders"),
            list_objects(2, "orders"),
            Shape(
                0.3,
                "sts:GetCallerIdentity",
                errors=(
                    (0.01, "SignatureDoesNotMatch", "Signature expired: the request is now earlier than permitted"),
                ),
            ),
        ],
        clock.NIGHT_WORK,
    ),
    Population(
        "functions",
        0.06,
        functions(),
        [
            log_stream(10, "/aws/lambda/shop-order-webhook"),
            decrypt(10, "lambda", {"aws:lambda:FunctionArn": function_arn("shop-order-webhook")}),
            parameter(4),
            secret(3, ("prod/mail/smtp", "prod/payment/gateway")),
            object_call(5, "GetObject", "images"),
            Shape(
                1,
                "ec2:CreateNetworkInterface",
                {
                    "subnetId": "subnet-0a1b2c3d4e5f6a7b8",
                    "description": "AWS Lambda VPC ENI",
                    "groupSet": {"items": [{"groupId": "sg-0a1b2c3d4e5f6a7b8"}]},
                },
            ),
            Shape(
                1,
                "ses:SendEmail",
                {
                    "source": "order@hinode-mail.example",
                    "destination": "HIDDEN_DUE_TO_SECURITY_REASONS",
                    "message": "HIDDEN_DUE_TO_SECURITY_REASONS",
                },
            ),
        ],
        clock.SHOPPERS,
    ),
)
