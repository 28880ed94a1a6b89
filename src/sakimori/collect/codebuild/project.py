"""Build projects of CodeBuild."""

from sakimori.collect.declaration import BOOLEAN, INTEGER, TEXT, TIMESTAMP, call, col, table
from sakimori.model.words import Scope

LIST = (
    call("codebuild:ListProjects", "projects"),
    call("codebuild:BatchGetProjects", "projects", batch="names", batch_size=100),
)

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
        col("is_privileged", BOOLEAN, "Builds run with the rights of root on their host.",
            "environment.privilegedMode", when_absent=False),
        col("is_public", BOOLEAN, "Anyone may read its builds' logs.",
            lambda record, _: record.get("projectVisibility") == "PUBLIC_READ"),
        col("environment_variable_count", INTEGER, "Environment variables.",
            lambda record, _: len((record.get("environment") or {}).get("environmentVariables") or ())),
        col("modified_at", TIMESTAMP, "When it was last changed.", "lastModified"),
    ],
)  # fmt: skip
