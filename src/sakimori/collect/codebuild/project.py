"""Build projects of CodeBuild."""

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, TIMESTAMP, Context, Record, call, col, table
from sakimori.collect.secret_trace import url_holds_credentials
from sakimori.model.words import Scope

LIST = (
    call("codebuild:ListProjects", "projects"),
    call("codebuild:BatchGetProjects", "projects", batch="names", batch_size=100),
)


def _source_urls_have_credentials(record: Record, _context: Context) -> bool:
    """Of the primary source and the secondary ones; the URLs themselves end here."""
    sources = [record["source"], *(record.get("secondarySources") or ())]
    return any(url_holds_credentials(str(source.get("location") or "")) for source in sources)


def _logs_are_enabled(record: Record, _context: Context) -> bool:
    """Source: API reference, LogsConfig: without a word CloudWatch Logs are on, and logs to S3 are off."""
    config = record.get("logsConfig") or {}
    to_cloudwatch = (config.get("cloudWatchLogs") or {}).get("status", "ENABLED")
    to_s3 = (config.get("s3Logs") or {}).get("status", "DISABLED")
    return "ENABLED" in (to_cloudwatch, to_s3)


TABLE = table(
    "aws_codebuild_project",
    "Build projects of CodeBuild.",
    key="arn",
    scope=Scope.REGION,
    resource_type="AWS::CodeBuild::Project",
    rows=LIST,
    columns=[
        col("arn", TEXT, "The project's ARN.", "arn"),
        col("name", TEXT, "The project's name.", "name"),
        col("service_role_arn", TEXT, "The role that builds run with; '' where there is none.",
            "serviceRole", when_absent=""),
        col("source_type", TEXT, "GITHUB, BITBUCKET, CODECOMMIT, S3, NO_SOURCE, …", "source.type"),
        col("source_urls_have_credentials", BOOLEAN, "A URL of its sources carries a password or a token.",
            _source_urls_have_credentials, sensitive=True),
        col("is_privileged", BOOLEAN, "Builds run with the rights of root on their host.",
            "environment.privilegedMode", when_absent=False),
        col("is_public", BOOLEAN, "Anyone may read its builds' logs.",
            lambda record, _: record.get("projectVisibility") == "PUBLIC_READ"),
        col("logs_are_enabled", BOOLEAN, "Its builds' output goes to CloudWatch Logs or S3.", _logs_are_enabled),
        col("environment_variable_count", INTEGER, "Environment variables.",
            lambda record, _: len((record.get("environment") or {}).get("environmentVariables") or ())),
        col("modified_at", TIMESTAMP, "When it was last changed.", "lastModified"),
    ],
)  # fmt: skip
