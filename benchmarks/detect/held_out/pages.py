"""Pages of the console and what they ask, and the changes that people make there."""

import random
from typing import Final

from company import (
    BUCKETS,
    DATABASES,
    PAYER,
    SHOP,
    instance,
)
from population import Shape
from record import Record, resource
from shapes import (
    RATE,
    athena_query,
    ec2_reads,
    function_arn,
    function_name,
    list_objects,
    object_call,
    request_id,
)

DENIED: Final = ((1.0, "denied", "identity"),)
PAGES: Final[dict[str, list[Shape]]] = {
    "home": [
        Shape(
            3,
            "health:DescribeEventAggregates",
            {"aggregateField": "eventTypeCategory", "filter": {"eventStatusCodes": ["open", "upcoming"]}},
        ),
        Shape(2, "ce:GetCostAndUsage", None, errors=((0.5, "denied", "identity"),)),
        Shape(2, "notifications:ListNotificationHubs", {}),
        Shape(1, "resource-explorer-2:ListIndexes", {}),
        Shape(1, "iam:ListAccountAliases", None),
        Shape(1, "cost-optimization-hub:ListEnrollmentStatuses", {}, errors=DENIED),
    ],
    "compute": [
        *ec2_reads(),
        Shape(3, "ec2:DescribeRegions", {"regionSet": {}}),
        Shape(2, "monitoring:DescribeAlarms", {"maxRecords": 100}),
        Shape(2, "autoscaling:DescribeAutoScalingGroups", {}),
        Shape(1, "ec2:GetConsoleOutput", {"instanceId": instance("web 1")}),
        Shape(2, "compute-optimizer:GetEnrollmentStatus", {}, errors=((0.4, "denied", "identity"),)),
        Shape(
            1,
            "ec2:DescribeAccountAttributes",
            {"accountAttributeNameSet": {"items": [{"attributeName": "default-vpc"}]}, "filterSet": {}},
        ),
    ],
    "network": [
        *ec2_reads(0.4),
        Shape(3, "elasticloadbalancing:DescribeLoadBalancers", {"pageSize": 400}),
        Shape(2, "ec2:DescribeNetworkAcls", {"networkAclIdSet": {}, "filterSet": {}}),
        Shape(2, "ec2:DescribeNatGateways", {}),
        Shape(2, "ec2:DescribeAddresses", {"publicIpsSet": {}, "filterSet": {}}),
        Shape(1, "route53:ListHostedZones", None),
        Shape(1, "acm:ListCertificates", {}, region="us-east-1"),
        Shape(1, "wafv2:ListWebACLs", {"scope": "REGIONAL"}),
    ],
    "iam": [
        Shape(4, "iam:ListUsers", {"maxItems": 100}),
        Shape(4, "iam:ListRoles", {"maxItems": 100}),
        Shape(3, "iam:GetUser", {"userName": "jenkins-deploy"}),
        Shape(3, "iam:ListAccessKeys", {"userName": "jenkins-deploy"}),
        Shape(3, "iam:ListMFADevices", {"userName": "sato.y"}),
        Shape(
            2,
            "iam:GetLoginProfile",
            {"userName": "sftp-batch"},
            errors=((0.7, "NoSuchEntityException", "Login Profile for User sftp-batch cannot be found."),),
        ),
        Shape(2, "iam:ListPolicies", {"scope": "Local"}),
        Shape(2, "iam:GetAccountSummary", None),
        Shape(
            1,
            "access-analyzer:ListFindingsV2",
            {"analyzerArn": f"arn:aws:access-analyzer:ap-northeast-1:{SHOP}:analyzer/org"},
        ),
    ],
    "logs": [
        Shape(6, "logs:DescribeLogGroups", {"limit": 50}),
        Shape(
            5,
            "logs:DescribeLogStreams",
            {"logGroupName": "/eks/shop/application", "descending": True, "orderBy": "LastEventTime"},
        ),
        Shape(4, "logs:FilterLogEvents", {"logGroupName": "/eks/shop/application"}, errors=(RATE,)),
        Shape(
            3,
            "logs:StartQuery",
            {"logGroupNames": ["/eks/shop/application"], "queryString": "HIDDEN_DUE_TO_SECURITY_REASONS"},
        ),
        Shape(5, "logs:GetQueryResults", lambda rng: {"queryId": request_id(rng)}),
        Shape(3, "monitoring:ListDashboards", None),
        Shape(
            4,
            "monitoring:GetMetricData",
            {"startTime": "Oct 1, 2026, 1:00:00 AM", "endTime": "Oct 1, 2026, 4:00:00 AM"},
        ),
        Shape(1, "cloudtrail:LookupEvents", {"maxResults": 50}),
        Shape(1, "xray:GetServiceGraph", None),
    ],
    "database": [
        Shape(5, "rds:DescribeDBClusters", {}),
        Shape(5, "rds:DescribeDBInstances", {}),
        Shape(3, "rds:DescribeDBSnapshots", {}),
        Shape(2, "rds:DescribeDBClusterSnapshots", {"includeShared": False}),
        Shape(2, "pi:GetResourceMetrics", {"serviceType": "RDS", "identifier": "db-EXAMPLE"}),
        Shape(
            1,
            "rds:DownloadDBLogFilePortion",
            {"dBInstanceIdentifier": "member-db", "logFileName": "error/mysql-error.log"},
        ),
        Shape(2, "elasticache:DescribeCacheClusters", {"showCacheNodeInfo": True}),
        Shape(1, "secretsmanager:ListSecrets", {}),
        Shape(
            0.3, "secretsmanager:GetSecretValue", {"secretId": "prod/member/db"}, errors=((0.5, "denied", "identity"),)
        ),
    ],
    "storage": [
        Shape(5, "s3:ListBuckets", {"Host": "s3.ap-northeast-1.amazonaws.com"}),
        Shape(4, "s3:GetBucketLocation", {"bucketName": BUCKETS["orders"], "location": ""}),
        list_objects(6, "orders"),
        object_call(2, "GetObject", "orders"),
        object_call(1, "PutObject", "images"),
        Shape(2, "s3:GetBucketVersioning", {"bucketName": BUCKETS["images"], "versioning": ""}),
        Shape(1, "s3:GetBucketAcl", {"bucketName": BUCKETS["customers"], "acl": ""}, errors=DENIED),
    ],
    "containers": [
        Shape(4, "eks:ListClusters", {}),
        Shape(5, "eks:DescribeCluster", {"name": "shop-eks"}),
        Shape(3, "eks:ListNodegroups", {"name": "shop-eks"}),
        Shape(3, "eks:AccessKubernetesApi", {"name": "shop-eks"}),
        Shape(4, "ecr:DescribeRepositories", {}),
        Shape(4, "ecr:DescribeImages", {"repositoryName": "cart-api"}),
        Shape(2, "ecs:ListClusters", {}),
        Shape(2, "ecs:DescribeServices", {"cluster": "tools", "services": ["preview"]}),
        Shape(
            0.2,
            "ecs:ExecuteCommand",
            {"cluster": "tools", "task": "0a1b", "command": "HIDDEN_DUE_TO_SECURITY_REASONS", "interactive": True},
        ),
    ],
    "serverless": [
        Shape(5, "lambda:ListFunctions20150331", {"maxItems": 50}),
        Shape(5, "lambda:GetFunction20150331v2", lambda rng: {"functionName": function_arn(function_name(rng))}),
        Shape(
            3,
            "lambda:GetPolicy20150331v2",
            lambda rng: {"functionName": function_name(rng)},
            errors=((0.3, "ResourceNotFoundException", "The resource you requested does not exist."),),
        ),
        Shape(2, "events:ListRules", {}),
        Shape(2, "states:ListStateMachines", {}),
        Shape(1, "apigateway:GetRestApis", {"limit": 500}),
    ],
    "analytics": [
        Shape(4, "athena:StartQueryExecution", athena_query),
        Shape(8, "athena:GetQueryExecution", lambda rng: {"queryExecutionId": request_id(rng)}),
        Shape(3, "athena:ListWorkGroups", {}),
        Shape(4, "glue:GetTables", {"databaseName": "lake"}),
        Shape(3, "glue:GetDatabases", {}),
        Shape(2, "quicksight:DescribeDashboard", None),
        Shape(
            1, "lakeformation:GetDataAccess", {"tableArn": "arn:aws:glue:ap-northeast-1:410300000044:table/lake/orders"}
        ),
    ],
    "support": [
        Shape(
            4,
            "support:DescribeCases",
            {"includeResolvedCases": True},
            errors=(
                (
                    0.2,
                    "SubscriptionRequiredException",
                    "Amazon Web Services Premium Support Subscription is required to use this service.",
                ),
            ),
        ),
        Shape(2, "ses:GetSendQuota", None),
        Shape(2, "ses:ListIdentities", None),
        Shape(2, "connect:ListInstances", {}, errors=DENIED),
    ],
    "billing": [
        Shape(5, "ce:GetCostAndUsage", None),
        Shape(3, "ce:GetCostForecast", None),
        Shape(2, "budgets:DescribeBudgets", {"accountId": PAYER}, errors=((0.2, "denied", "identity"),)),
        Shape(1, "cur:DescribeReportDefinitions", {}),
        Shape(1, "tax:GetTaxRegistration", None, errors=DENIED),
    ],
    "org": [
        Shape(4, "organizations:ListAccounts", None),
        Shape(3, "organizations:ListRoots", None),
        Shape(2, "organizations:ListPolicies", {"filter": "SERVICE_CONTROL_POLICY"}),
        Shape(3, "sso:ListPermissionSets", {"instanceArn": "arn:aws:sso:::instance/ssoins-7758example0001"}),
        Shape(
            2,
            "sso:ListAccountAssignments",
            {"instanceArn": "arn:aws:sso:::instance/ssoins-7758example0001", "accountId": SHOP},
        ),
        Shape(2, "sso-directory:SearchUsers", {"maxResults": 100}),
    ],
}


def opened(rng: random.Random, low: int, high: int, *cidrs: str) -> Record:
    """A request that opens ports of a security group."""
    ranges = {"items": [{"cidrIp": cidr, "description": "manual"} for cidr in cidrs]}
    rule = {
        "ipProtocol": "tcp",
        "fromPort": low,
        "toPort": high,
        "groups": {},
        "ipRanges": ranges,
        "ipv6Ranges": {},
        "prefixListIds": {},
    }
    return {"groupId": f"sg-0{rng.getrandbits(64):016x}", "ipPermissions": {"items": [rule]}}


def _group(rng: random.Random) -> Record:
    return {
        "groupName": f"tmp-{rng.randrange(999)}",
        "groupDescription": "created by hand",
        "vpcId": "vpc-0a1b2c3d4e5f6a7b8",
    }


def _terms(rng: random.Random) -> Record:
    return {"instancesSet": {"items": [{"instanceId": f"i-0{rng.getrandbits(64):016x}"}]}}


CHANGES: Final[dict[str, list[Shape]]] = {
    "network": [
        Shape(
            3,
            "ec2:CreateSecurityGroup",
            _group,
            lambda rng: {"_return": True, "groupId": f"sg-0{rng.getrandbits(64):016x}"},
        ),
        Shape(3, "ec2:AuthorizeSecurityGroupIngress", lambda rng: opened(rng, 22, 22, "192.0.2.3/32")),
        Shape(2, "ec2:AuthorizeSecurityGroupIngress", lambda rng: opened(rng, 3306, 3306, "10.0.0.0/8")),
        Shape(2, "ec2:AuthorizeSecurityGroupIngress", lambda rng: opened(rng, 443, 443, "0.0.0.0/0")),
        Shape(1, "ec2:AuthorizeSecurityGroupIngress", lambda rng: opened(rng, 80, 80, "0.0.0.0/0")),
        Shape(
            2, "ec2:AuthorizeSecurityGroupIngress", lambda rng: opened(rng, 3389, 3389, "192.0.2.19/32", "192.0.2.3/32")
        ),
        Shape(2, "ec2:RevokeSecurityGroupIngress", lambda rng: opened(rng, 22, 22, "0.0.0.0/0")),
        Shape(
            1,
            "ec2:DeleteSecurityGroup",
            lambda rng: {"groupId": f"sg-0{rng.getrandbits(64):016x}"},
            errors=((0.4, "Client.DependencyViolation", "resource sg-0a1b has a dependent object"),),
        ),
        Shape(
            1,
            "elasticloadbalancing:ModifyRule",
            {"ruleArn": "arn:aws:elasticloadbalancing:ap-northeast-1:410300000022:listener-rule/app/shop/1/2/3"},
        ),
        Shape(0.5, "ec2:AuthorizeSecurityGroupEgress", lambda rng: opened(rng, 443, 443, "0.0.0.0/0")),
        Shape(0.5, "ec2:AllocateAddress", {"domain": "vpc"}),
    ],
    "compute": [
        Shape(2, "ec2:StopInstances", lambda rng: {**_terms(rng), "force": False}),
        Shape(2, "ec2:StartInstances", _terms),
        Shape(
            1,
            "ec2:ModifyInstanceAttribute",
            lambda rng: {"instanceId": f"i-0{rng.getrandbits(64):016x}", "instanceType": {"value": "m7g.xlarge"}},
        ),
        Shape(
            2,
            "ec2:CreateTags",
            {
                "resourcesSet": {"items": [{"resourceId": "i-0a1b2c3d4e5f6a7b8"}]},
                "tagSet": {"items": [{"key": "Name", "value": "verify"}]},
            },
        ),
        Shape(
            1,
            "ec2:RunInstances",
            {
                "instancesSet": {
                    "items": [{"imageId": "ami-0a1b2c3d4e5f6a7b8", "minCount": 1, "maxCount": 1, "keyName": "ops"}]
                },
                "instanceType": "t4g.small",
                "monitoring": {"enabled": False},
            },
            errors=((0.2, "Client.DryRunOperation", "Request would have succeeded, but DryRun flag is set."),),
        ),
        Shape(1, "ec2:CreateImage", {"instanceId": "i-0a1b2c3d4e5f6a7b8", "name": "before-patch", "noReboot": True}),
        Shape(1, "ssm:StartSession", lambda rng: {"target": f"i-0{rng.getrandbits(64):016x}"}),
        Shape(0.5, "ec2:TerminateInstances", _terms),
    ],
    "database": [
        Shape(
            1,
            "rds:ModifyDBParameterGroup",
            {
                "dBParameterGroupName": "shop-mysql8",
                "parameters": [{"parameterName": "slow_query_log", "parameterValue": "1", "applyMethod": "immediate"}],
            },
        ),
        Shape(
            1,
            "rds:CreateDBSnapshot",
            lambda rng: {"dBSnapshotIdentifier": f"manual-{rng.randrange(999)}", "dBInstanceIdentifier": "member-db"},
        ),
        Shape(0.5, "rds:RebootDBInstance", {"dBInstanceIdentifier": "shop-aurora-reporting"}),
        Shape(
            0.5,
            "rds:ModifyDBInstance",
            {
                "dBInstanceIdentifier": DATABASES[1],
                "allocatedStorage": 400,
                "applyImmediately": False,
                "allowMajorVersionUpgrade": False,
            },
        ),
    ],
    "logs": [
        Shape(1, "logs:PutRetentionPolicy", {"logGroupName": "/aws/lambda/shop-stock-sync", "retentionInDays": 90}),
        Shape(1, "monitoring:PutDashboard", {"dashboardName": "sale"}),
        Shape(0.5, "monitoring:DisableAlarmActions", {"alarmNames": ["shop-batch-late"]}),
        Shape(0.3, "logs:DeleteLogGroup", {"logGroupName": "/aws/lambda/verify-test"}),
    ],
    "storage": [
        Shape(
            3,
            "s3:PutObject",
            {"bucketName": BUCKETS["images"], "key": "campaign/banner.png"},
            None,
            [resource(SHOP, "AWS::S3::Bucket", f"arn:aws:s3:::{BUCKETS['images']}")],
            data=True,
        ),
        Shape(0.3, "s3:PutBucketCors", {"bucketName": BUCKETS["images"], "cors": ""}),
    ],
    "serverless": [
        Shape(
            2,
            "lambda:UpdateFunctionConfiguration20150331v2",
            lambda rng: {"functionName": function_name(rng), "memorySize": 512},
        ),
        Shape(
            1,
            "lambda:Invoke",
            lambda rng: {"functionName": function_arn(function_name(rng)), "invocationType": "RequestResponse"},
            data=True,
        ),
        Shape(
            1, "states:StartExecution", {"stateMachineArn": f"arn:aws:states:ap-northeast-1:{SHOP}:stateMachine:refund"}
        ),
    ],
    "containers": [
        Shape(2, "ecs:UpdateService", {"cluster": "tools", "service": "preview", "desiredCount": 1}),
        Shape(
            1,
            "eks:UpdateNodegroupConfig",
            {"name": "shop-eks", "nodegroupName": "base", "scalingConfig": {"desiredSize": 9}},
        ),
    ],
}
