"""Environment variables of build projects: names and what their values look like, never a value."""

from collections.abc import Iterator

from sakimori.collect.codebuild.project import LIST
from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, col, table
from sakimori.collect.secret_trace import looks_like_aws_key
from sakimori.model.words import Scope

_KEY_NAMES = frozenset({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"})


def _variables(record: Record, _context: Context) -> Iterator[Record]:
    # The value ends here: no further than this function.
    for variable in (record.get("environment") or {}).get("environmentVariables") or ():
        kind = variable.get("type", "PLAINTEXT")
        yield {
            "project": record.get("arn"),
            "name": variable.get("name"),
            "kind": kind,
            "looks_like_key": kind == "PLAINTEXT" and looks_like_aws_key(str(variable.get("value", ""))),
        }


TABLE = table(
    "aws_codebuild_environment_variable",
    "Environment variables of build projects, one row each, without their values.",
    key="id",
    parent="project_arn",
    parent_key="arn",
    scope=Scope.REGION,
    resource_type="AWS::CodeBuild::Project",
    rows=LIST,
    expand=_variables,
    columns=[
        col("id", TEXT, "The project's ARN, a slash and the variable's name.",
            lambda row, _: f"{row['project']}/{row['name']}" if row["project"] and row["name"] else None),
        col("project_arn", TEXT, "The project.", "project"),
        col("name", TEXT, "The variable's name.", "name"),
        col("kind", TEXT, "PLAINTEXT, PARAMETER_STORE or SECRETS_MANAGER.", "kind"),
        col("is_plaintext", BOOLEAN, "Its value stands in the project for all to read who may read the project.",
            lambda row, _: row["kind"] == "PLAINTEXT"),
        col("is_aws_access_key_name", BOOLEAN, "It is named AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY.",
            lambda row, _: str(row["name"]).upper() in _KEY_NAMES),
        col("value_looks_like_aws_key", BOOLEAN, "Its value stands there in plain text and looks like an AWS key.",
            "looks_like_key", sensitive=True),
    ],
)  # fmt: skip
