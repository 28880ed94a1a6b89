"""Plain environment variables of containers: names and what their values look like, never a value."""

from collections.abc import Iterator

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Record, col, table
from sakimori.collect.ecs.task_definition import LIST
from sakimori.collect.variable_columns import SECRET_TRACES, traces
from sakimori.model.words import Scope

# Source: Security Hub user guide, ECS.8 (the parameter that cannot be changed).
_CREDENTIAL_NAMES = frozenset({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "ECS_ENGINE_AUTH_DATA"})


def _variables(record: Record, _context: Context) -> Iterator[Record]:
    # The value ends here: no further than this function.
    for container in record.get("containerDefinitions") or ():
        for variable in container.get("environment") or ():
            value = str(variable.get("value") or "")
            yield {
                "task_definition": record.get("taskDefinitionArn"),
                "container": container.get("name"),
                "name": variable.get("name"),
                **traces(value),
            }


def _id(row: Record, _context: Context) -> str | None:
    parts = (row["task_definition"], row["container"], row["name"])
    return "/".join(parts) if all(parts) else None


TABLE = table(
    "aws_ecs_environment_variable",
    "Plain environment variables of containers, one row each, without their values; of the latest active revisions.",
    key="id",
    parent="task_definition_arn",
    parent_key="taskDefinitionArn",
    scope=Scope.REGION,
    resource_type="AWS::ECS::TaskDefinition",
    rows=LIST,
    expand=_variables,
    columns=[
        col("id", TEXT, "The task definition's ARN, the container's and the variable's name, between slashes.", _id),
        col("task_definition_arn", TEXT, "The task definition.", "task_definition"),
        col("container_name", TEXT, "The container's name.", "container"),
        col("name", TEXT, "The variable's name.", "name"),
        col("is_aws_credential_name", BOOLEAN,
            "It is named AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or ECS_ENGINE_AUTH_DATA.",
            lambda row, _: str(row["name"]).upper() in _CREDENTIAL_NAMES),
        *SECRET_TRACES,
    ],
)  # fmt: skip
