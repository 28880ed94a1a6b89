"""Which collected tables the answers about an account's IAM stand on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class PolicyTable:
    """The column of a table of statements that names the resource, and what `place_of` says of such resources: the service, or more."""

    column: str
    service: str


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
RESOURCE_POLICIES: Final[Mapping[str, PolicyTable]] = {
    "aws_s3_bucket_policy_statement": PolicyTable("bucket_arn", "s3"),
    "aws_s3_access_point_policy_statement": PolicyTable("access_point_arn", "s3"),
    "aws_kms_key_policy_statement": PolicyTable("key_arn", "kms"),
    "aws_sqs_queue_policy_statement": PolicyTable("queue_arn", "sqs"),
    "aws_sns_topic_policy_statement": PolicyTable("topic_arn", "sns"),
    "aws_lambda_policy_statement": PolicyTable("function_arn", "lambda"),
    "aws_ecr_repository_policy_statement": PolicyTable("repository_arn", "ecr"),
    "aws_secretsmanager_secret_policy_statement": PolicyTable("secret_arn", "secretsmanager"),
    "aws_dynamodb_table_policy_statement": PolicyTable("table_arn", "dynamodb"),
    "aws_dynamodb_stream_policy_statement": PolicyTable("stream_arn", "dynamodb-stream"),
    "aws_efs_file_system_policy_statement": PolicyTable("file_system_arn", "elasticfilesystem"),
    "aws_events_bus_policy_statement": PolicyTable("bus_arn", "events"),
    "aws_opensearch_domain_policy_statement": PolicyTable("domain_arn", "es"),
    "aws_backup_vault_policy_statement": PolicyTable("vault_arn", "backup"),
    "aws_glacier_vault_policy_statement": PolicyTable("vault_arn", "glacier"),
    "aws_kinesis_stream_policy_statement": PolicyTable("stream_arn", "kinesis"),
    "aws_kinesis_consumer_policy_statement": PolicyTable("consumer_arn", "kinesis-consumer"),
    "aws_logs_destination_policy_statement": PolicyTable("destination_arn", "logs"),
    "aws_glue_catalog_policy_statement": PolicyTable("catalog_arn", "glue"),
    "aws_apigateway_api_policy_statement": PolicyTable("api_arn", "execute-api"),
    "aws_lambda_layer_policy_statement": PolicyTable("layer_version_arn", "lambda"),
    "aws_ses_identity_policy_statement": PolicyTable("identity_arn", "ses"),
    "aws_codeartifact_domain_policy_statement": PolicyTable("domain_arn", "codeartifact"),
    "aws_codeartifact_repository_policy_statement": PolicyTable("repository_arn", "codeartifact"),
    "aws_acmpca_authority_policy_statement": PolicyTable("authority_arn", "acm-pca"),
    "aws_kafka_cluster_policy_statement": PolicyTable("cluster_arn", "kafka"),
}
"""Tables of statements of resources' policies."""
OWN_POLICIES: Final = ("aws_dynamodb_stream_policy_statement", "aws_kinesis_consumer_policy_statement")
"""Those that no rule needs: what an assessment reads must fit into one managed policy."""
GRANTS: Final = "aws_kms_grant"
BUCKETS: Final = "aws_s3_bucket"
"""Which buckets are the account's own: their ARNs do not tell."""
ACCESS_POINTS: Final = "aws_s3_access_point"
"""Of S3, and which bucket stands behind each."""
TABLES: Final = (
    DETAILS,
    AWS_POLICIES,
    ORGANIZATION,
    *ORGANIZATION_TABLES,
    CREDENTIALS,
    BUCKETS,
    ACCESS_POINTS,
    GRANTS,
    *(name for name in RESOURCE_POLICIES if name not in OWN_POLICIES),
)
"""What questions about an account's IAM read."""
OPENING_TABLES: Final = (
    BUCKETS,
    "aws_s3_account",
    ACCESS_POINTS,
    "aws_s3_bucket_acl_grant",
    "aws_ec2_region",
    "aws_ec2_snapshot_sharing",
    "aws_ec2_image_sharing",
    "aws_rds_snapshot",
    "aws_rds_cluster_snapshot",
    "aws_ram_share_principal",
    "aws_ram_share_resource",
)
"""What lets others in beside policies, and what keeps them out."""
COMPUTE_TABLES: Final[Mapping[str, str]] = {
    "aws_ec2_instance": "instance_profile_arn",
    "aws_lambda_function": "role_arn",
    "aws_codebuild_project": "service_role_arn",
    "aws_sagemaker_notebook_instance": "role_arn",
}
"""Tables of what runs, and the column that names its role or the profile that gives it one."""
ALL_TABLES: Final = tuple(dict.fromkeys((*TABLES, *OWN_POLICIES, *OPENING_TABLES, *COMPUTE_TABLES)))
"""What any command of `sakimori iam` reads."""
