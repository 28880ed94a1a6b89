"""Which collected tables the answers about an account's IAM stand on."""

from collections.abc import Mapping
from typing import Final

DETAILS: Final = "aws_iam_authorization_detail"
AWS_POLICIES: Final = "aws_iam_aws_managed_policy"
ORGANIZATION: Final = "aws_organizations_organization"
ORGANIZATION_TABLES: Final = (
    "aws_organizations_unit",
    "aws_organizations_account",
    "aws_organizations_policy",
    "aws_organizations_policy_target",
)
"""Its tree and its policies, which the management account and delegated administrators alone may read."""
CREDENTIALS: Final = "aws_iam_credential"
RESOURCE_POLICIES: Final[Mapping[str, str]] = {
    "aws_s3_bucket_policy_statement": "bucket_arn",
    "aws_kms_key_policy_statement": "key_arn",
    "aws_sqs_queue_policy_statement": "queue_arn",
    "aws_sns_topic_policy_statement": "topic_arn",
    "aws_lambda_policy_statement": "function_arn",
    "aws_ecr_repository_policy_statement": "repository_arn",
    "aws_secretsmanager_secret_policy_statement": "secret_arn",
}
"""Tables of statements of resources' policies, and the column that names the resource."""
BUCKETS: Final = "aws_s3_bucket"
"""Which buckets are the account's own: their ARNs do not tell."""
TABLES: Final = (DETAILS, AWS_POLICIES, ORGANIZATION, *ORGANIZATION_TABLES, CREDENTIALS, BUCKETS, *RESOURCE_POLICIES)
"""What questions about an account's IAM read."""
BUCKET_TABLES: Final = (BUCKETS, "aws_s3_account")
COMPUTE_TABLES: Final[Mapping[str, str]] = {
    "aws_ec2_instance": "instance_profile_arn",
    "aws_lambda_function": "role_arn",
    "aws_codebuild_project": "service_role_arn",
    "aws_sagemaker_notebook_instance": "role_arn",
}
"""Tables of what runs, and the column that names its role or the profile that gives it one."""
