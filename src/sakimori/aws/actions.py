"""The IAM action that permits an API operation: what a least-privilege policy must list."""

from typing import Final

# boto3's service name → the prefix of its IAM actions, where the two differ.
# Source: Service Authorization Reference, "(service prefix: …)" on each service's page.
_PREFIXES: Final = {
    "accessanalyzer": "access-analyzer",
    "amp": "aps",
    "apigatewayv2": "apigateway",
    "bedrock-agent": "bedrock",
    "bedrock-agentcore-control": "bedrock-agentcore",
    "cloudcontrol": "cloudformation",
    "cloudhsmv2": "cloudhsm",
    "customer-profiles": "profile",
    "docdb": "rds",
    "dynamodbstreams": "dynamodb",
    "efs": "elasticfilesystem",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "emr": "elasticmapreduce",
    "greengrassv2": "greengrass",
    "kinesisanalyticsv2": "kinesisanalytics",
    "lexv2-models": "lex",
    "location": "geo",
    "mwaa": "airflow",
    "neptune": "rds",
    "opensearch": "es",
    "opensearchserverless": "aoss",
    "pinpoint": "mobiletargeting",
    "resourcegroupstaggingapi": "tag",
    "s3control": "s3",
    "service-quotas": "servicequotas",
    "servicecatalog-appregistry": "servicecatalog",
    "sesv2": "ses",
    "sso-admin": "sso",
    "stepfunctions": "states",
    "timestream-query": "timestream",
    "timestream-write": "timestream",
}

# Operations whose action has another name. API Gateway (below) names its actions by HTTP method.
# Source: Service Authorization Reference; for S3 also "Required permissions for Amazon S3 API
# operations" of its user guide; for Budgets the note on ViewBudget and ModifyBudget.
_ACTIONS: Final = {
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "accessanalyzer:GetFindingV2": "access-analyzer:GetFinding",
    "accessanalyzer:ListFindingsV2": "access-analyzer:ListFindings",
    "budgets:DescribeBudget": "budgets:ViewBudget",
    "budgets:DescribeBudgetNotificationsForAccount": "budgets:ViewBudget",
    "budgets:DescribeBudgetPerformanceHistory": "budgets:ViewBudget",
    "budgets:DescribeBudgets": "budgets:ViewBudget",
    "budgets:DescribeNotificationsForBudget": "budgets:ViewBudget",
    "budgets:DescribeSubscribersForNotification": "budgets:ViewBudget",
    "budgets:CreateBudget": "budgets:ModifyBudget",
    "budgets:CreateNotification": "budgets:ModifyBudget",
    "budgets:CreateSubscriber": "budgets:ModifyBudget",
    "budgets:DeleteBudget": "budgets:ModifyBudget",
    "budgets:DeleteNotification": "budgets:ModifyBudget",
    "budgets:DeleteSubscriber": "budgets:ModifyBudget",
    "budgets:UpdateBudget": "budgets:ModifyBudget",
    "budgets:UpdateNotification": "budgets:ModifyBudget",
    "budgets:UpdateSubscriber": "budgets:ModifyBudget",
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:DeleteBucketCors": "s3:PutBucketCORS",
    "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketOwnershipControls": "s3:PutBucketOwnershipControls",
    "s3:DeleteBucketReplication": "s3:PutReplicationConfiguration",
    "s3:DeleteBucketTagging": "s3:PutBucketTagging",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    # Named with their versions, as here always.
    "s3:DeleteObjects": "s3:DeleteObjectVersion",
    "s3:GetBucketAccelerateConfiguration": "s3:GetAccelerateConfiguration",
    "s3:GetBucketAnalyticsConfiguration": "s3:GetAnalyticsConfiguration",
    "s3:GetBucketCors": "s3:GetBucketCORS",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketIntelligentTieringConfiguration": "s3:GetIntelligentTieringConfiguration",
    "s3:GetBucketInventoryConfiguration": "s3:GetInventoryConfiguration",
    "s3:GetBucketLifecycle": "s3:GetLifecycleConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetBucketMetricsConfiguration": "s3:GetMetricsConfiguration",
    "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListBucketAnalyticsConfigurations": "s3:GetAnalyticsConfiguration",
    "s3:ListBucketIntelligentTieringConfigurations": "s3:GetIntelligentTieringConfiguration",
    "s3:ListBucketInventoryConfigurations": "s3:GetInventoryConfiguration",
    "s3:ListBucketMetricsConfigurations": "s3:GetMetricsConfiguration",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListParts": "s3:ListMultipartUploadParts",
    "s3:PutBucketAccelerateConfiguration": "s3:PutAccelerateConfiguration",
    "s3:PutBucketCors": "s3:PutBucketCORS",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:PutBucketNotificationConfiguration": "s3:PutBucketNotification",
    "s3:PutBucketReplication": "s3:PutReplicationConfiguration",
    "s3:PutObjectLockConfiguration": "s3:PutBucketObjectLockConfiguration",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3control:DeletePublicAccessBlock": "s3:PutAccountPublicAccessBlock",
    "s3control:GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
    "s3control:PutPublicAccessBlock": "s3:PutAccountPublicAccessBlock",
}

_METHODS: Final = {"Get": "GET", "Create": "POST", "Update": "PATCH", "Delete": "DELETE", "Put": "PUT"}


def action_of(operation: str) -> str:
    """The IAM action for boto3's `service:Operation`.

    >>> action_of("s3:ListBuckets")
    's3:ListAllMyBuckets'
    >>> action_of("elbv2:DescribeListeners")
    'elasticloadbalancing:DescribeListeners'
    >>> action_of("apigatewayv2:GetStages")
    'apigateway:GET'
    """
    service, _, name = operation.partition(":")
    prefix = _PREFIXES.get(service, service)
    if prefix == "apigateway":
        for verb, method in _METHODS.items():
            if name.startswith(verb):
                return f"apigateway:{method}"
    return _ACTIONS.get(operation) or f"{prefix}:{name}"
