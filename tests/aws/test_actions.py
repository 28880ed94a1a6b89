import pytest

from sakimori.aws.actions import action_of


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("iam:ListUsers", "iam:ListUsers"),
        ("s3:ListBuckets", "s3:ListAllMyBuckets"),
        ("s3:GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
        ("s3control:GetPublicAccessBlock", "s3:GetAccountPublicAccessBlock"),
        ("s3:GetBucketEncryption", "s3:GetEncryptionConfiguration"),
        ("s3:GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"),
        ("s3:GetBucketNotificationConfiguration", "s3:GetBucketNotification"),
        ("s3:GetBucketPolicyStatus", "s3:GetBucketPolicyStatus"),
        ("elbv2:DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancers"),
        ("sso-admin:ListInstances", "sso:ListInstances"),
        ("cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarms"),
        ("opensearch:ListDomainNames", "es:ListDomainNames"),
        ("efs:DescribeFileSystems", "elasticfilesystem:DescribeFileSystems"),
        ("resourcegroupstaggingapi:GetResources", "tag:GetResources"),
        ("accessanalyzer:ListFindingsV2", "access-analyzer:ListFindings"),
        ("budgets:DescribeBudgets", "budgets:ViewBudget"),
        ("apigateway:GetRestApis", "apigateway:GET"),
        ("apigatewayv2:GetApis", "apigateway:GET"),
        ("apigateway:UpdateStage", "apigateway:PATCH"),
        ("support:DescribeTrustedAdvisorChecks", "support:DescribeTrustedAdvisorChecks"),
    ],
)
def test_operation_gives_the_action_that_permits_it(operation: str, action: str) -> None:
    assert action_of(operation) == action
